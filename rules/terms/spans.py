"""Spans of terms: on which days each row of partners.csv holds, and what held before a break."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from models.period import Period
from models.vendor import Terms

ONE_DAY = timedelta(days=1)


class Span(NamedTuple):
    """Days without a break on which the same row holds, or rows that name the same plan."""

    terms: Terms  # the last row
    from_day: date
    before: date | None  # the first day on which it holds no more; None: after the month
    is_back: bool  # it holds again, because special terms have ended

    def is_over(self, period: Period) -> bool:
        """Whether it ended before the month."""
        return self.before is not None and self.before <= period.first_day

    def days_of(self, period: Period) -> int | None:
        """On how many days of the month it holds; None: on all of them, or none."""
        end = period.next().first_day
        days = (min(self.before or end, end) - max(self.from_day, period.first_day)).days
        return days if 0 < days < period.last_day.day else None


def rows_by_partner(rows: Iterable[Terms]) -> dict[str, list[Terms]]:
    """Return the rows of each partner, by its id, in the order of their first day."""
    found: dict[str, list[Terms]] = {}
    for row in sorted(rows, key=lambda row: (row.partner_id, row.from_day)):
        found.setdefault(row.partner_id, []).append(row)
    return found


def spans(rows: Sequence[Terms], period: Period) -> tuple[Span, ...]:
    """Return the spans of the month, oldest first, after the one that ended before it where nothing followed at once.

    `rows` stand in the order of their first day. The latest that has begun and not ended holds: special
    terms until the 16th give way on the 17th to the terms before them.
    """
    found = tuple(_spans(rows, period.last_day))
    over = [span for span in found if span.is_over(period)]
    now = found[len(over) :]
    if over and (not now or over[-1].before != now[0].from_day):
        return over[-1], *now
    return now


def _spans(rows: Sequence[Terms], last_day: date) -> Iterator[Span]:
    edges = {row.from_day for row in rows if row.from_day <= last_day}
    edges |= {row.until + ONE_DAY for row in rows if row.until and row.until < last_day}
    days = sorted(edges)
    for day, following in zip(days, [*days[1:], None], strict=True):
        if holding := [row for row in rows if row.from_day <= day and (row.until is None or day <= row.until)]:
            yield Span(holding[-1], day, following, is_back=holding[-1].from_day < day)
