"""Settled again: reads the closed months whose lines those may be that come late, under ids nobody knows."""

import gzip
import io

import polars as pl

from engine.draft import LINES
from engine.lines.settled_again import late_newcomers, settled_again
from models.period import Period
from rules.lines.settled_again import SettledAgain
from tasks.extract import Extract
from tasks.facts.history import History


def lines_settled_again(read: Extract, settled: pl.DataFrame, history: History, month: Period) -> SettledAgain:
    """Return how many of the late lines under new ids say what a closed month's lines said. `settled` is LineIds.

    Months before the first of them was posted are not read; where no line is late, none is.
    """
    if not history.months:
        return SettledAgain()
    late = late_newcomers(read.lines, settled["line_id"], month)
    if late.is_empty():
        return SettledAgain()
    first = Period.of(late.sort("posted_on")["posted_on"][0])
    decided = {str(each.period): each.read(LINES) for each in history.months if each.period >= first}
    return settled_again(late, decided, _ids_read(read), read.lines)


def _ids_read(read: Extract) -> pl.Series:
    """The ids of the lines that the sources bring today, of this month and of others."""
    looked_at = read.lines.columns("line_id", "carried_from").filter(pl.col("carried_from").is_null())
    left = pl.read_csv(io.BytesIO(gzip.decompress(read.other_month)), columns=["line_id"], infer_schema=False)
    return pl.concat([looked_at["line_id"], left["line_id"]]).drop_nulls().unique()
