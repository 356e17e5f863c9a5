"""The sums of a month: added up from pieces of its lines, in whichever pieces and however often."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.draft import SUMS, draft
from engine.frames.schemas import MonthSums, of_types
from engine.lines import decided
from engine.sums.past import sums_together
from tests.engine.looking_back import from_archive

Row = tuple[str, str, int, date | None, str]

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["acme", "bolt"]),
        st.sampled_from(["", "software"]),
        st.integers(-9, 9),
        st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 3)),
        st.sampled_from(["", "INV-1", "INV-2"]),
    ),
    max_size=20,
)


def sums_of(rows: list[Row]) -> pl.DataFrame:
    """Rows of partner ana; all their amounts are the same one."""
    whole = [
        ("2026-01", "ana", client, category, "", minor, minor, minor, day, order, "", "", minor)
        for client, category, minor, day, order in rows
    ]
    return pl.DataFrame(whole, schema=of_types(MonthSums), orient="row")


@settings(deadline=None, max_examples=100)
@given(ROWS, st.integers(1, 20))
def test_sums_of_pieces_come_to_what_a_plain_loop_finds_sorted_by_their_keys(rows: list[Row], piece: int) -> None:
    parts = [sums_together([part]) for part in sums_of(rows).iter_slices(piece)]
    expected = []
    for client, category in sorted({row[:2] for row in rows}):
        mine = [row for row in rows if row[:2] == (client, category)]
        first_day = min((day for _, _, _, day, _ in mine if day), default=None)
        first_order = min((order for _, _, _, day, order in mine if day and day == first_day), default="")
        expected.append((client, category, sum(row[2] for row in mine), first_day, first_order))
    found = sums_together(parts).select("client_id", "category", "paid_minor", "first_paid_on", "first_order")
    assert found.rows() == expected


def test_sums_are_the_same_bytes_however_often_they_are_added_up(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = from_archive(home, "2026-01")
    at_the_end = draft(inputs, lines_at_once=2).results[SUMS]
    monkeypatch.setattr(decided, "SUMS_KEPT_APART", 1)
    assert draft(inputs, lines_at_once=2).results[SUMS] == at_the_end
