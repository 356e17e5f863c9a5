"""Id again: payments booked in the month under ids of lines that closed months decided, so that none of them earns."""

from dataclasses import dataclass
from typing import NamedTuple

from rules.lines.again import Again


class UsedAgain(NamedTuple):
    """A line booked in the month, under an id that a closed month decided."""

    source: str
    row: int
    line_id: str


@dataclass(frozen=True)
class IdAgain(Again):
    """How many of the lines booked in the month are such, and the first of them.

    >>> from rules.programme.blocks.stop_when import StopWhen
    >>> two, three = (IdAgain(lines, 40, UsedAgain("a.csv", 5, "1")) for lines in (2, 3))
    >>> len(two.stopped(StopWhen())), len(three.stopped(StopWhen()))
    (0, 1)
    """

    first: UsedAgain | None = None

    @property
    def words(self) -> str:
        if self.first is None:
            return ""
        example = self.first
        return (
            f"{self.lines} of {self.of} lines booked in the month have the id of a line that a closed month decided, "
            f"and say something else, so nothing is paid, for example {example.source} row {example.row}, "
            f"line_id {example.line_id!r}. Where ids begin again every month, or a payment has the id of its invoice, "
            f"make the id of several columns, such as `join: {{line_id: [Number, Date]}}`, in sources.yaml, for the "
            f"files of this month on by a block of their own; where these are the old lines, corrected, write "
            f"`settled_again: allow` under `stop_when:` in programme.yaml."
        )
