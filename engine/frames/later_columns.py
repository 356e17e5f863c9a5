"""Later columns: what a frame that an earlier version left has had since."""

from collections.abc import Mapping
from typing import Final

import dataframely as dy
import polars as pl

from engine.frames.schemas import Corrections, MonthSums, Returns, SoldLines

NOT_SAID: Final = pl.lit("")

LATER: Final[Mapping[type[dy.Schema], Mapping[str, pl.Expr]]] = {
    # What earned was paid, and what was paid and earned nothing was billed. What was given back is not said.
    MonthSums: {
        "paid_minor": pl.when((pl.col("base_minor") == 0) & pl.col("first_paid_on").is_not_null())
        .then("billed_minor")
        .otherwise("base_minor"),
        "first_order": NOT_SAID,
        "returned_of": NOT_SAID,
        "late_of": NOT_SAID,
        "returned_minor": pl.lit(0, pl.Int64),
    },
    Corrections: {"cites": NOT_SAID},
    Returns: {"kind": NOT_SAID},
    SoldLines: {"discount_minor": pl.lit(None, pl.Int64)},
}
"""What stands in a column of a schema where the frame does not have it yet."""


def with_later_columns(frame: pl.DataFrame, schema: type[dy.Schema]) -> pl.DataFrame:
    """Return a frame as an earlier version left it, with the columns of its schema that it has had since."""
    later = LATER.get(schema, {}).items()
    return frame.with_columns(value.alias(name) for name, value in later if name not in frame.columns)
