"""Facts of an approved month, read back: from here on no source, claim or programme file is opened again."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from sqlmodel import col, func, select

from engine.parquet import rows_from
from models.canonical import sha256
from models.errors import StoredDifferently
from models.period import Period
from models.rows import AccrualRow, ApprovalRow, ProgrammeRow, SealRow, StatementRow, StoredRow
from models.statement import Approved
from rules.archive.layout import Input
from rules.draft import inputs_of
from rules.statement import issued
from tasks.facts.database import Database
from tasks.facts.documents import draft_document, programme_kept
from tasks.storage import Stored

STATEMENTS = "statements.parquet"  # the draft's file of statement bodies, by partner


@dataclass(frozen=True)
class ApprovedMonth:
    """An approved month: what was approved, by whom, and where its inputs are."""

    period: Period
    programme: str
    currency: str
    draft_digest: str
    draft: str  # the document
    approved: Approved
    control: str  # control.json
    statements: dict[str, StatementRow]  # by partner
    lines: dict[str, int]  # settled lines by partner

    def input(self, name: str) -> Input:
        """Where one of the draft's files lies, for example `lines.parquet`, and the digest it has to have."""
        return Input.named(self.programme, inputs_of(self.draft)[name])


def approved_month(database: Database, period: Period) -> ApprovedMonth | None:
    """Return the approved month, or None while it is open."""
    with database.reading() as session:
        approval = session.get(ApprovalRow, str(period))
        if approval is None:
            return None
        programme = programme_kept(session, approval.programme_digest)
        rows = session.exec(
            select(StatementRow).where(StatementRow.period == str(period)).order_by(StatementRow.partner_id)
        ).all()
        counted = select(AccrualRow.partner_id, func.sum(AccrualRow.lines)).where(AccrualRow.period == str(period))
        return ApprovedMonth(
            period=period,
            programme=programme.name,
            currency=rows[0].currency if rows else "",
            draft_digest=approval.draft_digest,
            draft=draft_document(session, approval.draft_digest),
            approved=Approved(at=approval.approved_at, by=approval.approved_by),
            control=approval.control,
            statements={row.partner_id: row for row in rows},
            lines=dict(session.exec(counted.group_by(AccrualRow.partner_id)).all()),
        )


def the_approved_month(database: Database, period: Period) -> ApprovedMonth:
    """Return a month that is known to be approved."""
    facts = approved_month(database, period)
    assert facts is not None, f"{period} is approved"
    return facts


def seal_of(database: Database, period: Period) -> SealRow | None:
    """Return the recorded seal of a period, or None while it is not closed."""
    with database.reading() as session:
        return session.get(SealRow, (str(period), 1))


def programme_of(database: Database) -> str | None:
    """Return the name of the programme this database belongs to, or None before the first draft."""
    with database.reading() as session:
        return session.exec(select(ProgrammeRow.name).limit(1)).first()


def stored_keys(database: Database, period: Period) -> list[StoredRow]:
    """Return what is recorded as stored for a period, by key."""
    with database.reading() as session:
        rows = session.exec(select(StoredRow).where(StoredRow.period == str(period)).order_by(col(StoredRow.key)))
        return list(rows.all())


def missing_partners(database: Database, month: ApprovedMonth) -> list[str]:
    """Return the partners whose documents are not recorded as stored."""
    stored = {row.partner_id for row in stored_keys(database, month.period)}
    return [partner for partner in month.statements if partner not in stored]


def stored_row(file: Stored, month: Period, partner_id: str) -> StoredRow:
    """The record of a stored object; the month's own files have no partner."""
    return StoredRow(key=file.key, period=str(month), partner_id=partner_id, sha256=file.sha256, size=file.size)


def issued_statements(bodies: bytes, month: ApprovedMonth, partners: Sequence[str]) -> list[bytes]:
    """Return the statements as they were issued, checked against the digest the approval gave them.

    `bodies` is the month's `statements.parquet`. Whatever format a body is of, number and approval are put
    in where it is blank, and nothing else is made again. Raises StoredDifferently where the bytes would not
    be those that were approved.
    """
    found = []
    for partner_id, text in rows_from(bodies, pl.col("partner_id").is_in(list(partners))).iter_rows():
        row = month.statements[partner_id]
        data = issued(text.encode(), row.number, month.approved, month.draft_digest)
        if (digest := sha256(data)) != row.digest:
            raise StoredDifferently(
                f"statement {row.number} of {partner_id}: its digest would be {digest}, but {row.digest} was approved. "
                f"The archive's {month.input(STATEMENTS).key} or the database was changed since: "
                f"restore the one that was."
            )
        found.append(data)
    return found
