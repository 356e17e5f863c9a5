"""Archive: each document is stored once under its own key, and only then recorded."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache

from models.errors import SettlementError, StoredDifferently, StoreUnreachable
from models.period import Version
from models.rows import StoredRow
from rules.archive.layout import STATEMENT_JSON, statement_key
from tasks.database.database import Database
from tasks.database.lease import Epoch
from tasks.database.row_digests import ROWS_RECORDED, digest_of, rows_subject
from tasks.facts.approved import Issue, stored_row
from tasks.step import step
from tasks.storage import CALLS_AT_A_TIME, Store, Stored

VIEWS = (".html", ".pdf")
"""Views of the canonical JSON: one that newer code would draw differently never replaces the stored one."""


@dataclass(frozen=True)
class Archived:
    """What was stored, by partner, and which partners failed, with the reason."""

    stored: Mapping[str, tuple[Stored, ...]]
    failed: Mapping[str, str]
    unreachable: StoreUnreachable | None = None  # why others were not stored: no failure of theirs

    def must_be_issued(self, issue: Issue) -> None:
        """Raise StoredDifferently where another machine says that it stored what was not approved."""
        for partner_id, files in self.stored.items():
            approved = issue.statements[partner_id]
            if approved.digest not in {file.sha256 for file in files if file.key.endswith(STATEMENT_JSON)}:
                raise StoredDifferently(
                    f"statement {approved.number} of {partner_id}: {approved.digest} was approved, and a worker stored "
                    f"{', '.join(f'{file.key} ({file.sha256})' for file in files) or 'nothing'}. It was not recorded."
                )


@cache
def _uploads() -> ThreadPoolExecutor:
    """The threads that store documents, of all batches: storing waits, for the disk or the network."""
    return ThreadPoolExecutor(CALLS_AT_A_TIME, thread_name_prefix="upload")


@step(name="archive")
def archive(store: Store, programme: str, version: Version, documents: Mapping[str, Mapping[str, bytes]]) -> Archived:
    """Store every partner's documents. A partner whose upload fails is reported by name; the others go on.

    So they do where the store does not answer for one: what is stored is recorded, and only the rest is stored again.
    """
    uploads = {
        partner_id: [
            _uploads().submit(put, store, statement_key(programme, version, partner_id, name), data)
            for name, data in files.items()
        ]
        for partner_id, files in documents.items()
    }
    wait([upload for files in uploads.values() for upload in files])
    stored: dict[str, tuple[Stored, ...]] = {}
    failed: dict[str, str] = {}
    unreachable = None
    for partner_id, files in uploads.items():
        try:
            stored[partner_id] = tuple(upload.result() for upload in files)
        except StoreUnreachable as fault:
            unreachable = fault
        except (SettlementError, OSError) as error:
            failed[partner_id] = f"archive: {error}"
    return Archived(stored, failed, unreachable)


def put(store: Store, key: str, data: bytes) -> Stored:
    """Store a document once. Where a view is there already, the stored bytes win."""
    try:
        return store.put_once(key, data)
    except StoredDifferently:
        there = store.find(key) if key.endswith(VIEWS) else None
        if there is None:
            raise
        return there


def record(database: Database, epoch: Epoch, version: Version, archived: Archived, now: str) -> None:
    """Record what is stored, and who failed, in one transaction."""
    with database.writing(epoch, now) as tx:
        for partner_id, files in archived.stored.items():
            recorded = [stored_row(file, version, partner_id) for file in files]
            tx.add(*recorded)
            truth = next(file.sha256 for file in files if file.key.endswith(".json"))
            tx.record("statement.archived", period=str(version.period), subject=version.of(partner_id), about=truth)
            # Until the month is closed, and all its rows have a digest together: what a page or paper was stored as.
            digest = digest_of(StoredRow, recorded)
            subject = rows_subject(StoredRow, version.of(partner_id))
            tx.record(ROWS_RECORDED, period=str(version.period), subject=subject, about=digest)
        for partner_id in archived.failed:
            tx.record("statement.failed", period=str(version.period), subject=version.of(partner_id), about="")
