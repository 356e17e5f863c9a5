"""When the clock settles a month: on the 3rd, on a working day, once the books are closed."""

from datetime import date

import pytest

from models.errors import BadInput
from models.period import Period
from rules.due import CALENDAR, MonthCalendar, parse_calendar, put_off

OCTOBER, DECEMBER = Period(2026, 10), Period(2026, 12)


def test_without_a_calendar_a_month_is_settled_from_the_third_of_the_next_on() -> None:
    plain = MonthCalendar()
    assert plain.due(OCTOBER) == date(2026, 11, 3)
    early = put_off(plain, OCTOBER, date(2026, 11, 2))
    assert early is not None
    assert (early.until, early.name) == (date(2026, 11, 3), "WaitingForItsDay")
    assert early.why == "2026-10 is settled from 2026-11-03 on, day 3 of 2026-11."
    assert put_off(plain, OCTOBER, date(2026, 11, 3)) is None
    assert put_off(plain, OCTOBER, date(2026, 12, 31)) is None


def test_a_day_of_the_month_may_be_another() -> None:
    assert parse_calendar("day: 10").due(DECEMBER) == date(2027, 1, 10)
    assert parse_calendar("day: 28").due(Period(2027, 1)) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("number", "day"),
    [(1, date(2026, 11, 2)), (5, date(2026, 11, 6)), (6, date(2026, 11, 9)), (15, date(2026, 11, 20))],
)
def test_working_days_leave_out_saturdays_and_sundays(number: int, day: date) -> None:
    assert parse_calendar(f"working_day: {number}").due(OCTOBER) == day  # 2026-11-01 is a Sunday


def test_holidays_are_no_working_days_and_a_saturday_on_which_people_work_is_one() -> None:
    winter = """
        working_day: 2
        holidays: [2027-01-01, 2027-01-04, 2027-01-05, 2027-01-06, 2027-01-07, 2027-01-08]
        worked: [2027-01-09]
    """
    assert parse_calendar(winter).due(DECEMBER) == date(2027, 1, 11)  # Saturday the 9th, then Monday
    early = put_off(parse_calendar(winter), DECEMBER, date(2027, 1, 10))
    assert early is not None
    assert early.why == "2026-12 is settled from 2027-01-11 on, working day 2 of 2027-01."


def test_a_month_with_fewer_working_days_than_that_is_settled_on_its_last() -> None:
    days = ", ".join(f"2026-11-{number:02d}" for number in range(2, 31))
    assert parse_calendar(f"{{working_day: 1, holidays: [{days}]}}").due(OCTOBER) == date(2026, 11, 30)


def test_a_month_waits_until_its_books_are_closed_through_its_last_day() -> None:
    open_books = parse_calendar("books_closed_through: 2026-10-30")
    waits = put_off(open_books, OCTOBER, date(2026, 11, 5))
    assert waits is not None
    assert (waits.until, waits.name) == (date(2026, 11, 6), "WaitingForTheBooks")
    assert waits.why == (
        "2026-10 is settled once the books are closed through 2026-10-31; calendar.yaml says "
        "books_closed_through: 2026-10-30. It is looked at again on 2026-11-06."
    )
    assert put_off(parse_calendar("books_closed_through: 2026-10-31"), OCTOBER, date(2026, 11, 5)) is None


def test_its_day_comes_before_its_books() -> None:
    closed = parse_calendar("{working_day: 5, books_closed_through: 2026-10-31}")
    assert put_off(closed, OCTOBER, date(2026, 11, 5)) is not None
    assert put_off(closed, OCTOBER, date(2026, 11, 6)) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("day: 29", "day: 29 is not a day of every month: write 1 to 28"),
        ("day: 0", "day: 0 is not a day of every month: write 1 to 28"),
        ("working_day: 16", "working_day: 16 is not a day of every month: write 1 to 15"),
        ("{day: 3, working_day: 2}", "write `day` or `working_day`, not both"),
        ("working_day: third", "line 1, column 1: working_day: 'third' is not a number"),
        ("holidays: [2026-02-30]", "'2026-02-30' is a day that no calendar has: write it as 2026-12-31"),
        ("books_closed_through:", "'' is not a day: write it as 2026-12-31"),
        ("books_closed_through: 31.10.2026", "'31.10.2026' is not a day: write it as 2026-12-31"),
        ("workday: 3", "this version does not know this key"),
        ("- 3", "calendar.yaml cannot be carried out"),
        ("", "calendar.yaml is empty"),
    ],
)
def test_a_calendar_that_cannot_be_carried_out_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=CALENDAR) as refused:
        parse_calendar(text)
    assert words in str(refused.value)
