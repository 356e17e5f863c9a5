"""Settled again: late lines under new ids, beside the lines of closed months that said the same."""

from collections.abc import Mapping

import polars as pl

from engine.frames.parquet import scan
from engine.frames.snapshot import Snapshot
from models.billing import Outcome
from models.period import Period
from rules.lines.reading import posted_on_of
from rules.lines.same_payment import SAME, payments
from rules.lines.settled_again import SameAgain, SettledAgain

COUNTED = (Outcome.SETTLED.value, Outcome.CLAWBACK.value, Outcome.FINAL.value, Outcome.OPEN.value)


def late_newcomers(received: Snapshot, known: pl.Series, month: Period) -> pl.DataFrame:
    """Return the lines posted before the month whose ids no month knows: `line`, its place, `line_id` and SAME, typed.

    `known` are the ids that earlier months are done with. What we carry is no newcomer.
    """
    ids = received.columns("line_id", "posted_on", "paid_on", "carried_from").with_row_index("line")
    is_late = (posted_on_of() < month.first_day) & pl.col("carried_from").is_null()
    places = ids.filter(is_late.fill_null(False)).join(known.to_frame("line_id"), on="line_id", how="anti")["line"]
    return payments(received.at(places)).select("line", "line_id", *SAME).sort("line")


def settled_again(
    late: pl.DataFrame, decided: Mapping[str, bytes], read: pl.Series, received: Snapshot
) -> SettledAgain:
    """Return how many of the late newcomers say what lines said that closed months decided, or that we carry.

    `decided` has the `lines.parquet` of months, `read` the ids that the sources bring today: a line that still comes
    under its own id is another payment. Of three alike where two were decided, two are the same again.
    """
    before = [
        scan(data)
        .filter(pl.col("outcome").is_in(COUNTED))
        .select(pl.col("line_id").alias("was"), *SAME, month=pl.lit(month))
        for month, data in sorted(decided.items())
    ]
    if late.is_empty() or not before:
        return SettledAgain(of=late.height)
    alike = pl.concat(before).join(late.lazy(), on=SAME, how="semi", nulls_equal=True).collect()
    gone = alike.join(read.to_frame("was"), on="was", how="anti").unique("was", keep="first", maintain_order=True)
    found = _numbered(late).join(_numbered(gone), on=[*SAME, "number"], how="inner", nulls_equal=True).sort("line")
    if found.is_empty():
        return SettledAgain(of=late.height)
    first = found.row(0, named=True)
    same = SameAgain(*received.place(first["line"]), first["line_id"], first["was"], first["month"])
    return SettledAgain(found.height, late.height, same)


def _numbered(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.with_columns(number=pl.int_range(pl.len()).over(SAME))
