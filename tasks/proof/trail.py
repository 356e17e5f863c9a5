"""The trail against the facts: each row has its audit entry with the same digest, and no entry is without its row."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import text
from sqlmodel import Session, SQLModel

from models.period import Period, Version
from models.rows import AccrualRow, ApprovalRow, CorrectionRow, PostingRow, SealRow, StatementRow, StoredRow
from tasks.facts.audit import AuditEntry, broken_links
from tasks.facts.row_digests import ROWS_RECORDED, rows_digest, rows_subject
from tasks.proof.difference import Difference
from tasks.proof.facts import Told, as_told, expected_entries

NAMED = 100  # rows of a kind of difference that are named; the rest is counted
TABLES = {
    "programme.kept": "programme",
    "draft.made": "draft",
    "draft.consented": "consent",
    "draft.prepared": "consent",
    "month.approved": "approval",
    "client.attributed": "attribution",
    "claim.rejected": "claim",
    "statement.issued": "statement",
    "statement.archived": "stored",
    "month.sealed": "seal",
}
"""Where the row stands that an entry speaks of. The trail has others: what failed, and digests of rows."""

AT_APPROVAL = (ApprovalRow, StatementRow, AccrualRow, CorrectionRow, PostingRow)
AT_CLOSE = (StoredRow,)


def trail_of(session: Session) -> Iterator[AuditEntry]:
    """Yield the entries of the audit trail in order, so many at a time."""
    names = ", ".join(AuditEntry._fields)
    ordered = text(f"SELECT {names} FROM audit ORDER BY seq")  # noqa: S608  (our own names)
    result = session.connection().execution_options(yield_per=10_000).execute(ordered)
    for part in result.partitions():
        yield from map(AuditEntry._make, part)


def trail_differences(session: Session, trail: Iterable[AuditEntry]) -> list[Difference]:
    """Compare the trail with the rows of the database, both ways."""
    # A set of hashes, not of entries: a programme has millions of clients.
    waiting = {hash(told) for told in expected_entries(session)}
    comparison = _Comparison(waiting)
    broken = [Difference("audit trail", words) for words in broken_links(comparison.watched(trail))]
    found = broken[:NAMED] + comparison.extra
    if comparison.extras > len(comparison.extra):
        found.append(Difference("audit trail", f"{comparison.extras} entries are without their facts"))
    if waiting:
        unsaid = (told for told in expected_entries(session) if hash(told) in waiting)
        found += [
            Difference(_row(told), f"has no entry in the audit trail that says so: {told}")
            for told in islice(unsaid, NAMED)
        ]
        if len(waiting) > NAMED:
            found.append(Difference("audit trail", f"{len(waiting)} facts have no entry"))
    return [*found, *_rows_differ(session, comparison.rows)]


@dataclass
class _Comparison:
    """What is left of the expected entries while the trail goes by."""

    waiting: set[int]
    extra: list[Difference] = field(default_factory=list)
    extras: int = 0
    rows: dict[str, str] = field(default_factory=dict)  # digests of rows, by subject

    def watched(self, trail: Iterable[AuditEntry]) -> Iterator[AuditEntry]:
        for entry in trail:
            if entry.event == ROWS_RECORDED:
                self.rows[entry.subject] = entry.about
            elif entry.event in TABLES:
                self._compare(entry)
            yield entry

    def _compare(self, entry: AuditEntry) -> None:
        told = as_told(
            (entry.event, entry.at, entry.period, entry.subject, entry.about, entry.amount_minor, entry.currency)
        )
        try:
            self.waiting.remove(hash(told))
        except KeyError:
            self.extras += 1
            if self.extras <= NAMED:
                words = f"is without its fact, or the fact says otherwise: {told._replace(at=entry.at)}"
                self.extra.append(Difference(f"audit entry {entry.seq}", words))


def _row(told: Told) -> str:
    """The row a fact stands in, as a person looks for it."""
    return f"{TABLES[told.event]} {told.subject}"


def _rows_differ(session: Session, recorded: dict[str, str]) -> Iterator[Difference]:
    """Where the rows of a month are not those whose digest was recorded. Older months recorded none."""
    began = False
    sealed = set(_versions(session, SealRow))
    for version in _versions(session, ApprovalRow):
        kinds = AT_APPROVAL + (AT_CLOSE if version in sealed else ())
        began = began or any(rows_subject(kind, version) in recorded for kind in AT_APPROVAL)
        for kind in kinds:
            subject = rows_subject(kind, version)
            if subject not in recorded:
                if began:
                    yield Difference(subject, "the audit trail has no digest of these rows")
                continue
            found = rows_digest(kind, rows_of(session, kind, version))
            if found != recorded[subject]:
                words = f"rows were added, changed or removed: they come to {found}, recorded was {recorded[subject]}"
                yield Difference(subject, words)


def rows_of(session: Session, kind: type[SQLModel], version: Version) -> list[tuple[object, ...]]:
    """Return a table's rows of one version of a month, each the values of its columns in their order."""
    names = ", ".join(kind.model_fields)
    of_version = text(f"SELECT {names} FROM {kind.__tablename__} WHERE period = :period AND version = :number")  # noqa: S608
    period, number = version.columns
    return [tuple(row) for row in session.connection().execute(of_version, {"period": period, "number": number})]


def _versions(session: Session, kind: type[SQLModel]) -> list[Version]:
    rows = session.connection().execute(
        text(f"SELECT DISTINCT period, version FROM {kind.__tablename__} ORDER BY period, version")  # noqa: S608
    )
    return [Version(Period.parse(period), number) for period, number in rows]
