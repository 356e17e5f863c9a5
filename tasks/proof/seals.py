"""Sealed months against the database: what it recorded of each is what its archive's SEAL vouches for."""

from collections.abc import Iterator, Mapping
from difflib import unified_diff
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from sqlmodel import Session, select

from models.canonical import sha256
from models.errors import SettlementError
from models.period import Version
from models.rows import ApprovalRow, AuditRow, ConsentRow, SealRow
from rules.archive.layout import (
    CONTROL_JSON,
    LEDGER_JOURNAL,
    SEAL,
    SEAL_SIG,
    SHA256SUMS,
    STATEMENT_JSON,
    Input,
    period_folder,
    statement_path,
)
from rules.archive.seal import Seal, parse_sha256sums
from rules.draft import inputs_of
from tasks.auditing.signing import fault_of
from tasks.database.database import Database
from tasks.facts.approved import ApprovedMonth, stored_keys, the_approved_month
from tasks.facts.books import books
from tasks.proof.difference import Difference
from tasks.proof.objects import changed_objects, extra_files, strays
from tasks.storage import Store

LINES = 10  # of a journal that differ, at most


class ReliedOn(NamedTuple):
    """What of the archive is compared: the files of all months, or of the last; who may sign seals, if that is set."""

    all_months: bool = True
    signers: Path | None = None


def seal_differences(database: Database, store: Store, programme: str, relied: ReliedOn) -> Iterator[Difference]:
    """Compare each recorded seal with its SEAL, its signature, and the files of months with the database."""
    with database.reading() as session:
        rows = {Version.of_columns(row.period, row.version): row for row in session.exec(select(SealRow))}
        drafts = {
            Version.of_columns(row.period, row.version): row.draft_digest for row in session.exec(select(ApprovalRow))
        }
    closely = set(rows) if relied.all_months else {max(rows, default=None)}
    for version, row in sorted(rows.items()):
        folder = period_folder(programme, version)
        try:
            seal = Seal.parse(store.get(f"{folder}/{SEAL}", row.digest))
            yield from _says(folder, seal, version, drafts.get(version, ""))
            if seal.files != row.files:
                yield Difference(f"seal {version}", f"says {row.files} files; the archive's {SEAL} says {seal.files}")
            if seal.signed:
                yield from _signed(store, f"{folder}/{SEAL_SIG}", seal, relied.signers)
            if version in drafts:
                yield from _as_approved(database, folder, seal, version)
            if version in closely and version in drafts:
                listed = parse_sha256sums(store.get(f"{folder}/{SHA256SUMS}", seal.sha256sums))
                yield from extra_files(store, folder, listed)
                yield from _files(database, store, the_approved_month(database, version), listed)
        except SettlementError as fault:
            yield Difference(f"seal {version}", str(fault))
    yield from strays(store, programme, everywhere=relied.all_months)
    for version in sorted(drafts.keys() - rows.keys()) if relied.all_months else ():  # a close reads these again itself
        recorded = stored_keys(database, version)
        yield from changed_objects(store, [Input(row.key, row.sha256) for row in recorded])


def _signed(store: Store, key: str, seal: Seal, signers: Path | None) -> Iterator[Difference]:
    there = store.find(key)
    if there is None:
        yield Difference(key, "is not there, and SEAL says that it was signed")
    elif fault := fault_of(seal, store.get(key, there.sha256), signers):
        yield Difference(key, f"is not good: {fault}")


def _says(folder: str, seal: Seal, version: Version, draft: str) -> Iterator[Difference]:
    if (seal.period, seal.version) != version.columns:
        yield Difference(f"{folder}/{SEAL}", f"closes {seal.period}/v{seal.version}")
    if seal.draft != draft:
        yield Difference(f"{folder}/{SEAL}", f"names the draft {seal.draft}; the database approved {draft or 'none'}")


def _as_approved(database: Database, folder: str, seal: Seal, version: Version) -> Iterator[Difference]:
    """Where an approval, its consents or the audit trail up to it are not what SEAL says: all of them are chained anew
    in minutes, and every partner's next statement names the SEAL."""
    if seal.approved is None or seal.consents is None or seal.audit is None:
        return  # of a format that did not say so
    with database.reading() as session:
        entry = session.get(AuditRow, seal.audit.seq)
        found = entry.digest if entry else "none"
        approval = session.get_one(ApprovalRow, version.columns)
        by, at = approval.approved_by, approval.approved_at
        consented = seal.restates.draft if seal.restates else seal.draft
        given = session.exec(select(ConsentRow).where(ConsentRow.draft_digest == consented)).all()
        consents = {(row.given_at, row.given_by, row.role) for row in given}
    if found != seal.audit.digest:
        words = f"says that audit entry {seal.audit.seq} has digest {seal.audit.digest}; the audit trail has {found}"
        yield Difference(f"{folder}/{SEAL}", words)
    if (seal.approved.by, seal.approved.at) != (by, at):
        words = f"says that {seal.approved.by} approved it at {seal.approved.at}; the database says {by} at {at}"
        yield Difference(f"{folder}/{SEAL}", words)
    if consents != {(each.at, each.by, each.role) for each in seal.consents}:
        names = ", ".join(each.by for each in seal.consents) or "nobody"
        there = ", ".join(sorted(by for _, by, _ in consents)) or "nobody"
        yield Difference(f"{folder}/{SEAL}", f"says who spoke of the draft: {names}; the database says {there}")


def _files(database: Database, store: Store, month: ApprovedMonth, listed: Mapping[str, str]) -> Iterator[Difference]:
    folder = period_folder(month.programme, month.version)
    recorded = stored_keys(database, month.version)
    files = [Input.named(month.programme, name) for name in inputs_of(month.draft).values()]
    yield from changed_objects(store, [*(Input(row.key, row.sha256) for row in recorded), *files])
    stored = {row.key.removeprefix(f"{folder}/"): row.sha256 for row in recorded}
    for path in sorted(stored.keys() | listed.keys()):
        if stored.get(path) != listed.get(path):
            words = f"was recorded with {stored.get(path, 'nothing')}, and sealed with {listed.get(path, 'nothing')}"
            yield Difference(f"stored {folder}/{path}", words)
    for partner_id, row in month.statements.items():
        sealed = listed.get(statement_path(partner_id, STATEMENT_JSON), "nothing")
        if sealed != row.digest:
            words = f"the database has digest {row.digest}, and sealed is {sealed}"
            yield Difference(f"statement {month.version.of(partner_id)}", words)
    if sha256(month.control.encode()) != listed.get(CONTROL_JSON):
        yield Difference(f"approval {month.version}", "its control totals are not the sealed control.json")
    if not month.version.is_first:  # it has no books
        return
    with database.reading() as session:
        yield from _books(session, store, month, listed)


def _books(session: Session, store: Store, month: ApprovedMonth, listed: Mapping[str, str]) -> Iterator[Difference]:
    """The sealed journal asserts every balance: the postings must make the same one."""
    made = books(session, month)
    if sha256(made.encode()) == listed.get(LEDGER_JOURNAL):
        return
    key = f"{period_folder(month.programme, month.version)}/{LEDGER_JOURNAL}"
    sealed = store.get(key, listed[LEDGER_JOURNAL]).decode()
    changed = (line for line in unified_diff(sealed.splitlines(), made.splitlines(), n=0, lineterm=""))
    marked = [line for line in changed if line[:1] in "+-" and line[:3] not in ("+++", "---") and line[1:].strip()]
    said = {"-": "sealed", "+": "in the database"}
    words = "; ".join(f"{said[line[0]]}: {' '.join(line[1:].split())}" for line in islice(marked, LINES))
    yield Difference(f"postings of {month.version}", f"do not make the sealed {LEDGER_JOURNAL}: {words}")
