"""Billing lines from one CSV file, plain or packed: read as a stream, every record at its own row."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import polars as pl

from models.billing import TEXT_COLUMNS
from models.errors import BadInput
from models.money import grouped
from tasks.sources import FRAME_LINES
from tasks.sources.limits import LONGEST_ROW
from tasks.sources.received import Known, Reading
from tasks.sources.table_form import TableForm
from tasks.sources.unpacking import DAMAGED, opened

SEPARATOR = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
"""A first row by which a spreadsheet is told the delimiter."""

ROWS_LOOKED_AT, FEWEST_NAMES = 30, 4
"""Where a header that is not the first row is looked for, and how many names of columns tell it."""

MOST_FAULTS = 20
"""How many rows of one file are told in full."""

Records = Iterator[tuple[int, list[str], int]]
"""Each record with the physical line it starts at, and the one it ends at."""


class BrokenRecord(Exception):
    """From this row on, quotes make no sense."""

    def __init__(self, row: int, reason: str) -> None:
        super().__init__(
            f"{reason}. Is a quote opened and never closed there? Inside a quoted value a quote is written twice."
        )
        self.row = row


def read_csv(path: Path, place: str, form: TableForm, known: Known) -> Iterator[tuple[Reading, pl.DataFrame]]:
    """Yield the lines of the file, with how they are read. Raises BadInput naming `place` and the row."""
    faults = Faults()
    try:
        with opened(path, place) as raw, io.TextIOWrapper(raw, encoding=form.encoding, newline="") as text:
            rows = _rows(text, place)
            before, delimiter, rows = _before_header(rows, place, form)
            found = records(rows, delimiter, before)
            header = _header(found, place, before if form.header_row else None)
            names = header.names
            try:
                form = form.of(place, names)
                columns = form.match(place, names)
            except BadInput as error:
                raise BadInput(f"{error}{_header_further_down(found, form)}") from None
            unbroken = _unbroken(found, names, place, form.line_breaks, faults)
            yield from _frames(unbroken, header, Reading(place, form, columns, known), faults)
            faults.stop_if_any()
    except BrokenRecord as broken:
        faults.add(f"{place} row {broken.row}: {broken}")
        faults.stop_if_any()
    except UnicodeDecodeError:
        raise BadInput(_bad_byte(path, place, form.encoding)) from None
    except UnicodeError as error:
        raise BadInput(f"{place} is not {form.encoding.upper()}: {error}.") from None
    except DAMAGED as error:
        raise BadInput(f"{place} is damaged and does not unpack ({error}): copy or export it again.") from None
    except OSError as error:
        raise BadInput(f"{place} cannot be read: {error.strerror or error}.") from None


class Header(NamedTuple):
    """The names of the columns, and how many nameless and empty ones follow them in every row."""

    names: list[str]
    nameless: int


def _before_header(rows: Iterator[str], place: str, form: TableForm) -> tuple[int, str, Iterator[str]]:
    """Pass over the rows before the header. Return how many, the delimiter, and the rows from the header on."""
    before, delimiter, first = 0, form.delimiter, next(rows, "")
    if said := SEPARATOR.fullmatch(first.removeprefix("\ufeff")):
        if delimiter is not None and delimiter != said[1]:
            raise BadInput(
                f"{place} row 1 says that {said[1]!r} separates the columns, and sources.yaml that {delimiter!r} does: "
                f"take `delimiter:` away, or write what is so."
            )
        before, delimiter = 1, said[1]
    else:
        rows = chain([first] if first else [], rows)
    if form.header_row is not None:
        for _ in islice(rows, max(0, form.header_row - 1 - before)):
            before += 1
    return before, delimiter or ",", rows


def _header(found: Records, place: str, declared_after: int | None) -> Header:
    starts, header, ends = next(found, (0, None, 0))
    if header is None:
        raise BadInput(f"{place} is empty: no header. Write the column names as its first row.")
    if declared_after is not None and starts != declared_after + 1:
        raise BadInput(f"{place} row {declared_after + 1} is blank, and `header_row:` says that the header is there.")
    if starts != ends:
        raise BadInput(f"{place} row {starts}: {broken_cell(header, header, (starts, ends))}.")
    names = [name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    return Header(names, len(header) - len(names))


def _rows(text: io.TextIOBase, place: str) -> Iterator[str]:
    """Yield the physical lines. Raises BadInput for one that is too long to be a row."""
    number = 0
    while row := text.readline(LONGEST_ROW + 1):
        number += 1
        if len(row) > LONGEST_ROW:
            raise BadInput(f"{place} row {number} has more than {grouped(LONGEST_ROW)} characters: that is no table.")
        yield row


def records(text: Iterable[str], delimiter: str = ",", before: int = 0) -> Records:
    """Yield every record with the rows it starts and ends at, `before` of which were read already.

    Blank rows are passed over. Raises BrokenRecord.
    """
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    ends = before
    try:
        for fields in reader:
            starts, ends = ends + 1, before + reader.line_num
            if fields:
                yield starts, fields, ends
    except csv.Error as error:
        raise BrokenRecord(ends + 1, str(error)) from None


def broken_cell(header: Sequence[str], fields: Sequence[str], rows: tuple[int, int]) -> str:
    """Return in which column of a record that runs over several rows a value has a line break, and what it may mean."""
    of = [name for name, value in zip(header, fields, strict=False) if "\n" in value or "\r" in value]
    return (
        f"column {', '.join(of) or 'beyond the header'}: a line break inside a quoted value, from row {rows[0]} to row "
        f"{rows[1]}. A stray quote in each of two rows makes one record of them, and loses the second: take the quotes "
        f"away, or write each as two"
    )


def _header_further_down(found: Records, form: TableForm) -> str:
    """Return the advice to name the row of the header, where one of the next rows looks like it; else blank."""
    known = {*TEXT_COLUMNS, *form.rename}
    try:
        for starts, fields, _ in islice(found, ROWS_LOOKED_AT):
            if len(known.intersection(field.strip() for field in fields)) >= FEWEST_NAMES:
                return f" Row {starts} looks like the header: then write `header_row: {starts}` in sources.yaml."
    except BrokenRecord:
        # The file is refused already: what is wrong below is told once its columns are known.
        return ""
    return ""


class Faults:
    """What is wrong in rows of one file: all of them are told together."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.more = 0

    def add(self, words: str) -> None:
        """Keep what is wrong in one row."""
        if len(self.said) < MOST_FAULTS:
            self.said.append(words)
        else:
            self.more += 1

    def stop_if_any(self) -> None:
        """Raise BadInput that names each row; the first of them in full, where there are very many."""
        if self.said:
            raise BadInput(
                "\n".join(self.said) + (f"\nand {grouped(self.more)} more rows like these." if self.more else "")
            )


def _unbroken(found: Records, header: Sequence[str], place: str, allowed: Sequence[str], faults: Faults) -> Records:
    """Yield the records, without those that have a line break in a value of a column that may have none."""
    may_break = {index for index, name in enumerate(header) if name in allowed}
    for starts, fields, ends in found:
        if starts != ends and any(
            index not in may_break and ("\n" in value or "\r" in value) for index, value in enumerate(fields)
        ):
            words = broken_cell(header, fields, (starts, ends))
            faults.add(
                f"{place} row {starts}: {words}. If line breaks belong there, name the column under `line_breaks:` in "
                f"sources.yaml."
            )
            continue
        yield starts, fields, ends


def _frames(found: Records, header: Header, reading: Reading, faults: Faults) -> Iterator[tuple[Reading, pl.DataFrame]]:
    """Yield the records as frames, without rows that have more or fewer values than the header."""
    position = {name: index for index, name in enumerate(header.names)}
    width = len(header.names)
    rows: list[int] = []
    values: list[list[str]] = []

    def frame() -> tuple[Reading, pl.DataFrame]:
        by_column = list(zip(*values, strict=True)) or [()] * width
        return reading, reading.lines(lambda _, theirs: by_column[position[theirs]], rows)

    for row, fields, _ in found:
        if len(fields) != width:
            try:
                fields = _fitted(row, fields, header, reading)
            except BadInput as error:
                faults.add(str(error))
                continue
        rows.append(row)
        values.append(fields)
        if len(rows) == FRAME_LINES:
            yield frame()
            rows, values = [], []
    yield frame()


def _fitted(row: int, fields: list[str], header: Header, reading: Reading) -> list[str]:
    """Return the values under the names of a header. Raises BadInput where they are more or fewer than it has."""
    width, said = len(header.names), len(header.names) + header.nameless
    if len(fields) == said and not any(value.strip() for value in fields[width:]):
        return fields[:width]
    fitted = [*fields[:width], *[""] * (width - len(fields))]
    # A totals row, or a note under the table, has as many values as it likes.
    if reading.names.skips(dict(zip(header.names, fitted, strict=True))):
        return fitted
    if len(fields) == said:
        raise BadInput(
            f"{reading.place} row {row} has a value in a column without a name, {fields[width:]}: name the column in "
            f"the header, or put a value that holds the delimiter in quotes."
        )
    if len(fields) > said and not any(value.strip() for value in fields[said:]):
        raise BadInput(
            f"{reading.place} row {row} ends in {len(fields) - said} more empty values than the header has names. If "
            f"every row ends so, let the header end in as many delimiters; else a value before them holds a delimiter, "
            f"and must be in quotes."
        )
    raise BadInput(
        f"{reading.place} row {row} has {len(fields)} values, but the header has {said}: "
        f"a value that holds the delimiter or a line break must be in quotes. "
        f"A row that is no billing line, such as a total, is named under `skip_where:` in sources.yaml."
    )


def _bad_byte(path: Path, place: str, encoding: str) -> str:
    """Find the first byte that is not text in this encoding, and say what to do about it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    row = 1
    with opened(path, place) as stream:
        while True:
            chunk = stream.read(1 << 20)
            try:
                row += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                row += error.object[: error.start].decode(encoding, "replace").count("\n")
                byte = error.object[error.start]
                break
    asked = encoding.removesuffix("-sig").upper()
    with opened(path, place) as stream:
        if stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return (
                f"{place} is not {asked} but UTF-16, by its first two bytes: write `encoding: utf-16` in sources.yaml."
            )
    return (
        f"{place} row {row}: the byte 0x{byte:02X} is not {asked}. Save the file as UTF-8, "
        f"or say what it is in sources.yaml, for example `encoding: windows-1251`."
    )
