"""The snapshot of the received lines: it gives them back in their order, so many at a time."""

import dataframely as dy
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.frames.parquet import parquet_bytes
from engine.frames.snapshot import Snapshot, no_lines
from tests.made.received import received


def lines(count: int) -> pl.DataFrame:
    return received(*[{"region": f"north {number}"} for number in range(count)])


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 20), st.integers(1, 8), st.integers(1, 9))
def test_chunks_are_the_lines_in_their_order_so_many_at_a_time(count: int, group: int, lines_at_once: int) -> None:
    whole = lines(count).drop("source", "row")
    snapshot = Snapshot(parquet_bytes(whole, group))
    chunks = list(snapshot.chunks(lines_at_once))
    assert pl.concat([chunk for _, chunk in chunks]).equals(whole)
    assert [start for start, _ in chunks] == list(range(0, max(count, 1), lines_at_once))
    assert all(chunk.height == lines_at_once for _, chunk in chunks[:-1])
    assert snapshot.height == count


def test_a_snapshot_without_lines_has_one_chunk_with_the_columns() -> None:
    ((start, chunk),) = Snapshot.of(no_lines().with_columns(source=None, row=None)).chunks()
    assert (start, chunk.height, chunk.columns) == (0, 0, no_lines().columns)


def test_the_vendors_own_columns_are_told_from_those_that_mean_something_here() -> None:
    assert Snapshot.of(lines(1)).extras == ("region",) == Snapshot.of(lines(0).with_columns(region=None)).extras
    assert Snapshot.of(received({})).extras == ()


def test_where_a_line_was_read_is_known_while_it_is_read_and_is_its_row_in_the_archive() -> None:
    read = Snapshot.of(lines(2))
    assert [read.place(0), read.place(1)] == [("billing/january.csv", 2), ("billing/january.csv", 3)]
    archived = Snapshot(read.data)
    assert (archived, archived.place(1)) == (read, ("billing.parquet", 1))


def test_the_places_of_many_lines_are_those_of_each_and_of_our_own_lines_row_0() -> None:
    read = Snapshot.of(pl.concat([lines(2), lines(1).with_columns(source=pl.lit("carried"), row=None)]))
    asked = pl.Series([2, 0, 0, 1], dtype=pl.UInt32)
    assert list(read.places_of(asked)) == [read.place(line) for line in asked]
    assert next(read.places_of(asked)) == ("carried", 0)
    assert list(Snapshot(read.data).places_of(asked)) == [("billing.parquet", line) for line in (2, 0, 0, 1)]


def test_lines_are_found_by_their_places() -> None:
    found = Snapshot(parquet_bytes(lines(7).drop("source", "row"), 2)).at(pl.Series([1, 2, 6], dtype=pl.UInt32))
    assert found.select("line", "line_id").rows() == [(1, "L-2"), (2, "L-3"), (6, "L-7")]
    assert Snapshot.of(lines(2)).at(pl.Series([], dtype=pl.UInt32)).height == 0


def test_some_columns_can_be_read_alone() -> None:
    assert Snapshot.of(lines(2)).columns("line_id").rows() == [("L-1",), ("L-2",)]


def test_the_columns_are_known_from_the_first_lines_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(data: bytes, columns: list[str] | None = None) -> pl.DataFrame:
        raise AssertionError("all lines were unpacked")

    monkeypatch.setattr("engine.frames.snapshot.frame_from", never)
    assert Snapshot.of(lines(2)).head.equals(lines(2).drop("source", "row").clear())


def test_lines_that_lack_a_column_are_not_looked_at() -> None:
    with pytest.raises(pl.exceptions.ColumnNotFoundError, match="paid_on"):
        list(Snapshot.of(lines(1).drop("paid_on")).chunks())
    with pytest.raises(dy.exc.SchemaError, match="paid_on"):
        list(Snapshot.of(lines(1).with_columns(paid_on=1)).chunks())
