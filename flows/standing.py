"""Where the months stand: derived from the facts each time, never stored."""

from collections.abc import Iterator

from sqlmodel import col, select

from flows.office import Office
from flows.result import Ending, Figures, MonthResult
from models.period import Period, Version
from models.rows import ApprovalRow, AuditRow, ConsentRow, DraftRow
from rules.archive.layout import period_folder
from tasks.facts.approved import approved_month, missing_partners, programme_of, seal_of, the_approved_month
from tasks.facts.lease import holder


def overview(office: Office) -> Iterator[str]:
    """Every month that has a draft or more, oldest first, and who is at work now."""
    if not office.database.exists():
        yield f"Nothing is settled yet: {office.database} does not exist. Start with settle run."
        return
    programme = programme_of(office.database)
    yield f"programme {programme or '(none yet)'}, database {office.database}, archive {office.store.url}"
    with office.database.reading() as session:
        drafts = list(
            session.exec(select(DraftRow.period, DraftRow.digest).order_by(DraftRow.period, DraftRow.made_at))
        )
        approved = set(session.exec(select(ApprovalRow.period)))
        consented = set(session.exec(select(ConsentRow.draft_digest)))
    for text in sorted({period for period, _ in drafts}):
        latest = [digest for period, digest in drafts if period == text][-1]
        if text in approved:
            result = standing(office, Period.parse(text))
            yield f"{text}  {_state(result):<10} {result.figures.money(result.figures.to_pay_minor):>22} to pay"
        else:
            yield f"{text}  {'consented' if latest in consented else 'waiting':<10} draft {latest}"
    if programme and (held := holder(office.database, programme)):
        yield f"at work now: {held.holder}"


def one_month(office: Office, period: Period) -> Iterator[str]:
    """One month in figures, and its last entries in the audit trail."""
    if not office.database.exists() or approved_month(office.database, Version(period)) is None:
        yield f"{period} is open: it is not approved, so nothing of it is a fact yet."
        return
    result = standing(office, period)
    yield result.headline()
    yield from result.table()
    yield from result.outlook()
    with office.database.reading() as session:
        entries = session.exec(
            select(AuditRow)
            .where(AuditRow.period == str(period), col(AuditRow.event).not_in(["client.attributed", "claim.rejected"]))
            .order_by(col(AuditRow.seq).desc())
            .limit(5)
        ).all()
    yield "  last in the audit trail:"
    yield from (f"    {entry.at} {entry.event} {entry.subject}" for entry in reversed(entries))


def standing(office: Office, period: Period) -> MonthResult:
    """An approved month as it stands."""
    facts = the_approved_month(office.database, Version(period))
    sealed = seal_of(office.database, Version(period))
    return MonthResult(
        period=period,
        ending=Ending.CLOSED if sealed else Ending.INCOMPLETE,
        figures=Figures.of_facts(facts),
        draft_digest=facts.draft_digest,
        archive=f"{office.store.url}/{period_folder(facts.programme, facts.version)}",
        missing=missing_partners(office.database, facts),
    )


def _state(result: MonthResult) -> str:
    return "closed" if result.ending is Ending.CLOSED else "approved"
