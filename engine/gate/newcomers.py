"""Newcomers: the received lines that no month has seen, counted by what the gate asks of them."""

from hashlib import sha256

import polars as pl

from engine.frames.schemas import NewLines, RejectedLines
from engine.frames.snapshot import Snapshot
from engine.lines.records import as_received, reasons_of
from models.billing import KINDS, TEXT_COLUMNS, WAS_SEEN_BEFORE, Reason
from models.money import known_currencies
from rules.lines.gate import EXAMPLES, Newcomers
from rules.lines.reading import WITH_DECIMALS, posted_on_of

SEEN = (Reason.REPEAT.value, Reason.REPLACED.value, *WAS_SEEN_BEFORE)
"""Reasons of a line that is not new: a copy of one that counts, or one that an earlier month decided or left open."""

KEYS = ["source", "kind", "currency", "month", "reason", "has_decimals"]


def new_lines(
    lines: Snapshot, chunk: pl.DataFrame, start: int, faults: pl.DataFrame, rejected_before: pl.Series
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return (NewLines, RejectedLines) of a piece of the lines that starts at a place.

    `rejected_before` holds the digests of lines that earlier months rejected: one that is as it was is not new.
    """
    places = pl.int_range(start, start + chunk.height, dtype=pl.UInt32, eager=True)
    reasons = reasons_of(faults, places)
    is_new = chunk["carried_from"].is_null() & ~reasons.list.set_intersection(list(SEEN)).list.len().cast(pl.Boolean)
    rejected = pl.DataFrame({"line": places}).filter(is_new & (reasons.list.len() > 0))
    digests = rejected.with_columns(digest=digests_of(as_received(chunk[rejected["line"] - start], TEXT_COLUMNS)))
    known = digests.filter(pl.col("digest").is_in(rejected_before.implode()))
    counted = (
        chunk.select(
            line=places,
            source=lines.sources(start, chunk.height),
            kind=pl.when(pl.col("kind").is_in(KINDS)).then("kind"),
            currency=pl.when(pl.col("currency").is_in(known_currencies())).then("currency"),
            month=posted_on_of().dt.strftime("%Y-%m"),
            reason=reasons.list.join("; "),
            has_decimals=pl.col("amount_minor").str.contains(WITH_DECIMALS).fill_null(False),
        )
        .filter(is_new)
        .join(known, on="line", how="anti", maintain_order="left")
        .group_by(KEYS)
        .agg(lines=pl.len().cast(pl.Int64), first=pl.col("line").head(EXAMPLES))
    )
    unseen = digests.join(known, on="line", how="anti").select(pl.col("digest").unique())
    return NewLines.validate(counted), RejectedLines.validate(unseen)


def counted_together(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Return several counts (NewLines) as one, sorted."""
    return (
        pl.concat(parts)
        .group_by(KEYS)
        .agg(pl.col("lines").sum(), pl.col("first").explode().drop_nulls().sort().head(EXAMPLES))
        .sort(KEYS)
    )


def newcomers_of(counted: pl.DataFrame) -> list[Newcomers]:
    """Return a count (NewLines) as values."""
    rows = counted.select(*KEYS, "lines", "first").iter_rows(named=True)
    return [Newcomers(**row | {"first": tuple(row["first"])}) for row in rows]


def digests_of(as_received: pl.Series) -> pl.Series:
    """Return the SHA-256 of what each rejected line said, canonical JSON."""
    return pl.Series([sha256(text.encode()).hexdigest() for text in as_received], dtype=pl.String)
