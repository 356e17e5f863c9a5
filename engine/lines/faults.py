"""Faults as people look at them: each with the file and row it was read in, and what stood in the column."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from engine.frames.snapshot import Snapshot
from engine.lines.records import shown
from models.billing import WAS_SEEN_BEFORE, RejectedRecord


def told(faults: pl.DataFrame) -> pl.DataFrame:
    """Return the Faults of lines that somebody has to mend: not of those that an earlier month decided or left open."""
    seen_before = faults.filter(pl.col("reason").is_in(WAS_SEEN_BEFORE)).select("line")
    return faults.join(seen_before, on="line", how="anti", maintain_order="left") if seen_before.height else faults


def first_told(faults: pl.DataFrame, lines: Snapshot, most: int) -> tuple[RejectedRecord, ...]:
    """Return the first of the faults as people look at them."""
    first = faults[:most]
    return tuple(_shown(first, lines.at(first["line"].unique().sort()), lines))


def every_told(faults: pl.DataFrame, lines: Snapshot) -> Iterator[RejectedRecord]:
    """Yield every one of the faults (Faults), a piece of the lines at a time."""
    if faults.is_empty():
        return
    for start, chunk in lines.chunks():
        mine = faults.filter(pl.col("line").is_between(start, start + chunk.height, closed="left"))
        numbered = chunk.with_columns(line=pl.int_range(start, start + chunk.height, dtype=pl.UInt32))
        yield from _shown(mine, numbered.join(mine.select(pl.col("line").unique()), on="line", how="semi"), lines)


def of_lines(places: Sequence[int], faults: pl.DataFrame, lines: Snapshot) -> list[RejectedRecord]:
    """Return the first fault of each of the lines at some places."""
    at = pl.Series(places, dtype=pl.UInt32)
    first = faults.filter(pl.col("line").is_in(at.implode())).unique("line", keep="first", maintain_order=True)
    return list(_shown(first, lines.at(at), lines))


def _shown(faults: pl.DataFrame, records: pl.DataFrame, lines: Snapshot) -> Iterator[RejectedRecord]:
    reads = _reads()
    by_place = {record["line"]: record for record in records.iter_rows(named=True)}
    for (line, check, reason), place in zip(faults.iter_rows(), lines.places_of(faults["line"]), strict=True):
        yield shown((line, check, reason), by_place[line], reads[check], place)


def _reads() -> Mapping[str, tuple[str, ...]]:
    # It imports Great Expectations, which has judged the lines before anybody asks for their faults.
    from expectations.billing_lines import CHECKS

    return {check.name: check.reads for check in CHECKS}
