"""The guards: triggers that make a table insert-only, so that a fact, once stored, is never changed.

A migration that creates a table of facts, or rebuilds one (`batch_alter_table` on SQLite drops its
triggers without a word), calls `guard`. A change of these words needs a migration that calls it for every table.
"""

from collections.abc import Sequence
from typing import NamedTuple

from alembic import op

Keys = Sequence[Sequence[str]]

REFUSAL = " is insert-only: facts are never changed. Record a correction as a new fact."
FUNCTION = f"\nBEGIN\n  RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || '{REFUSAL}';\nEND\n"


class Guard(NamedTuple):
    """One trigger: its name, and the statements that set it up."""

    name: str
    statements: tuple[str, ...]


def guard(table: str, *keys: Sequence[str]) -> None:
    """Make `table` insert-only, in the migration that runs. `keys`: its primary key, then its other unique keys."""
    for trigger in guards(op.get_context().dialect.name, table, keys):
        for statement in trigger.statements:
            op.execute(statement)


def guards(dialect: str, table: str, keys: Keys) -> list[Guard]:
    """Return the triggers that make `table` insert-only on this kind of database."""
    return {"sqlite": _sqlite, "postgresql": _postgresql}[dialect](table, keys)


def _sqlite(table: str, keys: Keys) -> list[Guard]:
    # REPLACE deletes the row it meets without firing delete triggers, so what would meet a row is not let in.
    met = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(f'{column} = NEW.{column}' for column in key)})"  # noqa: S608  (our own names)
        for key in keys
    )
    return [
        _sqlite_guard(f"{table}_refuses_update", f"BEFORE UPDATE ON {table}", table),
        _sqlite_guard(f"{table}_refuses_delete", f"BEFORE DELETE ON {table}", table),
        _sqlite_guard(f"{table}_refuses_replace", f"BEFORE INSERT ON {table} WHEN {met}", table),
    ]


def _sqlite_guard(name: str, moment: str, table: str) -> Guard:
    create = f"CREATE TRIGGER {name} {moment} BEGIN SELECT RAISE(ABORT, '{table}{REFUSAL}'); END"
    return Guard(name, (f"DROP TRIGGER IF EXISTS {name}", create))


def _postgresql(table: str, keys: Keys) -> list[Guard]:
    # An upsert fires the update trigger; a plain second insert meets the key itself. Nothing here costs an insert.
    name = f"{table}_refuses_change"
    return [
        Guard(
            name,
            (
                f"CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $${FUNCTION}$$",
                f"DROP TRIGGER IF EXISTS {name} ON {table}",
                f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
                # ALWAYS: also in a session that calls itself a replica.
                f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
            ),
        )
    ]
