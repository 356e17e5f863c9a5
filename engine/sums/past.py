"""The past: what earlier months came to, as far as a plan may ask, in frames small enough to keep for ever.

Each month leaves two results beside its lines, stored under their digests like every input; a later
month whose rules look back names those it read.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from engine.frames.schemas import EarnedAmounts, MonthSums, of_types
from models.billing import Reason
from models.period import Period
from rules.corrections.refunds import given_back_minor
from rules.earning.billed import is_billed_in

SPENDING = "spending"  # the kind of an entry that draws a fund down
KEYS = ["partner_id", "client_id", "category", "product_code"]
ROWS = [*KEYS, "returned_of", "late_of"]


def summed(rows: pl.DataFrame, keys: Sequence[str], *figures: pl.Expr) -> pl.DataFrame:
    """Return a row for each group of lines, or of sums, sorted by its keys: they, its figures, its first payment.

    That is `first_paid_on`, and `first_order`, the invoice it was on; of several on that day the first by id.
    """
    # Sorted once, groups need no search for their first payment, and no sorting after it.
    by = [*keys, "first_paid_on", "first_order"]
    return (
        rows.with_columns(first_order=pl.when(pl.col("first_paid_on").is_not_null()).then("first_order"))
        .sort(by, nulls_last=[name not in keys for name in by])
        .group_by(keys, maintain_order=True)
        .agg(*figures, pl.col("first_paid_on").first(), pl.col("first_order").first().fill_null(""))
    )


@dataclass(frozen=True, eq=False)
class Past:
    """What the months before came to: sums by client and product, and what every rule accrued."""

    sums: pl.DataFrame = field(default_factory=MonthSums.create_empty)
    earned: pl.DataFrame = field(default_factory=EarnedAmounts.create_empty)


def month_sums(
    lines: pl.DataFrame, month: Period, again: Collection[str] = (), late_invoices: Collection[str] = ()
) -> pl.DataFrame:
    """Return what lines came to in the month (MonthSums): those of every client that belongs to a partner.

    `again` are the ids of lines that were put into a month that is worked out again: what later months gave back of it.
    `late_invoices` are the ids of lines of earlier months' invoices that this month is the first to see.
    """
    is_paid = pl.col("paid_on").is_not_null()
    was_early = pl.col("reason") == Reason.BEFORE_STARTS.value
    pays = is_paid & (pl.col("value_minor") > 0)
    counted = lines.filter(
        pl.col("partner_id").is_not_null() | was_early, pl.col("value_minor").is_not_null()
    ).with_columns(
        pl.col("partner_id", "category", "product_code", "late_of").fill_null(""),
        first_paid_on=pl.when(pays).then("paid_on"),
        first_order=pl.when(pays & pl.col("base_minor").is_not_null()).then("invoice_id").fill_null(""),
        returned_of=pl.when(pl.col("line_id").is_in(list(again))).then(pl.lit(str(month))).fill_null(""),
        of_paid_minor=pl.when(is_paid).then("value_minor"),
        of_billed_minor=pl.when(is_billed_in(month, late_invoices)).then("value_minor"),
    )
    return (
        summed(
            counted,
            ROWS,
            pl.col("measured_minor").sum().alias("base_minor"),
            pl.col("of_paid_minor").sum().alias("paid_minor"),
            pl.col("of_billed_minor").sum().alias("billed_minor"),
        )
        .with_columns(
            month=pl.lit(str(month)),
            returned_minor=pl.when(pl.col("returned_of") != "").then("base_minor").fill_null(0),
        )
        .select(MonthSums.column_names())
    )


def sums_together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return the sums of one month from those of parts of its lines, sorted by ROWS."""
    rows = pl.concat([MonthSums.create_empty(), *parts])
    figures = pl.col("base_minor", "paid_minor", "billed_minor", "returned_minor").sum()
    return MonthSums.validate(summed(rows, ["month", *ROWS], figures))


def given_back_sums(returns: pl.DataFrame, sold: pl.DataFrame, lowers: Collection[str] = ()) -> pl.DataFrame:
    """Return what refunds (Returns) of earlier months' sales (SoldLines) take off what clients paid (MonthSums).

    Measures do not see it: neither those of the month, nor those of the month of the sale. Only those of the month see
    what goes back of the clients of partners whose terms say so (`lowers`).
    """
    sales = {row["line_id"]: row for row in sold.iter_rows(named=True)}
    rows = []
    for back in returns.iter_rows(named=True):
        sale = sales[back["sale_id"]]
        value_minor = sale["amount_minor"] if sale["base_minor"] is None else sale["base_minor"]
        named = (sale[name] or "" for name in KEYS)
        paid_minor = -given_back_minor(value_minor, back["gross_minor"], back["left_minor"], back["sale_minor"])
        returned_minor = 0 if sale["base_minor"] is None else paid_minor
        base_minor = returned_minor if sale["partner_id"] in lowers else 0
        figures = (base_minor, paid_minor, 0, None, "")
        rows.append((back["month"], *named, *figures, back["sale_month"], "", returned_minor))
    return MonthSums.validate(pl.DataFrame(rows, schema=of_types(MonthSums), orient="row"))


def first_paid(sums: pl.DataFrame) -> dict[str, date]:
    """Return the day each client first paid anything that counts."""
    first = sums.group_by("client_id").agg(pl.col("first_paid_on").min()).drop_nulls()
    return dict(first.iter_rows())
