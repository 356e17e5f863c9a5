"""Facts of an approved month, read back: from here on no source, claim or programme file is opened again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from sqlmodel import col, func, select

from models.canonical import sha256
from models.errors import StoredDifferently
from models.period import Period, Version
from models.rows import AccrualRow, ApprovalRow, AuditRow, ProgrammeRow, SealRow, StatementRow, StoredRow
from models.statement import Approved
from rules.archive.layout import Input
from rules.draft import inputs_of, versions_in
from tasks.database.database import Database
from tasks.facts.documents import draft_document, programme_kept
from tasks.storage import Stored

STATEMENTS = "statements.parquet"  # the draft's file of statement bodies, by partner


class Numbered(NamedTuple):
    """What the approval gave a statement: its number, and the digest of the bytes it is issued as."""

    number: str
    digest: str


@dataclass(frozen=True)
class Issue:
    """Statements of an approved month that are to be issued: where their bodies lie, and what the approval gave."""

    bodies: Input
    approved: Approved
    draft_digest: str
    statements: Mapping[str, Numbered]  # by partner


@dataclass(frozen=True)
class ApprovedMonth:
    """An approved month: what was approved, by whom, and where its inputs are."""

    version: Version
    programme: str
    currency: str
    draft_digest: str
    draft: str  # the document
    approved: Approved
    control: str  # control.json
    statements: dict[str, StatementRow]  # by partner
    lines: dict[str, int]  # settled lines by partner

    @property
    def period(self) -> Period:
        return self.version.period

    @property
    def versions(self) -> tuple[Version, ...]:
        """The later versions of closed months that became facts with it."""
        return versions_in(self.draft)

    def input(self, name: str) -> Input:
        """Where one of the draft's files lies, for example `lines.parquet`, and the digest it has to have."""
        return Input.named(self.programme, self._inputs[name])

    @cached_property
    def _inputs(self) -> Mapping[str, str]:
        # The draft's document is read once, however many batches of statements are issued.
        return inputs_of(self.draft)

    def issue(self, partners: Sequence[str]) -> Issue:
        """What is needed to issue the statements of these partners."""
        rows = {partner: self.statements[partner] for partner in partners}
        numbered = {partner: Numbered(row.number, row.digest) for partner, row in rows.items()}
        return Issue(self.input(STATEMENTS), self.approved, self.draft_digest, numbered)


def approved_month(database: Database, version: Version) -> ApprovedMonth | None:
    """Return the approved month, or None while it is open."""
    with database.reading() as session:
        approval = session.get(ApprovalRow, version.columns)
        if approval is None:
            return None
        programme = programme_kept(session, approval.programme_digest)
        period, number = version.columns
        rows = session.exec(
            select(StatementRow)
            .where(StatementRow.period == period, StatementRow.version == number)
            .order_by(StatementRow.partner_id)
        ).all()
        counted = select(AccrualRow.partner_id, func.sum(AccrualRow.lines)).where(
            AccrualRow.period == period, AccrualRow.version == number
        )
        return ApprovedMonth(
            version=version,
            programme=programme.name,
            currency=rows[0].currency if rows else "",
            draft_digest=approval.draft_digest,
            draft=draft_document(session, approval.draft_digest),
            approved=Approved(at=approval.approved_at, by=approval.approved_by),
            control=approval.control,
            statements={row.partner_id: row for row in rows},
            lines=dict(session.exec(counted.group_by(AccrualRow.partner_id)).all()),
        )


def versions_of(database: Database, period: Period, partner_id: str = "") -> list[Version]:
    """Return the approved versions of a month, oldest first; of a partner's those that have a statement for it."""
    of_month = select(ApprovalRow.version).where(ApprovalRow.period == str(period))
    if partner_id:
        mine = StatementRow.period == str(period), StatementRow.partner_id == partner_id
        of_month = select(StatementRow.version).where(*mine)
    with database.reading() as session:
        return [Version.of_columns(str(period), number) for number in sorted(session.exec(of_month))]


def the_approved_month(database: Database, version: Version) -> ApprovedMonth:
    """Return a month that is known to be approved."""
    facts = approved_month(database, version)
    assert facts is not None, f"{version} is approved"
    return facts


def seal_of(database: Database, version: Version) -> SealRow | None:
    """Return the recorded seal of a month, or None while it is not closed."""
    with database.reading() as session:
        return session.get(SealRow, version.columns)


def last_seal(database: Database) -> SealRow | None:
    """Return the seal that was recorded last, of whichever month and version; the next one names it."""
    newest = select(AuditRow.about).where(AuditRow.event == "month.sealed").order_by(col(AuditRow.seq).desc()).limit(1)
    with database.reading() as session:
        digest = session.exec(newest).first()
        return session.exec(select(SealRow).where(SealRow.digest == digest)).first() if digest else None


def programme_of(database: Database) -> str | None:
    """Return the name of the programme this database belongs to, or None before the first draft."""
    with database.reading() as session:
        return session.exec(select(ProgrammeRow.name).limit(1)).first()


def stored_keys(database: Database, version: Version) -> list[StoredRow]:
    """Return what is recorded as stored for a month, by key."""
    period, number = version.columns
    with database.reading() as session:
        of_version = select(StoredRow).where(StoredRow.period == period, StoredRow.version == number)
        rows = session.exec(of_version.order_by(col(StoredRow.key)))
        return list(rows.all())


def missing_partners(database: Database, month: ApprovedMonth) -> list[str]:
    """Return the partners whose documents are not recorded as stored."""
    stored = {row.partner_id for row in stored_keys(database, month.version)}
    return [partner for partner in month.statements if partner not in stored]


def stored_row(file: Stored, version: Version, partner_id: str) -> StoredRow:
    """The record of a stored object; the month's own files have no partner."""
    period, number = version.columns
    return StoredRow(
        period=period, version=number, key=file.key, partner_id=partner_id, sha256=file.sha256, size=file.size
    )


def issued_statements(bodies: bytes, issue: Issue) -> list[bytes]:
    """Return the statements as they were issued, checked against the digest the approval gave them.

    `bodies` is the month's `statements.parquet`. Whatever format a body is of, number and approval are put
    in where it is blank, and nothing else is made again. Raises StoredDifferently where the bytes would not
    be those that were approved.
    """
    # Imported where statements are read: a month's figures are known without them.
    import polars as pl

    from engine.frames.parquet import rows_from
    from rules.statement.issued import issued

    found = []
    asked = rows_from(bodies, pl.col("partner_id").is_in(list(issue.statements)))
    for partner_id, body in asked.select("partner_id", pl.col("statement").cast(pl.Binary)).iter_rows():
        approved = issue.statements[partner_id]
        data = issued(body, approved.number, issue.approved, issue.draft_digest)
        if (digest := sha256(data)) != approved.digest:
            raise StoredDifferently(
                f"statement {approved.number} of {partner_id}: its digest would be {digest}, but {approved.digest} was "
                f"approved. The archive's {issue.bodies.key} or the database was changed since: "
                "restore the one that was."
            )
        found.append(data)
    return found
