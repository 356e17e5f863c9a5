"""A period: one calendar month, the unit that is settled, approved and sealed."""

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from models.errors import WrongUse

PATTERN = r"^[12][0-9]{3}-(0[1-9]|1[0-2])$"


class Period(NamedTuple):
    """One calendar month, ordered in time.

    >>> Period.parse("2026-12").next()
    Period(year=2027, month=1)
    """

    year: int
    month: int

    @classmethod
    @lru_cache(1024)
    def parse(cls, text: str) -> "Period":
        """Read `2026-10`. Raises WrongUse for anything else."""
        if not re.fullmatch(PATTERN, text):
            raise WrongUse(f"{text!r} is not a period: write a month as YYYY-MM, for example 2026-10.")
        return cls(int(text[:4]), int(text[5:]))

    @classmethod
    def parse_range(cls, text: str) -> "list[Period]":
        """Read `2026-10` or `2026-01..2026-10`, both ends included, oldest first."""
        first, dots, last = text.partition("..")
        start, end = cls.parse(first), cls.parse(last if dots else first)
        if end < start:
            raise WrongUse(f"{text!r} runs backwards: write the earlier month first, {end}..{start}.")
        periods = [start]
        while periods[-1] < end:
            periods.append(periods[-1].next())
        return periods

    @classmethod
    def of(cls, day: date) -> "Period":
        """The month `day` falls in."""
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return self.next().first_day - timedelta(days=1)

    def plus(self, months: int) -> "Period":
        """The month `months` later (earlier when negative)."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Period(year, month + 1)

    def months_since(self, earlier: "Period") -> int:
        """How many months it is later.

        >>> Period(2026, 2).months_since(Period(2025, 12))
        2
        """
        return (self.year - earlier.year) * 12 + self.month - earlier.month

    def next(self) -> "Period":
        return self.plus(1)

    def previous(self) -> "Period":
        return self.plus(-1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


FIRST = 1
"""The number of a month's first version. A later one restates some of its statements."""


class Version(NamedTuple):
    """One version of a month. Its text is its folder within the programme's.

    >>> str(Version(Period(2026, 1)))
    '2026-01/v1'
    """

    period: Period
    number: int = FIRST

    @classmethod
    def of_columns(cls, period: str, number: int) -> "Version":
        """The version that rows are stored under by these. Raises WrongUse for a period that is none."""
        return cls(Period.parse(period), number)

    @classmethod
    def parse(cls, text: str) -> "Version":
        """Read what `str` wrote."""
        period, _, number = text.partition("/v")
        return cls.of_columns(period, int(number))

    @property
    def before(self) -> "Version":
        """Whose SEAL this one's names: the version before it, or for the first the month before it."""
        return Version(self.period, self.number - 1) if self.number > FIRST else Version(self.period.previous())

    @property
    def is_first(self) -> bool:
        return self.number == FIRST

    @property
    def after(self) -> "Version":
        """The next version of the same month."""
        return Version(self.period, self.number + 1)

    @property
    def columns(self) -> tuple[str, int]:
        """How rows are stored under it: period and version, with which the primary key of every such table begins."""
        return str(self.period), self.number

    def of(self, partner_id: str) -> str:
        """The machine key of a partner's statement.

        >>> Version(Period(2026, 1)).of("P-100")
        'P-100/2026-01/v1'
        """
        return f"{partner_id}/{self}"

    def __str__(self) -> str:
        return f"{self.period}/v{self.number}"
