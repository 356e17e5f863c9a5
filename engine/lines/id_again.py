"""Id again: the lines booked in a month whose ids closed months have decided."""

import polars as pl

from engine.frames.snapshot import Snapshot
from models.period import Period
from rules.lines.id_again import IdAgain, UsedAgain
from rules.lines.reading import posted_on_of


def id_again(received: Snapshot, known: pl.Series, month: Period) -> IdAgain:
    """Return how many lines booked in the month have an id that is `known`, of a line that a closed month decided.

    What a closed month decided was booked before this month began, so these are other payments, or lines whose day was
    changed. A line that comes again as it was has its old day, and is none of them.
    """
    ids = received.columns("line_id", "posted_on", "paid_on", "carried_from").with_row_index("line")
    is_of_month = (posted_on_of() >= month.first_day) & pl.col("carried_from").is_null()
    booked = ids.filter(is_of_month.fill_null(False))
    found = booked.join(known.to_frame("line_id").unique(), on="line_id", how="semi").sort("line")
    if found.is_empty():
        return IdAgain(of=booked.height)
    first = found.row(0, named=True)
    return IdAgain(found.height, booked.height, UsedAgain(*received.place(first["line"]), first["line_id"]))
