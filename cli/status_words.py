"""What `settle status` answers: where every month stands, or one month in figures."""

from collections.abc import Iterator

from cli.answers import MonthStatusAnswer, Status
from flows.office import Office
from flows.questions.month_status import MonthStatus, Stage, approved_result, last_audit_lines, month_statuses
from flows.result import MonthResult
from models.period import Period, Version
from rules.programme.blocks.approval import how_to_approve
from tasks.database.lease import holder
from tasks.facts.approved import approved_month, programme_of

AUDIT_LINES = 5


def every_month(office: Office) -> tuple[Status, list[str]]:
    """Every month that has a draft or more, oldest first, and who is at work now."""
    places = {"database": str(office.database), "archive": office.store.url}
    if not office.database.exists():
        words = f"Nothing is settled yet: {office.database} does not exist. Start with settle run."
        return Status(programme=None, at_work=None, months=[], **places), [words]
    programme = programme_of(office.database)
    held = holder(office.database, programme) if programme else None
    months = month_statuses(office)
    answer = Status.of(programme, held.holder if held else None, months, places)
    lines = [f"programme {programme or '(none yet)'}, database {office.database}, archive {office.store.url}"]
    for month in months:
        if month.figures:
            to_pay = f"{month.figures.money(month.figures.to_pay_minor):>22} to pay"
            restated = f"; restated as {', '.join(month.restated)}" if month.restated else ""
            lines.append(f"{month.period}  {month.stage:<10} {to_pay}{restated}")
        else:
            lines.append(f"{month.period}  {month.stage:<10} draft {month.latest_draft}")
    return answer, [*lines, *([f"at work now: {held.holder}"] if held else [])]


def one_month(office: Office, period: Period) -> tuple[MonthStatusAnswer, list[str]]:
    """One month in figures, and its last entries in the audit trail."""
    known = month_statuses(office) if office.database.exists() else []
    listed = next((month for month in known if month.period == period), None)
    if not office.database.exists() or approved_month(office.database, Version(period)) is None:
        return MonthStatusAnswer.of(period, listed, None, ()), [_open(period, listed, office)]
    result = approved_result(office, period)
    audit = last_audit_lines(office, period, AUDIT_LINES)
    words = [*_approved(result), *(f"    {entry.at} {entry.event} {entry.subject}" for entry in audit)]
    return MonthStatusAnswer.of(period, listed, result, audit), words


def _approved(result: MonthResult) -> Iterator[str]:
    yield result.headline()
    yield from result.table()
    yield from result.outlook()
    yield "  last in the audit trail:"


def _open(period: Period, month: MonthStatus | None, office: Office) -> str:
    """Where a month stands that is not approved: the same stage as in the list of all months."""
    if month is None:
        return f"{period} is open: no draft of it was kept. Settle it with settle run {period}."
    digest = month.latest_draft
    if month.stage is Stage.CONSENTED:
        return f"{period} is consented: somebody approved draft {digest}. Nothing is paid until settle run {period}."
    if month.stage is Stage.REJECTED:
        return f"{period} is rejected: somebody said no to draft {digest}. Mend it, then settle run {period}."
    # Here, because a programme is read for it, with all its plans, and most months wait for nobody.
    from flows.consent.approving import asked_of_draft

    yes = how_to_approve(period, digest, asked_of_draft(period, digest, office))
    return f"{period} is waiting: nobody has approved draft {digest} yet. Say yes by {yes}."
