"""A cell of a vendor's table: the month, day, number or names it says, or words for what is wrong with it."""

import re
from collections.abc import Collection
from datetime import date

from models.canonical import canonical_json, sha256
from models.errors import WrongUse
from models.period import Period
from rules.lines.lookalikes import SHORTENED
from tasks.vendor.tables.table import Problem, Row

# An id or a label may be part of the archive's keys, so it must be a plain name.
PLAIN_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
PLAIN_NAME_WORDS = "up to 64 Latin letters, digits, `.`, `_` and `-`, beginning with a letter or digit"
SHORTENED_WORDS = "a number that a spreadsheet shortened: write all its digits, as text"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
WHOLE = r"-?[0-9]{1,18}"


def derived_id(*words: str) -> str:
    """The id of a record that has none: the same words, the same id, in whatever row they stand."""
    return "auto-" + sha256(canonical_json(words))[:16]


def printable(row: Row, column: str) -> str:
    """Return text that must be there and have nothing unseen in it."""
    text = row.required(column)
    if not text.isprintable():
        raise Problem(f"{column} {text!r} has characters that cannot be printed")
    if column.endswith("_id") and re.fullmatch(SHORTENED, text):
        raise Problem(f"{column} {text!r} is {SHORTENED_WORDS}")
    return text


def known_partner(row: Row, partners: Collection[str]) -> str:
    """Return the id of a partner that partners.csv has."""
    partner_id = row.required("partner_id")
    if partner_id not in partners:
        raise Problem(f"partner_id {partner_id!r} is no partner of partners.csv")
    return partner_id


def names(row: Row, column: str) -> tuple[str, ...]:
    """Return the names written between `;` or spaces, each once; none where the cell is blank."""
    return tuple(dict.fromkeys(row.text[column].replace(";", " ").split()))


def month(row: Row, column: str) -> Period:
    """Return the month written as YYYY-MM."""
    try:
        return Period.parse(row.required(column))
    except WrongUse:
        raise Problem(f"{column} {row.text[column]!r} is no month: write YYYY-MM") from None


def first_day(row: Row, column: str = "from") -> date:
    """Return the day, or the first day of the month."""
    return _day_or_month(row, column) or month(row, column).first_day


def last_day(row: Row, since: date, column: str = "until") -> date | None:
    """Return the day, or the last day of the month; None where the cell is blank."""
    if not row.text[column]:
        return None
    until = _day_or_month(row, column) or month(row, column).last_day
    if until < since:
        raise Problem(f"{column} {until} is before from {since}: write a later day, or take the row away")
    return until


def day(row: Row, column: str) -> date:
    """Return the day written as YYYY-MM-DD."""
    text = row.required(column)
    if found := day_of(text):
        return found
    raise Problem(f"{column} {text!r} is no date: write YYYY-MM-DD")


def day_of(text: str) -> date | None:
    """Return the day written as YYYY-MM-DD, or None for anything else, such as February 30th."""
    try:
        return date.fromisoformat(text) if re.fullmatch(DAY, text) else None
    except ValueError:
        return None


def whole(row: Row, column: str) -> int:
    """Return the whole number."""
    text = row.required(column)
    if not re.fullmatch(WHOLE, text):
        raise Problem(f"{column} {text!r} is no whole number: write digits only, for example 1250")
    return int(text)


def _day_or_month(row: Row, column: str) -> date | None:
    """Return the day; None where the text is as long as a month."""
    text = row.required(column)
    if len(text) == len("2026-01"):
        return None
    if found := day_of(text):
        return found
    raise Problem(f"{column} {text!r} is no month or date: write YYYY-MM or YYYY-MM-DD")
