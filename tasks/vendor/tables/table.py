"""A small table of the vendor: partners, claims, control totals. Everything wrong with it is told at once."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from models.errors import BadInput
from tasks.sources.columns import describe_missing
from tasks.sources.csv_lines import BrokenRecord, broken_cell, records
from tasks.vendor.tables.small_file import decoded

SHOWN = 20


class Problem(Exception):
    """What is wrong with one row, in words."""


class Row(NamedTuple):
    """One record of a table: its row in the file, and its text by column, stripped; an absent column is blank."""

    number: int
    columns: tuple[str, ...]  # the same for every row of a table
    values: tuple[str, ...]

    @property
    def text(self) -> dict[str, str]:
        """The text by column."""
        return dict(zip(self.columns, self.values, strict=True))

    def required(self, column: str) -> str:
        """Return the text of a column that must not be blank."""
        if not (text := self.text[column]):
            raise Problem(f"{column} is blank")
        return text


@dataclass(frozen=True)
class Table:
    """The rows of a file, and what was found wrong with it so far."""

    name: str
    rows: tuple[Row, ...]
    warnings: tuple[str, ...]
    problems: list[tuple[int, str]] = field(default_factory=list)  # row, words

    def wrong(self, row: Row, words: object) -> None:
        """Note what is wrong with a row, and go on."""
        self.problems.append((row.number, str(words)))

    def stop_if_wrong(self) -> None:
        """Raise BadInput with every problem noted."""
        if not self.problems:
            return
        words = [f"row {row}: {words}" for row, words in sorted(self.problems)]
        listed = "".join(f"\n  {problem}" for problem in first_few(words))
        raise BadInput(f"{self.name} cannot be used as it is:{listed}")


def first_few(words: Sequence[str]) -> list[str]:
    """Return as many as a person reads, and how many more there are."""
    more = len(words) - SHOWN
    return [*words[:SHOWN], f"+{more} more"] if more > 0 else list(words)


def read_table(name: str, data: bytes, required: Sequence[str], optional: Sequence[str]) -> Table:
    """Read a CSV file with a header. Raises BadInput at once where rows cannot even be told apart."""
    columns = (*required, *optional)
    problems: list[tuple[int, str]] = []
    rows: list[Row] = []
    header: list[str] = []
    try:
        for number, fields, ends in records(io.StringIO(decoded(data, name), newline="")):
            if not any(fields):
                continue
            if not header:
                header = _header(name, fields, required)
                places = [header.index(column) if column in header else None for column in columns]
            elif number != ends:
                problems.append((number, broken_cell(header, fields, (number, ends))))
            elif len(fields) != len(header):
                problems.append((number, f"it has {len(fields)} values, but the header has {len(header)}"))
            else:
                values = ("" if place is None else fields[place].strip() for place in places)
                rows.append(Row(number, columns, tuple(values)))
    except BrokenRecord as broken:
        problems.append((broken.row, str(broken)))
    if not header:
        raise BadInput(f"{name} is empty: no header. Its first row must be {','.join(required)}.")
    unknown = [column for column in header if column not in (*required, *optional)]
    warnings = (f"{name}: columns not read: {', '.join(unknown)}.",) if unknown else ()
    return Table(name, tuple(rows), warnings, problems)


def _header(name: str, fields: Sequence[str], required: Sequence[str]) -> list[str]:
    header = [column.strip() for column in fields]
    if missing := [column for column in required if column not in header]:
        raise BadInput(f"{name}: {describe_missing(missing, header)}")
    if twice := sorted({column for column in header if header.count(column) > 1}):
        raise BadInput(f"{name}: more than one column is called {', '.join(twice)}: leave one.")
    return header
