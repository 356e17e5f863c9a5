"""The lease: one run per programme. Who holds it may write; who lost it may not, even if it wakes up later."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col

from models.errors import LeaseHeld
from models.rows import LeaseRow
from tasks.database.connection import DatabaseLocked, DatabaseUnavailable
from tasks.database.database import Database, Epoch, clock, keep
from tasks.database.process import birth, has_ended, machine

__all__ = ["Epoch", "holder", "lease"]

log = logging.getLogger("settle")

OPEN_A_ROW = text(
    "INSERT INTO lease (programme, epoch, holder, host, pid, expires_at) "
    "VALUES (:programme, 0, '', '', 0, 0) ON CONFLICT DO NOTHING"
)


@contextmanager
def lease(database: Database, programme: str, seconds: int) -> Iterator[Epoch]:
    """Hold the programme while the block runs. Raises LeaseHeld, naming who holds it."""
    # Looked at without a lock first: the holder may be in a long transaction, and the answer need not wait for it.
    with database.reading() as session:
        row = session.get(LeaseRow, programme)
        _refuse_if_held(session, row)
    try:
        with database.locked() as session:
            epoch = _take(session, programme, seconds)
    except DatabaseLocked as locked:
        raise LeaseHeld(
            f"{programme}: another run is writing: {row.holder if row else 'its first'}. {locked}"
        ) from locked
    ended = threading.Event()
    heart = threading.Thread(target=_beat, args=(database, epoch, ended), name=f"lease of {programme}", daemon=True)
    heart.start()
    try:
        yield epoch
    finally:
        ended.set()
        heart.join()
        _free(database, epoch)


def holder(database: Database, programme: str) -> LeaseRow | None:
    """Return who holds the programme now, or None. Who died here, or fell silent for too long, holds nothing."""
    with database.reading() as session:
        row = session.get(LeaseRow, programme)
        return row if row and _seconds_left(session, row) else None


def _take(session: Session, programme: str, seconds: int) -> Epoch:
    session.connection().execute(OPEN_A_ROW, {"programme": programme})
    row = session.get_one(LeaseRow, programme, with_for_update=True)
    _refuse_if_held(session, row)
    now, pid = _now(session), os.getpid()
    since = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    row.epoch += 1
    row.host, row.pid, row.expires_at = machine(), pid, now + seconds
    row.holder = f"{row.host}, process {pid}, since {since}, born {birth(pid)}"
    return Epoch(programme, row.epoch, row.holder, seconds)


def _refuse_if_held(session: Session, row: LeaseRow | None) -> None:
    if row and (left := _seconds_left(session, row)):
        raise LeaseHeld(
            f"{row.programme}: another run is settling it: {row.holder}. Wait until it has ended; "
            f"if it fell silent, the programme is free again in {left} s. `settle status` shows who holds it."
        )


def _seconds_left(session: Session, row: LeaseRow) -> int:
    """Return how long the lease still runs without a sign of life; 0 when nobody holds it."""
    left = row.expires_at - _now(session)
    if left <= 0 or (row.host == machine() and has_ended(row.pid, row.holder.rpartition(", born ")[2])):
        return 0
    return left


def _now(session: Session) -> int:
    return session.connection().execute(select(clock(session))).scalar_one()


def _beat(database: Database, epoch: Epoch, ended: threading.Event) -> None:
    while not ended.wait(epoch.seconds / 3):
        try:
            with database.locked() as session:
                if not keep(session, epoch):
                    log.warning("%s: epoch %d is over, another run took the lease", epoch.programme, epoch.number)
                    return
        except (SQLAlchemyError, DatabaseUnavailable) as failure:
            log.warning("%s: no sign of life given this time, the next beat tries again: %s", epoch.programme, failure)


def _free(database: Database, epoch: Epoch) -> None:
    ours = update(LeaseRow).where(col(LeaseRow.programme) == epoch.programme, col(LeaseRow.epoch) == epoch.number)
    try:
        with database.locked() as session:
            session.connection().execute(ours.values(expires_at=0))
    except (SQLAlchemyError, DatabaseUnavailable) as failure:
        log.warning(
            "%s: the lease could not be freed, it ends by itself in %d s: %s", epoch.programme, epoch.seconds, failure
        )
