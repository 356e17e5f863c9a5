"""Billing lines from one sheet of an Excel workbook, each at its own row."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import polars as pl

from models.progress import read_bytes
from rules.sources.values import NUMBERS
from tasks.sources import FRAME_LINES
from tasks.sources.excel.workbook import Sheet, read_sheet
from tasks.sources.received import Known, Reading
from tasks.sources.table_form import TableForm


def read_xlsx(path: Path, place: str, form: TableForm, known: Known) -> Iterator[tuple[Reading, pl.DataFrame]]:
    """Yield the lines of the sheet, with how they are read; blank rows are passed over. Raises BadInput."""
    sheet = read_sheet(path, place, form.sheet, "name the one with the billing under `sheet:` in sources.yaml")
    read_bytes(path.stat().st_size)
    header = sheet.header_at(form.header_row)
    names = sheet.names(header)
    form = form.of(place, list(names))
    reading = Reading(place, form, form.match(place, list(names)), known)
    used = {*reading.columns.theirs.values(), *reading.columns.beside}
    sheet.must_have_worked(header, {name: column for name, column in names.items() if name in used})
    is_filled = sheet.cells.select(
        pl.any_horizontal(pl.nth(*names.values()).str.strip_chars().fill_null("") != "").alias("filled")
    )["filled"]
    rows = is_filled.arg_true()
    rows = rows.filter(rows > header)
    for start in range(0, max(1, len(rows)), FRAME_LINES):
        some = rows.slice(start, FRAME_LINES)
        yield reading, reading.lines(partial(_values, sheet, form, names, some), (some + 1).cast(pl.Int64).to_list())


def _values(sheet: Sheet, form: TableForm, names: dict[str, int], rows: pl.Series, ours: str, theirs: str) -> pl.Series:
    """The text of one column. The cell of a number is written as numbers of the source are, such as `12,5`."""
    column = names[theirs]
    text = sheet.cells[:, column].gather(rows)
    pair = (form.amount_from.plus, form.amount_from.minus) if form.amount_from else ()
    if form.decimal == "." or (ours not in NUMBERS and theirs not in pair):
        return text
    is_number = sheet.is_number[:, column].gather(rows)
    written = text.str.replace(".", form.decimal, literal=True)
    return pl.select(pl.when(is_number).then(written).otherwise(text)).to_series()
