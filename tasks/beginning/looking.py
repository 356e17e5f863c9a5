"""Looking at a file of billing that nobody has described yet: its encoding, delimiter, header and first rows."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.errors import BadInput, WrongUse
from tasks.sources.excel.workbook import Sheet, every_sheet
from tasks.sources.unpacking import DAMAGED, opened

MOST_ROWS = 2_000
"""What is looked at; a run judges every row."""

MOST_BYTES = 4_000_000
_IN_WORDS = re.compile(rb"[\xc0-\xff]{2,}")
_ALONE = re.compile(rb"(?<![\xc0-\xff])[\xc0-\xff](?![\xc0-\xff])")
"""Letters beyond ASCII: in Russian a word is made of them; in Polish, Czech or German one stands among others."""

DELIMITERS = (",", ";", "\t", "|")


class NumberCell(str):
    """The cell of a number in a workbook: its digits, however the numbers are written that stand there as text."""

    __slots__ = ()


@dataclass(frozen=True)
class LookedAt:
    """A file, or a table of a database, as it was looked at. None: what is usual, and needs no word in sources.yaml."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    header_row: int | None = None
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None

    def column(self, name: str) -> list[str]:
        """Return the values of a column, without the blank ones."""
        place = self.header.index(name)
        return [row[place] for row in self.rows if len(row) > place and row[place].strip()]


def look_at(path: Path) -> LookedAt:
    """Look at a CSV, Excel or Parquet file. Raises WrongUse where it is none of them, or has no header."""
    if not path.is_file():
        raise WrongUse(f"{path} is no file: name the file with your billing.")
    match path.suffix.lower():
        case ".csv" | ".txt" | ".tsv" | ".gz" | ".zip":
            return _csv(path)
        case ".xlsx" | ".xlsm":
            return _workbook(path)
        case ".parquet":
            import polars as pl

            frame = pl.scan_parquet(path).head(MOST_ROWS).collect()
            return LookedAt(path.name, tuple(frame.columns), _texts(frame.rows()))
    raise WrongUse(f"{path}: a file whose name ends in .csv, .csv.gz, .csv.zip, .xlsx or .parquet can be looked at.")


def _csv(path: Path) -> LookedAt:
    try:
        with opened(path, str(path)) as file:
            data = file.read(MOST_BYTES)
    except BadInput as refused:
        raise WrongUse(str(refused)) from None
    except (*DAMAGED, OSError) as fault:
        raise WrongUse(f"{path} cannot be unpacked: {fault}.") from None
    encoding, text = _decoded(data)
    found = {mark: _split(text, mark) for mark in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda mark: _columns(found[mark]))
    table = found[delimiter]
    place = _header(path, [row for _, row in table])
    rows = tuple(tuple(row) for _, row in table[place + 1 :] if any(cell.strip() for cell in row))[:MOST_ROWS]
    header = tuple(table[place][1])
    number = table[place][0]
    return LookedAt(
        path.name, header, rows, None if place == 0 else number, None if delimiter == "," else delimiter, encoding
    )


def _decoded(data: bytes) -> tuple[str | None, str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", data.decode("utf-16", "ignore")
    cut = data[: data.rfind(b"\n") + 1] or data  # a character of several bytes may be cut at the end
    try:
        return None, cut.decode("utf-8-sig")
    except UnicodeDecodeError:
        encoding = "windows-1251" if len(_IN_WORDS.findall(cut)) > len(_ALONE.findall(cut)) else "windows-1250"
        return encoding, cut.decode(encoding, "replace")


def _split(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Rows with the line they begin in."""
    found: list[tuple[int, list[str]]] = []
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    try:
        for row in reader:
            found.append((reader.line_num, row))
            if len(found) > MOST_ROWS:
                break
    except csv.Error:
        return found
    return [(number, row) for number, row in found if any(cell.strip() for cell in row)]


def _columns(table: Sequence[tuple[int, Sequence[str]]]) -> int:
    """How many columns most rows have, where there are several."""
    widths = sorted(len(row) for _, row in table)
    return widths[len(widths) // 2] if widths else 0


def _header(path: Path, table: Sequence[Sequence[str]]) -> int:
    """Return the place of the header: the first row that names as many columns as most rows have."""
    widths = sorted(len(row) for row in table)
    usual = widths[len(widths) // 2] if widths else 0
    for place, row in enumerate(table[:50]):
        filled = sum(bool(cell.strip()) for cell in row)
        if len(row) == usual and usual >= 3 and filled >= max(3, usual * 2 // 3):
            return place
    raise WrongUse(f"{path}: no row of its first 50 looks like the names of at least three columns.")


def _workbook(path: Path) -> LookedAt:
    try:
        sheets = every_sheet(path, str(path))
    except BadInput as refused:
        raise WrongUse(str(refused)) from None
    # Of several the longest is the billing; the others are notes and sums. A person sees which was taken.
    sheet = max(sheets, key=lambda each: each.cells.height, default=None)
    table = () if sheet is None else tuple(_cells(sheet))
    place = _header(path, table)
    rows = tuple(row for row in table[place + 1 :] if any(cell.strip() for cell in row))[:MOST_ROWS]
    header_row = None if place == 0 else place + 1
    name = sheet.name if sheet is not None and len(sheets) > 1 else None
    return LookedAt(path.name, table[place], rows, header_row, sheet=name)


def _cells(sheet: Sheet) -> Iterator[tuple[str, ...]]:
    for texts, are_numbers in zip(sheet.cells.iter_rows(), sheet.is_number.iter_rows(), strict=True):
        cells = zip(texts, are_numbers, strict=True)
        yield tuple(NumberCell(text) if is_number and text else text or "" for text, is_number in cells)


def _texts(rows: Sequence[tuple[object, ...]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple("" if cell is None else str(cell) for cell in row) for row in rows)
