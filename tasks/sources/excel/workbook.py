"""A sheet of an Excel workbook as text: every cell as a careful person would have written it in a CSV file.

A number has its 15 digits, a day is YYYY-MM-DD, a day with a time of day is both. What Excel cannot say for certain is
refused or left so that nobody reads it: a formula that failed, an id of 16 digits that was stored as a number.
"""

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import polars as pl

from models.errors import BadInput
from models.money import grouped
from tasks.settings import Settings
from tasks.sources.limits import MAY_UNPACK_TO

TOO_LONG = r"^-?[0-9]{16,}$"
"""Excel keeps 15 digits of a number: of a longer one the last are lost."""

FAILED = {"Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!", "Ref": "#REF!"}
MOST_NAMED = 20


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet from its row 1 on; null is an empty one."""

    place: str
    name: str
    cells: pl.DataFrame  # String, a column for each of the sheet's
    is_number: pl.DataFrame  # Boolean, of the same shape
    failed: dict[tuple[int, int], str]  # (row, column), from 0 -> what a formula says that failed

    def header_at(self, row: int | None) -> int:
        """Return the place, from 0, of the header: the row that is named, else the first that is not blank."""
        if row is not None:
            if row > self.cells.height or self._is_blank(row - 1):
                raise BadInput(
                    f"{self.place} row {row} is blank, and `header_row:` in sources.yaml says that the header is there."
                )
            return row - 1
        for place in range(self.cells.height):
            if not self._is_blank(place):
                return place
        raise BadInput(f"{self.place} is empty: no header. Write the column names as its first row.")

    def names(self, header: int) -> dict[str, int]:
        """Return the columns by their names; one without a name, and with values, by its letter."""
        found: dict[str, int] = {}
        twice = set()
        for column, written in enumerate(self.cells.row(header)):
            name = (written or "").strip()
            if not name and self.cells[header + 1 :, column].null_count() == self.cells.height - header - 1:
                continue
            name = name or f"column {_letters(column)}"
            twice |= {name} if name in found else set()
            found[name] = column
        if twice:
            raise BadInput(f"{self.place}: more than one column is called {', '.join(sorted(twice))}: leave one.")
        return found

    def must_have_worked(self, header: int, columns: dict[str, int]) -> None:
        """Raise BadInput naming the formulas that failed in these columns."""
        name_of = {column: name for name, column in columns.items()}
        wrong = [
            f"row {row + 1}, column {name_of[column]}: {words}"
            for (row, column), words in sorted(self.failed.items())
            if row > header and column in name_of
        ]
        if wrong:
            more = f"\n  +{len(wrong) - MOST_NAMED} more" if len(wrong) > MOST_NAMED else ""
            raise BadInput(
                f"{self.place} has formulas that failed: mend them, or write what they should say.\n  "
                + "\n  ".join(wrong[:MOST_NAMED])
                + more
            )

    def _is_blank(self, row: int) -> bool:
        return not any((value or "").strip() for value in self.cells.row(row))


def read_sheet(path: Path, place: str, sheet: str | None, advice: str, rather: str = "") -> Sheet:
    """Return the sheet of that name, or the only one with anything in it, of several the one called `rather`.

    `advice` says how to name one of several. Raises BadInput.
    """
    with _opened(path, place) as book:
        return _read(book, place, _chosen(book, place, sheet, advice, rather))


def every_sheet(path: Path, place: str) -> list[Sheet]:
    """Return the visible sheets that have something in them. Raises BadInput."""
    with _opened(path, place) as book:
        return [_read(book, place, name) for name in book.sheet_names if _has_cells(book, name)]


@contextmanager
def _opened(path: Path, place: str) -> Iterator[fastexcel.ExcelReader]:
    _must_unpack_in_proportion(path, place)
    try:
        yield fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise BadInput(f"{place} cannot be read as an Excel workbook: {_first_line(error)}. Save it again.") from None


def _read(book: fastexcel.ExcelReader, place: str, name: str) -> Sheet:
    loaded = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    batch, errors = loaded.to_arrow_with_errors()
    # Only the cell of a number, or of yes and no, is read as one of these: text is not.
    marks = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="boolean").to_polars()
    frame = pl.DataFrame(pl.from_arrow(batch))
    failed = {each.position: _words(each.detail) for each in (errors.errors if errors else ())}
    is_number = marks.select(pl.all().is_not_null())
    cells = frame.select(
        _cell(frame[column], is_number[column]) for column in frame.columns if frame[column].dtype == pl.String
    )
    return Sheet(place, name, cells, is_number, failed)


def _cell(text: pl.Series, is_number: pl.Series) -> pl.Series:
    text = text.str.strip_suffix(" 00:00:00")
    too_long = (text.str.contains(TOO_LONG) & is_number).fill_null(False)
    if too_long.any():
        shown = [f"{int(value):.5E}" if long else value for value, long in zip(text, too_long, strict=True)]
        text = pl.Series(text.name, shown, dtype=pl.String)
    return text


def _chosen(book: fastexcel.ExcelReader, place: str, sheet: str | None, advice: str, rather: str) -> str:
    if sheet is not None and sheet in book.sheet_names:
        return sheet
    there = ", ".join(book.sheet_names)
    if sheet is not None:
        raise BadInput(f"{place} has no sheet {sheet!r}: it has {there}.")
    filled = [name for name in book.sheet_names if _has_cells(book, name)]
    if rather in filled:
        return rather
    if len(filled) != 1:
        raise BadInput(f"{place} has {len(filled)} sheets with something in them (it has {there}): {advice}.")
    return filled[0]


def _has_cells(book: fastexcel.ExcelReader, name: str) -> bool:
    try:
        loaded = book.load_sheet(name, header_row=None, skip_rows=0, n_rows=1, dtypes="string")
    except fastexcel.FastExcelError:
        return False  # a sheet of a chart has no cells
    return loaded.width > 0 and loaded.visible == "visible"


def _must_unpack_in_proportion(path: Path, place: str) -> None:
    """Raise BadInput for what is no workbook by its packing, or says that it comes to far more than its size."""
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(each.file_size for each in packed.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise BadInput(
            f"{place} cannot be read as an Excel workbook: {error}. An old .xls, or one with a password, must be saved "
            f"as .xlsx without it."
        ) from None
    times = Settings().unpack_at_most
    if size > max(MAY_UNPACK_TO, path.stat().st_size * times):
        raise BadInput(
            f"{place} unpacks to {grouped(size)} bytes, more than {times} times its size: that is no table. If it is, "
            f"set SETTLE_UNPACK_AT_MOST to a larger number."
        )


def _words(detail: str) -> str:
    kind = re.search(r"Error\((\w+)\)", detail)
    return FAILED.get(kind[1], f"#{kind[1].upper()}!") if kind else detail


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")


def _letters(column: int) -> str:
    """The name a spreadsheet gives a column: A, B, ... Z, AA."""
    before, last = divmod(column, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)
