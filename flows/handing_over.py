"""Handing over: a statement's bundle from an archive, the digests of seals to an anchor, the audit trail to a file."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlmodel import col, select

from models.canonical import canonical_json, sha256
from models.errors import NotStored, SettlementError, WrongUse
from models.period import Period, Version
from models.rows import AuditRow
from rules.archive.layout import SEAL, STATEMENT_JSON, statement_path
from rules.archive.seal import Seal
from tasks.auditing.anchor import anchor
from tasks.auditing.bundle import bundle
from tasks.clock import now
from tasks.database.database import Database
from tasks.database.lease import lease
from tasks.facts.approved import programme_of
from tasks.facts.audit import AuditEntry
from tasks.settings import Settings
from tasks.storage.contents import Programme, programmes
from tasks.storage.open import open_store
from tasks.verify import Asked, verify

TAKEN = "statement.taken"


def taken(url: str, settings: Settings, month: Period, partner_id: str, by: str) -> tuple[dict[str, bytes], str]:
    """Return the files of a statement's bundle by name, and whether the audit trail says who took it."""
    programme, version = _found(url, settings, month, partner_id)
    files = bundle(programme, version, partner_id)
    name = Seal.parse(files[SEAL]).programme
    return files, _recorded(settings, name, f"{version.of(partner_id)} by {by}", files[STATEMENT_JSON])


def _found(url: str, settings: Settings, month: Period, partner_id: str) -> tuple[Programme, Version]:
    """The programme that has the statement, and the newest sealed version of the month that does."""
    wanted, store = statement_path(partner_id, STATEMENT_JSON), open_store(url, settings)
    found = [
        (version, programme)
        for programme in programmes(store)
        for version, files in programme.versions.items()
        if version.period == month and SEAL in files and wanted in files
    ]
    if not found:
        raise NotStored(f"{store.url} has no sealed statement of {partner_id} for {month}.")
    version, programme = max(found, key=lambda each: each[0])
    if any(other is not programme for _, other in found):
        raise WrongUse(f"{store.url} holds several programmes with {partner_id} in {month}: give the URL of one.")
    return programme, version


def _recorded(settings: Settings, programme: str, subject: str, statement: bytes) -> str:
    """Record in the audit trail that somebody took a statement. Returns what to say of it."""
    database = Database(settings.database)
    try:
        if not database.exists() or programme_of(database) != programme:
            return "not recorded: there is no database of this programme here"
        with (
            lease(database, programme, settings.lease_seconds) as epoch,
            database.writing(epoch, now(settings)) as tx,
        ):
            tx.record(TAKEN, period=subject.split("/")[1], subject=subject, about=sha256(statement))
    except SettlementError as fault:
        return f"not recorded: {fault}"
    return "recorded in the audit trail"


class KeptSeal(NamedTuple):
    """A seal whose digest is kept beside the archive: the folder of its month's version, and the digest."""

    key: str
    sha256: str


def anchored_seals(url: str, settings: Settings) -> list[KeptSeal]:
    """Keep the digest of every SEAL of an archive in the anchor's store, and say which. Raises WrongUse.

    An archive that does not hold, or that lacks what was anchored before, is not anchored.
    """
    if not settings.anchor_url:
        raise WrongUse("SETTLE_ANCHOR_URL is not set: name a second store, as file:///folder or s3://bucket/prefix.")
    store, anchors = open_store(url, settings), open_store(settings.anchor_url, settings)
    report = verify(store, asked=Asked(anchors=anchors))
    if not report.holds:
        first = next(finding for finding in report.findings if finding.severity == "error")
        raise WrongUse(f"{url} does not hold, so it was not anchored: {first.where}: {first.words}")
    kept = []
    for programme in programmes(store):
        for version, files in sorted(programme.versions.items()):
            if SEAL in files:
                data = _read(programme, version)
                anchor(anchors, Seal.parse(data).programme, version, sha256(data))
                kept.append(KeptSeal(programme.key(version), sha256(data)))
    return kept


def _read(programme: Programme, version: Version) -> bytes:
    key = programme.key(version, SEAL)
    stored = programme.store.find(key)
    if stored is None:
        raise NotStored(f"{programme.store.url}/{key} is missing.")
    return programme.store.get(key, stored.sha256)


def audit_lines(database: Database) -> Iterator[str]:
    """Yield the whole audit trail, an entry a line, as JSON with its digest."""
    with database.reading() as session:
        for row in session.exec(select(AuditRow).order_by(col(AuditRow.seq))):
            yield canonical_json({name: getattr(row, name) for name in AuditEntry._fields}).decode()
