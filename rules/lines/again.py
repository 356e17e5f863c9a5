"""Again: how many lines or events of a month are like those of closed months in a way that would pay wrongly."""

from dataclasses import dataclass

from rules.programme.blocks.stop_when import StopWhen


@dataclass(frozen=True)
class Again:
    """So many of so many. A kind of it says in `words` what they are, with the first of them; blank where none is."""

    lines: int = 0
    of: int = 0

    @property
    def words(self) -> str:
        """What they are, and what to do."""
        raise NotImplementedError

    def warned(self, when: StopWhen) -> list[str]:
        """What a person should know, where the month is not stopped for it."""
        return [self.words] if self.words and not self._is_stopped(when) else []

    def stopped(self, when: StopWhen) -> list[str]:
        """Why the month is stopped: as many, and as large a share, as stop it when they are rejected."""
        return [self.words] if self.words and self._is_stopped(when) else []

    def _is_stopped(self, when: StopWhen) -> bool:
        is_much = self.lines >= when.at_least and self.lines > when.rejected_above * self.of
        return is_much and when.settled_again == "stop"
