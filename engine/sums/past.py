"""The past: what earlier months came to, as far as a plan may ask, in frames small enough to keep for ever.

Each month leaves two results beside its lines, stored under their digests like every input; a later
month whose rules look back names those it read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from engine.frames.schemas import EarnedAmounts, MonthSums
from models.period import Period

SPENDING = "spending"  # the kind of an entry that draws a fund down
KEYS = ["partner_id", "client_id", "category", "product_code"]


@dataclass(frozen=True, eq=False)
class Past:
    """What the months before came to: sums by client and product, and what every rule accrued."""

    sums: pl.DataFrame = field(default_factory=MonthSums.create_empty)
    earned: pl.DataFrame = field(default_factory=EarnedAmounts.create_empty)


def month_sums(lines: pl.DataFrame, month: Period) -> pl.DataFrame:
    """Return what lines came to in the month (MonthSums): those of every client that belongs to a partner."""
    is_billed = pl.col("issued_on").is_between(month.first_day, month.last_day)
    is_paid = pl.col("base_minor").is_not_null()
    return (
        lines.filter(pl.col("partner_id").is_not_null() & pl.col("value_minor").is_not_null())
        .with_columns(pl.col("category", "product_code").fill_null(""))
        .group_by(KEYS)
        .agg(
            pl.col("base_minor").sum(),
            pl.col("value_minor").filter(is_billed).sum().alias("billed_minor"),
            pl.col("paid_on").filter(is_paid & (pl.col("base_minor") > 0)).min().alias("first_paid_on"),
        )
        .with_columns(month=pl.lit(str(month)))
        .sort(KEYS)
        .select(MonthSums.column_names())
    )


def sums_together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return the sums of one month from those of parts of its lines."""
    whole = pl.concat([MonthSums.create_empty(), *parts]).group_by("month", *KEYS)
    summed = whole.agg(pl.col("base_minor", "billed_minor").sum(), pl.col("first_paid_on").min())
    return MonthSums.validate(summed.sort(KEYS))


def first_paid(sums: pl.DataFrame) -> dict[str, date]:
    """Return the day each client first paid anything that counts."""
    first = sums.group_by("client_id").agg(pl.col("first_paid_on").min()).drop_nulls()
    return dict(first.iter_rows())
