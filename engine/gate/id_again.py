"""Id again: the lines booked in a month whose ids closed months have decided, though they said something else."""

from collections.abc import Iterable

import polars as pl

from engine.frames.parquet import scan
from engine.frames.snapshot import Snapshot
from models.period import Period
from rules.lines.id_again import IdAgain, UsedAgain
from rules.lines.reading import amount_minor_of, date_of, posted_on_of

SAYS = ("client_id", "currency", "amount_minor", "paid_on")
"""What a line says of a payment, beside its id: where that is as it was, its day in the books alone has changed."""


def booked_in(received: Snapshot, month: Period) -> pl.DataFrame:
    """Return the lines booked in the month, but those we carry: `line`, its place, and `line_id` String."""
    ids = received.columns("line_id", "posted_on", "paid_on", "carried_from").with_row_index("line")
    is_of_month = (posted_on_of() >= month.first_day) & pl.col("carried_from").is_null()
    return ids.filter(is_of_month.fill_null(False)).select("line", "line_id")


def id_again(again: pl.DataFrame, of: int, decided: Iterable[bytes], received: Snapshot) -> IdAgain:
    """Return how many of the lines booked (`of`) under ids that were decided (`again`) are other payments than those.

    `decided` has the `lines.parquet` of the months that decided such ids. A line that is as it was but for its day in
    the books is the same payment.
    """
    lines = received.at(again["line"].sort()).with_columns(date_of("paid_on"), amount_minor_of())
    found = lines.select("line", "line_id", *SAYS)
    for each in decided:
        was = scan(each).select("line_id", *SAYS)
        found = found.lazy().join(was, on=["line_id", *SAYS], how="anti", nulls_equal=True).collect()
    if found.is_empty():
        return IdAgain(of=of)
    first = found.sort("line").row(0, named=True)
    return IdAgain(found.height, of, UsedAgain(*received.place(first["line"]), first["line_id"]))
