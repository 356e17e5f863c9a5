"""The trail against the facts: each row has its audit entry with the same digest, and no entry is without its row."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from sqlmodel import Session, SQLModel

from models.period import Version
from models.rows import ApprovalRow, SealRow, StoredRow
from tasks.database.row_digests import AT_APPROVAL, AT_CLOSE, ROWS_RECORDED, rows_digest, rows_subject
from tasks.facts.audit import AuditEntry, broken_links
from tasks.proof.difference import Difference
from tasks.proof.facts import Told, as_told, expected_entries
from tasks.proof.rows import rows

NAMED = 100  # rows of a kind of difference that are named; the rest is counted
TABLES = {
    "programme.kept": "programme",
    "draft.made": "draft",
    "draft.consented": "consent",
    "draft.prepared": "consent",
    "draft.rejected": "consent",
    "draft.signed": "signature",
    "payout.held": "hold",
    "payout.released": "hold",
    "month.approved": "approval",
    "month.restated": "approval",
    "client.attributed": "attribution",
    "claim.rejected": "claim",
    "statement.issued": "statement",
    "statement.archived": "stored",
    "month.sealed": "seal",
}
"""Where the row stands that an entry speaks of. The trail has others: what failed, and digests of rows."""


def trail_differences(session: Session) -> list[Difference]:
    """Compare the trail with the rows of the database, both ways."""
    # A set of hashes, not of entries: a programme has millions of clients.
    waiting = {hash(told) for told in expected_entries(session)}
    comparison = _Comparison(waiting)
    ordered = f"SELECT {', '.join(AuditEntry._fields)} FROM audit ORDER BY seq"  # noqa: S608  (our own names)
    trail = map(AuditEntry._make, rows(session, ordered))
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
                self._forget_documents(entry.subject)
            elif entry.event in TABLES:
                self._compare(entry)
            yield entry

    def _forget_documents(self, subject: str) -> None:
        """A closed month has one digest of all it stored: those of its statements are no longer looked at."""
        stored = rows_subject(StoredRow, "")
        if subject.startswith(stored) and subject.count("/") == 1:
            version = f"/{subject.removeprefix(stored)}"
            of_it = [each for each in self.rows if each.startswith(stored) and each.endswith(version)]
            for each in of_it:
                del self.rows[each]

    def _compare(self, entry: AuditEntry) -> None:
        told = as_told(entry)
        try:
            self.waiting.remove(hash(told))
        except KeyError:
            self.extras += 1
            if self.extras <= NAMED:
                words = f"is without its fact, or the fact says otherwise: {told._replace(at=entry.at)}"
                self.extra.append(Difference(f"audit entry {entry.seq}", words))


def _row(told: Told) -> str:
    """The row a fact stands in, as a person looks for it."""
    # A consent in a role that there is not: nothing else of a row makes its event.
    return f"{TABLES.get(told.event, 'consent')} {told.subject}"


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
        if version not in sealed:
            yield from _documents_differ(session, version, recorded)


def _documents_differ(session: Session, version: Version, recorded: dict[str, str]) -> Iterator[Difference]:
    """Where what is recorded of a statement's documents, of a month that is not closed yet, is not what was stored."""
    by_partner: dict[object, list[tuple[object, ...]]] = defaultdict(list)
    partner = list(StoredRow.model_fields).index("partner_id")
    for row in rows_of(session, StoredRow, version):
        by_partner[row[partner]].append(row)
    for partner_id, its_rows in sorted(by_partner.items(), key=str):
        subject = rows_subject(StoredRow, version.of(str(partner_id)))
        if recorded.get(subject, found := rows_digest(StoredRow, its_rows)) != found:
            words = (
                f"its documents are recorded otherwise than they were stored: {found}, and it was {recorded[subject]}"
            )
            yield Difference(subject, words)


def rows_of(session: Session, kind: type[SQLModel], version: Version) -> list[tuple[object, ...]]:
    """Return a table's rows of one version of a month, each the values of its columns in their order."""
    names, table = ", ".join(kind.model_fields), kind.__tablename__
    period, number = version.columns
    of_version = f"SELECT {names} FROM {table} WHERE period = :period AND version = :number"  # noqa: S608
    return list(rows(session, of_version, period=period, number=number))


def _versions(session: Session, kind: type[SQLModel]) -> list[Version]:
    ordered = f"SELECT period, version FROM {kind.__tablename__} ORDER BY period, version"  # noqa: S608
    return [Version.of_columns(*columns) for columns in rows(session, ordered)]
