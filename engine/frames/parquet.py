"""Frames as bytes: Parquet that comes out the same on every machine, so that its digest means something."""

import io
from collections.abc import Iterator

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

ROWS_PER_GROUP = 100_000


def parquet_bytes(frame: pl.DataFrame, rows_per_group: int = ROWS_PER_GROUP) -> bytes:
    """Return the frame as Parquet, zstd. The bytes depend on the rows and their order alone."""
    file = ParquetFile(rows_per_group)
    file.append(frame)
    return file.to_bytes()


class ParquetFile:
    """Parquet written piece by piece: only the rows of one group are in memory as a frame.

    However the rows are cut into pieces, the bytes are the same: groups have `rows_per_group` rows, the last fewer.
    """

    def __init__(self, rows_per_group: int = ROWS_PER_GROUP) -> None:
        self._rows_per_group = rows_per_group
        self._buffer = io.BytesIO()
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pl.DataFrame] = []
        self._waiting_rows = 0

    def append(self, frame: pl.DataFrame) -> None:
        """Add rows. Every piece has the same columns; the first may have none of the rows."""
        if frame.height or not self._waiting:
            self._waiting.append(frame)
            self._waiting_rows += frame.height
        while self._waiting_rows >= self._rows_per_group:
            rows = pl.concat(self._waiting)
            self._write(rows[: self._rows_per_group])
            self._waiting = [rows[self._rows_per_group :]]
            self._waiting_rows = self._waiting[0].height

    def to_bytes(self) -> bytes:
        """Return the file; nothing can be added after it."""
        rows = pl.concat(self._waiting)
        if rows.height or self._writer is None:
            self._write(rows)
        assert self._writer is not None
        self._writer.close()
        return self._buffer.getvalue()

    def _write(self, rows: pl.DataFrame) -> None:
        table: pa.Table = rows.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest()).replace_schema_metadata(None)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._buffer, table.schema, compression="zstd", store_schema=False)
        self._writer.write_table(table, row_group_size=self._rows_per_group)


def compact(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with its texts in buffers of their own.

    A few rows of a large frame otherwise keep the texts of all its rows in memory.
    """
    return pl.DataFrame(pl.from_arrow(frame.to_arrow(compat_level=pl.CompatLevel.oldest())))


def scan(data: bytes, place: str | None = None) -> pl.LazyFrame:
    """Return the frame to be asked for some of its rows, with the `place` (UInt32) of each where a name is given.

    What the condition does not need is unpacked only of the rows that meet it.
    """
    return pl.scan_parquet(io.BytesIO(data), row_index_name=place)


def rows_from(data: bytes, condition: pl.Expr) -> pl.DataFrame:
    """Return the rows that meet a condition; groups of rows that cannot are not even unpacked."""
    return scan(data).filter(condition).collect()


def frame_from(data: bytes, columns: list[str] | None = None) -> pl.DataFrame:
    """Return the frame that `parquet_bytes` wrote, or only some of its columns."""
    return pl.read_parquet(io.BytesIO(data), columns=columns)


def height_of(data: bytes) -> int:
    """Return how many rows there are; none is unpacked."""
    return int(pq.ParquetFile(io.BytesIO(data)).metadata.num_rows)


def column_names_of(data: bytes) -> tuple[str, ...]:
    """Return the names of the columns; no row is unpacked."""
    return tuple(pq.ParquetFile(io.BytesIO(data)).schema_arrow.names)


def groups_from(data: bytes) -> Iterator[pl.DataFrame]:
    """Yield the frame group by group, so that only one is unpacked at a time."""
    file = pq.ParquetFile(io.BytesIO(data))
    for number in range(file.num_row_groups):
        yield pl.DataFrame(pl.from_arrow(file.read_row_group(number)))
