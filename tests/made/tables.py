"""Rows for any table, made up, and a look at what a table holds: for tests that go through all of them."""

from collections.abc import Mapping

import pytest
from sqlalchemy import Integer, Table, UniqueConstraint, select
from sqlmodel import SQLModel

from migrations.triggers import Keys
from models.rows import LeaseRow
from tasks.database import connection as engine
from tasks.database.database import Database

INSERT_ONLY = tuple(table.name for table in SQLModel.metadata.sorted_tables if table.name != LeaseRow.__tablename__)


def table(name: str) -> Table:
    return SQLModel.metadata.tables[name]


def run(database: Database, *statements: str) -> None:
    with database.locked() as session:
        for statement in statements:
            session.connection().exec_driver_sql(statement)


def a_row(name: str) -> dict[str, object]:
    """A row with `a` in every column of text and 1 in every number."""
    return {column.name: 1 if isinstance(column.type, Integer) else "a" for column in table(name).columns}


def cells(row: Mapping[str, object]) -> str:
    values = ", ".join(f"'{value}'" for value in row.values())
    return f"({', '.join(row)}) VALUES ({values})"


def stored(database: Database, name: str) -> list[dict[str, object]]:
    with database.reading() as session:
        return [dict(row) for row in session.execute(select(table(name))).mappings()]


def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait 0.1 s for a lock instead of 30."""
    sqlite = ("PRAGMA query_only = OFF", "PRAGMA busy_timeout = 100", "BEGIN IMMEDIATE")
    monkeypatch.setitem(engine.BEGINNINGS, ("sqlite", "writing"), sqlite)
    monkeypatch.setitem(engine.BEGINNINGS, ("postgresql", "writing"), ("SET LOCAL lock_timeout = '100ms'",))


def unique_keys(table: Table) -> Keys:
    """Return every set of columns that no two rows of the table may share, the primary key first."""
    others = [unique.columns for unique in table.constraints if isinstance(unique, UniqueConstraint)]
    others += [index.columns for index in table.indexes if index.unique]
    return [table.primary_key.columns.keys(), *sorted(columns.keys() for columns in others)]
