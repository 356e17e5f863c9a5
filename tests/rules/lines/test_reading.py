"""What the text of a billing line says, or that it says nothing we may pay on."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.money import minor_digits
from rules.lines.reading import (
    amount_minor_of,
    date_of,
    decimal_text_of,
    judged_types,
    vat_by_rate_minor,
    vat_rate_of,
    whole_number,
)
from tests.made.received import received

Text = str | None

MESSY = st.text("0123456789+-., eE_٣\n", max_size=22)
WHOLES = st.integers(-(10**16), 10**16).map(str) | st.sampled_from(
    ["+7", "-0", "007", "9" * 19, "-9223372036854775808"]
)
DECIMALS = st.builds(
    "{}{}.{}".format, st.sampled_from(["", "+", "-"]), st.integers(0, 10**16), st.text("0123456789", max_size=7)
)
AMOUNTS = st.none() | WHOLES | DECIMALS | MESSY
CURRENCIES = st.sampled_from(["RUB", "JPY", "KWD", "CLF", "XAU", "rub", None])


def read(expression: pl.Expr, **columns: Sequence[Text]) -> list[object]:
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String())).select(expression).to_series().to_list()


def amount_of(minor: Text = None, major: Text = None, currency: Text = "RUB") -> object:
    return read(amount_minor_of(), amount_minor=[minor], amount=[major], currency=[currency])[0]


# The twins: the same readings in plain Python.


def plain_whole(text: Text) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"[+-]?[0-9]+", text) else None


def plain_amount(minor: Text, major: Text, currency: Text) -> int | None:
    readings: set[int | None] = set()
    if minor is not None:
        readings.add(plain_whole(minor))
    if major is not None:
        readings.add(plain_major(major, currency))
    amount = readings.pop() if len(readings) == 1 else None
    return amount if amount is not None and abs(amount) <= 10**15 else None


def plain_major(text: str, currency: Text) -> int | None:
    if currency not in ("RUB", "JPY", "KWD", "CLF") or not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text):
        return None
    exact = Fraction(Decimal(text)) * 10 ** {"RUB": 2, "JPY": 0, "KWD": 3, "CLF": 4}[currency]
    return exact.numerator if exact.denominator == 1 else None


def plain_date(text: Text) -> date | None:
    if text is None or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS, CURRENCIES), min_size=1))
def test_an_amount_is_read_as_plain_arithmetic_reads_it(lines: list[tuple[Text, Text, Text]]) -> None:
    minor, major, currency = zip(*lines, strict=True)

    amounts = read(amount_minor_of(), amount_minor=minor, amount=major, currency=currency)

    assert amounts == [plain_amount(*line) for line in lines]


@given(st.lists(st.dates().map(str) | st.from_regex(r"[0-9]{3,5}-[0-9]{1,2}-[0-9]{1,2}\n?", fullmatch=True) | MESSY))
def test_a_date_is_read_as_the_calendar_reads_it(texts: list[str]) -> None:
    assert read(date_of("paid_on"), paid_on=texts) == [plain_date(text) for text in texts]


@given(st.lists(WHOLES | MESSY))
def test_a_whole_number_is_read_as_plain_arithmetic_reads_it(texts: list[str]) -> None:
    numbers = [plain_whole(text) for text in texts]

    assert read(whole_number("n"), n=texts) == [n if n is not None and -(2**63) <= n < 2**63 else None for n in numbers]


@given(st.lists(st.tuples(st.integers(-(10**15), 10**15), st.decimals(0, 100, places=4)), min_size=1))
def test_vat_by_its_rate_is_rounded_once_half_away_from_zero(lines: list[tuple[int, Decimal]]) -> None:
    amounts, rates = zip(*lines, strict=True)
    frame = pl.DataFrame({"amount_minor": amounts, "vat_rate": [f"{rate:f}" for rate in rates]})

    vat = frame.select(vat_by_rate_minor()).to_series().to_list()

    exact = [Fraction(amount) * Fraction(rate) / (100 + Fraction(rate)) for amount, rate in lines]
    nearest = [int(abs(share) + Fraction(1, 2)) * (-1 if share < 0 else 1) for share in exact]
    assert vat == nearest


@pytest.mark.parametrize(
    ("minor", "expected"),
    [
        ("300", 300),
        ("-300", -300),
        ("0", 0),
        ("300.00", None),
        ("3e2", None),
        (" 300", None),
        ("1 000", None),
        ("1_000", None),
        ("1000000000000000", 10**15),
        ("1000000000000001", None),
        ("-1000000000000000", -(10**15)),
        ("-1000000000000001", None),
        ("99999999999999999999", None),
        (None, None),
    ],
)
def test_an_amount_in_minor_units_is_a_whole_number_or_unreadable(minor: Text, expected: int | None) -> None:
    assert amount_of(minor=minor) == expected


@pytest.mark.parametrize(
    ("major", "currency", "expected"),
    [
        ("300.00", "RUB", 30_000),
        ("12.5", "RUB", 1_250),
        ("-0.01", "RUB", -1),
        ("0.001", "RUB", None),
        ("300.0000", "RUB", 30_000),  # zeros at the end are no decimals: databases write them
        ("300", "JPY", 300),
        ("300.5", "JPY", None),
        ("1.234", "KWD", 1_234),
        ("1.2345", "KWD", None),
        ("1,50", "RUB", None),
        (".5", "RUB", None),
        ("5.", "RUB", None),
        ("1e3", "RUB", None),
        ("10000000000000.00", "RUB", 10**15),
        ("10000000000000.01", "RUB", None),
        ("0.1", "RUR", None),
        ("0.1", None, None),
    ],
)
def test_an_amount_in_major_units_is_scaled_by_its_currency(major: str, currency: Text, expected: int | None) -> None:
    assert amount_of(major=major, currency=currency) == expected


def test_two_amounts_on_one_line_must_agree() -> None:
    assert amount_of(minor="1250", major="12.50") == 1250
    assert amount_of(minor="1251", major="12.50") is None
    assert amount_of(minor="12.50", major="12.50") is None


def test_every_currency_of_the_twin_has_the_decimals_iso_4217_gives_it() -> None:
    assert [minor_digits(currency) for currency in ("RUB", "JPY", "KWD", "CLF")] == [2, 0, 3, 4]


@pytest.mark.parametrize(
    "text", ["2026-02-29", "2026-13-01", "2026-1-05", "05.01.2026", "2026-01-05 ", "0000-01-01", ""]
)
def test_a_day_that_is_not_in_the_calendar_or_written_otherwise_is_no_date(text: str) -> None:
    assert read(date_of("paid_on"), paid_on=[text]) == [None]


def test_a_leap_day_is_a_date() -> None:
    assert read(date_of("paid_on"), paid_on=["2024-02-29"]) == [date(2024, 2, 29)]


@pytest.mark.parametrize("text", ["0", "22", "7.5", "16.6667", "100", "100.0000", "22.00000"])
def test_a_vat_rate_is_a_percentage_with_at_most_four_decimals(text: str) -> None:
    assert read(vat_rate_of(), vat_rate=[text]) == [text]


@pytest.mark.parametrize("text", ["-1", "100.0001", "16.66667", "22%", "0,22", "NaN", "12345678901234567890"])
def test_anything_else_is_no_vat_rate(text: str) -> None:
    assert read(vat_rate_of(), vat_rate=[text]) == [None]


def test_a_quantity_stays_the_text_it_is_where_it_is_a_number() -> None:
    assert read(decimal_text_of("quantity"), quantity=["-1.50", "1,000", "many", None]) == ["-1.50", None, None, None]


def test_vat_of_a_half_minor_unit_goes_away_from_zero() -> None:
    # 70 000.05 at 20 % holds 11 666.675; 0.03 holds 0.005.
    frame = pl.DataFrame({"amount_minor": [7_000_005, 3, -3, 12_200], "vat_rate": ["20", "20", "20", "22"]})

    assert frame.select(vat_by_rate_minor()).to_series().to_list() == [1_166_668, 1, -1, 2_200]


def test_the_day_of_payment_stands_in_for_a_blank_day_of_posting_only() -> None:
    lines = received({"posted_on": None}, {"posted_on": "soon"}, {"posted_on": "2026-02-01"})

    assert judged_types(lines)["posted_on"].to_list() == [date(2026, 1, 12), None, date(2026, 2, 1)]


def test_what_cannot_be_read_is_null_and_what_was_not_asked_stays() -> None:
    lines = received({"vat_minor": "22.00", "vat_rate": "x", "quantity": "x", "paid_on": "x", "region": "north"})

    judged = judged_types(lines).row(0, named=True)

    assert [judged[column] for column in ("vat_minor", "vat_rate", "quantity", "paid_on")] == [None] * 4
    assert (judged["region"], judged["row"], judged["currency"]) == ("north", 2, "RUB")


def test_vat_larger_than_any_amount_is_unreadable() -> None:
    lines = received({"vat_minor": "1000000000000000"}, {"vat_minor": "1000000000000001"})

    assert judged_types(lines)["vat_minor"].to_list() == [10**15, None]
