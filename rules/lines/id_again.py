"""Id again: payments booked in the month under ids of lines that closed months decided, so that none of them earns."""

from dataclasses import dataclass
from typing import NamedTuple

from rules.programme.blocks.stop_when import StopWhen


class UsedAgain(NamedTuple):
    """A line booked in the month, under an id that a closed month decided."""

    source: str
    row: int
    line_id: str


@dataclass(frozen=True)
class IdAgain:
    """How many of the lines booked in the month are such, and the first of them."""

    lines: int = 0
    of: int = 0
    first: UsedAgain | None = None

    def warned(self, when: StopWhen) -> list[str]:
        """What a person should know, where the month is not stopped for it."""
        return [] if self._is_stopped(when) else self._words()

    def stopped(self, when: StopWhen) -> list[str]:
        """Why the month is stopped: as many, and as large a share, as stop it when they are rejected.

        >>> two, three = (IdAgain(lines, 40, UsedAgain("a.csv", 5, "1")) for lines in (2, 3))
        >>> len(two.stopped(StopWhen())), len(three.stopped(StopWhen()))
        (0, 1)
        """
        return self._words() if self._is_stopped(when) else []

    def _is_stopped(self, when: StopWhen) -> bool:
        is_much = self.lines >= when.at_least and self.lines > when.rejected_above * self.of
        return is_much and when.settled_again == "stop"

    def _words(self) -> list[str]:
        if self.first is None:
            return []
        example = self.first
        return [
            f"{self.lines} of {self.of} lines booked in the month have the id of a line that a closed month decided, "
            f"and say something else, so nothing is paid, for example {example.source} row {example.row}, "
            f"line_id {example.line_id!r}. Where ids begin again every month, or a payment has the id of its invoice, "
            f"make the id of several columns, such as `join: {{line_id: [Number, Date]}}`, in sources.yaml, for the "
            f"files of this month on by a block of their own; where these are the old lines, corrected, write "
            f"`settled_again: allow` under `stop_when:` in programme.yaml."
        ]
