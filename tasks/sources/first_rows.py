"""The first rows of a source: enough of them to see how a run would read and judge what is new."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from models.vendor import Tally
from rules.lines.reading import posted_on_of
from tasks.sources import Source


@dataclass(frozen=True)
class FirstRows:
    """A source of which `most` lines are read: the first posted since a day, or on no day that can be read."""

    source: Source
    most: int

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def keep(self) -> tuple[str, ...]:
        return self.source.keep

    @property
    def warnings(self) -> list[str]:
        return self.source.warnings

    @property
    def skipped(self) -> list[Tally]:
        return self.source.skipped

    def check(self) -> str:
        return self.source.check()

    def read(self, since: date, until: date) -> Iterator[pl.DataFrame]:
        left = self.most
        for frame in self.source.read(since, until):
            newer = frame.filter((posted_on_of() >= since).fill_null(True)).head(left)
            left -= newer.height
            yield newer
            if not left:
                return
