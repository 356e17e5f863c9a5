"""What `settle status` prints: where every month stands, or one month in figures."""

from collections.abc import Iterator

from flows.month_status import approved_result, last_audit_lines, month_statuses
from flows.office import Office
from models.period import Period, Version
from tasks.facts.approved import approved_month, programme_of
from tasks.facts.lease import holder

AUDIT_LINES = 5


def every_month(office: Office) -> Iterator[str]:
    """Every month that has a draft or more, oldest first, and who is at work now."""
    if not office.database.exists():
        yield f"Nothing is settled yet: {office.database} does not exist. Start with settle run."
        return
    programme = programme_of(office.database)
    yield f"programme {programme or '(none yet)'}, database {office.database}, archive {office.store.url}"
    for month in month_statuses(office):
        if month.figures:
            yield f"{month.period}  {month.stage:<10} {month.figures.money(month.figures.to_pay_minor):>22} to pay"
        else:
            yield f"{month.period}  {month.stage:<10} draft {month.latest_draft}"
    if programme and (held := holder(office.database, programme)):
        yield f"at work now: {held.holder}"


def one_month(office: Office, period: Period) -> Iterator[str]:
    """One month in figures, and its last entries in the audit trail."""
    if not office.database.exists() or approved_month(office.database, Version(period)) is None:
        yield f"{period} is open: it is not approved, so nothing of it is a fact yet."
        return
    result = approved_result(office, period)
    yield result.headline()
    yield from result.table()
    yield from result.outlook()
    yield "  last in the audit trail:"
    for entry in last_audit_lines(office, period, AUDIT_LINES):
        yield f"    {entry.at} {entry.event} {entry.subject}"
