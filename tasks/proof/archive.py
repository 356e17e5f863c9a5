"""The archive against the database: every version that was sealed there is one that the database knows."""

import logging

from sqlmodel import select

from models.errors import ArchiveAhead
from models.period import Version
from models.rows import ApprovalRow, SealRow
from rules.archive.layout import SEAL, locate, period_folder
from tasks.auditing.anchor import anchored, judge
from tasks.database.database import Database
from tasks.proof.difference import Difference, FactsDisagree
from tasks.storage import Store

log = logging.getLogger("settle")


def must_know_its_archive(database: Database, store: Store, programme: str) -> None:
    """Raise ArchiveAhead where the archive closed a version of a month that this database never approved.

    So a database that was lost, restored from an old backup or exchanged pays no month a second time, and forgets no
    attribution; and a version that somebody put beside a month is named.
    """
    with database.reading() as session:
        columns = session.exec(select(ApprovalRow.period, ApprovalRow.version)).all()
    known = {Version.of_columns(*each) for each in columns}
    unknown = [version for version in sealed_versions(store, programme) if version not in known]
    if unknown:
        named = ", ".join(f"{store.url}/{period_folder(programme, version)}/{SEAL}" for version in unknown)
        raise ArchiveAhead(
            f"{named} exists: {', '.join(map(str, unknown))} was closed before, but this database does not know it. "
            f"Restore the database that closed it; the archive itself is whole where `settle verify` says so."
        )


def must_be_anchored(database: Database, anchors: Store, programme: str) -> None:
    """Raise FactsDisagree where a SEAL was kept elsewhere that this database does not know, or knows otherwise.

    Database and archive restored together from an old backup, taken away together or made anew are known by that alone.
    A SEAL that is not kept there yet is a warning: its close was cut off, or it was made before there was an anchor.
    """
    kept = anchored(anchors, programme)
    with database.reading() as session:
        rows = session.exec(select(SealRow.period, SealRow.version, SealRow.digest)).all()
    sealed = {Version.of_columns(period, number): digest for period, number, digest in rows}
    differences = []
    for finding in judge(f"{programme}/", kept, sealed):
        if finding.severity == "error":
            differences.append(Difference(f"anchor {finding.where}", finding.words))
        else:
            log.warning("%s %s", finding.where, finding.words)
    if differences:
        raise FactsDisagree(differences)


def sealed_versions(store: Store, programme: str) -> list[Version]:
    """Return the versions of months that have a SEAL in the archive, the oldest first."""
    found = []
    for month in store.folders(f"{programme}/"):
        for number in store.folders(f"{programme}/{month}/"):
            match locate(f"{month}/{number}/{SEAL}"):
                case (Version() as version, _) if store.find(f"{programme}/{version}/{SEAL}"):
                    found.append(version)
    return sorted(found)
