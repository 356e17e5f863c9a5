"""The snapshot: the billing lines a month received, as one Parquet file that is read a piece at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import dataframely as dy
import polars as pl

from engine.parquet import frame_from, groups_from, parquet_bytes
from engine.schemas import ReceivedLines, of_types

LINES_AT_ONCE = 200_000
"""Lines that are looked at together. It bounds the memory of a month and changes nothing of it."""


@dataclass(frozen=True)
class Snapshot:
    """The received lines (ReceivedLines, and the vendor's extra columns) as Parquet, in their order."""

    data: bytes
    places: pl.DataFrame | None = field(default=None, compare=False)
    """Where each line was read, `source` String and `row` Int64: no part of the snapshot, so None from an archive."""

    @classmethod
    def of(cls, lines: pl.DataFrame) -> "Snapshot":
        """Return the snapshot of lines as received, with `source` and `row`."""
        return cls(parquet_bytes(lines.drop("source", "row")), lines.select("source", "row"))

    def place(self, line: int) -> tuple[str, int]:
        """Return (source, row) of the line at a place: where it was read, or its row in this file."""
        if self.places is None:
            return "billing.parquet", line
        source, row = self.places.row(line)
        return source, row

    @cached_property
    def extras(self) -> tuple[str, ...]:
        """The vendor's own columns, beside those that have a meaning here."""
        known = ReceivedLines.column_names()
        return tuple(name for name in self._head.columns if name not in known)

    @cached_property
    def height(self) -> int:
        return frame_from(self.data, ["line_id"]).height

    def chunks(self, lines_at_once: int = LINES_AT_ONCE) -> Iterator[tuple[int, pl.DataFrame]]:
        """Yield (place of the first line, lines) in order. A snapshot without lines has one chunk, without lines."""
        place, waiting = 0, [self._head]
        for group in groups_from(self.data):
            checked(ReceivedLines, group)
            waiting.append(group)
            while (rows := sum(part.height for part in waiting)) >= lines_at_once:
                joined = pl.concat(waiting)
                yield place, joined[:lines_at_once]
                place, waiting = place + lines_at_once, [joined[lines_at_once:]] if rows > lines_at_once else []
        if place == 0 or any(part.height for part in waiting):
            yield place, pl.concat(waiting)

    def columns(self, *names: str) -> pl.DataFrame:
        """Return some columns of all lines."""
        return frame_from(self.data, list(names))

    def at(self, places: pl.Series) -> pl.DataFrame:
        """Return the lines at these places (sorted, UInt32), with `line`, the place of each."""
        found = [
            chunk.with_columns(line=pl.int_range(start, start + chunk.height, dtype=pl.UInt32)).filter(
                pl.col("line").is_in(places.implode())
            )
            for start, chunk in self.chunks()
        ]
        return pl.concat(found)

    @cached_property
    def _head(self) -> pl.DataFrame:
        return next(groups_from(self.data), frame_from(self.data)).clear()


def checked(schema: type[dy.Schema], frame: pl.DataFrame) -> None:
    """Raise SchemaError where the frame lacks a column of the schema, or has it with another type."""
    schema.validate(frame.clear().select(schema.column_names()))


def no_lines() -> pl.DataFrame:
    """Return no received lines."""
    return pl.DataFrame(schema=of_types(ReceivedLines))
