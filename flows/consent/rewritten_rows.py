"""Rows of the vendor's tables that closed months were settled by, and that were rewritten since."""

from engine.inputs import VendorTables
from rules.terms.rewritten import rewritten
from tasks.facts.history import History
from tasks.vendor.folder import ASSIGNMENTS, EMPLOYEES, EXCLUSIONS, PARTNERS, read_tables

COMPARED = (PARTNERS, ASSIGNMENTS, EXCLUSIONS, EMPLOYEES)


def rewritten_rows(now: VendorTables, history: History) -> list[str]:
    """Return a sentence for each, against the month that was closed last; nothing before the first."""
    if not history.months:
        return []
    last = history.months[-1]
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
