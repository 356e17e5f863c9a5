"""Settled again: late lines and events under new ids, beside those of closed months that said the same."""

from collections.abc import Mapping, Sequence

import polars as pl

from engine.frames.parquet import scan
from engine.frames.snapshot import Snapshot
from models.billing import Outcome
from models.period import Period
from rules.lines.reading import date_of, posted_on_of, whole_number
from rules.lines.same_payment import SAME, payments
from rules.lines.settled_again import SameAgain, SettledAgain

SAME_EVENT = ("client_id", "kind", "product_code", "occurred_on", "amount_minor")
"""What two events say alike that are one."""

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
    found = _again(late, alike, read, SAME)
    if found.is_empty():
        return SettledAgain(of=late.height)
    first = found.row(0, named=True)
    same = SameAgain(*received.place(first["line"]), first["line_id"], first["was"], first["month"])
    return SettledAgain(found.height, late.height, same)


def events_settled_again(
    looked_at: pl.DataFrame, decided: pl.DataFrame, read: pl.Series, month: Period
) -> SettledAgain:
    """Return the same of events that name a client: of those without one many are alike.

    `looked_at` are ReceivedEvents with `source` and `row`, `decided` those of earlier months (JudgedEvents), `read` the
    ids that the vendor's files bring today.
    """
    of_client = pl.col("client_id").is_not_null() & pl.col("cancels_event_id").is_null()
    typed = looked_at.with_columns(date_of("occurred_on"), whole_number("amount_minor"))
    is_late = of_client & ~pl.col("is_ours") & (pl.col("occurred_on") < month.first_day)
    late = typed.filter(is_late).drop_nulls("event_id").join(decided, on="event_id", how="anti")
    before = decided.filter(of_client & pl.col("outcome").is_in(COUNTED)).rename({"event_id": "was"})
    found = _again(late, before, read, SAME_EVENT).sort("row")
    if found.is_empty():
        return SettledAgain(of=late.height)
    first = found.row(0, named=True)
    same = SameAgain(first["source"], first["row"], first["event_id"], first["was"], f"{first['occurred_on']:%Y-%m}")
    return SettledAgain(found.height, late.height, same, "event")


def _again(late: pl.DataFrame, before: pl.DataFrame, read: pl.Series, same: Sequence[str]) -> pl.DataFrame:
    """Return those of the late, in their order, that say the `same` as one before, whose id (`was`) is read no more.

    Of several alike each stands for one.
    """
    gone = before.join(read.to_frame("was"), on="was", how="anti").unique("was", keep="first", maintain_order=True)
    now, then = (rows.with_columns(number=pl.int_range(pl.len()).over(same)) for rows in (late, gone))
    return now.join(then, on=[*same, "number"], how="inner", nulls_equal=True, maintain_order="left")
