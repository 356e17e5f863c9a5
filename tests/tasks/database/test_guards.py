"""A stored fact is never changed, and a database that would let it be changed is not used."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.exc import DBAPIError, IntegrityError

from migrations.triggers import guard, guards
from models.errors import UnguardedDatabase
from tasks.database.database import Database
from tests.made.tables import INSERT_ONLY, a_row, cells, run, stored, table, unique_keys


def refusal(database: Database, statement: str) -> str:
    with pytest.raises(DBAPIError) as refused:
        run(database, statement)
    return str(refused.value.orig)


def on_table(database: Database, name: str) -> str:
    """How a trigger's name begins: on PostgreSQL each table has its own."""
    return f"{name}." if database.engine.dialect.name == "postgresql" else ""


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


def test_every_table_of_facts_has_all_its_guards_and_each_one_missed_is_named(database: Database) -> None:
    dialect = database.engine.dialect.name
    expected = [(name, trigger) for name in INSERT_ONLY for trigger in guards(dialect, name, unique_keys(table(name)))]
    assert len(expected) == len(INSERT_ONLY) * {"sqlite": 3, "postgresql": 1}[dialect]
    for name, trigger in expected:
        run(database, f"DROP TRIGGER {trigger.name}" + (f" ON {name}" if dialect == "postgresql" else ""))
        with pytest.raises(
            UnguardedDatabase, match=f"(1).*: trigger {on_table(database, name)}{trigger.name} is missing"
        ):
            database.check()
        run(database, *trigger.statements)
        database.check()


def test_a_guard_that_lets_things_pass_is_noticed(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        harmless = "CREATE TRIGGER seal_refuses_delete BEFORE DELETE ON seal WHEN false BEGIN SELECT 1; END"
        run(database, "DROP TRIGGER seal_refuses_delete", harmless)
        named = "trigger seal_refuses_delete was altered"
    else:
        run(
            database,
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        )
        named = "; ".join(f"trigger {name}.{name}_refuses_change was altered" for name in sorted(INSERT_ONLY))
    with pytest.raises(UnguardedDatabase, match=f": {named}\\."):
        database.check()


@pytest.mark.slow
@pytest.mark.parametrize("state", ["DISABLE TRIGGER", "ENABLE REPLICA TRIGGER", "ENABLE TRIGGER"])
def test_a_guard_switched_off_on_postgresql_is_noticed(postgres_url: str, state: str) -> None:
    database = Database(postgres_url)
    database.prepare()
    run(database, f"ALTER TABLE claim {state} claim_refuses_change")
    with pytest.raises(UnguardedDatabase, match=r": trigger claim\.claim_refuses_change was altered\."):
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
        migration = MigrationContext.configure(session.connection())
        with Operations.context(migration) as op, op.batch_alter_table("claim", recreate="always"):
            pass
    missing = [f"trigger claim_refuses_{what} is missing" for what in ("delete", "replace", "update")]
    with pytest.raises(UnguardedDatabase, match="; ".join(missing)):
        database.check()
    with database.locked() as session, Operations.context(MigrationContext.configure(session.connection())):
        guard("claim", ["claim_id"])
    database.check()
    assert stored(database, "claim") == [a_row("claim")]
    assert "no column named rowid" in refusal(
        database, "INSERT OR REPLACE INTO claim (rowid, claim_id) VALUES (1, 'b')"
    )
