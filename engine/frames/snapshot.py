"""The snapshot: the billing lines a month received, as one Parquet file that is read a piece at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import dataframely as dy
import polars as pl

from engine.frames.parquet import ParquetFile, column_names_of, frame_from, groups_from, height_of, scan
from engine.frames.schemas import ReceivedLines, of_types
from engine.frames.sorted_runs import ROWS_PER_RUN, SortedRuns

LATER_COLUMNS = ("refunds_invoice_id", "measured_in")
"""What lines have had since a later version."""

LINES_AT_ONCE = 100_000
"""Lines that are looked at together. It bounds the memory of a month and changes nothing of it."""


@dataclass(frozen=True)
class Snapshot:
    """The received lines (ReceivedLines, and the vendor's extra columns) as Parquet, in their order."""

    data: bytes
    places: pl.DataFrame | None = field(default=None, compare=False)
    """Where each line was read, `source` String and `row` Int64: no part of the snapshot, so None from an archive."""

    @classmethod
    def of(cls, lines: pl.DataFrame) -> "Snapshot":
        """Return the snapshot of lines as received, with `source` and `row`, in the order they are in."""
        return cls._of_pieces([lines])

    @classmethod
    def sorted_from(cls, frames: Iterable[pl.DataFrame], rows_per_run: int = ROWS_PER_RUN) -> "Snapshot":
        """Return the snapshot of lines as received, in the order of all their columns: how they were read says nothing.

        Each frame has `source` and `row`, and the same columns. At most so many rows are unpacked at a time.
        """
        runs = SortedRuns(rows_per_run)
        for frame in frames:
            runs.add(frame)
        return cls._of_pieces(runs.in_order())

    @classmethod
    def _of_pieces(cls, pieces: Iterable[pl.DataFrame]) -> "Snapshot":
        file, places = ParquetFile(), []
        for piece in pieces:
            file.append(piece.drop("source", "row"))
            places.append(piece.select(pl.col("source").cast(pl.Categorical), "row"))
        return cls(file.to_bytes(), pl.concat(places))

    def place(self, line: int) -> tuple[str, int]:
        """Return (source, row) of the line at a place: where it was read, or its row in this file; 0 for our own."""
        if self.places is None:
            return "billing.parquet", line
        source, row = self.places.row(line)
        return str(source), int(row or 0)

    def places_of(self, lines: pl.Series) -> Iterator[tuple[str, int]]:
        """Yield the `place` of each of the lines at these places, which may stand several times."""
        if self.places is None:
            yield from (("billing.parquet", int(line)) for line in lines)
            return
        for source, row in self.places[lines].iter_rows():
            yield str(source), int(row or 0)

    def sources(self, start: int, lines: int) -> pl.Series:
        """Return where so many lines from a place on were read: the file or query of each."""
        if self.places is None:
            return pl.repeat("billing.parquet", lines, dtype=pl.String, eager=True)
        return self.places["source"][start : start + lines].cast(pl.String)

    @cached_property
    def extras(self) -> tuple[str, ...]:
        """The vendor's own columns, beside those that have a meaning here."""
        known = ReceivedLines.column_names()
        return tuple(name for name in self.head.columns if name not in known)

    @cached_property
    def height(self) -> int:
        return height_of(self.data)

    def chunks(self, lines_at_once: int = LINES_AT_ONCE) -> Iterator[tuple[int, pl.DataFrame]]:
        """Yield (place of the first line, lines) in order. A snapshot without lines has one chunk, without lines."""
        place, waiting = 0, [self.head]
        for group in groups_from(self.data):
            whole = group.with_columns(pl.lit(None, pl.String).alias(name) for name in self._absent)
            checked(ReceivedLines, whole)
            waiting.append(whole)
            while (rows := sum(part.height for part in waiting)) >= lines_at_once:
                joined = pl.concat(waiting)
                yield place, joined[:lines_at_once]
                place, waiting = place + lines_at_once, [joined[lines_at_once:]] if rows > lines_at_once else []
        if place == 0 or any(part.height for part in waiting):
            yield place, pl.concat(waiting)

    def columns(self, *names: str) -> pl.DataFrame:
        """Return some columns of all lines."""
        found = frame_from(self.data, [name for name in names if name not in self._absent])
        return found.with_columns(pl.lit(None, pl.String).alias(name) for name in names if name in self._absent)

    def at(self, places: pl.Series) -> pl.DataFrame:
        """Return the lines at these places (sorted, UInt32), with `line`, the place of each."""
        return self.where(pl.col("line").is_in(places.implode()))

    def where(self, condition: pl.Expr) -> pl.DataFrame:
        """Return the lines that meet a condition, with `line`, the place of each, which it may ask for too."""
        lines = scan(self.data, place="line").with_columns(pl.lit(None, pl.String).alias(name) for name in self._absent)
        return lines.filter(condition).select(*self.head.columns, "line").collect()

    @cached_property
    def head(self) -> pl.DataFrame:
        """No lines, with the columns they have."""
        first = next(groups_from(self.data), None)  # a file without rows may have no group
        written = (frame_from(self.data) if first is None else first).clear()
        absent = [name for name in LATER_COLUMNS if name not in written.columns]
        return written.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)

    @cached_property
    def _absent(self) -> tuple[str, ...]:
        """The columns that a snapshot of an earlier version does not have."""
        there = column_names_of(self.data)
        return tuple(name for name in LATER_COLUMNS if name not in there)


def checked(schema: type[dy.Schema], frame: pl.DataFrame) -> None:
    """Raise SchemaError where the frame lacks a column of the schema, or has it with another type."""
    schema.validate(frame.clear().select(schema.column_names()))


def no_snapshot() -> Snapshot:
    """Return the snapshot of no lines."""
    return Snapshot.of(no_lines().with_columns(source=pl.lit(""), row=pl.lit(0, pl.Int64)))


def no_lines() -> pl.DataFrame:
    """Return no received lines."""
    return pl.DataFrame(schema=of_types(ReceivedLines))
