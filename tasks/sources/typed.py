"""Typed values of a database or a Parquet file, as the text a careful vendor would have written.

Nothing is guessed: a value whose text could be read two ways is refused, with its column.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from models.billing import TEXT_COLUMNS
from models.errors import BadInput

FLOATING_ALLOWED = "quantity"
"""Of our own columns only this one may be floating point: it is shown, and never calculated with."""


def texts(place: str, column: str, values: Sequence[object], zone: str | None = None) -> Sequence[str | None]:
    """Return the values of one column as text. Raises BadInput where that would be a guess.

    `zone` is whose days the books keep: with one a moment is written whole, and its day told later.
    """
    if {type(value) for value in values} <= {str, type(None)}:
        return values  # type: ignore[return-value]  # just seen: text and nothing else
    try:
        return [_text(column, value, zone) for value in values]
    except _Guess as guess:
        raise BadInput(f"{place}: column {column}: {guess}") from None


class _Guess(Exception):
    """The text of a value would be a guess."""


def _text(column: str, value: object, zone: str | None) -> str | None:
    # A vendor's own column is carried along and decides nothing.
    is_ours = column in TEXT_COLUMNS
    match value:
        case None:
            return None
        case str():
            return value
        case bool():
            return str(value).lower()
        case int() | UUID():
            return str(value)
        case Decimal():
            return format(value, "f")
        case float():
            if is_ours and column != FLOATING_ALLOWED:
                raise _Guess(
                    f"{value!r} is floating point, which cannot be trusted with money or ids: "
                    f"write integers, decimals or text."
                )
            return repr(value)
        case datetime():
            return _day(value) if is_ours and zone is None else value.isoformat()
        case date() | time():
            return value.isoformat()
    raise _Guess(f"a value of type {type(value).__name__} has no text of its own: write it as text.")


def _day(moment: datetime) -> str:
    if moment.tzinfo is not None or moment.time() != time():
        raise _Guess(
            f"{moment.isoformat(' ')} is a moment, and the day it falls on depends on the time zone: write the date, "
            f"or say whose days the books keep in sources.yaml, for example `timezone: Europe/Moscow`."
        )
    return moment.date().isoformat()
