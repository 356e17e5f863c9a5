"""Billing from a database: the vendor's own query, with the window bound to it, read as a stream."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl
from pydantic import field_validator
from sqlalchemy import Connection, CursorResult, Date, TextClause, bindparam, text

from models.errors import BadInput
from models.vendor import Tally
from tasks.sources.columns import ColumnNames, Columns, not_kept
from tasks.sources.lookups import read_lookups
from tasks.sources.plain_files import must_be_plain, named_in
from tasks.sources.received import Reading
from tasks.sources.sql.read_only import ROWS_AT_ONCE, connected, shown
from tasks.sources.typed import texts


class SqlBlock(ColumnNames):
    """A block of sources.yaml that names a database and a query."""

    sql: str
    query: str

    @field_validator("fill_down")
    @classmethod
    def _rows_have_no_order(cls, fill_down: tuple[str, ...]) -> tuple[str, ...]:
        if fill_down:
            raise ValueError("the rows of a query have no order, so there is none above: join the value in the query")
        return fill_down

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
        with connected(self.folder, self.block.sql, self.name) as connection:
            columns = self._columns(self._execute(connection, long_past, long_past))
        return f"{shown(self.block.sql)} answers with {len(columns.theirs)} of our columns"

    def read(self, since: date, until: date) -> Iterator[pl.DataFrame]:
        """Yield what the query gives for the window; a server-side cursor keeps memory at one frame."""
        self.warnings.clear()
        self.skipped.clear()
        with connected(self.folder, self.block.sql, self.name) as connection:
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
