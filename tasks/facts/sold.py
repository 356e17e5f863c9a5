"""Sold lines: the earlier months' sales that this month's refunds name, read from what those months left."""

from collections.abc import Iterable

from engine.draft import EARNED, LINES
from engine.frames.parquet import frame_from, parquet_bytes
from engine.lines.sold import Wanted, sale_accruals, sold_lines
from tasks.facts.history import LeftMonth


def sold_parts(wanted: Wanted, months: Iterable[LeftMonth]) -> dict[str, bytes]:
    """Return the parts of a month's inputs that say what its refunds give back, by name.

    Of each month that settled one: `sold-2026-01.parquet` (SoldLines), `accrued-2026-01.parquet` (SaleAccruals) and
    `earned-2026-01.parquet` (EarnedAmounts). A month that settled none of them is not read.
    """
    parts: dict[str, bytes] = {}
    for month in months if wanted else ():
        if not wanted.may_be_in(frame_from(month.settled())):
            continue
        name = str(month.period)
        sold = sold_lines(wanted, month.read(LINES), name)
        if sold.is_empty():
            continue
        parts[f"sold-{name}.parquet"] = parquet_bytes(sold)
        parts[f"earned-{name}.parquet"] = month.read(EARNED)
        parts[f"accrued-{name}.parquet"] = parquet_bytes(sale_accruals(sold, month.accruals(sold), name))
    return parts
