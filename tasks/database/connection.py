"""The door to the database: how a connection is made, and how each transaction begins.

Reading sees one moment and cannot write. Writing takes its lock first, waits a bounded time for
it, and on SQLite this is what makes writers queue instead of failing half way.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError

from models.errors import SettlementError, WrongUse

LOCK_SECONDS = 30
FORBIDDEN = "42501"  # what PostgreSQL calls insufficient privilege
CACHE_KIB = 64 * 1024
"""Memory in which SQLite keeps pages of the file. A month that brings 200 000 clients changes 90 MB, in no order:
with the 2 MB it takes by itself, a page is written and fetched again and again."""

DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
BEGINNINGS = {
    ("sqlite", "reading"): ("PRAGMA query_only = ON", "BEGIN"),
    ("sqlite", "writing"): ("PRAGMA query_only = OFF", "BEGIN IMMEDIATE"),
    ("postgresql", "reading"): ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",),
    # A writer that was stopped in the middle must not keep the lock for ever.
    ("postgresql", "writing"): (
        f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'",
        "SET LOCAL idle_in_transaction_session_timeout = '5min'",
    ),
}


class DatabaseUnavailable(SettlementError):
    """The database cannot be reached."""


class DatabaseLocked(DatabaseUnavailable):
    """Another process has been writing for longer than we wait."""

    passes = True


class DatabaseGone(DatabaseUnavailable):
    """The database's server does not answer, or ended the connection: it may be starting again."""

    passes = True


def address(url: str) -> URL:
    """Return the database's address, with the driver we use. SQLite's path is made absolute."""
    try:
        parsed = make_url(url)
        parsed = parsed.set(drivername=DRIVERS[parsed.get_backend_name()])
    except (ArgumentError, KeyError) as reason:
        raise WrongUse(
            "SETTLE_DATABASE_URL is no address of SQLite or PostgreSQL. Write "
            "sqlite:////folder/settlement.db or postgresql://user:password@host/database."
        ) from reason
    if parsed.get_backend_name() != "sqlite":
        return parsed
    if parsed.database in (None, "", ":memory:"):
        raise WrongUse(
            "SETTLE_DATABASE_URL names no file: facts must outlive the run. Write sqlite:////folder/file.db."
        )
    return URL.create(parsed.drivername, database=str(Path(str(parsed.database)).absolute()))


def open_engine(url: URL) -> Engine:
    """Return an engine whose transactions read, unless its execution options say `mode="writing"`."""
    if url.get_backend_name() == "sqlite":
        file = Path(str(url.database))
        engine = create_engine(url, creator=lambda: _open_file(file), hide_parameters=True)
    else:
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)

        event.listen(engine, "connect", _look_first_where_postgresql_does)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("mode", "reading")
        for statement in BEGINNINGS[engine.dialect.name, mode]:
            connection.exec_driver_sql(statement)

    @event.listens_for(engine, "handle_error")
    def explain(failure: ExceptionContext) -> None:
        cause = failure.original_exception
        if isinstance(cause, Exception) and not failure.is_pre_ping:  # Ctrl-C is nothing the database did
            _explain(url, cause, gone=failure.connection is None or failure.is_disconnect)

    return engine


def _look_first_where_postgresql_does(connection: Any, _: object) -> None:
    """Let nothing be taken for a function or table that is of another's making, whatever the role's search_path says.

    A schema that is named before pg_catalog, or a temporary table, would be asked first.
    """
    with connection.cursor() as cursor:
        (path,) = cursor.execute("SHOW search_path").fetchone()
        schemas = [each for each in path.split(", ") if each.strip('"') not in ("pg_catalog", "pg_temp", "")]
        cursor.execute(f"SET search_path = {', '.join([*schemas, 'pg_temp'])}")
    connection.commit()


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows, each the values of the table's columns in their order, in the transaction the connection is in.

    SQLite prepares one statement for all of them; PostgreSQL takes them as one COPY.
    """
    quote = connection.dialect.identifier_preparer
    into = f"{quote.format_table(table)} ({', '.join(quote.format_column(column) for column in table.columns)})"
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" for _ in table.columns)
        connection.exec_driver_sql(f"INSERT INTO {into} VALUES ({marks})", list(rows))  # noqa: S608  (our own names)
        return
    import psycopg  # here, because SQLite needs none of it

    copying = f"COPY {into} FROM STDIN"
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    try:
        with driver.cursor() as cursor, cursor.copy(copying) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as cause:  # SQLAlchemy sees nothing of what is said to its driver
        _explain(connection.engine.url, cause, gone=driver.closed)
        raise DBAPIError.instance(copying, None, cause, psycopg.Error, hide_parameters=True) from cause


def _explain(url: URL, cause: Exception, *, gone: bool) -> None:
    """Raise what a person can act on, if it is a matter of another process or of the way to the database."""
    if _says_locked(cause):
        raise DatabaseLocked(
            f"{url!r}: another process kept it locked for {LOCK_SECONDS} s. "
            "Nothing was written; wait until that process has ended, then run again."
        )
    if getattr(cause, "sqlstate", "") == FORBIDDEN:
        raise DatabaseUnavailable(
            f"{url!r}: its role may not do that ({str(cause).strip()}). The role that owns the tables makes them and "
            "brings them up to date; the one that settles needs the rights that docs/settings.md names."
        )
    if gone:
        kind = DatabaseUnavailable if url.get_backend_name() == "sqlite" else DatabaseGone
        raise kind(f"{url!r}: the database cannot be reached ({cause}). Check SETTLE_DATABASE_URL.")
    if _says_unable(cause):
        raise DatabaseUnavailable(
            f"{url!r}: the database could not do it ({str(cause).strip()}). Nothing of it was stored. Check the space "
            "that is left on its disk, and the disk; then run again."
        )


def _open_file(file: Path) -> sqlite3.Connection:
    # mode=rw: looking at a database never creates one. No isolation level: `begin` above says BEGIN itself.
    connection = sqlite3.connect(
        f"{file.as_uri()}?mode=rw", uri=True, timeout=LOCK_SECONDS, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")  # negative: in KiB, not in pages
    return connection


def _says_locked(cause: Exception) -> bool:
    sqlite, postgresql = getattr(cause, "sqlite_errorname", None) or "", getattr(cause, "sqlstate", "")
    return sqlite.startswith("SQLITE_BUSY") or postgresql == "55P03"


def _says_unable(cause: Exception) -> bool:
    """Whether it is the disk, or another resource of the machine: no space, a limit, an error of input or output."""
    sqlite, postgresql = getattr(cause, "sqlite_errorname", None) or "", getattr(cause, "sqlstate", None) or ""
    return sqlite.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CORRUPT")) or postgresql.startswith(("53", "58"))
