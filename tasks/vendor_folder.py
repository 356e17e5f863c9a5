"""The vendor's folder: the programme, the partners and their terms, the claims, the control totals, the sources."""

from dataclasses import dataclass
from pathlib import Path

from models.errors import BadInput, WrongUse
from models.vendor import Claim, ControlTotal, Terms
from tasks.sources import Source
from tasks.sources.describe import NAME as SOURCES
from tasks.sources.describe import describe
from tasks.vendor_rows import InvalidClaim, read_claims, read_control, read_partners
from tasks.vendor_table import decoded

PROGRAMME, PARTNERS, CLAIMS, CONTROL = "programme.yaml", "partners.csv", "claims.csv", "control.csv"


@dataclass(frozen=True)
class VendorFolder:
    """What the vendor says beside the billing, and where the billing is."""

    path: Path
    programme_text: str
    partners: tuple[Terms, ...]
    claims: tuple[Claim, ...]
    invalid_claims: tuple[InvalidClaim, ...]
    control: tuple[ControlTotal, ...] | None  # None: the vendor gives none
    sources: tuple[Source, ...]
    look_back_months: int | None  # as sources.yaml says; None: it does not
    warnings: tuple[str, ...]
    files: dict[str, bytes]  # what was read, byte for byte, for the archive; never sources.yaml, which may hold secrets


def read_vendor(folder: Path) -> VendorFolder:
    """Read the folder, but no billing yet. Raises BadInput naming everything wrong with one file."""
    if not folder.is_dir():
        raise WrongUse(f"there is no folder {folder}: name the vendor's folder with --from, or set SETTLE_VENDOR.")
    files = {
        name: data for name in (PROGRAMME, PARTNERS, CLAIMS, CONTROL) if (data := _bytes(folder / name)) is not None
    }
    if PROGRAMME not in files:
        raise BadInput(f"{folder} has no {PROGRAMME}: `settle sample DIR` makes a folder that shows one.")
    if PARTNERS not in files:
        raise BadInput(f"{folder} has no {PARTNERS}: write one with the columns partner_id,name,plan,from.")
    text = decoded(files[PROGRAMME], PROGRAMME)
    partners, warnings = read_partners(PARTNERS, files[PARTNERS])
    claims: tuple[Claim, ...] = ()
    invalid: tuple[InvalidClaim, ...] = ()
    if CLAIMS in files:
        known = {terms.partner_id for terms in partners}
        claims, invalid, odd = read_claims(CLAIMS, files[CLAIMS], known)
        warnings += odd
    else:
        warnings += (f"there is no {CLAIMS}: no client can be attributed this month.",)
    control = None
    if CONTROL in files:
        control, odd = read_control(CONTROL, files[CONTROL])
        warnings += odd
    written = _bytes(folder / SOURCES)
    described = describe(None if written is None else decoded(written, SOURCES), folder)
    return VendorFolder(
        path=folder,
        programme_text=text,
        partners=partners,
        claims=claims,
        invalid_claims=invalid,
        control=control,
        sources=described.sources,
        look_back_months=described.look_back_months,
        warnings=warnings,
        files=files,
    )


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror or error}.") from None
