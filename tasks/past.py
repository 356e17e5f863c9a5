"""The past: what earlier months came to, as far as a plan may ask, in frames small enough to keep for ever.

Each month leaves two results beside its lines, stored under their digests like every input; a later
month whose rules look back names those it read.
"""

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from models.period import Period

SUMS = "sums.parquet"
EARNED = "earned.parquet"
SPENDING = "spending"  # the kind of an entry that draws a fund down

SUMS_SCHEMA: dict[str, pl.DataType] = {
    "month": pl.String(),
    "partner_id": pl.String(),
    "client_id": pl.String(),
    "category": pl.String(),
    "product_code": pl.String(),
    "base_minor": pl.Int64(),  # paid: lines that earn, or that the plan excludes
    "billed_minor": pl.Int64(),  # issued in the month, paid or not
    "first_paid_on": pl.Date(),  # the first payment of the month; null where nothing was paid
}
EARNED_SCHEMA: dict[str, pl.DataType] = {
    "month": pl.String(),
    "partner_id": pl.String(),
    "rule": pl.String(),  # as the programme file names it
    "to": pl.String(),
    "kind": pl.String(),  # client, event, person, partner, goal, spending; blank where it is for no one in particular
    "key": pl.String(),
    "minor": pl.Int64(),
}


def _no_sums() -> pl.DataFrame:
    return pl.DataFrame(schema=SUMS_SCHEMA)


def _no_earned() -> pl.DataFrame:
    return pl.DataFrame(schema=EARNED_SCHEMA)


@dataclass(frozen=True, eq=False)
class Past:
    """What the months before came to: sums by client and product, and what every rule accrued."""

    sums: pl.DataFrame = field(default_factory=_no_sums)
    earned: pl.DataFrame = field(default_factory=_no_earned)
    files: dict[str, bytes] = field(default_factory=dict)  # what was read, by the name a draft cites it by


def month_sums(lines: pl.DataFrame, month: Period) -> pl.DataFrame:
    """Return the month's own sums: of the lines of every client that belongs to a partner."""
    is_billed = pl.col("issued_on").is_between(month.first_day, month.last_day)
    is_paid = pl.col("base_minor").is_not_null()
    return (
        lines.filter(pl.col("partner_id").is_not_null() & pl.col("value_minor").is_not_null())
        .with_columns(pl.col("category", "product_code").fill_null(""))
        .group_by("partner_id", "client_id", "category", "product_code")
        .agg(
            pl.col("base_minor").sum(),
            pl.col("value_minor").filter(is_billed).sum().alias("billed_minor"),
            pl.col("paid_on").filter(is_paid & (pl.col("base_minor") > 0)).min().alias("first_paid_on"),
        )
        .with_columns(month=pl.lit(str(month)))
        .sort("partner_id", "client_id", "category", "product_code")
        .select(*SUMS_SCHEMA)
    )


def first_paid(sums: pl.DataFrame) -> dict[str, date]:
    """Return the day each client first paid anything that counts."""
    first = sums.group_by("client_id").agg(pl.col("first_paid_on").min()).drop_nulls()
    return dict(first.iter_rows())
