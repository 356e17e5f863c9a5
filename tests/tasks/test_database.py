"""The database keeps facts: nothing changes them, all of a transaction is stored or none, and a lost guard is noticed."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Table, func, inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import SQLModel, col

from migrations.triggers import guard, guards, unique_keys
from models.errors import LeaseLost, UnguardedDatabase, WrongUse
from models.rows import INSERT_ONLY, ApprovalRow, AttributionRow, AuditRow, ProgrammeRow, StatementRow
from tasks.database import Database
from tasks.engine import DatabaseUnavailable
from tasks.lease import Epoch, lease

ROOT = Path(__file__).parents[2]
NOW = "2026-02-03T03:00:00Z"


def table(name: str) -> Table:
    return SQLModel.metadata.tables[name]


def run(database: Database, *statements: str) -> None:
    with database.locked() as session:
        for statement in statements:
            session.connection().exec_driver_sql(statement)


def a_row(name: str) -> dict[str, object]:
    """A row with `a` in every column of text and 1 in every number."""
    return {column.name: 1 if column.type.python_type is int else "a" for column in table(name).columns}


def cells(row: dict[str, object]) -> str:
    values = ", ".join(f"'{value}'" for value in row.values())
    return f"({', '.join(row)}) VALUES ({values})"


def stored(database: Database, name: str) -> list[dict[str, object]]:
    with database.reading() as session:
        return [dict(row) for row in session.execute(select(table(name))).mappings()]


def refusal(database: Database, statement: str) -> str:
    with pytest.raises(DBAPIError) as refused:
        run(database, statement)
    return str(refused.value.orig)


def attempts(dialect: str, name: str) -> Iterable[str]:
    """Every way to change or remove the row `a_row(name)` that the database has a word for."""
    key, *_ = unique_keys(table(name))
    first, *_ = key
    last = next(column.name for column in reversed(table(name).columns) if column.name not in key)
    other = {**a_row(name), last: 2 if a_row(name)[last] == 1 else "b"}
    value = f"'{other[last]}'"
    insert = f"INTO {name} {cells(other)}"
    yield f"UPDATE {name} SET {last} = {value}"
    yield f"UPDATE {name} SET {first} = {first}"
    yield f"DELETE FROM {name}"
    yield f"DELETE FROM {name} WHERE {first} = '{other[first]}'"
    yield f"INSERT {insert} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {last} = {value}"
    if dialect == "sqlite":
        yield f"INSERT OR REPLACE {insert}"
        yield f"REPLACE {insert}"
        yield f"UPDATE OR REPLACE {name} SET {last} = {value}"
    else:
        yield f"TRUNCATE {name}"
        yield f"TRUNCATE {name} CASCADE"
        yield f"MERGE INTO {name} USING (SELECT 1) AS it ON true WHEN MATCHED THEN DELETE"
        yield f"MERGE INTO {name} USING (SELECT 1) AS it ON true WHEN MATCHED THEN UPDATE SET {last} = {value}"


@pytest.mark.parametrize("name", INSERT_ONLY)
def test_a_fact_cannot_be_changed_replaced_or_deleted(database: Database, name: str) -> None:
    with database.locked() as session:
        session.execute(table(name).insert(), a_row(name))
    for attempt in attempts(database.engine.dialect.name, name):
        assert f"{name} is insert-only: facts are never changed" in refusal(database, attempt), attempt
        assert stored(database, name) == [a_row(name)]


@pytest.mark.parametrize("name", INSERT_ONLY)
def test_the_same_fact_cannot_be_stored_twice(database: Database, name: str) -> None:
    with database.locked() as session:
        session.execute(table(name).insert(), a_row(name))
    with pytest.raises(IntegrityError), database.locked() as session:
        session.execute(table(name).insert(), a_row(name))
    assert stored(database, name) == [a_row(name)]


def test_a_statement_cannot_be_replaced_by_another_with_its_number(database: Database) -> None:
    first = a_row("statement")
    with database.locked() as session:
        session.execute(table("statement").insert(), first)
    other = {**first, "period": "b"}
    words = "INSERT OR REPLACE INTO" if database.engine.dialect.name == "sqlite" else "INSERT INTO"
    assert "statement" in refusal(database, f"{words} statement {cells(other)}")
    assert stored(database, "statement") == [first]


@pytest.mark.parametrize("name", INSERT_ONLY)
def test_no_fact_has_a_hidden_row_number_to_be_replaced_by(tmp_path: Path, name: str) -> None:
    database = Database(f"sqlite:///{tmp_path / 'facts.db'}")
    database.prepare()
    with database.locked() as session:
        session.execute(table(name).insert(), a_row(name))
    other = {"rowid": 1, **{column: 2 if value == 1 else "b" for column, value in a_row(name).items()}}
    assert "no column named rowid" in refusal(database, f"INSERT OR REPLACE INTO {name} {cells(other)}")
    assert stored(database, name) == [a_row(name)]


def test_the_migrated_schema_is_the_one_the_models_describe(database: Database) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_columns_stand_in_the_order_of_the_models(database: Database) -> None:
    for name, described in SQLModel.metadata.tables.items():
        assert [column["name"] for column in inspect(database.engine).get_columns(name)] == described.columns.keys()


def test_every_table_of_facts_has_all_its_guards_and_each_one_missed_is_named(database: Database) -> None:
    dialect = database.engine.dialect.name
    expected = [(name, trigger) for name in INSERT_ONLY for trigger in guards(dialect, name, unique_keys(table(name)))]
    assert len(expected) == len(INSERT_ONLY) * {"sqlite": 3, "postgresql": 1}[dialect]
    for name, trigger in expected:
        run(database, f"DROP TRIGGER {trigger.name}" + (f" ON {name}" if dialect == "postgresql" else ""))
        with pytest.raises(UnguardedDatabase, match=f"1 of its triggers are missing.*: {trigger.name}\\."):
            database.check()
        run(database, *trigger.statements)
        database.check()


def test_a_guard_that_lets_things_pass_is_noticed(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        harmless = "CREATE TRIGGER seal_refuses_delete BEFORE DELETE ON seal WHEN false BEGIN SELECT 1; END"
        run(database, "DROP TRIGGER seal_refuses_delete", harmless)
        named = "seal_refuses_delete"
    else:
        run(
            database,
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        )
        named = ", ".join(f"{name}_refuses_change" for name in INSERT_ONLY)
    with pytest.raises(UnguardedDatabase, match=f": {named}\\."):
        database.check()


@pytest.mark.slow
@pytest.mark.parametrize("state", ["DISABLE TRIGGER", "ENABLE REPLICA TRIGGER", "ENABLE TRIGGER"])
def test_a_guard_switched_off_on_postgresql_is_noticed(postgres_url: str, state: str) -> None:
    database = Database(postgres_url)
    database.prepare()
    run(database, f"ALTER TABLE claim {state} claim_refuses_change")
    with pytest.raises(UnguardedDatabase, match=r": claim_refuses_change\."):
        database.check()


@pytest.mark.slow
def test_calling_a_session_a_replica_does_not_open_the_facts(postgres_url: str) -> None:
    database = Database(postgres_url)
    database.prepare()
    with pytest.raises(DBAPIError, match="facts are never changed"):
        run(database, "SET session_replication_role = replica", "DELETE FROM claim")


def test_a_migration_that_rebuilds_a_table_sets_its_guards_again(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'facts.db'}")
    database.prepare()
    with database.locked() as session:
        session.execute(table("claim").insert(), a_row("claim"))
        with Operations.context(MigrationContext.configure(session.connection())) as op:
            with op.batch_alter_table("claim", recreate="always") as batch:
                batch.alter_column("reason", server_default="none")
    with pytest.raises(UnguardedDatabase, match="claim_refuses_update, claim_refuses_delete, claim_refuses_replace"):
        database.check()
    with database.locked() as session, Operations.context(MigrationContext.configure(session.connection())):
        guard("claim", ["claim_id"])
    database.check()
    assert stored(database, "claim") == [a_row("claim")]
    assert "no column named rowid" in refusal(database, "INSERT OR REPLACE INTO claim (rowid, claim_id) VALUES (1, 'b')")


def test_a_database_of_a_later_version_is_left_alone(database: Database) -> None:
    run(database, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UnguardedDatabase, match="its schema is 9999, this version works with 0001"):
        database.prepare()


def test_looking_for_a_database_creates_nothing(database_url: str, tmp_path: Path) -> None:
    database = Database(database_url)
    assert not database.exists()
    with pytest.raises(UnguardedDatabase, match="its schema is not there"):
        database.check()
    assert list(tmp_path.iterdir()) == []
    database.prepare()
    assert database.exists()


def test_preparing_twice_changes_nothing(database: Database) -> None:
    with database.locked() as session:
        session.execute(table("programme").insert(), a_row("programme"))
    database.prepare()
    assert stored(database, "programme") == [a_row("programme")]


def test_a_database_is_prepared_from_any_folder(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    database = Database(database_url.replace("settlement.db", "a/b/settlement.db"))
    database.prepare()
    assert database.exists()


@pytest.mark.slow
def test_processes_that_start_at_once_prepare_one_database(database_url: str) -> None:
    words = f"from tasks.database import Database; Database({database_url!r}).prepare()"
    processes = [subprocess.Popen([sys.executable, "-c", words], stderr=subprocess.PIPE) for _ in range(4)]
    assert [process.communicate()[1].decode() for process in processes] == ["", "", "", ""]
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    Database(database_url).check()


@pytest.mark.slow
def test_alembic_migrates_the_database_the_settings_name(database_url: str) -> None:
    alembic = [sys.executable, "-m", "alembic", "upgrade", "head"]
    subprocess.run(alembic, cwd=ROOT, env={**os.environ, "SETTLE_DATABASE_URL": database_url}, check=True)
    Database(database_url).check()


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
    with lease(database, "uis", 60) as epoch:
        with pytest.raises(ZeroDivisionError), database.writing(epoch, NOW) as transaction:
            transaction.add(approval("2026-01"))
            transaction.record("month.approved", period="2026-01", subject="uis", about="d")
            transaction.session.add(approval("2026-02"))
            transaction.flush()
            if trick == "a commit of the session":
                transaction.session.commit()
            1 / 0  # noqa: B018
        assert stored(database, "approval") == stored(database, "audit") == []


def test_rows_given_to_the_session_itself_are_stored_too(database: Database) -> None:
    with lease(database, "uis", 60) as epoch, database.writing(epoch, NOW) as transaction:
        transaction.session.add(approval("2026-01"))
    assert len(stored(database, "approval")) == 1


def test_a_transaction_sees_what_it_added(database: Database) -> None:
    with lease(database, "uis", 60) as epoch, database.writing(epoch, NOW) as transaction:
        transaction.add(approval("2026-01"))
        assert transaction.session.get_one(ApprovalRow, "2026-01").approved_by == "system"


def test_many_rows_and_entries_are_stored_in_one_transaction(database: Database) -> None:
    clients = [f"client-{number}" for number in range(10_001)]
    with lease(database, "uis", 60) as epoch, database.writing(epoch, NOW) as transaction:
        transaction.add(
            ProgrammeRow(digest="p", name="uis", text="..."),
            *(AttributionRow(client_id=c, partner_id="ana", claim_id=c, claimed_on=NOW, period="2026-01") for c in clients),
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
            transaction.add(StatementRow(period="2026-01", partner_id="ana", version=1))
        assert stored(database, "statement") == []


def test_nobody_writes_without_the_lease(database: Database) -> None:
    with pytest.raises(LeaseLost, match="no longer holds the programme: its epoch 1 is over"):
        with database.writing(Epoch("uis", 1, "nobody"), NOW):
            pass
    with lease(database, "uis", 60) as epoch:
        pass
    with pytest.raises(LeaseLost), database.writing(epoch, NOW) as transaction:
        transaction.add(approval("2026-01"))
    assert stored(database, "approval") == []


def test_a_lock_is_waited_for_a_bounded_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = {
        "sqlite": ("PRAGMA query_only = OFF", "PRAGMA busy_timeout = 100", "BEGIN IMMEDIATE"),
        "postgresql": ("SET LOCAL lock_timeout = '100ms'",),
    }
    dialect = database.engine.dialect.name
    with lease(database, "uis", 60) as epoch, database.writing(epoch, NOW) as transaction:
        transaction.add(approval("2026-01"))
        monkeypatch.setitem(sys.modules["tasks.engine"].BEGINNINGS, (dialect, "writing"), impatient[dialect])
        with pytest.raises(DatabaseUnavailable, match="another process kept it locked"):
            with database.writing(epoch, NOW):
                pass
        monkeypatch.undo()
    assert len(stored(database, "approval")) == 1


def test_foreign_keys_and_the_write_ahead_log_are_on_in_sqlite(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'facts.db'}")
    database.prepare()
    with database.reading() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
