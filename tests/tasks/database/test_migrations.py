"""The schema is made by migrations, by one process at a time, and is the one the models describe."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Column, MetaData, Table, inspect
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from migrations import triggers
from migrations.triggers import Guard, Keys, guards
from models.errors import UnguardedDatabase
from tasks.database.database import ALEMBIC, Database
from tests.made.tables import INSERT_ONLY, a_row, run, stored, table

ROOT = Path(__file__).parents[3]


def test_the_migrated_schema_is_the_one_the_models_describe(database: Database) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_columns_stand_in_the_order_of_the_models(database: Database) -> None:
    for name, described in SQLModel.metadata.tables.items():
        assert [column["name"] for column in inspect(database.engine).get_columns(name)] == described.columns.keys()


def test_a_database_of_a_later_version_is_left_alone(database: Database) -> None:
    run(database, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UnguardedDatabase, match="its schema is 9999, this version works with 0006"):
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
    words = f"from tasks.database.database import Database; Database({database_url!r}).prepare()"
    processes = [subprocess.Popen([sys.executable, "-c", words], stderr=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate()[1].decode() for process in processes] == ["", ""]
    assert [process.returncode for process in processes] == [0, 0]
    Database(database_url).check()


@pytest.mark.slow
def test_alembic_migrates_the_database_it_is_given(database_url: str) -> None:
    alembic = [sys.executable, "-m", "alembic", "-x", f"url={database_url}", "upgrade", "head"]
    subprocess.run(alembic, cwd=ROOT, check=True)
    Database(database_url).check()


def test_a_migration_that_fails_half_way_leaves_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails_at_the_seal(dialect: str, name: str, keys: Keys) -> list[Guard]:
        if name == "seal":
            raise ZeroDivisionError
        return guards(dialect, name, keys)

    database = Database(database_url)
    monkeypatch.setattr(triggers, "guards", fails_at_the_seal)
    with pytest.raises(ZeroDivisionError):
        database.prepare()
    monkeypatch.undo()
    assert inspect(database.engine).get_table_names() == []
    assert not database.exists()
    database.prepare()


BEFORE: dict[str, dict[str, Any]] = {
    "consent": {"draft_digest": "d1", "period": "2026-01", "given_by": "anna", "given_at": "t"},
    "approval": {
        "period": "2026-01",
        "draft_digest": "d1",
        "programme_digest": "p",
        "approved_by": "anna",
        "approved_at": "t",
        "control": '{"ж": "%s :name"}',
    },
    "accrual": {
        "period": "2026-01",
        "partner_id": "ana",
        "rule": "software",
        "currency": "RUB",
        "lines": 3,
        "base_minor": 2**62,
        "rate": "50",
        "commission_minor": -(2**62),
        "paid_to": "fund",
    },
    "posting": {
        "period": "2026-01",
        "entry": 1,
        "leg": 2,
        "partner_id": "ana",
        "account": "liabilities:accrued",
        "amount_minor": -5,
        "currency": "RUB",
        "statement": "ana/2026-01/v1",
    },
    "stored": {
        "key": "uis/2026-01/v1/statements/ana/statement.json",
        "period": "2026-01",
        "partner_id": "ana",
        "sha256": "s",
        "size": 2**40,
    },
}
"""Rows as the second schema kept them, where the third has another key."""

LATER = {"correction", "hold", "signature"}
"""Tables that the second schema did not have."""

COLUMNS_LATER = {"statement": {"held_minor": 0}}
"""Columns that a table of it did not have, and what they say of its rows."""


def at_revision(database: Database, revision: str) -> None:
    """Create a database as an earlier version of this program left it."""
    with database.migrating() as connection:
        command.upgrade(Config(ALEMBIC, attributes={"connection": connection}), revision)


@pytest.fixture
def left_by_0002(database_url: str) -> Database:
    """A database of the second schema with a row, or three, in every table."""
    database = Database(database_url)
    at_revision(database, "0002")
    with database.locked() as session:
        for name, row in BEFORE.items():
            for copy in range(3):
                several = {column: f"{value}-{copy}" for column, value in row.items() if column in ("rule", "key")}
                several |= {column: row[column] + copy for column in ("entry",) if column in row}
                several |= {"draft_digest": f"d{copy}", "period": f"2026-0{copy + 1}"} if name == "approval" else {}
                several |= {"draft_digest": f"d{copy}"} if name == "consent" else {}
                old = Table(name, MetaData(), *(Column(column) for column in row))
                session.execute(old.insert(), {**row, **several})
        for name in set(INSERT_ONLY) - BEFORE.keys() - LATER:
            row = {column: value for column, value in a_row(name).items() if column not in COLUMNS_LATER.get(name, {})}
            session.execute(Table(name, MetaData(), *(Column(column) for column in row)).insert(), row)
    return database


def test_a_database_of_the_fourth_schema_gets_a_table_of_signatures_that_nobody_can_change(database_url: str) -> None:
    database = Database(database_url)
    at_revision(database, "0004")
    assert "signature" not in inspect(database.engine).get_table_names()
    database.prepare()
    database.check()
    run(database, "INSERT INTO signature VALUES ('d1', 'anna', '2026-01', 't', 'signed')")
    with pytest.raises(DBAPIError, match="insert-only"):
        run(database, "UPDATE signature SET given_by = 'eve'")
    assert [row["given_by"] for row in stored(database, "signature")] == ["anna"]


def test_statements_of_the_fifth_schema_withhold_nothing_and_words_of_payouts_are_never_changed(
    database_url: str,
) -> None:
    database = Database(database_url)
    at_revision(database, "0005")
    run(database, "INSERT INTO statement VALUES ('2026-01', 'ana', 1, '2026-000001', 'RUB', 0, 5, 5, 0, 'd', '')")
    database.prepare()
    database.check()
    assert [row["held_minor"] for row in stored(database, "statement")] == [0]
    run(database, "INSERT INTO hold VALUES ('ana', 1, 'held', 'why', 'anna', '2026-01', 't')")
    with pytest.raises(DBAPIError, match="insert-only"):
        run(database, "UPDATE hold SET word = 'released'")


def test_a_database_of_the_schema_before_keeps_every_row_and_gets_the_first_version(left_by_0002: Database) -> None:
    with pytest.raises(UnguardedDatabase, match="its schema is 0002"):
        left_by_0002.check()
    left_by_0002.prepare()
    left_by_0002.check()  # every guard stands
    for name, row in BEFORE.items():
        found = stored(left_by_0002, name)
        assert len(found) == 3
        added = {"role": "approved"} if name == "consent" else {"version": 1}
        unchanged = row.keys() - {"rule", "key", "entry", "draft_digest", "period"}
        for each in found:
            assert {column: each[column] for column in unchanged} == {column: row[column] for column in unchanged}
            assert added.items() <= each.items()
    for name in set(INSERT_ONLY) - BEFORE.keys() - LATER:
        assert stored(left_by_0002, name) == [a_row(name) | COLUMNS_LATER.get(name, {})]
    assert [stored(left_by_0002, name) for name in LATER] == [[], [], []]
    assert {row["key"] for row in stored(left_by_0002, "stored")} == {
        f"{BEFORE['stored']['key']}-{n}" for n in range(3)
    }
    assert {row["rule"] for row in stored(left_by_0002, "accrual")} == {f"software-{n}" for n in range(3)}
    assert {row["period"] for row in stored(left_by_0002, "approval")} == {"2026-01", "2026-02", "2026-03"}
    assert {row["draft_digest"] for row in stored(left_by_0002, "consent")} == {"d0", "d1", "d2"}
    assert {row["entry"] for row in stored(left_by_0002, "posting")} == {1, 2, 3}


def test_the_rebuilt_tables_are_named_and_described_as_new_ones(left_by_0002: Database, tmp_path: Path) -> None:
    left_by_0002.prepare()
    with left_by_0002.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
    names = inspect(left_by_0002.engine).get_table_names()
    assert [name for name in names if "0003" in name] == []
    for name, described in SQLModel.metadata.tables.items():
        key = inspect(left_by_0002.engine).get_pk_constraint(name)
        assert key["constrained_columns"] == described.primary_key.columns.keys()
        assert "0003" not in (key["name"] or "")
    run(left_by_0002, "INSERT INTO approval VALUES ('2026-01', 2, 'd', 'p', 'bo', 't', '{}')")  # a restated January
    assert len(stored(left_by_0002, "approval")) == 4


def test_a_database_of_the_third_schema_gets_a_table_of_corrections_that_nobody_can_change(database_url: str) -> None:
    database = Database(database_url)
    at_revision(database, "0003")
    assert "correction" not in inspect(database.engine).get_table_names()
    with pytest.raises(UnguardedDatabase, match="its schema is 0003"):
        database.check()
    database.prepare()
    database.check()
    run(database, "INSERT INTO correction VALUES ('2026-02', 1, 'ana', 'clawback', 'software', 'partner', 'RUB', -5)")
    with pytest.raises(DBAPIError, match="insert-only"):
        run(database, "UPDATE correction SET commission_minor = 0")
    assert [row["commission_minor"] for row in stored(database, "correction")] == [-5]


def plainly(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """The rows of the tables in question, whatever their columns are."""
    with database.engine.connect() as connection:
        return {name: [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name}")] for name in BEFORE}


def test_a_migration_that_fails_on_its_way_leaves_the_database_as_it_was(
    left_by_0002: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = plainly(left_by_0002)

    def fails_at_stored(dialect: str, name: str, keys: Keys) -> list[Guard]:
        if name == "stored":
            raise ZeroDivisionError
        return guards(dialect, name, keys)

    with monkeypatch.context() as changed:
        changed.setattr(triggers, "guards", fails_at_stored)
        with pytest.raises(ZeroDivisionError):
            left_by_0002.prepare()
    assert plainly(left_by_0002) == before
    left_by_0002.prepare()
