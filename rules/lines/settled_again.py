"""Settled again: lines and events of closed months that come under new ids and say what was decided before."""

from dataclasses import dataclass
from typing import NamedTuple

from rules.lines.again import Again


class SameAgain(NamedTuple):
    """A line or event under an id that no month knows, and that of a closed month that said the same."""

    source: str
    row: int
    its_id: str
    was: str  # the id of the one decided before, which is not read any more
    month: str  # that decided it; of an event, the month it happened in


@dataclass(frozen=True)
class SettledAgain(Again):
    """How many of the lines, or events, of closed months that no month knows are such, and the first of them.

    >>> from rules.programme.blocks.stop_when import StopWhen
    >>> two, three = (SettledAgain(lines, 40, SameAgain("a.csv", 5, "1/A", "1", "2026-01")) for lines in (2, 3))
    >>> len(two.stopped(StopWhen())), len(three.stopped(StopWhen()))
    (0, 1)
    """

    first: SameAgain | None = None
    what: str = "line"

    @property
    def words(self) -> str:
        if self.first is None:
            return ""
        example = self.first
        return (
            f"{self.lines} of {self.of} {self.what}s of closed months have ids that no month knows, and say what "
            f"{self.what}s said that were decided before and whose ids are not read any more, for example "
            f"{example.source} row {example.row}, {self.what}_id {example.its_id!r}, which was {example.was!r} in "
            f"{example.month}. What comes under two ids is paid twice: let the ids of older files be made as before, "
            f"in sources.yaml by a block of their own; or, where these are others, write `settled_again: allow` under "
            f"`stop_when:` in programme.yaml."
        )
