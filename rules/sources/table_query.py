"""The query for one table of a database whose rows are billing lines, as `settle init` writes it."""

from collections.abc import Collection, Sequence
from enum import Enum
from typing import Final

SQLITE, POSTGRESQL = "sqlite", "postgresql"
DIALECTS: Final = (SQLITE, POSTGRESQL)


class DayIs(Enum):
    """How a column says on which day something was."""

    DATE = "a date"
    MOMENT = "a moment"
    ISO_TEXT = "text that begins YYYY-MM-DD"
    OTHER = "no form that a database can compare"


def quoted(name: str) -> str:
    """Return a name of a table (`schema.table` is two names) or a column as SQL writes it.

    >>> quoted("sales.Payments")
    '"sales"."Payments"'
    """
    return ".".join(column_name(part) for part in name.split("."))


def column_name(name: str) -> str:
    """Return the name of a column as a query writes it: a colon would be taken for a parameter.

    >>> print(column_name("paid:on"))
    "paid\\:on"
    """
    return '"' + name.replace('"', '""').replace(":", "\\:") + '"'


def table_query(
    table: str, columns: Sequence[str], floating: Collection[str], day: tuple[str, DayIs], dialect: str
) -> str:
    """Return a query that gives the columns of a table for a window of days, told by one of them.

    Floating-point columns become the decimal text that the database shows for them.
    """
    listed = ",\n".join(f"    {_given(name, name in floating, dialect)}" for name in columns)
    name, form = day
    column = column_name(name)
    return f"select\n{listed}\nfrom {quoted(table)}\nwhere {window(column, form, dialect)}\norder by {column}\n"


def window(column: str, form: DayIs, dialect: str) -> str:
    """Return the condition that a day is in the window, or cannot be compared: nothing is passed over for its form.

    Of moments a day more on either side: which day one falls on is told later, in the time zone of the books.
    """
    if form is DayIs.OTHER:
        return "cast(:since as varchar(10)) <= cast(:until as varchar(10)) -- every row: its days cannot be compared"
    if form is DayIs.DATE:
        return f"({column} between :since and :until or {column} is null)"
    if dialect == SQLITE:
        since, until, day = "date(:since, '-1 day')", "date(:until, '+1 day')", f"substr({column}, 1, 10)"
    else:
        since, until, day = "cast(:since as date) - 1", "cast(:until as date) + 1", f"cast({column} as date)"
    if form is DayIs.MOMENT:
        return f"({day} between {since} and {until} or {column} is null)"
    if dialect == POSTGRESQL:
        since, until, day = f"cast({since} as text)", f"cast({until} as text)", f"substr({column}, 1, 10)"
    return f"({day} between {since} and {until} or {column} is null or {column} not like '____-__-__%')"


def _given(name: str, is_floating: bool, dialect: str) -> str:
    column = column_name(name)
    if not is_floating:
        return column
    return f"cast({column} as {'text' if dialect == SQLITE else 'numeric'}) as {column}"
