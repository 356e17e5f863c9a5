"""Billed: in which month an invoice counts as billed."""

from collections.abc import Collection

import polars as pl

from models.period import Period


def is_billed_in(month: Period, late: Collection[str] = ()) -> pl.Expr:
    """Whether a line counts as billed in the month: its invoice is of it, paid or not.

    An invoice that is booked in a later month counts in the month that first sees it. `late` are the ids of its lines.
    """
    is_of_month = pl.col("issued_on").is_between(month.first_day, month.last_day)
    return is_of_month | pl.col("line_id").is_in(list(late))
