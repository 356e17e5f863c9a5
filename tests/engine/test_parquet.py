"""Parquet whose digest means something: the bytes are of the rows, not of how they came."""

import io

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.frames.parquet import ParquetFile, frame_from, groups_from, parquet_bytes, rows_from

rows = st.lists(st.tuples(st.none() | st.text(max_size=4), st.none() | st.integers(-(2**62), 2**62)), max_size=30)
cuts = st.lists(st.integers(0, 30), max_size=6).map(sorted)


def frame(found: list[tuple[str | None, int | None]]) -> pl.DataFrame:
    return pl.DataFrame(found, schema={"name": pl.String, "minor": pl.Int64}, orient="row")


def in_pieces(whole: pl.DataFrame, at: list[int], rows_per_group: int) -> bytes:
    file = ParquetFile(rows_per_group)
    for start, end in zip([0, *at], [*at, 30], strict=True):
        file.append(whole[start:end])
    return file.to_bytes()


@settings(deadline=None)
@given(rows, cuts, st.integers(1, 7))
def test_however_rows_are_cut_into_pieces_the_bytes_are_the_same(
    found: list[tuple[str | None, int | None]], at: list[int], rows_per_group: int
) -> None:
    whole = frame(found)
    data = parquet_bytes(whole, rows_per_group)
    assert in_pieces(whole, at, rows_per_group) == data
    assert parquet_bytes(whole.clear().vstack(whole), rows_per_group) == data
    assert frame_from(data).equals(whole)
    sizes = [group.height for group in groups_from(data)]
    assert sizes[:-1] == [rows_per_group] * (len(sizes) - 1)
    assert sum(sizes) == whole.height


def test_a_file_without_rows_still_has_its_columns() -> None:
    data = parquet_bytes(frame([]))
    assert frame_from(data).schema == frame([]).schema
    assert in_pieces(frame([]), [], 5) == parquet_bytes(frame([]), 5)


def test_the_file_names_no_clock_and_no_machine() -> None:
    metadata = pq.read_metadata(io.BytesIO(parquet_bytes(frame([("ж", 1)]))))
    assert metadata.metadata is None
    assert metadata.row_group(0).column(0).compression == "ZSTD"


@pytest.mark.parametrize("rows_per_group", [1, 2, 100])
def test_some_columns_and_some_rows_can_be_read_alone(rows_per_group: int) -> None:
    data = parquet_bytes(frame([("a", 1), ("b", 2), (None, 3)]), rows_per_group)
    assert frame_from(data, ["minor"]).rows() == [(1,), (2,), (3,)]
    assert rows_from(data, pl.col("name") == "b").rows() == [("b", 2)]
