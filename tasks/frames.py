"""Frames as bytes: Parquet that comes out the same on every machine, so that its digest means something."""

import io

import polars as pl
import pyarrow.parquet as pq

ROWS_PER_GROUP = 100_000


def parquet_bytes(frame: pl.DataFrame, rows_per_group: int = ROWS_PER_GROUP) -> bytes:
    """Return the frame as Parquet, zstd. The bytes depend on the rows and their order alone."""
    buffer = io.BytesIO()
    table = frame.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest()).replace_schema_metadata(None)
    pq.write_table(table, buffer, compression="zstd", row_group_size=rows_per_group, store_schema=False)
    return buffer.getvalue()


def rows_from(data: bytes, condition: pl.Expr) -> pl.DataFrame:
    """Return the rows that meet a condition; groups of rows that cannot are not even unpacked."""
    return pl.scan_parquet(io.BytesIO(data)).filter(condition).collect()


def frame_from(data: bytes, columns: list[str] | None = None) -> pl.DataFrame:
    """Return the frame that `parquet_bytes` wrote, or only some of its columns."""
    return pl.read_parquet(io.BytesIO(data), columns=columns)
