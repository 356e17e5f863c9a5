"""Due: on which day a month that has ended is settled, by the calendar of the vendor, once its books are closed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from pydantic import BeforeValidator, ValidationError, model_validator

from models.errors import BadInput
from models.period import Period
from rules.programme.blocks.plan_terms import Block
from rules.programme.refusals import problems_of
from rules.programme.written import Count
from rules.programme.yaml_text import parse_yaml

CALENDAR = "calendar.yaml"
DEFAULT_DAY = 3
LAST_DAY = 28  # that every month has
MOST_WORKING_DAYS = 15  # that every month has, also one with long holidays
SATURDAY = 5


def _read_day(text: object) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(text)):
        raise ValueError(f"{text!r} is not a day: write it as 2026-12-31")
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise ValueError(f"{text!r} is a day that no calendar has: write it as 2026-12-31") from None


Day = Annotated[date, BeforeValidator(_read_day)]


class MonthCalendar(Block):
    """When the clock may settle a month. Without a word of it: on the 3rd, whatever day of the week that is."""

    day: Count | None = None
    working_day: Count | None = None
    holidays: tuple[Day, ...] = ()
    worked: tuple[Day, ...] = ()  # days of a weekend, or holidays, on which people work
    books_closed_through: Day | None = None

    @model_validator(mode="after")
    def _one_day_that_every_month_has(self) -> "MonthCalendar":
        if self.day is not None and self.working_day is not None:
            raise ValueError("write `day` or `working_day`, not both")
        for name, number, most in (("day", self.day, LAST_DAY), ("working_day", self.working_day, MOST_WORKING_DAYS)):
            if number is not None and not 1 <= number <= most:
                raise ValueError(f"{name}: {number} is not a day of every month: write 1 to {most}")
        return self

    def due(self, month: Period) -> date:
        """The day from which the month is settled: one of the month after.

        >>> MonthCalendar.model_validate({"working_day": "3"}).due(Period(2026, 10))
        datetime.date(2026, 11, 4)
        """
        if self.working_day is None:
            return month.next().first_day.replace(day=self.day or DEFAULT_DAY)
        days = list(self._working_days(month.next()))
        # A month that has fewer working days is settled on its last day.
        return days[self.working_day - 1] if len(days) >= self.working_day else month.next().last_day

    def _working_days(self, month: Period) -> Iterator[date]:
        for number in range((month.last_day - month.first_day).days + 1):
            day = month.first_day + timedelta(days=number)
            rests = day.weekday() >= SATURDAY or day in self.holidays
            if not rests or day in self.worked:
                yield day


def parse_calendar(text: str) -> MonthCalendar:
    """Read calendar.yaml. Raises BadInput naming every line that cannot be carried out."""
    tree = parse_yaml(text, CALENDAR)
    try:
        return MonthCalendar.model_validate(tree.data)
    except ValidationError as error:
        lines = "\n".join(f"  {line}" for line in problems_of(tree, MonthCalendar, error))
        raise BadInput(f"{CALENDAR} cannot be carried out:\n{lines}") from None


@dataclass(frozen=True)
class PutOff:
    """A month that is not settled yet: until which day, what the run is called meanwhile, and why."""

    until: date
    name: str
    why: str


def put_off(calendar: MonthCalendar, month: Period, today: date) -> PutOff | None:
    """Return why a month is not settled today; None where it is."""
    due = calendar.due(month)
    if today < due:
        if calendar.working_day is None:
            day = f"day {calendar.day or DEFAULT_DAY}"
        else:
            day = f"working day {calendar.working_day}"
        return PutOff(due, "WaitingForItsDay", f"{month} is settled from {due} on, {day} of {month.next()}.")
    books = calendar.books_closed_through
    if books is not None and books < month.last_day:
        return PutOff(
            today + timedelta(days=1),
            "WaitingForTheBooks",
            f"{month} is settled once the books are closed through {month.last_day}; {CALENDAR} says "
            f"books_closed_through: {books}. It is looked at again on {today + timedelta(days=1)}.",
        )
    return None
