"""One run per programme: who holds the lease writes, the others are told who; the dead and the silent lose it."""

import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

import tasks.database.connection
import tasks.database.database
import tasks.database.lease
from models.errors import LeaseHeld, LeaseLost
from models.rows import LeaseRow, ProgrammeRow
from tasks.database.database import Database, clock, keep
from tasks.database.lease import Epoch, holder, lease
from tasks.database.process import birth, machine
from tests.made.tables import impatient, stored
from tests.waiting import wait_for

NOW = "2026-02-03T03:00:00Z"


class Hand:
    """The hand of the database's clock: it stands, however slow the machine is, until the test moves it on."""

    def __init__(self, patched: pytest.MonkeyPatch) -> None:
        self._patched = patched
        self.seconds = 1_770_087_600  # 2026-02-03 03:00:00 UTC
        self.move(0)

    def move(self, seconds: int) -> None:
        self.seconds += seconds
        for dialect in ("sqlite", "postgresql"):
            self._patched.setitem(tasks.database.database.CLOCK, dialect, f"CAST({self.seconds} AS BIGINT)")


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    return Hand(monkeypatch)


def set_lease(database: Database, **fields: object) -> None:
    row: dict[str, Any] = {
        "programme": "uis",
        "epoch": 7,
        "holder": "somebody, born 1.1",
        "host": "elsewhere",
        "pid": 1,
        "expires_at": 0,
    }
    with database.locked() as session:
        session.add(LeaseRow(**{**row, **fields}))


def in_a_minute(database: Database) -> int:
    with database.reading() as session:
        return session.connection().execute(sqlalchemy.select(clock(session))).scalar_one() + 60


def test_epochs_count_up_and_the_lease_is_free_afterwards(database: Database) -> None:
    with lease(database, "uis", 60) as first:
        assert (first.programme, first.number, first.seconds) == ("uis", 1, 60)
    assert holder(database, "uis") is None
    with lease(database, "uis", 60) as second:
        assert second.number == 2


def test_who_comes_second_is_told_who_holds_the_programme(database: Database, hand: Hand) -> None:
    with lease(database, "uis", 60) as epoch:
        with pytest.raises(LeaseHeld) as held, lease(database, "uis", 60):
            pass
        assert f"uis: another run is settling it: {machine()}, process {os.getpid()}, since 20" in str(held.value)
        assert "is free again in 60 s" in str(held.value)
        row = holder(database, "uis")
        assert row is not None
        assert (row.pid, row.epoch, row.holder) == (os.getpid(), 1, epoch.holder)


def test_of_eight_that_ask_at_once_exactly_one_holds_the_programme(database: Database) -> None:
    asking, answered = threading.Barrier(8), threading.Barrier(8)

    def ask(_: int) -> str:
        asking.wait()
        try:
            with lease(database, "uis", 60):
                answered.wait()
                return "holds"
        except LeaseHeld:
            answered.wait()
            return "refused"

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(ask, range(8))) == ["holds"] + ["refused"] * 7


def test_programmes_do_not_wait_for_each_other(database: Database) -> None:
    with lease(database, "uis", 60), lease(database, "another", 60) as other:
        assert other.number == 1


def test_a_run_that_fails_frees_the_programme(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), lease(database, "uis", 60):
        raise ZeroDivisionError
    assert holder(database, "uis") is None


def test_nobody_holds_a_programme_that_was_never_settled(database: Database) -> None:
    assert holder(database, "uis") is None


def test_a_lease_of_another_machine_is_kept_until_it_expires(database: Database) -> None:
    set_lease(database, pid=2**22 + 1, expires_at=in_a_minute(database))
    with pytest.raises(LeaseHeld, match="somebody"), lease(database, "uis", 60):
        pass
    with database.locked() as session:
        session.get_one(LeaseRow, "uis").expires_at = in_a_minute(database) - 60
    with lease(database, "uis", 60) as epoch:
        assert epoch.number == 8


def test_a_lease_whose_process_number_went_to_another_is_taken_at_once(database: Database) -> None:
    born = "rebooted.1"
    assert birth(os.getpid()) != born
    set_lease(database, host=machine(), pid=os.getpid(), holder=f"us, born {born}", expires_at=in_a_minute(database))
    with lease(database, "uis", 60) as epoch:
        assert epoch.number == 8


def test_a_lease_taken_by_another_is_neither_extended_nor_freed(database: Database) -> None:
    with lease(database, "uis", 60) as epoch:
        with database.locked() as session:
            row = session.get_one(LeaseRow, "uis")
            row.epoch, row.holder, row.host, row.expires_at = 2, "another", "elsewhere", in_a_minute(database)
        with database.locked() as session:
            assert not keep(session, epoch)
        with pytest.raises(LeaseLost), database.writing(epoch, NOW) as transaction:
            transaction.add(ProgrammeRow(digest="p", name="uis", text=""))
    held = holder(database, "uis")
    assert held is not None
    assert held.holder == "another"
    assert stored(database, "programme") == []


def test_a_run_that_is_alive_keeps_the_programme_longer_than_one_lease(database: Database, hand: Hand) -> None:
    def is_kept_from_now_on() -> bool:
        row = holder(database, "uis")
        return row is not None and row.expires_at == hand.seconds + 3

    with lease(database, "uis", 3) as epoch:
        for _ in range(2):
            hand.move(2)
            wait_for(is_kept_from_now_on, "the next beat")
        held = holder(database, "uis")
        assert held is not None
        assert held.epoch == epoch.number
        with pytest.raises(LeaseHeld), lease(database, "uis", 2):
            pass


def test_a_beat_that_fails_is_made_up_by_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    beats: list[bool] = []

    def fails_once(session: Session, epoch: Epoch) -> bool:
        if not beats:
            beats.append(False)
            raise OperationalError("UPDATE lease", None, Exception("the network blinked"))
        beats.append(keep(session, epoch))
        return beats[-1]

    monkeypatch.setattr(tasks.database.lease, "keep", fails_once)
    with caplog.at_level(logging.WARNING, "settle"), lease(database, "uis", 1):
        wait_for(lambda: len(beats) >= 2, "the second beat")
    assert beats[:2] == [False, True]
    assert "uis: no sign of life given this time, the next beat tries again" in caplog.text


def test_the_heart_of_a_lost_lease_stops(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "settle"), lease(database, "uis", 1):
        with database.locked() as session:
            session.get_one(LeaseRow, "uis").epoch = 2
        wait_for(lambda: "lease of uis" not in {thread.name for thread in threading.enumerate()}, "the heart's end")
    assert caplog.text.count("uis: epoch 1 is over, another run took the lease") == 1


def test_a_long_transaction_is_a_sign_of_life(database: Database, monkeypatch: pytest.MonkeyPatch, hand: Hand) -> None:
    monkeypatch.setattr(tasks.database.lease, "_beat", lambda *_: None)
    with lease(database, "uis", 2) as epoch:
        with database.writing(epoch, NOW) as transaction:
            hand.move(3)
            transaction.add(ProgrammeRow(digest="p", name="uis", text=""))
        assert holder(database, "uis")


def test_a_lease_that_cannot_be_freed_hides_no_other_trouble(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone() -> None:
        raise OperationalError("BEGIN", None, Exception("the server is gone"))

    def fail() -> None:
        with lease(database, "uis", 60):
            monkeypatch.setattr(database, "locked", gone)
            raise ZeroDivisionError

    with caplog.at_level(logging.WARNING, "settle"), pytest.raises(ZeroDivisionError):
        fail()
    assert "uis: the lease could not be freed, it ends by itself in 60 s" in caplog.text


def test_a_run_that_comes_during_a_long_transaction_is_refused_without_waiting(database: Database) -> None:
    with lease(database, "uis", 60) as epoch, database.writing(epoch, NOW) as transaction:
        with pytest.raises(LeaseHeld, match=f"process {os.getpid()}, since"), lease(database, "uis", 60):
            pass
        transaction.add(ProgrammeRow(digest="p", name="uis", text=""))
    assert len(stored(database, "programme")) == 1


@pytest.mark.parametrize("known", [True, False])
def test_a_run_that_writes_for_longer_than_its_lease_still_holds_the_programme(
    database: Database, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    monkeypatch.setattr(tasks.database.lease, "_beat", lambda *_: None)
    if known:
        set_lease(database, holder="the last known, born 1.1")
    with database.locked() as session:
        session.connection().execute(tasks.database.lease.OPEN_A_ROW, {"programme": "uis"})
        session.get(LeaseRow, "uis", with_for_update=True)
        impatient(monkeypatch)
        name = "the last known, born 1.1" if known else "its first"
        with pytest.raises(LeaseHeld, match=f"another run is writing: {name}"), lease(database, "uis", 60):
            pass
        monkeypatch.undo()
