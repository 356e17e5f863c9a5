"""Sent twice: how many lines of a month two files have in common, under other ids."""

from collections.abc import Iterator

import polars as pl

from engine.frames.snapshot import Snapshot
from models.period import Period
from rules.lines.same_payment import SAME, payments
from rules.lines.sent_twice import Twice


def sent_twice(received: Snapshot, month: Period) -> Iterator[Twice]:
    """Yield each two sources that have payments posted in the month in common, by their names.

    A line that comes again under its own id is a copy, and is of the first source alone.
    """
    if received.places is None or received.places["source"].n_unique() < 2:
        return
    pieces = [_payments(chunk, received.sources(start, chunk.height), month) for start, chunk in received.chunks()]
    said = pl.concat(pieces).sort("source")
    size = dict(said.group_by("source").len().iter_rows())
    own = said.unique("line_id", keep="first")
    counted = own.group_by("payment", "source").len().filter(pl.len().over("payment") > 1)
    pairs = (
        counted.join(counted.rename({"source": "other", "len": "of_other"}), on="payment")
        .filter(pl.col("source") < pl.col("other"))
        .group_by("source", "other")
        .agg(pl.min_horizontal("len", "of_other").sum())
        .sort("source", "other")
    )
    for one, other, lines in pairs.iter_rows():
        yield Twice(one, other, lines, min(size[one], size[other]))


def _payments(lines: pl.DataFrame, source: pl.Series, month: Period) -> pl.DataFrame:
    """`line_id`, `source`, `payment` of the lines that were posted in the month, and that we do not carry."""
    is_new = pl.col("posted_on").is_between(month.first_day, month.last_day) & pl.col("carried_from").is_null()
    said = payments(lines.select("line_id", "amount", "carried_from", *SAME).with_columns(source=source)).filter(is_new)
    return said.select("line_id", "source", payment=pl.struct(SAME).hash())
