"""A table of the vendor that is an Excel sheet, as the CSV file it stands for: what a month keeps, and reads again."""

import csv
import io
from pathlib import Path

from models.errors import BadInput
from tasks.settings import Settings
from tasks.sources.files import ENDS
from tasks.sources.plain_files import is_there, must_be_plain, must_be_small


def workbook_for(path: Path) -> Path | None:
    """Return the workbook that stands in for a CSV file. Raises BadInput where both are there, or two workbooks."""
    there = [other for end in ENDS if is_there(other := path.with_suffix(end))]
    if is_there(path):
        there.insert(0, path)
    if len(there) > 1:
        raise BadInput(f"{' and '.join(each.name for each in there)} are the same table: keep one.")
    return there[0] if there and there[0] != path else None


def csv_of(folder: Path, place: str) -> bytes:
    """Return the sheet named as its workbook, or the only one, as CSV, every row at its own number. Raises BadInput."""
    # Here, because most folders have no workbook, and whoever asks for help waits for no reader of them.
    from tasks.sources.excel.workbook import read_sheet

    path = folder / place
    must_be_plain(path, place, folder)
    must_be_small(path, place, Settings().largest_table_mb, "SETTLE_LARGEST_TABLE_MB")
    sheet = read_sheet(path, place, None, f"leave one, or call the one that is meant {path.stem}", path.stem)
    header = sheet.header_at(None)
    columns = sheet.names(header)
    sheet.must_have_worked(header, columns)
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n")
    broken = []
    for row, values in enumerate(sheet.cells.iter_rows()):
        cells = [(values[column] or "").strip() for column in columns.values()]
        broken += [
            f"row {row + 1}, column {name}"
            for name, cell in zip(columns, cells, strict=True)
            if "\n" in cell or "\r" in cell
        ]
        if row < header or not any(cells):
            text.write("\n")
        else:
            write.writerow(list(columns) if row == header else cells)
    if broken:
        raise BadInput(f"{place} has a line break inside a cell: {', '.join(broken[:20])}. Write it on one line.")
    return text.getvalue().encode()
