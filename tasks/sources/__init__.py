"""Where billing lines come from. A kind of source is one file here and one entry in `describe.KINDS`."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Protocol

from models.errors import SettlementError
from models.vendor import Tally

if TYPE_CHECKING:
    import polars as pl

FRAME_LINES = 100_000
"""No frame of a source is longer: this bounds the memory of a reading."""


class SourceUnreachable(SettlementError):
    """The vendor's database, bucket or file does not answer; the message names it, and never a password."""

    passes = True


class Source(Protocol):
    """A place with billing lines. Reading it changes nothing there."""

    @property
    def name(self) -> str:
        """What people call it in messages: `billing/*`, `billing.sql`."""
        ...

    @property
    def keep(self) -> tuple[str, ...]:
        """Columns of the vendor's own that travel with the lines."""
        ...

    @property
    def warnings(self) -> list[str]:
        """What was odd in the last reading, but loses nothing."""
        ...

    @property
    def skipped(self) -> list[Tally]:
        """Rows that the last reading passed over because sources.yaml says that they are no billing lines."""
        ...

    def check(self) -> str:
        """Say in words what is there. Raises SettlementError when it cannot be reached or read."""
        ...

    def read(self, since: date, until: date) -> "Iterator[pl.DataFrame]":
        """Yield the lines as received, in frames of `TEXT_COLUMNS`, `keep`, `source` and `row`.

        Lines posted from `since` to `until`, both included, must be among them; others may be.
        """
        ...
