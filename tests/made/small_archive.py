"""A small archive for tests: a few months of one programme, each of two partners, sealed the way the close does it."""

from collections.abc import Callable
from pathlib import Path

from models.canonical import canonical_json, sha256
from models.period import Period, Version
from rules.archive.layout import SEAL, SHA256SUMS, input_key, period_folder, statement_key
from rules.archive.seal import Seal, sha256sums
from tasks import verify as verification
from tasks.storage import Store
from tasks.storage.directory import DirectoryStore
from tasks.verify import Verification

TERMS = b"programme: uis\n"


def settle(store: Store, programme: str = "uis", months: tuple[str, ...] = ("2026-01", "2026-02", "2026-03")) -> None:
    """Archive the months."""
    previous = ""
    for month in months:
        version = Version(Period.parse(month))
        folder = period_folder(programme, version)
        lines = f"lines of {month}".encode()
        inputs = {"lines": f"{sha256(lines)}.parquet", "programme": f"{sha256(TERMS)}.yaml"}
        draft = canonical_json({"period": month})
        files = {
            **{statement_key(programme, version, p, "statement.json"): f"{p} {month}".encode() for p in ("P-1", "P-2")},
            f"{folder}/totals.csv": b"partner_id\n",
            f"{folder}/draft.json": draft,
            f"{folder}/inputs.json": canonical_json({"format": 1, "inputs": inputs}),
        }
        store.put_once(input_key(programme, sha256(lines), "parquet"), lines)
        store.put_once(input_key(programme, sha256(TERMS), "yaml"), TERMS)
        sums = store.put_once(
            f"{folder}/{SHA256SUMS}", sha256sums([store.put_once(key, data) for key, data in files.items()], folder)
        )
        seal = Seal(
            programme=programme,
            period=month,
            version=version.number,
            sha256sums=sums.sha256,
            files=5,
            code="0.1.0+3fa9c2d41b7e",
            draft=sha256(draft),
            control="absent",
            previous=previous,
        )
        previous = store.put_once(f"{folder}/{SEAL}", seal.to_bytes()).sha256


def verify(store: Store, progress: Callable[[str], None] = lambda words: None) -> Verification:
    """Verify all but the figures: there are none."""
    return verification.verify(store, progress, verification.Asked(figures=False))


def verified(folder: Path) -> Verification:
    """Verify the archive, programme or month in a folder."""
    return verify(DirectoryStore(folder))


def findings(folder: Path) -> list[tuple[str, str]]:
    """What verification found: where, and in which words."""
    return [(finding.where, finding.words) for finding in verified(folder).findings]
