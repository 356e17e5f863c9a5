"""Summable: whether every sum of a month's amounts fits the 64-bit integers that frames and tables keep."""

from dataclasses import dataclass

import polars as pl

from engine.frames.snapshot import Snapshot
from engine.lines.records import first_given
from models.errors import BadInput
from models.money import LARGEST_SUM, grouped
from rules.lines.reading import amount_minor_of, discount_minor_of


@dataclass
class Sizes:
    """The sizes of the amounts that went by, without their signs: no sum of any of them can be larger than all."""

    total: int = 0
    largest: int = -1
    place: int = 0  # of the line with the largest

    def add(self, chunk: pl.DataFrame, start: int) -> None:
        """Add the received lines of a piece that starts at a place."""
        amount, discount = amount_minor_of(), discount_minor_of()
        sizes = chunk.select(size=pl.max_horizontal(amount.abs(), discount.abs()).fill_null(0))["size"]
        if sizes.is_empty():
            return
        self.total += int(sizes.cast(pl.Int128).sum())
        largest = sizes.arg_max() or 0
        if sizes[largest] > self.largest:
            self.largest, self.place = sizes[largest], start + largest

    def must_fit(self, lines: Snapshot) -> None:
        """Raise BadInput where a sum of the lines might not fit. The message names the largest amount."""
        if self.total <= LARGEST_SUM:
            return
        source, row = lines.place(self.place)
        (record,) = lines.at(pl.Series([self.place], dtype=pl.UInt32)).iter_rows(named=True)
        column, value = first_given(("amount_minor", "amount"), record)
        raise BadInput(
            f"the amounts of the month come to {grouped(self.total)} minor units without their signs. Sums are exact "
            f"up to {grouped(LARGEST_SUM)}, so nothing was worked out. The largest is {source} row {row}: {column} is "
            f"{value!r}. Correct the amounts where the billing is made."
        )
