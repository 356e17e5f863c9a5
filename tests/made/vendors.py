"""Vendor folders for tests, and a month settled in them as the command line would."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from flows.office import Office
from flows.result import MonthResult
from flows.settle_month import settle_month
from models.billing import REQUIRED_COLUMNS
from models.period import Period
from tasks.settings import Settings

PROGRAMME = """\
programme: test-partners
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: gross
refunds: net_current
plans:
  integrator:
    from: 2026-01
    earn:
      software:  {plan: percentage, categories: [software], rate: 50%}
      telephony:
        plan: tiered
        categories: [telephony]
        by: volume
        measure: {categories: [telephony], window: month}
        tiers: {0: 8%, 100000: 10%, 300000: 12%, 1000000: 15%}
    not_commissioned: {hardware: sold at cost}
    payout: {minimum: 50.00}
"""

Row = Mapping[str, Any]


def line(line_id: str, client_id: str | None, amount_minor: int, **others: Any) -> dict[str, Any]:
    """A clean billing line of January 2026, with what the test says differently."""
    return {
        "line_id": line_id,
        "invoice_id": f"INV-{line_id}",
        "client_id": client_id,
        "client_name": f"Client {client_id}",
        "product_code": "SKU",
        "category": "software",
        "quantity": "1",
        "amount_minor": amount_minor,
        "currency": "RUB",
        "issued_on": "2026-01-10",
        "paid_on": "2026-01-12",
        "kind": "charge" if amount_minor >= 0 else "credit_note",
    } | others


def partner(partner_id: str, **others: Any) -> dict[str, Any]:
    return {"partner_id": partner_id, "name": f"Partner {partner_id}", "plan": "integrator", "from": "2026-01"} | others


def claim(client_id: str, partner_id: str, **others: Any) -> dict[str, Any]:
    return {"claim_id": f"K-{client_id}", "client_id": client_id, "partner_id": partner_id,
            "claimed_on": "2026-01-01", "channel": "form", "evidence": ""} | others  # fmt: skip


def write_csv(path: Path, rows: Sequence[Row], columns: Sequence[str] = ()) -> Path:
    """Write rows; the columns are those of the rows, after the given ones."""
    named = list(dict.fromkeys([*columns, *(name for row in rows for name in row)]))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, named, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_vendor(
    folder: Path,
    *,
    programme: str = PROGRAMME,
    partners: Sequence[Row] = (),
    claims: Sequence[Row] = (),
    billing: Mapping[str, Sequence[Row]] | None = None,
    control: Sequence[Row] | None = None,
) -> Path:
    """Write a vendor folder. `billing` holds lines by file name, for example `2026-01.csv`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "programme.yaml").write_text(programme, encoding="utf-8")
    write_csv(folder / "partners.csv", partners, ["partner_id", "name", "plan", "from"])
    write_csv(folder / "claims.csv", claims, ["client_id", "partner_id", "claimed_on", "channel", "evidence"])
    for name, lines in (billing or {}).items():
        write_csv(folder / "billing" / name, lines, REQUIRED_COLUMNS)
    if control is not None:
        write_csv(folder / "control.csv", control, ["period", "currency", "lines", "amount_minor"])
    return folder


def two_months(folder: Path, amount_minor: int, programme: str = PROGRAMME) -> Path:
    """Write a vendor folder in which partner `ana`'s client `acme` pays the same for software in January and February."""
    return write_vendor(
        folder,
        programme=programme,
        partners=[partner("ana")],
        claims=[claim("acme", "ana")],
        billing={
            "2026-01.csv": [line("L1", "acme", amount_minor)],
            "2026-02.csv": [line("L2", "acme", amount_minor, paid_on="2026-02-04")],
        },
    )


def office(home: Path, vendor: Path, **settings: Any) -> Office:
    """An office with everything in `home`, its approval clock pinned."""
    given = {"clock": "2026-12-03T03:00:00Z"} | settings
    return Office.open(Settings(home=home, vendor=vendor, **given))


def settle(home: Path, vendor: Path, *periods: str, **settings: Any) -> list[MonthResult]:
    """Settle months in order and return how each ended."""
    return [settle_month(Period.parse(period), office(home, vendor, **settings)) for period in periods]


def archived(home: Path, period: str, programme: str = "test-partners") -> Path:
    """The folder of a month in the archive of `home`."""
    return home / "archive" / programme / period / "v1"


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 by path of everything in a folder."""
    from hashlib import sha256

    files: Iterable[Path] = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files}
