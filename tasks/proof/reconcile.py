"""Reconcile: the database, its audit trail and the archive, each held against the others. It changes nothing."""

import re
from collections.abc import Iterator

from sqlmodel import Session

from models.period import PATTERN
from tasks.database.database import Database
from tasks.facts.approved import programme_of
from tasks.proof.difference import Difference, FactsDisagree
from tasks.proof.indexes import hidden_rows
from tasks.proof.rows import rows
from tasks.proof.seals import ReliedOn, seal_differences
from tasks.proof.sums import OF_MONTH, month_differences
from tasks.proof.trail import trail_differences
from tasks.storage import Store

FAULTS = 10  # of a file that are named, at most


def reconcile(database: Database, archive: Store, relied: ReliedOn = ReliedOn()) -> list[Difference]:  # noqa: B008 (frozen)
    """Return what differs between the facts, their audit trail and the archive; nothing where all agree.

    Where not `all_months`, only the files of the month that was closed last are compared, of the others SEAL and its
    signature: what a run relies on.
    """
    with database.reading() as session:
        if found := [*file_differences(session), *_no_months(session)]:
            return found  # what is read of it would depend on the way it is asked for, or cannot be read
    programme = programme_of(database)
    with database.reading() as session:
        found = trail_differences(session)
        found += month_differences(session)
    if programme is not None:
        found += seal_differences(database, archive, programme, relied)
    return found


def file_differences(session: Session) -> list[Difference]:
    """Return where the database contradicts itself: an index that leaves rows out hides them from who asks by it."""
    if session.get_bind().dialect.name == "postgresql":
        return list(hidden_rows(session))
    told = (str(words) for (words,) in rows(session, f"PRAGMA integrity_check({FAULTS})"))
    return [Difference("database file", words) for words in told if words != "ok"]


def _no_months(session: Session) -> Iterator[Difference]:
    """Where a row says a month that there is not."""
    for table in ("approval", "attribution", "claim", *OF_MONTH):
        for (period,) in rows(session, f"SELECT DISTINCT period FROM {table}"):  # noqa: S608  (our own names)
            if not re.fullmatch(PATTERN, period):
                yield Difference(table, f"a row says the month {period!r}, which there is not")


def must_agree(database: Database, archive: Store, relied: ReliedOn) -> None:
    """Raise FactsDisagree where something that is relied on is not what was recorded."""
    if differences := reconcile(database, archive, relied):
        raise FactsDisagree(differences)
