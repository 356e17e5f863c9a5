"""How a file of billing is laid out: its encoding, its delimiter, where the header stands, where lines may break."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from tasks.sources.columns import ColumnNames


def _encoding(name: str) -> str:
    try:
        "a".encode(name)
    except LookupError:
        raise ValueError("is no encoding of text; write for example windows-1251") from None
    # A byte order mark at the start of UTF-8 is no part of the first column's name.
    return "utf-8-sig" if name.lower().replace("_", "-") in ("utf-8", "utf8") else name


def _delimiter(mark: str) -> str:
    if len(mark) != 1 or mark in '"\r\n':
        raise ValueError('must be one character, for example ";" or "\\t"')
    return mark


class TableForm(ColumnNames):
    """What a block of sources.yaml says of the layout of its files, beside their columns and values."""

    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8-sig"
    delimiter: Annotated[str, AfterValidator(_delimiter)] | None = None  # None: what `sep=` in row 1 says, else a comma
    header_row: Annotated[int, Field(ge=1)] | None = None  # as an editor counts; None: the first row that is not blank
    sheet: str | None = None  # of a workbook; None: the only one with anything in it
    line_breaks: tuple[str, ...] = ()  # columns, by their names, whose values may hold line breaks

    def of(self, place: str, columns: Sequence[str]) -> "TableForm":
        """How a table with these columns is read."""
        return self
