"""How a rate, an amount or a span of time is written in the programme file, and how it is read."""

import re
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema

from models.errors import BadInput, WrongUse
from models.money import Money, decimal_text, known_currency
from models.period import Period

_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%")
_COMMA_PERCENT = re.compile(r"([0-9]+),([0-9]+) ?%")
_COMMA_AMOUNT = re.compile(r"([0-9]+),([0-9]{1,2})")
_WHOLE = re.compile(r"[0-9]{1,9}")


def read_percent(text: object) -> Fraction:
    """Read `50%` or `7.5%`. Raises ValueError for anything else: a bare 0.5 could mean two things."""
    written = _PERCENT.fullmatch(str(text))
    if not written:
        if comma := _COMMA_PERCENT.fullmatch(str(text)):
            raise ValueError(f"{text!r} is not a rate: write {comma[1]}.{comma[2]}%, with a dot")
        raise ValueError(f"{text!r} is not a rate: write percent, for example 50% or 7.5%")
    rate = Fraction(written[1]) / 100
    if rate > 1:
        raise ValueError(f"{text!r} is more than the client paid: a rate is at most 100%")
    return rate


def read_amount(text: object, info: ValidationInfo) -> int:
    """Read decimal text in major units of the programme's currency as minor units, zero or more."""
    context: dict[str, Any] = info.context or {}
    currency = str(context["currency"])
    if not known_currency(currency):
        raise ValueError(f"{text!r} cannot be read before `currency` can")
    if comma := _COMMA_AMOUNT.fullmatch(str(text)):
        raise ValueError(f"{text!r} is no amount: write {comma[1]}.{comma[2]}, with a dot")
    try:
        minor = Money.parse(str(text), currency).minor
    except BadInput as error:
        raise ValueError(str(error)) from None
    if minor < 0:
        raise ValueError(f"{text!r} is negative: write an amount of zero or more")
    return minor


def read_count(text: object) -> int:
    """Read a whole number, zero or more."""
    if not _WHOLE.fullmatch(str(text)):
        raise ValueError(f"{text!r} is not a number: write digits only, for example 20")
    return int(str(text))


def read_true_or_false(text: object) -> object:
    """Read `true` or `false`; what is no text is left to its field."""
    if isinstance(text, str):
        if text not in ("true", "false"):
            raise ValueError(f"{text!r} is neither: write true or false")
        return text == "true"
    return text


def read_period(text: object) -> Period:
    """Read `2026-01`; the message of the error says how to write a month."""
    try:
        return Period.parse(str(text))
    except WrongUse as error:
        raise ValueError(str(error)) from None


def percent_text(rate: Fraction) -> str:
    """Return a rate as percent text: 3/25 is `12`, 3/40 is `7.5`. Rates come from decimal text, so it is exact."""
    percent = rate * 100
    digits = 0
    while (percent * 10**digits).denominator != 1:
        digits += 1
    return decimal_text(int(percent * 10**digits), digits)


def is_decimal(rate: Fraction) -> bool:
    """Whether a rate can be written out as percent: a third cannot."""
    denominator = rate.denominator
    for factor in (2, 5):
        while denominator % factor == 0:
            denominator //= factor
    return denominator == 1


def _schema(pattern: str, example: str, words: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example], "description": words})


Rate = Annotated[
    Fraction, BeforeValidator(read_percent), _schema(r"^[0-9]+(\.[0-9]+)? ?%$", "7.5%", "percent, at most 100%")
]
AmountMinor = Annotated[
    int,
    BeforeValidator(read_amount),
    WithJsonSchema({"type": ["string", "number"], "examples": ["5000.00"], "description": "in major units"}),
]
Count = Annotated[
    int, BeforeValidator(read_count), WithJsonSchema({"type": ["string", "integer"], "description": "whole number"})
]
PeriodText = Annotated[
    Period, BeforeValidator(read_period), _schema(r"^[0-9]{4}-(0[1-9]|1[0-2])$", "2026-01", "a month")
]
TrueOrFalse = Annotated[bool, BeforeValidator(read_true_or_false), WithJsonSchema({"type": "boolean"})]
