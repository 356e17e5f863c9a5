"""The sample vendor's control totals: what its own books say was posted in each month."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache

from models.period import Period
from sample.line import Line


class Control:
    """The vendor's own totals: the lines posted in each month, in each currency, and their sum."""

    def __init__(self) -> None:
        self._lines: Counter[tuple[str, str]] = Counter()
        self._amount_minor: Counter[tuple[str, str]] = Counter()

    def counted(self, lines: Iterable[Line]) -> Iterator[Line]:
        """Pass the lines on, counting them. Without a readable posting date a line is in no month's total."""
        for line in lines:
            if month := _month(line.posted_on or line.paid_on):
                self._lines[month, line.currency] += 1
                is_readable = re.fullmatch(r"-?[0-9]+", line.amount_minor)
                self._amount_minor[month, line.currency] += int(line.amount_minor) if is_readable else 0
            yield line

    def rows(self) -> list[tuple[str, ...]]:
        """Return control.csv."""
        totals = [(*key, str(lines), str(self._amount_minor[key])) for key, lines in sorted(self._lines.items())]
        return [("period", "currency", "lines", "amount_minor"), *totals]


@cache
def _month(day: str) -> str:
    try:
        return str(Period.of(date.fromisoformat(day)))
    except ValueError:
        return ""
