"""Sorted runs: lines read in any order, given back in the order of all their columns, a range of them at a time.

Not all lines fit into memory at once as a frame. So as many as do are put in order and packed, a run; then the runs are
merged: of each is unpacked what lies in the next range of line ids.
"""

import io
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import polars as pl

ROWS_PER_RUN = 1_000_000
"""Lines that are put in order together. It bounds the memory of the reading and changes nothing of it."""

ROWS_PER_RANGE = 100_000
"""About so many lines are merged together."""

ROWS_PER_GROUP = 10_000
"""Of a run, so many are unpacked at least."""

IDS_PER_RANGE = 10
"""Of each run so many ids of about a range's rows are looked at, to cut the ranges by."""

FEW_VALUES = (
    "product_code", "category", "quantity", "currency", "issued_on", "paid_on", "kind", "posted_on", "vat_rate",
    "promo_code", "source",
)  # fmt: skip
"""Columns in which the same few texts stand again and again."""


class _Run(NamedTuple):
    """Lines in order, each so many of them packed on their own; and an id of every so many."""

    groups: list[bytes]  # Arrow IPC
    some_ids: pl.Series


class SortedRuns:
    """Takes lines (all frames with the same columns, `line_id` String among them) and gives them back in order."""

    def __init__(self, rows_per_run: int = ROWS_PER_RUN, rows_per_range: int = ROWS_PER_RANGE) -> None:
        self._rows_per_run, self._rows_per_range = rows_per_run, rows_per_range
        self._runs: list[_Run] = []
        self._waiting: list[pl.DataFrame] = []
        self._waiting_rows = 0

    def add(self, lines: pl.DataFrame) -> None:
        """Take some lines."""
        self._waiting.append(_packed(lines))
        self._waiting_rows += lines.height
        if self._waiting_rows >= self._rows_per_run:
            self._end_run()

    def in_order(self) -> Iterator[pl.DataFrame]:
        """Yield the lines, a piece at a time. Where no run was ended, nothing is packed."""
        if not self._runs:
            yield from self._pieces(self._waiting)
            return
        self._end_run()
        reading = [_Reading(run.groups) for run in self._runs]
        for end in (*self._ends_of_ranges(), None):
            yield from self._pieces([part for run in reading for part in run.before(end)])

    def _end_run(self) -> None:
        if not self._waiting_rows:
            return
        lines = pl.concat(self._waiting, rechunk=False)
        order = _ordered(lines)
        groups = [_ipc(lines[order[start : start + ROWS_PER_GROUP]]) for start in range(0, len(order), ROWS_PER_GROUP)]
        ids = lines["line_id"][order].gather_every(max(1, self._rows_per_range // IDS_PER_RANGE)).fill_null("")
        self._runs.append(_Run(groups, ids))
        self._waiting, self._waiting_rows = [], 0

    def _pieces(self, frames: Sequence[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Yield the lines of frames in order, at most a range's at a time."""
        if frames:
            lines = pl.concat(frames, rechunk=False)
            order = _ordered(lines)
            for start in range(0, max(lines.height, 1), self._rows_per_range):
                yield _unpacked(lines[order[start : start + self._rows_per_range]])

    def _ends_of_ranges(self) -> pl.Series:
        """The line ids before which ranges end; the last range ends with the lines."""
        some_ids = pl.concat([run.some_ids for run in self._runs]).sort()
        return some_ids.gather_every(IDS_PER_RANGE, offset=IDS_PER_RANGE).unique().sort()


class _Reading:
    """A run that is read from its first line to its last; each group of its rows is unpacked once."""

    def __init__(self, groups: Sequence[bytes]) -> None:
        self._groups = (pl.read_ipc(io.BytesIO(data)) for data in groups)
        self._left = next(self._groups, None)

    def before(self, end: str | None) -> Iterator[pl.DataFrame]:
        """Yield the lines not read yet whose id is below `end`; None: all of them."""
        while self._left is not None:
            ids = self._left["line_id"].fill_null("")
            rows = len(ids) if end is None else ids.search_sorted(end, side="left")
            yield self._left[:rows]
            if rows < len(ids):
                self._left = self._left[rows:]
                return
            self._left = next(self._groups, None)


def _ipc(lines: pl.DataFrame) -> bytes:
    data = io.BytesIO()
    lines.write_ipc(data, compression="lz4")
    return data.getvalue()


def _packed(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame in less memory: what is said again and again is kept once."""
    return frame.with_columns(pl.col(name).cast(pl.Categorical) for name in FEW_VALUES if name in frame.columns)


def _unpacked(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame that was packed as it was."""
    return frame.with_columns(pl.col(pl.Categorical).cast(pl.String))


def _ordered(lines: pl.DataFrame) -> pl.Series:
    """Return the places of the lines in the order of all their columns: the id comes first, few need the others."""
    is_copy = lines["line_id"].is_duplicated()
    copies = _unpacked(lines.filter(is_copy)).with_columns(place=is_copy.arg_true())
    ties = copies.sort(lines.columns).select("place", tie=pl.int_range(pl.len(), dtype=pl.UInt32))
    places = lines.select("line_id", place=pl.int_range(pl.len(), dtype=pl.UInt32))
    by_id = places.join(ties, on="place", how="left", maintain_order="left") if ties.height else places
    return by_id.sort("line_id", *(["tie"] if ties.height else []), maintain_order=True)["place"]
