"""Records as lines and events both are: judged, counted by outcome, and shown to people where one is rejected."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from engine.frames.schemas import Faults
from models.billing import RejectedRecord
from models.canonical import canonical_json
from models.vendor import Tally

# Great Expectations takes seconds to import: only what judges does, when it runs.
if TYPE_CHECKING:
    from expectations.judging import Verdict


def faults_of(verdicts: Sequence["Verdict"], first_place: int = 0) -> pl.DataFrame:
    """Return Faults, in the order of the records, then of the checks. `first_place` is the place of the first one."""
    parts = [
        pl.select(line=verdict.failing + first_place, check=pl.lit(verdict.check.name), reason=pl.lit(reason.value))
        for verdict in verdicts
        if (reason := verdict.check.reason)
    ]
    found = pl.concat(parts).cast({"line": pl.UInt32}).sort("line", maintain_order=True)
    return Faults.validate(found)


def reasons_of(faults: pl.DataFrame, places: pl.Series) -> pl.Series:
    """Return each record's reasons, sorted; an empty list where nothing is wrong with it."""
    by_place = faults.group_by("line").agg(reasons=pl.col("reason").unique().sort())
    joined = (
        places.alias("line").cast(pl.UInt32).to_frame().join(by_place, on="line", how="left", maintain_order="left")
    )
    return joined["reasons"].fill_null([])


def as_received(records: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """Return what each record said, as canonical JSON without what it left blank."""
    texts = [
        canonical_json({name: text for name, text in record.items() if text is not None}).decode().rstrip("\n")
        for record in records.select(columns).iter_rows(named=True)
    ]
    return pl.Series(texts, dtype=pl.String)


def tallies_of(records: pl.DataFrame) -> pl.DataFrame:
    """Count records (`outcome`, `reason`, `currency`, `amount_minor`) by what became of them; can be added up again.

    Columns `outcome`, `reason`, `currency` (blank for none), `lines` Int64, `amount_minor` Int128: wide enough for
    any sum; and `unread` Int64, how many have an amount that cannot be read.
    """
    amount = pl.col("amount_minor")
    return (
        records.group_by("outcome", "reason", pl.col("currency").fill_null(""))
        .agg(
            pl.len().cast(pl.Int64).alias("lines"),
            amount.cast(pl.Int128).sum(),
            amount.is_null().sum().cast(pl.Int64).alias("unread"),
        )
        .sort("outcome", "reason", "currency")
    )


def added_up(tallies: Sequence[pl.DataFrame]) -> tuple[Tally, ...]:
    """Return several counts of `tallies_of` as one, in the order of outcome, reason and currency."""
    keys = ["outcome", "reason", "currency"]
    whole = pl.concat(tallies).group_by(keys).agg(pl.col("lines", "amount_minor", "unread").sum()).sort(keys)
    return tuple(Tally(**row) for row in whole.iter_rows(named=True))


def shown(
    fault: tuple[int, str, str], record: Mapping[str, Any], columns: Sequence[str], place: tuple[str, int]
) -> RejectedRecord:
    """Return a fault as people see it: where the record was read, and what stood in the column that is wrong."""
    record_id = record.get("line_id") or record.get("event_id") or ""
    return RejectedRecord(*place, record_id, *first_given(columns, record), fault[2])


def first_given(columns: Sequence[str], record: Mapping[str, Any]) -> tuple[str, str]:
    """Return the first of the columns that says anything, and what it says."""
    column = next((name for name in columns if record.get(name) is not None), columns[0])
    return column, record.get(column) or ""


def entries_of(verdicts: Sequence["Verdict"]) -> list[dict[str, Any]]:
    """Return how the checks came out, as it is archived."""
    return [verdict.entry() for verdict in verdicts]
