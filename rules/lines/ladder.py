"""The ladder: what becomes of a line or an event is the first outcome that applies, in the order it is asked."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import polars as pl

from models.billing import Outcome


class Rung(NamedTuple):
    """One outcome: records that answer yes, and have not been decided by an earlier rung, end here."""

    outcome: Outcome
    reason: StrEnum | None  # None: every reason in `reasons`, joined by `; `
    applies: pl.Expr


def decide(ladder: Sequence[Rung]) -> tuple[pl.Expr, pl.Expr]:
    """Return the expressions of outcome and reason; what no rung stops is settled, with a blank reason."""
    outcome: pl.Expr = pl.lit(Outcome.SETTLED.value)
    reason: pl.Expr = pl.lit("")
    for rung in reversed(ladder):
        outcome = pl.when(rung.applies).then(pl.lit(rung.outcome.value)).otherwise(outcome)
        words = pl.col("reasons").list.join("; ") if rung.reason is None else pl.lit(rung.reason.value)
        reason = pl.when(rung.applies).then(words).otherwise(reason)
    return outcome.alias("outcome"), reason.alias("reason")
