"""Sold lines: the earlier months' sales that this month's refunds name, read from what those months left."""

from collections.abc import Iterable, Iterator

import polars as pl

from engine.draft import EARNED, LINES
from engine.frames.parquet import frame_from, parquet_bytes
from engine.lines.sold import Wanted, sale_accruals, sold_lines
from tasks.facts.history import History
from tasks.facts.left_month import LeftMonth

BYTES_AT_ONCE = 32_000_000
"""Of the lines of several months, packed, that are searched together: once for all takes less than for each."""


def sold_parts(wanted: Wanted, history: History) -> dict[str, bytes]:
    """Return the parts of a month's inputs that say what its refunds give back, by name.

    Of each month that settled one: `sold-2026-01.parquet` (SoldLines), `accrued-2026-01.parquet` (SaleAccruals) and
    `earned-2026-01.parquet` (EarnedAmounts). A month that settled none of them is not read.
    """
    parts: dict[str, bytes] = {}
    for months in _some_at_once(may_have_settled(wanted, history)):
        found = sold_lines(wanted, {str(month.period): lines for month, lines in months})
        parts |= _parts_of([month for month, _ in months], found, history)
    return parts


def may_have_settled(wanted: Wanted, history: History) -> Iterator[LeftMonth]:
    """Yield the closed months that may have settled one of the wanted lines, oldest first."""
    for month in history.months if wanted else ():
        if wanted.may_be_in(frame_from(history.parts[f"settled-{month.period}.parquet"])):
            yield month


def _some_at_once(months: Iterable[LeftMonth]) -> Iterator[list[tuple[LeftMonth, bytes]]]:
    """Yield months with their lines, so many as are searched together."""
    waiting: list[tuple[LeftMonth, bytes]] = []
    for month in months:
        waiting.append((month, month.read(LINES)))
        if sum(len(lines) for _, lines in waiting) >= BYTES_AT_ONCE:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _parts_of(months: Iterable[LeftMonth], found: pl.DataFrame, history: History) -> Iterator[tuple[str, bytes]]:
    """Yield the parts of months that settled `found` (SoldLines)."""
    of_month = {name: lines for (name,), lines in found.partition_by("month", as_dict=True).items()}
    having = {str(month.period): month for month in months if str(month.period) in of_month}
    if not having:
        return
    sold = {name: month.as_it_stands(of_month[name]) for name, month in having.items()}
    accrued = sale_accruals(
        pl.concat(sold.values()), {name: month.accruals(sold[name]) for name, month in having.items()}
    )
    for name, month in having.items():
        earned = f"earned-{name}.parquet"
        yield f"sold-{name}.parquet", parquet_bytes(sold[name])
        yield earned, history.parts.get(earned) or month.read(EARNED)
        yield f"accrued-{name}.parquet", parquet_bytes(accrued.filter(pl.col("month") == name))
