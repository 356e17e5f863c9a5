"""Sealed months against the database: what it recorded of each is what its archive's SEAL vouches for."""

from collections.abc import Iterator, Mapping
from difflib import unified_diff
from itertools import islice

from sqlmodel import Session, select

from models.canonical import sha256
from models.errors import SettlementError
from models.period import Version
from models.rows import ApprovalRow, SealRow
from rules.archive.layout import (
    CONTROL_JSON,
    LEDGER_JOURNAL,
    SEAL,
    SHA256SUMS,
    STATEMENT_JSON,
    period_folder,
    statement_path,
)
from rules.archive.seal import Seal, parse_sha256sums
from tasks.facts.approved import ApprovedMonth, stored_keys, the_approved_month
from tasks.facts.books import books
from tasks.facts.database import Database
from tasks.proof.difference import Difference
from tasks.storage import Store

LINES = 10  # of a journal that differ, at most


def seal_differences(database: Database, store: Store, programme: str, *, all_months: bool) -> Iterator[Difference]:
    """Compare each recorded seal with its SEAL, and the files of the last closed month (or all) with the database."""
    with database.reading() as session:
        rows = {Version.of_columns(row.period, row.version): row for row in session.exec(select(SealRow))}
        drafts = {
            Version.of_columns(row.period, row.version): row.draft_digest for row in session.exec(select(ApprovalRow))
        }
    closely = set(rows) if all_months else {max(rows, default=None)}
    for version, row in sorted(rows.items()):
        folder = period_folder(programme, version)
        try:
            seal = Seal.parse(store.get(f"{folder}/{SEAL}", row.digest))
            yield from _says(folder, seal, version, drafts.get(version, ""))
            if version in closely and version in drafts:
                listed = parse_sha256sums(store.get(f"{folder}/{SHA256SUMS}", seal.sha256sums))
                yield from _files(database, store, the_approved_month(database, version), listed)
        except SettlementError as fault:
            yield Difference(f"seal {version}", str(fault))


def _says(folder: str, seal: Seal, version: Version, draft: str) -> Iterator[Difference]:
    if (seal.period, seal.version) != version.columns:
        yield Difference(f"{folder}/{SEAL}", f"closes {seal.period}/v{seal.version}")
    if seal.draft != draft:
        yield Difference(f"{folder}/{SEAL}", f"names the draft {seal.draft}; the database approved {draft or 'none'}")


def _files(database: Database, store: Store, month: ApprovedMonth, listed: Mapping[str, str]) -> Iterator[Difference]:
    folder = period_folder(month.programme, month.version)
    stored = {row.key.removeprefix(f"{folder}/"): row.sha256 for row in stored_keys(database, month.version)}
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
