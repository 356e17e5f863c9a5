"""A period is one calendar month."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import WrongUse
from models.period import Period

months = st.builds(Period, st.integers(1000, 2999), st.integers(1, 12))


def test_a_month_is_written_with_four_digits_and_two() -> None:
    assert Period.parse("2026-10") == Period(2026, 10)
    assert (str(Period(2026, 1)), str(Period(999, 12))) == ("2026-01", "0999-12")


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-00", "2026-13", "2026-1", "26-10", "2026-10-01", "2026/10", " 2026-10", "2026-10\n", "october",
     "0000-01", "0999-12", "3000-01", "\u0662\u0660\u0662\u0666-10"],
)  # fmt: skip
def test_anything_else_is_no_month(text: str) -> None:
    with pytest.raises(WrongUse, match="is not a period: write a month as YYYY-MM, for example 2026-10"):
        Period.parse(text)


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("2026-10", ["2026-10"]),
        ("2026-10..2026-10", ["2026-10"]),
        ("2026-11..2027-02", ["2026-11", "2026-12", "2027-01", "2027-02"]),
    ],
)
def test_a_range_holds_both_its_ends_and_all_between(text: str, periods: list[str]) -> None:
    assert [str(period) for period in Period.parse_range(text)] == periods


def test_a_range_that_runs_backwards_is_refused_with_the_one_that_does_not() -> None:
    with pytest.raises(WrongUse, match=r"'2026-03\.\.2026-01' runs backwards: .* 2026-01\.\.2026-03"):
        Period.parse_range("2026-03..2026-01")


@pytest.mark.parametrize("text", ["2026-01..", "..2026-01", "..", "2026-01...2026-02", "2026-01..2026-02..2026-03"])
def test_a_range_without_two_ends_is_refused(text: str) -> None:
    with pytest.raises(WrongUse, match="is not a period"):
        Period.parse_range(text)


@pytest.mark.parametrize(
    ("period", "last_day"),
    [("2026-02", 28), ("2028-02", 29), ("2100-02", 28), ("2026-04", 30), ("2026-12", 31)],
)
def test_a_month_ends_when_the_calendar_says(period: str, last_day: int) -> None:
    month = Period.parse(period)
    assert month.first_day == date(month.year, month.month, 1)
    assert month.last_day == date(month.year, month.month, last_day)


def test_the_year_turns_with_december() -> None:
    assert Period(2026, 12).next() == Period(2027, 1)
    assert Period(2026, 1).previous() == Period(2025, 12)
    assert (Period(2026, 1).plus(-13), Period(2026, 1).plus(0), Period(2026, 1).plus(24)) == (
        Period(2024, 12), Period(2026, 1), Period(2028, 1),
    )  # fmt: skip


def test_a_day_belongs_to_its_month() -> None:
    assert Period.of(date(2026, 1, 31)) == Period(2026, 1)
    assert Period.of(date(2026, 2, 1)) == Period(2026, 2)


@given(months)
def test_a_month_reads_back_as_it_is_written(period: Period) -> None:
    assert Period.parse(str(period)) == period
    assert Period.of(period.first_day) == Period.of(period.last_day) == period


@given(months, months)
def test_months_are_ordered_in_time_as_they_are_as_text(one: Period, other: Period) -> None:
    assert (one < other) == (one.first_day < other.first_day) == (str(one) < str(other))


@given(months, st.integers(-100, 100))
def test_there_and_back_is_the_same_month(period: Period, count: int) -> None:
    assert period.plus(count).plus(-count) == period
