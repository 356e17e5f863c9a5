"""All of a transaction is stored or none; only who holds the lease writes; trouble is said in one sentence."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import PydanticSerializationError
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import col

from models.errors import LeaseLost, WrongUse
from models.rows import AccrualRow, ApprovalRow, AttributionRow, AuditRow, ProgrammeRow, StatementRow
from tasks.clock import utc
from tasks.database.connection import DatabaseLocked, DatabaseUnavailable
from tasks.database.database import Database
from tasks.database.lease import Epoch, lease
from tasks.database.times import apart
from tests.made.tables import a_row, impatient, stored, table

NOW = "2026-02-03T03:00:00Z"


@pytest.mark.parametrize("url", ["", "settlement.db", "mysql://localhost/x", "sqlite://", "sqlite:///:memory:"])
def test_an_address_that_names_no_lasting_database_is_refused(url: str) -> None:
    with pytest.raises(WrongUse, match="SETTLE_DATABASE_URL"):
        Database(url)


def test_a_database_out_of_reach_is_said_in_one_sentence_without_its_password(tmp_path: Path) -> None:
    unreachable = Database(f"postgresql://settle:secret@/settle?host={tmp_path}")
    with pytest.raises(DatabaseUnavailable, match="cannot be reached") as failure:
        unreachable.exists()
    assert "secret" not in str(failure.value)
    (tmp_path / "note.db").write_text("not a database, but long enough to be looked at as if it were one " * 20)
    with pytest.raises(DatabaseUnavailable, match="file is not a database"):
        Database(f"sqlite:///{tmp_path / 'note.db'}").exists()
    with pytest.raises(DatabaseUnavailable, match="cannot be created"):
        Database(f"sqlite:///{tmp_path / 'note.db' / 'settlement.db'}").prepare()


def test_a_stop_while_the_database_is_asked_is_no_trouble_of_the_database(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with database.reading() as session:
        monkeypatch.setattr(database.engine.dialect, "do_execute", stopped)
        with pytest.raises(KeyboardInterrupt):
            session.execute(select(text("1")))


def test_reading_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match=r"read.?only"), database.reading() as session:
        session.execute(table("seal").insert(), a_row("seal"))
    assert stored(database, "seal") == []


def test_reading_sees_one_moment(database: Database) -> None:
    with database.reading() as session:
        count = select(func.count()).select_from(table("seal"))
        assert session.scalar(count) == 0
        with database.locked() as writer:
            writer.execute(table("seal").insert(), a_row("seal"))
        assert session.scalar(count) == 0
    assert len(stored(database, "seal")) == 1


def approval(period: str) -> ApprovalRow:
    return ApprovalRow(
        period=period,
        version=1,
        draft_digest="d",
        programme_digest="p",
        approved_by="system",
        approved_at=NOW,
        control="{}",
    )


def test_a_transaction_stores_its_facts_and_their_audit_entries(database: Database) -> None:
    with lease(database, "uis", 60) as epoch, database.writing(epoch, NOW) as transaction:
        transaction.add(approval("2026-01"))
        transaction.record(
            "month.approved", period="2026-01", subject="uis", about="d", amount_minor=-250, currency="RUB"
        )
    assert [row["period"] for row in stored(database, "approval")] == ["2026-01"]
    [entry] = stored(database, "audit")
    assert (entry["seq"], entry["at"], entry["event"], entry["amount_minor"]) == (1, NOW, "month.approved", -250)


@pytest.mark.parametrize("trick", ["nothing else", "a commit of the session"])
def test_a_transaction_that_fails_leaves_nothing(database: Database, trick: str) -> None:
    def fail(epoch: Epoch) -> None:
        with database.writing(epoch, NOW) as transaction:
            transaction.add(approval("2026-01"))
            transaction.record("month.approved", period="2026-01", subject="uis", about="d")
            transaction.session.add(approval("2026-02"))
            transaction.flush()
            if trick == "a commit of the session":
                transaction.session.commit()
            raise ZeroDivisionError

    with lease(database, "uis", 60) as epoch:
        with pytest.raises(ZeroDivisionError):
            fail(epoch)
        assert stored(database, "approval") == stored(database, "audit") == []


def test_rows_given_to_the_session_itself_are_stored_too(database: Database) -> None:
    with lease(database, "uis", 60) as epoch, database.writing(epoch, NOW) as transaction:
        transaction.session.add(approval("2026-01"))
    assert len(stored(database, "approval")) == 1


def test_a_transaction_sees_what_it_added(database: Database) -> None:
    with lease(database, "uis", 60) as epoch, database.writing(epoch, NOW) as transaction:
        transaction.add(approval("2026-01"))
        assert transaction.session.get_one(ApprovalRow, ("2026-01", 1)).approved_by == "system"


def test_many_rows_and_entries_are_stored_in_one_transaction(database: Database) -> None:
    clients = [f"client-{number}" for number in range(10_001)]
    with lease(database, "uis", 60) as epoch, database.writing(epoch, NOW) as transaction:
        transaction.add(
            ProgrammeRow(digest="p", name="uis", text="..."),
            *(
                AttributionRow(client_id=c, partner_id="ana", claim_id=c, claimed_on=NOW, period="2026-01")
                for c in clients
            ),
        )
        for client in clients:
            transaction.record("client.attributed", period="2026-01", subject=client, about="p")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(AttributionRow)) == 10_001
        subjects = session.scalars(select(AuditRow.subject).order_by(col(AuditRow.seq))).all()  # type: ignore[call-overload]
    assert list(subjects) == clients


def test_a_fact_with_a_blank_where_one_is_due_is_refused(database: Database) -> None:
    with lease(database, "uis", 60) as epoch:
        with pytest.raises(IntegrityError), database.writing(epoch, NOW) as transaction:
            transaction.add(StatementRow(period="2026-01", partner_id="ana", version=1))  # type: ignore[call-arg]
        assert stored(database, "statement") == []


@pytest.mark.parametrize("amount", [1.5, 1.0, Decimal(1), "1"])
def test_an_amount_that_is_no_whole_number_is_refused(database: Database, amount: object) -> None:
    row: dict[str, Any] = {**a_row("accrual"), "base_minor": amount}
    with lease(database, "uis", 60) as epoch:
        with pytest.raises(PydanticSerializationError), database.writing(epoch, NOW) as transaction:
            transaction.add(AccrualRow(**row))
        assert stored(database, "accrual") == []


def test_nobody_writes_without_the_lease(database: Database) -> None:
    over = "no longer holds the programme: its epoch 1 is over"
    with pytest.raises(LeaseLost, match=over), database.writing(Epoch("uis", 1, "nobody"), NOW):
        pass
    with lease(database, "uis", 60) as epoch:
        pass
    with pytest.raises(LeaseLost), database.writing(epoch, NOW) as transaction:
        transaction.add(approval("2026-01"))
    assert stored(database, "approval") == []


def test_a_lock_is_waited_for_a_bounded_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with lease(database, "uis", 60) as epoch, database.writing(epoch, NOW) as transaction:
        transaction.add(approval("2026-01"))
        impatient(monkeypatch)
        with pytest.raises(DatabaseLocked, match="another process kept it locked"), database.writing(epoch, NOW):
            pass
        monkeypatch.undo()
    assert len(stored(database, "approval")) == 1


def test_foreign_keys_and_the_write_ahead_log_are_on_in_sqlite(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'facts.db'}")
    database.prepare()
    with database.reading() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1


def test_sqlite_keeps_what_an_approval_changes_in_64_mb_of_memory(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'facts.db'}")
    database.prepare()
    with database.reading() as session:
        assert session.scalar(text("PRAGMA cache_size")) == -65_536  # below zero: in KiB


def test_the_clock_of_a_server_is_asked_and_a_file_has_none(database: Database) -> None:
    shown = database.clock()
    if database.engine.dialect.name == "sqlite":
        assert shown is None
    else:
        assert shown is not None
        assert not apart(shown, utc())
