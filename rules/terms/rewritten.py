"""Rewritten: rows of the vendor's tables that held in closed months, and say something else by now.

A closed month stays as it was paid. But a row that is changed under it, a plan or a parent, would pass unseen among
the new ones, and it counts from the next month on.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from models.period import Period
from models.value import Value
from models.vendor import Assignment, Employee, Exclusion, Terms

MOST_ROWS = 20
"""Rows of one table that are named."""

Row = Terms | Assignment | Exclusion | Employee


def rewritten(table: str, before: Sequence[Row], now: Sequence[Row], last_closed: Period) -> list[str]:
    """Return a sentence for each row that held in `last_closed` or earlier and is changed, gone or new by now.

    `before` are the rows that month was settled by. A row that begins later is no news here.
    """
    until = last_closed.last_day
    found = [f"{table} changed: {words}" for words in _differences(_rows(before, until), _rows(now, until))]
    if len(found) > MOST_ROWS:
        return [*found[:MOST_ROWS], f"{table} changed: {len(found) - MOST_ROWS} more rows of closed months"]
    return found


def _rows(table: Sequence[Row], until: date) -> dict[str, Row]:
    """The rows that begin up to a day, by what a person calls them."""
    return {_called(row): row for row in table if row.from_day is None or row.from_day <= until}


def _called(row: Row) -> str:
    match row:
        case Terms():
            who = row.partner_id
        case Assignment():
            who = f"{row.client_id} served by {row.partner_id}"
        case Exclusion():
            who = f"{row.client_id} left out of {row.rule or 'every rule'}"
        case Employee():
            who = f"{row.person_id}, {row.role} of {row.partner_id}"
    return f"{who} from {row.from_day}" if row.from_day else who


def _differences(before: dict[str, Row], now: dict[str, Row]) -> Iterator[str]:
    for called in sorted(before.keys() | now.keys()):
        if called not in now:
            yield f"{called}: the row is gone, and closed months were settled by it"
        elif called not in before:
            yield f"{called}: the row is new, and begins in a closed month"
        elif before[called] != now[called]:
            yield f"{called}, in closed months too: {'; '.join(_fields(before[called], now[called]))}"


def _fields(before: Value, now: Value) -> Iterator[str]:
    was, is_now = before.model_dump(), now.model_dump()
    for name in was:
        if was[name] != is_now[name]:
            yield f"{name} was {_text(was[name])} and is {_text(is_now[name])}"


def _text(value: Any) -> str:
    if isinstance(value, tuple | list):
        value = " ".join(map(str, value))
    return str(value) if value not in (None, "") else "blank"
