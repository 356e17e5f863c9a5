"""Billing lines from one CSV file, plain or gzip: read as a stream, every record at its own row."""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import polars as pl

from models.errors import BadInput
from models.money import grouped
from tasks.sources import FRAME_LINES
from tasks.sources.columns import Columns, FileColumns, as_received
from tasks.sources.limits import LONGEST_ROW, BoundedGzip

Records = Iterator[tuple[int, list[str], int]]
"""Each record with the physical line it starts at, and the one it ends at."""


class BrokenRecord(Exception):
    """From this row on, quotes make no sense."""

    def __init__(self, row: int, reason: str) -> None:
        super().__init__(
            f"{reason}. Is a quote opened and never closed there? Inside a quoted value a quote is written twice."
        )
        self.row = row


def read_csv(
    path: Path, place: str, encoding: str, delimiter: str, names: FileColumns
) -> Iterator[tuple[Columns, pl.DataFrame]]:
    """Yield the lines of the file, with the columns found. Raises BadInput naming `place` and the row."""
    try:
        with _opened(path, place) as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
            found = records(_rows(text, place), delimiter)
            starts, header, ends = next(found, (0, None, 0))
            if header is None:
                raise BadInput(f"{place} is empty: no header. Write the column names as its first row.")
            if starts != ends:
                raise BadInput(f"{place} row {starts}: {broken_cell(header, header, (starts, ends))}.")
            header = [name.strip() for name in header]
            columns = names.match(place, header)
            unbroken = _unbroken(found, header, place, names.line_breaks)
            yield from _frames(unbroken, header, columns, place, names.keep)
    except BrokenRecord as broken:
        raise BadInput(f"{place} row {broken.row}: {broken}") from None
    except UnicodeDecodeError:
        raise BadInput(_bad_byte(path, place, encoding)) from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadInput(f"{place} is damaged and does not unpack ({error}): copy or export it again.") from None
    except OSError as error:
        raise BadInput(f"{place} cannot be read: {error.strerror or error}.") from None


@contextmanager
def _opened(path: Path, place: str) -> Iterator[BinaryIO]:
    with path.open("rb") as packed:
        size = path.stat().st_size
        yield cast(BinaryIO, BoundedGzip(packed, place, size)) if place.lower().endswith(".gz") else packed


def _rows(text: io.TextIOBase, place: str) -> Iterator[str]:
    """Yield the physical lines. Raises BadInput for one that is too long to be a row."""
    number = 0
    while row := text.readline(LONGEST_ROW + 1):
        number += 1
        if len(row) > LONGEST_ROW:
            raise BadInput(f"{place} row {number} has more than {grouped(LONGEST_ROW)} characters: that is no table.")
        yield row


def records(text: Iterable[str], delimiter: str = ",") -> Records:
    """Yield every record with the rows it starts and ends at; blank rows are passed over. Raises BrokenRecord."""
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    ends = 0
    try:
        for fields in reader:
            starts, ends = ends + 1, reader.line_num
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


def _unbroken(found: Records, header: Sequence[str], place: str, allowed: Sequence[str]) -> Records:
    """Yield the records. Raises BadInput for a line break in a value of a column that may have none."""
    may_break = {index for index, name in enumerate(header) if name in allowed}
    for starts, fields, ends in found:
        if starts != ends and any(
            index not in may_break and ("\n" in value or "\r" in value) for index, value in enumerate(fields)
        ):
            words = broken_cell(header, fields, (starts, ends))
            raise BadInput(
                f"{place} row {starts}: {words}. If line breaks belong there, name the column under `line_breaks:` in "
                f"sources.yaml."
            )
        yield starts, fields, ends


def _frames(
    found: Records, header: Sequence[str], columns: Columns, place: str, keep: Sequence[str]
) -> Iterator[tuple[Columns, pl.DataFrame]]:
    """Yield the records as frames. Raises BadInput at the first row with more or fewer values than the header."""
    position = {name: index for index, name in enumerate(header)}
    rows: list[int] = []
    values: list[list[str]] = []

    def frame() -> tuple[Columns, pl.DataFrame]:
        by_column = list(zip(*values, strict=True)) or [()] * len(header)
        ours = {name: by_column[position[theirs]] for name, theirs in columns.theirs.items()}
        return columns, as_received(ours, keep, place, rows)

    for row, fields, _ in found:
        if len(fields) != len(header):
            raise BadInput(
                f"{place} row {row} has {len(fields)} values, but the header has {len(header)}: "
                f"a value that holds the delimiter or a line break must be in quotes."
            )
        rows.append(row)
        values.append(fields)
        if len(rows) == FRAME_LINES:
            yield frame()
            rows, values = [], []
    yield frame()


def _bad_byte(path: Path, place: str, encoding: str) -> str:
    """Find the first byte that is not text in this encoding, and say what to do about it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    row = 1
    with _opened(path, place) as stream:
        while True:
            chunk = stream.read(1 << 20)
            try:
                row += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                row += error.object[: error.start].decode(encoding, "replace").count("\n")
                byte = error.object[error.start]
                break
    asked = encoding.removesuffix("-sig").upper()
    return (
        f"{place} row {row}: the byte 0x{byte:02X} is not {asked}. Save the file as UTF-8, "
        f"or say what it is in sources.yaml, for example `encoding: windows-1251`."
    )
