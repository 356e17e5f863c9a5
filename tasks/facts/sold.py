"""Sold lines: the earlier months' sales that this month's refunds name, read from what those months left."""

from engine.draft import EARNED
from engine.frames.parquet import frame_from, parquet_bytes
from engine.lines.sold import Wanted, sale_accruals
from tasks.facts.history import History


def sold_parts(wanted: Wanted, history: History) -> dict[str, bytes]:
    """Return the parts of a month's inputs that say what its refunds give back, by name.

    Of each month that settled one: `sold-2026-01.parquet` (SoldLines), `accrued-2026-01.parquet` (SaleAccruals) and
    `earned-2026-01.parquet` (EarnedAmounts). A month that settled none of them is not read.
    """
    parts: dict[str, bytes] = {}
    for month in history.months if wanted else ():
        name = str(month.period)
        if not wanted.may_be_in(frame_from(history.parts[f"settled-{name}.parquet"])):
            continue
        sold = month.sold(wanted)
        if sold.is_empty():
            continue
        parts[f"sold-{name}.parquet"] = parquet_bytes(sold)
        earned = f"earned-{name}.parquet"
        parts[earned] = history.parts.get(earned) or month.read(EARNED)
        parts[f"accrued-{name}.parquet"] = parquet_bytes(sale_accruals(sold, month.accruals(sold), name))
    return parts
