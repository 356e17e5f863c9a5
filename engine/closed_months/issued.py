"""Issued: the statements of closed months, which what is posted for these months cites."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from engine.frames.schemas import CitedStatements
from models.period import FIRST, Version
from rules.corrections.taken_back import Correction
from rules.statement.partner_month import Cited


@dataclass(frozen=True, eq=False)
class Issued:
    """The statements of closed months that corrections cite."""

    newest: Mapping[tuple[str, str], int] = field(default_factory=dict)  # version, by month and partner
    numbers: Mapping[tuple[str, str, int], str] = field(default_factory=dict)  # by month, partner and version

    @classmethod
    def of(cls, cited: pl.DataFrame) -> "Issued":
        """Return the statements of a frame (CitedStatements)."""
        newest: dict[tuple[str, str], int] = {}
        numbers = {}
        for month, partner_id, version, number in cited.select(CitedStatements.column_names()).iter_rows():
            newest[month, partner_id] = max(version, newest.get((month, partner_id), version))
            numbers[month, partner_id, version] = number
        return cls(newest, numbers)

    @property
    def keys(self) -> set[str]:
        """Every statement, as corrections name it: P-100/2026-01/v1."""
        return {Version.of_columns(month, number).of(partner_id) for month, partner_id, number in self.numbers}

    def cited_by(self, correction: Correction) -> Cited:
        """Return what a correction cites: the statement it names, or else the newest of its month."""
        month, partner_id = correction.earning[:2]
        version = Version.of_columns(month, self.newest.get((month, partner_id), FIRST))
        if correction.cites:
            partner_id, period, number = correction.cites.rsplit("/", 2)
            version = Version.parse(f"{period}/{number}")
        number = self.numbers.get((str(version.period), partner_id, version.number), "")
        return Cited(version.of(partner_id), number)
