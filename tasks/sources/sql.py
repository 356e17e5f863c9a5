"""Billing from a database: the vendor's own query, with the window bound to it, read as a stream.

It only reads, whatever the query says: SQLite opens the file read-only and refuses each action but a select,
PostgreSQL is asked in a read-only transaction.
"""

import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from urllib.parse import quote

import polars as pl
from sqlalchemy import (
    URL,
    Connection,
    CursorResult,
    Date,
    Engine,
    NullPool,
    TextClause,
    bindparam,
    create_engine,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from models.errors import BadInput
from models.vendor import Tally
from tasks.settings import Settings
from tasks.sources import SourceUnreachable
from tasks.sources.columns import ColumnNames, Columns, not_kept
from tasks.sources.lookups import read_lookups
from tasks.sources.plain_files import must_be_plain, must_stay_in, named_in
from tasks.sources.received import Reading
from tasks.sources.typed import texts

ROWS_AT_ONCE = 20_000
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
LOOKING = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_TRANSACTION,
    }
)
"""What a query may do in SQLite. VACUUM INTO and ATTACH would write a file of their own beside the database."""


class SqlBlock(ColumnNames):
    """A block of sources.yaml that names a database and a query."""

    sql: str
    query: str

    def open(self, folder: Path) -> "SqlSource":
        """The source this block describes; the query is read from `folder` now, the database is not asked yet."""
        return SqlSource(folder, self, _statement(folder, self.query))


@dataclass(frozen=True)
class SqlSource:
    """Billing lines that a query gives for a window of days."""

    folder: Path
    block: SqlBlock
    statement: TextClause
    warnings: list[str] = field(default_factory=list)
    skipped: list[Tally] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.block.query

    @property
    def keep(self) -> tuple[str, ...]:
        return self.block.keep

    def check(self) -> str:
        """Ask for a day long past: the database answers, and the query gives our columns."""
        long_past = date(1970, 1, 1)
        with self._connected() as connection:
            columns = self._columns(self._execute(connection, long_past, long_past))
        return f"{_shown(self.block.sql)} answers with {len(columns.theirs)} of our columns"

    def read(self, since: date, until: date) -> Iterator[pl.DataFrame]:
        """Yield what the query gives for the window; a server-side cursor keeps memory at one frame."""
        self.warnings.clear()
        self.skipped.clear()
        with self._connected() as connection:
            result = self._execute(connection, since, until)
            reading = Reading(
                self.name, self.block, self._columns(result), read_lookups(self.folder, self.block.lookup)
            )
            position = {name: index for index, name in enumerate(result.keys())}
            first = 1
            for rows in result.partitions(ROWS_AT_ONCE):
                values = list(zip(*rows, strict=True))

                def column(name: str, theirs: str, of: list[tuple[object, ...]] = values) -> Sequence[str | None]:
                    return texts(self.name, name, of[position[theirs]], self.block.timezone)

                yield reading.lines(column, range(first, first + len(rows)))
                first += len(rows)
        self.skipped.extend(reading.skipped.tallies)
        self.warnings.extend(reading.warnings)
        self.warnings.extend(not_kept(self.name, reading.columns.unknown, reading.columns.absent))

    def _execute(self, connection: Connection, since: date, until: date) -> "CursorResult[tuple[object, ...]]":
        return connection.execute(self.statement, {"since": since, "until": until})

    def _columns(self, result: "CursorResult[tuple[object, ...]]") -> Columns:
        return self.block.match(self.name, list(result.keys()))

    def _url(self) -> URL:
        """Return the URL with variables filled in. Errors show it as it is written: it may hold a password."""
        try:
            url = make_url(_filled_in(self.block.sql))
        except (ArgumentError, ValueError):
            raise BadInput(
                "sources.yaml: `sql:` is no database URL: write for example "
                "postgresql://reader:${BILLING_PASSWORD}@host/billing or sqlite:///billing.db."
            ) from None
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        return url

    def _engine(self, url: URL) -> Engine:
        """Return the engine of the vendor's database. Raises SourceUnreachable where SQLite would make a new one."""
        if url.get_backend_name() == "sqlite":
            path = (self.folder / (url.database or "")).absolute()
            if not path.is_file():
                raise SourceUnreachable(f"{self.name}: {_shown(self.block.sql)}: there is no such SQLite database.")
            database = url.database or ""
            must_stay_in(path, f"{self.name}: {database}", named_in(self.folder, database))
            return create_engine(url.set(database=None), poolclass=NullPool, creator=partial(_read_only, path))
        timeout = {"connect_timeout": 10} if "psycopg" in url.drivername else {}
        return create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=timeout)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """Give a connection that reads only, where the database knows such a thing."""
        url = self._url()
        options = {"stream_results": True, "max_row_buffer": ROWS_AT_ONCE, "postgresql_readonly": True}
        try:
            with self._engine(url).connect() as connection:
                yield connection.execution_options(**options)
        except (SQLAlchemyError, ImportError) as error:
            reason = str(error.orig if isinstance(error, DBAPIError) else error).strip()
            raise SourceUnreachable(
                f"{self.name}: {_shown(self.block.sql)} does not give the billing: "
                f"{_without_secrets(reason, url, self.block.sql)}"
            ) from None


def _read_only(path: Path) -> sqlite3.Connection:
    """Open a SQLite file so that nothing can be written by this connection, neither in it nor beside it."""
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    connection.execute("pragma query_only = on")

    def judge(action: int, of: str | None, value: str | None, *_: str | None) -> int:
        # SQLAlchemy asks for the isolation level as it connects.
        asked = action == sqlite3.SQLITE_PRAGMA and of == "read_uncommitted" and value is None
        return sqlite3.SQLITE_OK if action in LOOKING or asked else sqlite3.SQLITE_DENY

    connection.set_authorizer(judge)
    return connection


def _filled_in(written: str) -> str:
    """Replace each ${NAME} by that environment variable: a whole URL as it is, a part of one percent-encoded.

    Raises BadInput for a variable that SETTLE_SOURCE_VARIABLES does not list: who writes sources.yaml must not be able
    to send any secret of this process to a host of their own.
    """
    listed = Settings().source_variables.replace(",", " ").split()

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in listed:
            raise BadInput(
                f"sources.yaml: `sql:` names ${{{name}}}, which is not among the variables a source may read. "
                f"If it may, set SETTLE_SOURCE_VARIABLES={','.join([*listed, name])} where settle runs."
            )
        if name not in os.environ:
            raise BadInput(f"sources.yaml: `sql:` names ${{{name}}}, and no such environment variable is set.")
        return os.environ[name] if match[0] == written else quote(os.environ[name], safe="")

    return VARIABLE.sub(value, written)


def _shown(written: str) -> str:
    """Return a URL as sources.yaml has it, for messages: variables by their names, a written password hidden."""
    return re.sub(r"(://[^:/@]*):(?!\$\{)[^@]*@", r"\1:***@", written)


def _without_secrets(reason: str, url: URL, written: str) -> str:
    """Return what a driver complains of, with the variables of the URL by their names and its password hidden."""
    for name in VARIABLE.findall(written):
        value = os.environ.get(name, "")
        for form in filter(None, (value, quote(value, safe=""))):
            reason = reason.replace(form, f"${{{name}}}")
    secrets = [str(url.password)] if url.password else []
    if VARIABLE.fullmatch(written):
        secrets += [part for part in (url.host, url.username, url.database) if part]
    for secret in secrets:
        reason = reason.replace(secret, "***")
    return reason


def _statement(folder: Path, name: str) -> TextClause:
    """Read the query. Raises BadInput unless it asks for the window, and for nothing else."""
    must_be_plain(folder / name, f"sources.yaml: the query {name}", named_in(folder, name))
    try:
        query = text((folder / name).read_text(encoding="utf-8-sig").rstrip().rstrip(";"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"sources.yaml: the query {name} cannot be read as UTF-8 text beside it: {error}.") from None
    asked = set(query.compile().params)
    if missing := sorted({"since", "until"} - asked):
        raise BadInput(
            f"{name} must mention {' and '.join(f':{each}' for each in missing)}: write "
            f"`where posted_on between :since and :until` (both days included), so that a month reads its own lines."
        )
    if others := sorted(asked - {"since", "until"}):
        raise BadInput(f"{name} mentions :{others[0]}, and only :since and :until are given. A colon in text is \\:.")
    return query.bindparams(bindparam("since", type_=Date), bindparam("until", type_=Date))
