"""Figures and dates as each language writes them, from exact integers and decimal text."""

from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import example, given
from hypothesis import strategies as st

from models.statement import NotIncluded
from tasks.documents.wording import MissingWording, wording
from tests.templates.pieces import payment

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("locale", "shown"), [("en", "12,345.67"), ("pl", f"12{NBSP}345,67"), ("ru", f"12{NBSP}345,67")]
)
def test_an_amount_is_written_as_its_language_writes_it(locale: str, shown: str) -> None:
    assert wording(locale).money(1_234_567, 2) == shown


@pytest.mark.parametrize(("digits", "shown"), [(0, "1,234,567"), (2, "12,345.67"), (3, "1,234.567"), (4, "123.4567")])
def test_an_amount_has_the_digits_of_its_currency(digits: int, shown: str) -> None:
    assert wording("en").money(1_234_567, digits) == shown


@pytest.mark.parametrize(("minor", "shown"), [(-1, "−0.01"), (0, "0.00"), (1, "0.01"), (-1_234_567, "−12,345.67")])
def test_a_negative_amount_has_a_minus_sign(minor: int, shown: str) -> None:
    assert wording("en").money(minor, 2) == shown


def test_four_digits_are_grouped_in_polish_too_so_that_columns_line_up() -> None:
    assert wording("pl").money(123_456, 2) == f"1{NBSP}234,56"


def test_the_largest_amount_a_database_holds_keeps_every_digit() -> None:
    assert wording("en").money(9_223_372_036_854_775_807, 2) == "92,233,720,368,547,758.07"


@given(st.integers(-(10**18), 10**18), st.integers(0, 4))
def test_an_amount_can_be_read_back_to_the_minor_unit(minor: int, digits: int) -> None:
    shown = wording("en").money(minor, digits).replace(",", "").replace("−", "-")

    assert Decimal(shown) * 10**digits == minor


@pytest.mark.parametrize("locale", ["en", "pl", "ru"])
@given(st.integers(-(10**18), 10**18), st.integers(0, 8), st.integers(0, 4))
@example(-1, 8, 2)
@example(0, 2, 2)
@example(123_450, 2, 0)
@example(999_999_999_999, 6, 2)
def test_an_exact_amount_is_written_as_babel_writes_it(locale: str, figures: int, decimals: int, digits: int) -> None:
    number = Decimal(figures).scaleb(-decimals)
    pattern = "#,##0." + "0" * digits + "#" * (decimals - digits)
    expected = format_decimal(abs(number), format=pattern.rstrip("."), locale=locale)
    assert wording(locale).exact(f"{number:f}", digits) == "\u2212" * (number < 0) + expected


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [
        (99_900, "EUR", f"999.00{NBSP}EUR"),
        (500, "JPY", f"500{NBSP}JPY"),
        (1_234, "KWD", f"1.234{NBSP}KWD"),
        (1_234, "ZZZ", f"1,234{NBSP}ZZZ"),
        (1_234, "", "1,234"),
    ],
)
def test_an_amount_in_another_currency_has_that_currencys_digits(minor: int, currency: str, shown: str) -> None:
    assert wording("en").amount(minor, currency) == shown


@pytest.mark.parametrize(
    ("exact", "digits", "shown"),
    [
        ("28000.000000", 2, "28,000.00"),
        ("16666.665000", 2, "16,666.665"),
        ("9333.334267", 2, "9,333.334267"),
        ("-0.000001", 2, "−0.000001"),
        ("1234.000000", 0, "1,234"),
        ("1234.500000", 0, "1,234.5"),
        ("0.100000", 3, "0.100"),
    ],
)
def test_an_amount_before_rounding_shows_every_digit_it_has(exact: str, digits: int, shown: str) -> None:
    assert wording("en").exact(exact, digits) == shown


@pytest.mark.parametrize(("minor", "shown"), [(1, "+0.01"), (-1, "−0.01"), (0, "")])
def test_a_minor_unit_that_rounding_gave_is_shown_with_its_sign(minor: int, shown: str) -> None:
    assert wording("en").rounding(minor, 2) == shown


@pytest.mark.parametrize(
    ("locale", "rate", "shown"),
    [("en", "12", "12%"), ("pl", "7.5", "7,5%"), ("ru", "7.5", f"7,5{NBSP}%"), ("en", "33.333333333", "33.333333333%")],
)
def test_a_rate_is_shown_to_its_last_digit(locale: str, rate: str, shown: str) -> None:
    assert wording(locale).percent(rate) == shown


@pytest.mark.parametrize(
    ("locale", "day", "short", "month"),
    [
        ("en", "3 February 2026", "3 Feb 2026", "February 2026"),
        ("pl", "3 lutego 2026", "03.02.2026", "luty 2026"),
        ("ru", "3 февраля 2026 г.", "03.02.2026", "февраль 2026"),
    ],
)
def test_a_day_and_a_month_are_named_in_the_language(locale: str, day: str, short: str, month: str) -> None:
    words = wording(locale)

    assert (words.day("2026-02-03"), words.short_day("2026-02-03"), words.month("2026-02")) == (day, short, month)


@pytest.mark.parametrize("at", ["2026-02-03T03:00:00Z", "2026-02-03T06:00:00+03:00"])
def test_the_time_of_approval_is_shown_in_utc(at: str) -> None:
    assert wording("en").moment(at) == "3 February 2026, 03:00 UTC"


@pytest.mark.parametrize(
    ("reason", "carried", "outlook"),
    [
        ("category without a rule", True, "looked at again next month"),
        ("not paid yet", False, "counts when it is paid"),
        ("posted after the cut-off", False, "counts in its own month"),
        ("excluded by the plan", False, "final"),
        ("bad date", False, "counts when it is corrected"),
        ("bad date; VAT is not known", False, "counts when it is corrected"),
    ],
)
def test_a_line_that_was_not_included_says_what_becomes_of_it(reason: str, carried: bool, outlook: str) -> None:
    item = NotIncluded(
        reason=reason,
        note="",
        client_id="C1",
        client_name="",
        category="",
        currency="RUB",
        lines=1,
        amount_minor=1,
        carried=carried,
    )

    assert wording("en").outlook(item) == outlook


@pytest.mark.parametrize(
    ("locale", "unread", "shown"),
    [
        ("en", 0, "12.50 RUB"),
        ("en", 2, "12.50 RUB, and 2 unknown"),
        ("en", 3, "unknown"),
        ("ru", 3, "неизвестна"),
        ("pl", 3, "nieznana"),
    ],
)
def test_an_amount_that_could_not_be_read_is_unknown_and_never_nothing(locale: str, unread: int, shown: str) -> None:
    item = NotIncluded(
        reason="bad number",
        note="",
        client_id="C1",
        client_name="",
        category="",
        currency="RUB",
        lines=3,
        amount_minor=0 if unread == 3 else 1250,
        carried=False,
        unread=unread,
    )

    assert wording(locale).left_out(item).replace(NBSP, " ") == shown


def test_several_reasons_are_each_put_in_words() -> None:
    assert wording("pl").reasons("bad date; bad number") == "Nieczytelna data; Nieczytelna liczba"


def test_a_reason_nobody_has_put_in_words_is_an_error() -> None:
    with pytest.raises(MissingWording, match=r"reason\.eaten by the dog"):
        wording("en").reasons("eaten by the dog")


def test_a_late_payment_that_was_left_open_before_says_both() -> None:
    paid = payment("L1", "C1", "software", 1, 1).model_copy(update={"late": True, "carried_from": "2025-12"})

    assert wording("en").note(paid) == "late; open since December 2025"
