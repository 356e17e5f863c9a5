"""Money: an integer number of minor units of one currency, and its decimal text."""

import re
from decimal import Decimal
from fractions import Fraction

from iso4217 import Currency

from models.errors import BadInput
from models.value import Value

LARGEST_MINOR = 10**15
"""No single amount is larger: sums of 9 000 of them still fit the 64-bit integers of a frame."""

LARGEST_SUM = 2**63 - 1
"""No sum of amounts is larger, whatever their signs: beyond it a frame's integers begin anew below zero."""

_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")

_DIGITS = {currency.code: currency.exponent for currency in Currency if currency.exponent is not None}


def known_currency(code: str) -> bool:
    """Whether ISO 4217 knows the currency and gives it minor units."""
    return code in _DIGITS


def known_currencies() -> tuple[str, ...]:
    """Every currency code of ISO 4217 that has minor units, sorted."""
    return tuple(sorted(_DIGITS))


def minor_digits(currency: str) -> int:
    """Return how many decimal digits the currency has by ISO 4217: RUB 2, JPY 0, KWD 3.

    Raises BadInput for a code ISO 4217 does not know.
    """
    if currency not in _DIGITS:
        raise BadInput(f"currency {currency!r} is not in ISO 4217: write a code such as RUB, EUR or PLN.")
    return _DIGITS[currency]


class Money(Value):
    """An exact amount; positive is owed to the partner.

    >>> str(Money.parse("5000.00", "RUB"))
    '5000.00 RUB'
    """

    minor: int
    currency: str

    @classmethod
    def parse(cls, text: str, currency: str) -> "Money":
        """Read decimal text in major units. Raises BadInput when it is not exact in this currency."""
        digits = minor_digits(currency)
        if not _DECIMAL.fullmatch(text):
            raise BadInput(f"{text!r} is not an amount: write digits and a dot, for example 5000.00.")
        # As a fraction: decimals would round the product to 28 digits.
        minor = Fraction(Decimal(text)) * 10**digits
        if minor.denominator != 1:
            raise BadInput(f"{text!r} is not an amount in {currency}, which has {digits} decimal digits.")
        if abs(minor) > LARGEST_MINOR:
            raise BadInput(f"{text!r} is too large: an amount is at most {major(LARGEST_MINOR, currency)} {currency}.")
        return cls(minor=int(minor), currency=currency)

    @property
    def text(self) -> str:
        """The amount in major units as plain decimal text: `-1234.50`."""
        return decimal_text(self.minor, minor_digits(self.currency))

    def __str__(self) -> str:
        return f"{self.text} {self.currency}"


def decimal_text(minor: int, digits: int) -> str:
    """Return minor units as plain decimal text in major units.

    >>> decimal_text(-5, 2)
    '-0.05'
    """
    whole, rest = divmod(abs(minor), 10**digits)
    sign = "-" if minor < 0 else ""
    return f"{sign}{whole}.{rest:0{digits}d}" if digits else f"{sign}{whole}"


def grouped(number: int) -> str:
    """Return a whole number as people read it in a sentence.

    >>> grouped(-1234567)
    '-1 234 567'
    """
    return f"{number:,}".replace(",", " ")


def counted(number: int, noun: str) -> str:
    """Return how many there are, as people read it in a sentence. The noun takes an `s`.

    >>> counted(1, "line"), counted(12060, "line")
    ('1 line', '12 060 lines')
    """
    return f"{grouped(number)} {noun}{'' if number == 1 else 's'}"


def major(minor: int, currency: str) -> str:
    """Return minor units as people read them in a sentence, in major units.

    >>> major(10_000_000, "RUB"), major(-5, "RUB")
    ('100 000.00', '-0.05')
    """
    whole, dot, rest = decimal_text(minor, minor_digits(currency)).partition(".")
    sign = "-" if whole.startswith("-") else ""
    return sign + grouped(abs(int(whole))) + dot + rest
