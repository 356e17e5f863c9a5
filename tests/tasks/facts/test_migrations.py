"""The schema is made by migrations, by one process at a time, and is the one the models describe."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlmodel import SQLModel

from migrations import triggers
from migrations.triggers import Guard, Keys, guards
from models.errors import UnguardedDatabase
from tasks.facts.database import Database
from tests.tables import a_row, run, stored, table

ROOT = Path(__file__).parents[3]


def test_the_migrated_schema_is_the_one_the_models_describe(database: Database) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_columns_stand_in_the_order_of_the_models(database: Database) -> None:
    for name, described in SQLModel.metadata.tables.items():
        assert [column["name"] for column in inspect(database.engine).get_columns(name)] == described.columns.keys()


def test_a_database_of_a_later_version_is_left_alone(database: Database) -> None:
    run(database, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UnguardedDatabase, match="its schema is 9999, this version works with 0002"):
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
    words = f"from tasks.facts.database import Database; Database({database_url!r}).prepare()"
    processes = [subprocess.Popen([sys.executable, "-c", words], stderr=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate()[1].decode() for process in processes] == ["", ""]
    assert [process.returncode for process in processes] == [0, 0]
    Database(database_url).check()


@pytest.mark.slow
def test_alembic_migrates_the_database_the_settings_name(database_url: str) -> None:
    alembic = [sys.executable, "-m", "alembic", "upgrade", "head"]
    subprocess.run(alembic, cwd=ROOT, env={**os.environ, "SETTLE_DATABASE_URL": database_url}, check=True)
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
