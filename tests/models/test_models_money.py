"""Money is a whole number of minor units of a currency that ISO 4217 knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.errors import BadInput
from models.money import (
    LARGEST_MINOR,
    Money,
    decimal_text,
    grouped,
    known_currencies,
    known_currency,
    major,
    minor_digits,
)

minors = st.integers(-LARGEST_MINOR, LARGEST_MINOR)
currencies = st.sampled_from(["RUB", "EUR", "JPY", "KWD", "CLF"])


@pytest.mark.parametrize(
    ("currency", "digits"), [("RUB", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("RSD", 2), ("ISK", 0)]
)
def test_a_currency_has_the_decimals_of_iso_4217(currency: str, digits: int) -> None:
    assert known_currency(currency)
    assert minor_digits(currency) == digits


@pytest.mark.parametrize("code", ["", "rub", "RUR", "XXX", "XAU", "₽", "RUB "])
def test_a_code_without_minor_units_is_no_currency(code: str) -> None:
    assert not known_currency(code)
    with pytest.raises(BadInput, match="is not in ISO 4217: write a code such as RUB, EUR or PLN"):
        minor_digits(code)


def test_the_known_currencies_are_sorted_and_known() -> None:
    assert list(known_currencies()) == sorted(known_currencies())
    assert {"EUR", "PLN", "RUB"} < set(known_currencies())
    assert all(known_currency(code) for code in known_currencies())


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("5000.00", "RUB", 500_000),
        ("5000", "RUB", 500_000),
        ("5000.0", "RUB", 500_000),
        ("0.01", "RUB", 1),
        ("-0.01", "RUB", -1),
        ("+7", "JPY", 7),
        ("1.005", "KWD", 1_005),
        ("1.00500", "KWD", 1_005),
        ("0.30", "EUR", 30),
        ("10000000000000.00", "RUB", LARGEST_MINOR),
        ("0" * 5_000 + "1", "RUB", 100),
    ],
)
def test_an_amount_is_read_exactly(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor=minor, currency=currency)


@pytest.mark.parametrize(
    "text",
    ["", "abc", "5,000.00", "5000,00", "5 000", "1e3", "1E999999", "1_000", ".5", "5.", "--5", "NaN", "sNaN",
     "Infinity", "0x10", " 5", "5\n", "\u0665"],
)  # fmt: skip
def test_what_is_not_digits_and_a_dot_is_no_amount(text: str) -> None:
    with pytest.raises(BadInput, match=r"is not an amount: write digits and a dot, for example 5000\.00"):
        Money.parse(text, "RUB")


@pytest.mark.parametrize(
    ("text", "currency"), [("0.001", "RUB"), ("5000.005", "RUB"), ("0.5", "JPY"), ("5000." + "0" * 40 + "1", "RUB")]
)
def test_a_part_of_a_minor_unit_is_refused_however_small(text: str, currency: str) -> None:
    with pytest.raises(BadInput, match=f"is not an amount in {currency}, which has [02] decimal digits"):
        Money.parse(text, currency)


@pytest.mark.parametrize("text", ["10000000000000.01", "-10000000000000.01", "1" + "0" * 30])
def test_an_amount_beyond_what_frames_can_sum_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"is too large: an amount is at most 10 000 000 000 000\.00 RUB"):
        Money.parse(text, "RUB")


def test_an_amount_in_no_currency_is_no_amount() -> None:
    with pytest.raises(BadInput, match="currency 'XXX' is not in ISO 4217"):
        Money.parse("5.00", "XXX")


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(-123_450, "RUB", "-1234.50 RUB"), (5, "RUB", "0.05 RUB"), (-5, "RUB", "-0.05 RUB"), (0, "KWD", "0.000 KWD"),
     (-7, "JPY", "-7 JPY")],
)  # fmt: skip
def test_an_amount_is_shown_in_major_units(minor: int, currency: str, text: str) -> None:
    money = Money(minor=minor, currency=currency)
    assert str(money) == text == f"{money.text} {currency}"


@given(minors, currencies)
def test_an_amount_reads_back_as_it_is_shown(minor: int, currency: str) -> None:
    money = Money(minor=minor, currency=currency)
    assert Money.parse(money.text, currency) == money


@given(minors, currencies)
def test_people_read_the_same_figure_with_its_thousands_apart(minor: int, currency: str) -> None:
    assert major(minor, currency).replace(" ", "") == decimal_text(minor, minor_digits(currency))


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (999, "999"), (1_000, "1 000"), (-1_234_567, "-1 234 567"), (-999, "-999")]
)
def test_thousands_are_set_apart(number: int, text: str) -> None:
    assert grouped(number) == text


def test_money_never_changes_and_never_comes_from_a_fraction_of_a_minor_unit() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Money(minor=1, currency="RUB").minor = 2  # type: ignore[misc]
    with pytest.raises(ValidationError, match="valid integer"):
        Money.model_validate({"minor": "1.5", "currency": "RUB"})
