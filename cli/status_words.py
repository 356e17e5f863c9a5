"""What `settle status` prints: where every month stands, or one month in figures."""

from collections.abc import Iterator

from flows.month_status import MonthStatus, Stage, approved_result, last_audit_lines, month_statuses
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
        known = month_statuses(office) if office.database.exists() else []
        yield _open(period, next((month for month in known if month.period == period), None))
        return
    result = approved_result(office, period)
    yield result.headline()
    yield from result.table()
    yield from result.outlook()
    yield "  last in the audit trail:"
    for entry in last_audit_lines(office, period, AUDIT_LINES):
        yield f"    {entry.at} {entry.event} {entry.subject}"


def _open(period: Period, month: MonthStatus | None) -> str:
    """Where a month stands that is not approved: the same stage as in the list of all months."""
    if month is None:
        return f"{period} is open: no draft of it was kept. Settle it with settle run {period}."
    digest = month.latest_draft
    if month.stage is Stage.CONSENTED:
        return f"{period} is consented: somebody approved draft {digest}. Nothing is paid until settle run {period}."
    return (
        f"{period} is waiting: nobody has approved draft {digest} yet. "
        f"Say yes by settle approve {period} --digest {digest}."
    )
