"""Texts of figures on a statement: a rate as percent or ratio, an exact amount with six decimals."""

from fractions import Fraction

from models.money import decimal_text
from rules.money import half_away_of
from rules.programme.written import is_decimal, percent_text


def rate_text(rate: Fraction) -> str:
    """Return a rate as percent text, or as a ratio where percent would never end: `12`, `15/31`."""
    return percent_text(rate) if is_decimal(rate) else f"{rate.numerator}/{rate.denominator}"


def exact_text(exact_minor: Fraction, digits: int) -> str:
    """Return an exact amount in major units with six decimals, for reading: 933 333.4267 minor is `9333.334267`."""
    return decimal_text(half_away_of(exact_minor.numerator * 10 ** (6 - digits), exact_minor.denominator), 6)
