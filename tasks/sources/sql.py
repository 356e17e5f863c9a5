"""Billing from a database: the vendor's own query, with the window bound to it, read as a stream."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import quote

import polars as pl
from sqlalchemy import (
    URL,
    Connection,
    CursorResult,
    Date,
    NullPool,
    TextClause,
    bindparam,
    create_engine,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from models.errors import BadInput
from tasks.sources import SourceUnreachable
from tasks.sources.columns import ColumnNames, Columns, as_received, not_kept
from tasks.sources.typed import texts

ROWS_AT_ONCE = 20_000
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class SqlBlock(ColumnNames):
    """A block of sources.yaml that names a database and a query."""

    sql: str
    query: str

    def open(self, folder: Path) -> "SqlSource":
        """The source this block describes; the query is read from `folder` now, the database is not asked yet."""
        return SqlSource(folder, self, _statement(folder / self.query, self.query))


@dataclass(frozen=True)
class SqlSource:
    """Billing lines that a query gives for a window of days."""

    folder: Path
    block: SqlBlock
    statement: TextClause
    warnings: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.block.query

    @property
    def keep(self) -> tuple[str, ...]:
        return self.block.keep

    def check(self) -> str:
        """Ask for a day long past: the database answers, and the query gives our columns."""
        url = self._url()
        long_past = date(1970, 1, 1)
        with self._connected(url) as connection:
            columns = self._columns(self._execute(connection, long_past, long_past))
        return f"{url.render_as_string()} answers with {len(columns.theirs)} of our columns"

    def read(self, since: date, until: date) -> Iterator[pl.DataFrame]:
        """Yield what the query gives for the window; a server-side cursor keeps memory at one frame."""
        self.warnings.clear()
        with self._connected(self._url()) as connection:
            result = self._execute(connection, since, until)
            columns = self._columns(result)
            position = {name: index for index, name in enumerate(result.keys())}
            first = 1
            for rows in result.partitions(ROWS_AT_ONCE):
                values = list(zip(*rows, strict=True))
                ours = {
                    name: texts(self.name, name, values[position[theirs]]) for name, theirs in columns.theirs.items()
                }
                yield as_received(ours, self.keep, self.name, range(first, first + len(rows)))
                first += len(rows)
        self.warnings.extend(not_kept(self.name, columns.unknown, columns.absent))

    def _execute(self, connection: Connection, since: date, until: date) -> "CursorResult[tuple[object, ...]]":
        return connection.execute(self.statement, {"since": since, "until": until})

    def _columns(self, result: "CursorResult[tuple[object, ...]]") -> Columns:
        return self.block.match(self.name, list(result.keys()))

    def _url(self) -> URL:
        """Return the URL with variables filled in. Errors never show it: it may hold a password."""
        try:
            url = make_url(_filled_in(self.block.sql))
        except (ArgumentError, ValueError):
            raise BadInput(
                "sources.yaml: `sql:` is no database URL: write for example "
                "postgresql://reader:${BILLING_PASSWORD}@host/billing or sqlite:///billing.db."
            ) from None
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        if url.get_backend_name() == "sqlite":
            path = self.folder / (url.database or "")
            # SQLite would make a new, empty database there.
            if not path.is_file():
                raise SourceUnreachable(f"{self.name}: there is no SQLite database {path}.")
            url = url.set(database=str(path.absolute()))
        return url

    @contextmanager
    def _connected(self, url: URL) -> Iterator[Connection]:
        """Give a connection that reads only, where the database knows such a thing."""
        options = {"stream_results": True, "max_row_buffer": ROWS_AT_ONCE, "postgresql_readonly": True}
        timeout = {"connect_timeout": 10} if "psycopg" in url.drivername else {}
        try:
            engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=timeout)
            with engine.connect() as connection:
                yield connection.execution_options(**options)
        except (SQLAlchemyError, ImportError) as error:
            reason = str(error.orig if isinstance(error, DBAPIError) else error).strip()
            if url.password:
                reason = reason.replace(str(url.password), "***")
            raise SourceUnreachable(
                f"{self.name}: {url.render_as_string()} does not give the billing: {reason}"
            ) from None


def _filled_in(written: str) -> str:
    """Replace each ${NAME} by that environment variable: a whole URL as it is, a part of one percent-encoded."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in os.environ:
            raise BadInput(f"sources.yaml: `sql:` names ${{{name}}}, and no such environment variable is set.")
        return os.environ[name] if match[0] == written else quote(os.environ[name], safe="")

    return VARIABLE.sub(value, written)


def _statement(path: Path, name: str) -> TextClause:
    """Read the query. Raises BadInput unless it asks for the window, and for nothing else."""
    try:
        query = text(path.read_text(encoding="utf-8-sig").rstrip().rstrip(";"))
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
