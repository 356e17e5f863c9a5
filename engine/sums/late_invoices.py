"""Late invoices: lines of earlier months' invoices that no month has seen, so that what was billed counts once."""

from collections.abc import Iterable

import polars as pl

from engine.frames.parquet import scan
from engine.frames.schemas import LineIds
from engine.frames.snapshot import Snapshot
from models.billing import Outcome
from models.period import Period
from rules.lines.reading import date_of

NOT_SEEN = (Outcome.REJECTED.value,)
"""What was rejected said nothing that could be measured: put right, it is seen for the first time."""


def invoices_of_earlier_months(received: Snapshot, starts: Period, month: Period) -> pl.DataFrame:
    """Return `line_id` String and `issued_on` Date of the lines whose invoice is of an earlier month of the programme.

    What we carry was seen by the month it comes from.
    """
    lines = received.columns("line_id", "issued_on", "carried_from").with_columns(date_of("issued_on"))
    is_earlier = (pl.col("issued_on") >= starts.first_day) & (pl.col("issued_on") < month.first_day)
    return lines.filter(is_earlier, pl.col("carried_from").is_null()).select("line_id", "issued_on").drop_nulls()


def unseen(invoices: pl.DataFrame, decided: Iterable[bytes]) -> pl.DataFrame:
    """Return those (LineIds) that are in none of the `lines.parquet` of earlier months, sorted."""
    ids = invoices.select("line_id").unique()
    for lines in decided:
        seen = scan(lines).filter(~pl.col("outcome").is_in(NOT_SEEN)).select("line_id")
        ids = ids.lazy().join(seen, on="line_id", how="anti").collect()
    return LineIds.validate(ids.sort("line_id"))
