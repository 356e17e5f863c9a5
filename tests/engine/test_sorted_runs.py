"""Sorted runs: lines come back in the order of all their columns, however many are held at a time."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from engine.frames.snapshot import Snapshot
from engine.frames.sorted_runs import SortedRuns
from tests.made.received import received

IDS = st.one_of(st.none(), st.sampled_from(["", "L-1", "L-2", "L-3", "Ы-1"]), st.text(max_size=3))
FRAMES = st.lists(st.lists(st.tuples(IDS, st.sampled_from(["a", "b", None])), max_size=9), min_size=1, max_size=6)


def frame(lines: list[tuple[str | None, str | None]], number: int) -> pl.DataFrame:
    rows = [(line_id, kind, f"{number}.csv", row) for row, (line_id, kind) in enumerate(lines, start=2)]
    return pl.DataFrame(
        rows, schema={"line_id": pl.String, "kind": pl.String, "source": pl.String, "row": pl.Int64}, orient="row"
    )


@given(FRAMES, st.integers(1, 60), st.integers(1, 12))
def test_lines_come_back_in_the_order_of_all_their_columns(
    read: list[list[tuple[str | None, str | None]]], rows_per_run: int, rows_per_range: int
) -> None:
    frames = [frame(lines, number) for number, lines in enumerate(read)]
    runs = SortedRuns(rows_per_run, rows_per_range)
    for each in frames:
        runs.add(each)
    whole = pl.concat(frames)
    assert pl.concat(runs.in_order()).equals(whole.sort(whole.columns))


def test_a_range_is_about_as_large_as_was_asked_for() -> None:
    runs = SortedRuns(rows_per_run=1_000, rows_per_range=100)
    for number in range(5):
        runs.add(frame([(f"L-{5 * line + number:05}", None) for line in reversed(range(1_000))], number))
    heights = [piece.height for piece in runs.in_order()]
    assert (sum(heights), max(heights) <= 200, len(heights) >= 25) == (5_000, True, True)


def test_a_snapshot_is_the_same_however_many_lines_are_put_in_order_together() -> None:
    lines = received(*[{"line_id": f"L-{7 * number % 50}", "region": f"north {number}"} for number in range(60)])
    frames = [lines[start : start + 9] for start in range(0, 60, 9)]
    at_once = Snapshot.sorted_from(frames)
    assert at_once.places is not None
    for rows_per_run in (1, 7, 25, 60):
        read = Snapshot.sorted_from(reversed(frames), rows_per_run)
        assert read.places is not None
        assert (read.data, read.places.rows()) == (at_once.data, at_once.places.rows())
