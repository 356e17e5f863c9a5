"""How often a month's lines are read: a draft goes through all of them a fixed number of times, however many there are."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from engine.draft import draft
from engine.frames.snapshot import Snapshot
from tests.engine.looking_back import from_archive


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Lines unpacked so far, in every column and in some, by who asked; and how often lines were searched for some.

    A search looks at what its condition asks for of all lines, and unpacks all columns only of those it finds.
    """
    counts: Counter[str] = Counter()
    chunks, columns, where = Snapshot.chunks, Snapshot.columns, Snapshot.where

    def counted_chunks(self: Snapshot, *arguments: int) -> Iterator[tuple[int, pl.DataFrame]]:
        for start, chunk in chunks(self, *arguments):
            counts["every column"] += chunk.height
            yield start, chunk

    def counted_columns(self: Snapshot, *names: str) -> pl.DataFrame:
        found = columns(self, *names)
        counts["some columns"] += found.height
        return found

    def counted_where(self: Snapshot, condition: pl.Expr) -> pl.DataFrame:  # `at` asks by it, too
        counts["searches"] += 1
        return where(self, condition)

    monkeypatch.setattr(Snapshot, "chunks", counted_chunks)
    monkeypatch.setattr(Snapshot, "columns", counted_columns)
    monkeypatch.setattr(Snapshot, "where", counted_where)
    return counts


@pytest.mark.parametrize("lines_at_once", [2, 100_000])
@pytest.mark.parametrize("month", ["2026-01", "2026-02", "2026-03"])
def test_a_line_is_unpacked_twice_to_be_judged_and_to_be_decided(
    home: Path, read: Counter[str], month: str, lines_at_once: int
) -> None:
    inputs = from_archive(home, month)
    read.clear()
    draft(inputs, lines_at_once=lines_at_once)
    assert inputs.lines.height >= 7
    assert read["every column"] == 2 * inputs.lines.height
    # Ids and days for copies, clients for the shards, clients for look-alikes, and twice what names a refunded sale.
    assert read["some columns"] <= 5 * inputs.lines.height
    # Copies, the faults that are shown, the refunds, and the sales that they name.
    assert read["searches"] <= 4
