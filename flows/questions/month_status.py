"""Where each month stands. Read from the facts each time, stored nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from sqlmodel import col, select

from flows.office import Office
from flows.result import Ending, Figures, MonthResult
from models.period import Period, Version
from models.rows import ApprovalRow, AuditRow, DraftRow
from rules.archive.layout import period_folder
from tasks.facts.approved import missing_partners, seal_of, the_approved_month, versions_of
from tasks.facts.consents import consented_by, rejected_by

MANY_A_MONTH = ("client.attributed", "claim.rejected")
"""Audit entries that a month has by the thousand: left out of the last few."""


class Stage(StrEnum):
    """How far a month has come."""

    WAITING = "waiting"  # there is a draft, nobody has said yes to it
    REJECTED = "rejected"  # somebody has said no to it, and nobody yes since
    CONSENTED = "consented"
    APPROVED = "approved"  # facts, whose documents are not all archived
    CLOSED = "closed"


@dataclass(frozen=True)
class MonthStatus:
    """A month that has a draft or more."""

    period: Period
    stage: Stage
    latest_draft: str  # its digest
    drafted_at: str  # UTC text
    figures: Figures | None  # None until the month is approved
    restated: tuple[str, ...] = ()  # its later versions


class AuditLine(NamedTuple):
    """An entry of the audit trail, as far as it is shown."""

    at: str
    event: str
    subject: str


def month_statuses(office: Office) -> list[MonthStatus]:
    """Every month that has a draft or more, oldest first. The database must exist."""
    with office.database.reading() as session:
        by_age = select(DraftRow.period, DraftRow.digest, DraftRow.made_at).order_by(
            DraftRow.period, col(DraftRow.made_at)
        )
        latest = {text: (digest, at) for text, digest, at in session.exec(by_age)}  # of a month's drafts the last stays
        approved = set(session.exec(select(ApprovalRow.period)))
    found = []
    for text, (digest, made_at) in sorted(latest.items()):
        period = Period.parse(text)
        if text in approved:
            result = approved_result(office, period)
            stage = Stage.CLOSED if result.ending is Ending.CLOSED else Stage.APPROVED
            restated = [str(each) for each in versions_of(office.database, period) if not each.is_first]
            found.append(MonthStatus(period, stage, result.draft_digest, made_at, result.figures, tuple(restated)))
        else:
            stage = Stage.WAITING
            if rejected_by(office.database, digest):
                stage = Stage.REJECTED
            elif consented_by(office.database, digest):
                stage = Stage.CONSENTED
            found.append(MonthStatus(period, stage, digest, made_at, None))
    return found


def approved_result(office: Office, period: Period) -> MonthResult:
    """The figures of an approved month, and whether it is closed or still misses documents."""
    facts = the_approved_month(office.database, Version(period))
    return MonthResult(
        period=period,
        ending=Ending.CLOSED if seal_of(office.database, facts.version) else Ending.INCOMPLETE,
        figures=Figures.of_facts(facts),
        draft_digest=facts.draft_digest,
        archive=f"{office.store.url}/{period_folder(facts.programme, facts.version)}",
        restates=[str(each) for each in facts.versions],
        missing=missing_partners(office.database, facts),
    )


def last_audit_lines(office: Office, period: Period, count: int) -> Sequence[AuditLine]:
    """The last `count` entries of a month in the audit trail, oldest first, without those of single clients."""
    with office.database.reading() as session:
        newest_first = session.exec(
            select(AuditRow.at, AuditRow.event, AuditRow.subject)
            .where(AuditRow.period == str(period), col(AuditRow.event).not_in(MANY_A_MONTH))
            .order_by(col(AuditRow.seq).desc())
            .limit(count)
        ).all()
    return [AuditLine(*entry) for entry in reversed(newest_first)]
