"""Issued: the statements of closed months, which what is posted for these months cites."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from engine.frames.schemas import CitedStatements
from models.period import FIRST, Version
from rules.corrections.taken_back import Correction
from rules.statement import Cited


@dataclass(frozen=True, eq=False)
class Issued:
    """The statements of closed months that corrections cite."""

    newest: Mapping[tuple[str, str], int] = field(default_factory=dict)  # version, by month and partner
    numbers: Mapping[str, str] = field(default_factory=dict)  # by key

    @classmethod
    def of(cls, cited: pl.DataFrame) -> "Issued":
        """Return the statements of a frame (CitedStatements)."""
        newest: dict[tuple[str, str], int] = {}
        numbers = {}
        for month, partner_id, version, number in cited.select(CitedStatements.column_names()).iter_rows():
            newest[month, partner_id] = max(version, newest.get((month, partner_id), version))
            numbers[Version.of_columns(month, version).of(partner_id)] = number
        return cls(newest, numbers)

    def cited_by(self, correction: Correction) -> Cited:
        """Return what a correction cites: the statement it names, or else the newest of its month."""
        month, partner_id = correction.earning[:2]
        newest = Version.of_columns(month, self.newest.get((month, partner_id), FIRST))
        key = correction.cites or newest.of(partner_id)
        return Cited(key, self.numbers.get(key, ""))
