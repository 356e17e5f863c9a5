"""The edges of reading: amounts beyond what a fraction in binary holds, and the discount of a promo code."""

from fractions import Fraction

import polars as pl
import pytest

from rules.lines.reading import judged_types, vat_by_rate_minor
from tests.made.received import Line, received


@pytest.mark.parametrize(
    ("amount_minor", "rate", "vat_minor"),
    [(999_999_999_600_009, "22", 180_327_868_780_329), (999_999_999_885_210, "16.6667", 142_857_387_738_633)],
)
def test_vat_inside_the_largest_amounts_is_exact_to_the_kopeck(amount_minor: int, rate: str, vat_minor: int) -> None:
    exact = Fraction(amount_minor) * Fraction(rate) / (100 + Fraction(rate))
    assert abs(exact - vat_minor) < Fraction(1, 2)
    vat = pl.DataFrame({"amount_minor": [amount_minor], "vat_rate": [rate]}).select(vat_by_rate_minor())
    assert vat.row(0, named=True) == {"vat_by_rate_minor": vat_minor}


def test_a_discount_is_a_whole_number_of_minor_units_within_what_an_amount_may_be() -> None:
    written = ("1000", "0", "1000000000000000", "1000000000000001", "10.00", None)
    lines: tuple[Line, ...] = tuple({"discount_minor": text} for text in written)
    assert judged_types(received(*lines))["discount_minor"].to_list() == [1_000, 0, 10**15, None, None, None]
