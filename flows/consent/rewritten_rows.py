"""Rows of the vendor's tables that closed months were settled by, and that were rewritten since."""

from engine.inputs import VendorTables
from flows.office import Office
from models.period import Period
from rules.terms.rewritten import rewritten
from tasks.facts.history import last_month_left
from tasks.vendor.folder import ASSIGNMENTS, EMPLOYEES, EXCLUSIONS, PARTNERS, read_tables

COMPARED = (PARTNERS, ASSIGNMENTS, EXCLUSIONS, EMPLOYEES)


def rewritten_rows(now: VendorTables, programme: str, month: Period, office: Office) -> list[str]:
    """Return a sentence for each, against the month that was closed last; nothing before the first."""
    if not office.database.exists():
        return []
    found = last_month_left(office.database, office.store, programme, month)
    if found is None:
        return []
    last, _ = found
    kept = {name: last.read(name) for name in COMPARED if name in last.files}
    if PARTNERS not in kept:
        return []  # closed by a version that did not keep the tables
    before, _, _ = read_tables(kept)
    return [
        *rewritten(PARTNERS, before.partners, now.partners, last.period),
        *rewritten(ASSIGNMENTS, before.assignments, now.assignments, last.period),
        *rewritten(EXCLUSIONS, before.exclusions, now.exclusions, last.period),
        *rewritten(EMPLOYEES, before.employees, now.employees, last.period),
    ]
