"""Settled again: lines and events of closed months that come under new ids and say what was decided before."""

from dataclasses import dataclass
from typing import NamedTuple

from rules.programme.blocks.stop_when import StopWhen


class SameAgain(NamedTuple):
    """A line or event under an id that no month knows, and that of a closed month that said the same."""

    source: str
    row: int
    its_id: str
    was: str  # the id of the one decided before, which is not read any more
    month: str  # that decided it; of an event, the month it happened in


@dataclass(frozen=True)
class SettledAgain:
    """How many of the lines, or events, of closed months that no month knows are such, and the first of them."""

    lines: int = 0
    of: int = 0
    first: SameAgain | None = None
    what: str = "line"

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
            f"{self.lines} of {self.of} {self.what}s of closed months have ids that no month knows, and say what "
            f"{self.what}s said that were decided before and whose ids are not read any more, for example "
            f"{example.source} row {example.row}, {self.what}_id {example.its_id!r}, which was {example.was!r} in "
            f"{example.month}. What comes under two ids is paid twice: let the ids of older files be made as before, "
            f"in sources.yaml by a block of their own; or, where these are others, write `settled_again: allow` under "
            f"`stop_when:` in programme.yaml."
        ]
