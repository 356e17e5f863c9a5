"""Numbers and days as a source declares them: read exactly, or left so that nobody reads them in another way."""

import polars as pl
import pytest

from rules.sources.days import DayForm
from rules.sources.numbers import NumberForm

RUSSIAN = NumberForm(decimal=",", thousands=(" ",), negatives=("1-", "(1)", "\u22121", "'-1"))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1 234,50", "1234.50"),
        ("900,00-", "-900.00"),
        ("(500,00)", "-500.00"),
        ("\u221280,00", "-80.00"),
        ("'-70,00", "-70.00"),
        ("1.500", "1.500 (not as sources.yaml says)"),
        ("12 34,5", "12 34,5"),
        ("--5", "--5"),
    ],
)
def test_a_number_is_read_as_declared_or_not_at_all(written: str, read: str) -> None:
    assert pl.DataFrame({"amount": [written]}).select(RUSSIAN.as_plain("amount")).item() == read


@pytest.mark.parametrize(
    ("written", "number", "currency"),
    [
        ("kr5", "5", "SEK"),
        ("kr. 5", "5", "DKK"),
        ("-5 kr.", "-5", "DKK"),
        ("5kr", "5", "SEK"),
        ("5", "5", None),
        ("kr5kr", None, "SEK"),
        ("kr..5", None, None),
    ],
)
def test_of_two_signs_of_which_one_begins_the_other_the_one_that_is_written_counts(
    written: str, number: str | None, currency: str | None
) -> None:
    form, amount = NumberForm(currency_signs={"kr": "SEK", "kr.": "DKK"}), pl.col("amount")
    frame = pl.DataFrame({"amount": [written]})
    read = frame.select(form.number(amount).alias("number"), form.currency(amount).alias("currency")).row(0)
    assert read == (number, currency)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-02-01T04:59:59Z", "2026-01-31"),
        ("2026-02-01T05:00:00Z", "2026-02-01"),
        ("2026-07-01T03:59:59Z", "2026-06-30"),
        ("2026-01-31 23:30", "2026-01-31"),
        ("31.01.2026", "2026-01-31"),
        ("31.02.2026", "31.02.2026"),
    ],
)
def test_a_moment_falls_on_the_day_of_the_zone_of_the_books(written: str, day: str) -> None:
    form = DayForm(dates=("DD.MM.YYYY",), timezone="America/New_York")
    assert pl.DataFrame({"paid_on": [written]}).select(form.as_iso("paid_on")).item() == day


def test_two_forms_that_read_one_text_as_two_days_are_refused() -> None:
    with pytest.raises(ValueError, match="keep the one that is meant"):
        DayForm(dates=("DD.MM.YYYY", "MM.DD.YYYY"))


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("46054", "2026-02-01"),
        ("46054.000", "2026-02-01"),  # a day of its own, no midnight of UTC
        ("46054.2083333", "2026-01-31"),  # 04:59:59 of UTC
        ("46054.208333333", "2026-01-31"),
        ("46054.208333334", "2026-02-01"),  # 05:00:00
        ("46054.9", "2026-02-01"),
    ],
)
def test_a_moment_of_a_workbook_falls_on_the_day_of_the_zone_of_the_books(written: str, day: str) -> None:
    form = DayForm(dates=("excel",), timezone="America/New_York", stamps_in="UTC")
    assert pl.DataFrame({"paid_on": [written]}).select(form.as_iso("paid_on")).item() == day
