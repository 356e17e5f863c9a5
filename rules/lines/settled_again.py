"""Settled again: lines of closed months that come under new ids and say what lines decided before said."""

from dataclasses import dataclass
from typing import NamedTuple

from rules.programme.blocks.stop_when import StopWhen


class SameAgain(NamedTuple):
    """A line under an id that no month knows, and the line of a closed month that said the same."""

    source: str
    row: int
    line_id: str
    was: str  # the id of the line decided before, which is not read any more
    month: str  # that decided it


@dataclass(frozen=True)
class SettledAgain:
    """How many of the lines of closed months that no month knows are such lines, and the first of them."""

    lines: int = 0
    of: int = 0
    first: SameAgain | None = None

    def warned(self, when: StopWhen) -> list[str]:
        """What a person should know, where the month is not stopped for it."""
        return [] if self._is_stopped(when) else self._words()

    def stopped(self, when: StopWhen) -> list[str]:
        """Why the month is stopped: as many, and as large a share, as stop it when they are rejected.

        >>> two, three = (SettledAgain(lines, 40, SameAgain("a.csv", 5, "1/A", "1", "2026-01")) for lines in (2, 3))
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
            f"{self.lines} of {self.of} lines of closed months have ids that no month knows, and say what lines said "
            f"that were decided before and whose ids are not read any more, for example {example.source} row "
            f"{example.row}, line_id {example.line_id!r}, which was {example.was!r} in {example.month}. A payment "
            f"under two ids is paid twice: let sources.yaml make the ids of older files as it did, in a block of their "
            f"own; or, where these are other payments, write `settled_again: allow` under `stop_when:` in "
            f"programme.yaml."
        ]
