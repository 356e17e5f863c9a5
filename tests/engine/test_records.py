"""Records, lines and events alike: counted so that no sum wraps round, and shown with every reason."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.frames.schemas import Faults, of_types
from engine.lines.records import added_up, as_received, first_given, reasons_of, tallies_of

TENTH = 2**63 // 10
TYPES = {"outcome": pl.String, "reason": pl.String, "currency": pl.String, "amount_minor": pl.Int64}
Record = tuple[str, str, str | None, int | None]
records = st.lists(
    st.tuples(
        st.sampled_from(["settled", "open"]),
        st.sampled_from(["", "no client"]),
        st.sampled_from(["RUB", None]),
        st.sampled_from([TENTH, TENTH - 1, -TENTH, 2**63 - 1, -(2**63), 0, 1, None]),
    ),
    min_size=1,
    max_size=60,
)


def test_amounts_near_the_end_of_64_bits_add_up_exactly() -> None:
    frame = pl.DataFrame([("open", "no client", "RUB", TENTH)] * 40, schema=TYPES, orient="row")
    (tally,) = added_up([tallies_of(frame[:15]), tallies_of(frame[15:])])
    assert (tally.lines, tally.amount_minor) == (40, 36_893_488_147_419_103_200)
    assert TENTH * 40 == 36_893_488_147_419_103_200 > 2**64


@settings(deadline=None)
@given(records, st.integers(0, 60))
def test_however_records_are_cut_their_counts_and_sums_are_those_of_plain_counting(
    found: list[Record], cut: int
) -> None:
    frame = pl.DataFrame(found, schema=TYPES, orient="row")
    tallies = added_up([tallies_of(frame[:cut]), tallies_of(frame[cut:])])
    plain: dict[tuple[str, str, str], list[int]] = {}
    for outcome, reason, currency, amount in found:
        counted = plain.setdefault((outcome, reason, currency or ""), [0, 0])
        counted[0] += 1
        counted[1] += amount or 0
    assert [(each.outcome, each.reason, each.currency, each.lines, each.amount_minor) for each in tallies] == [
        (*key, *plain[key]) for key in sorted(plain)
    ]


def test_reasons_are_sorted_and_each_is_given_once() -> None:
    rows = [(7, "b", "no invoice"), (7, "a", "bad date"), (7, "c", "bad date"), (9, "a", "bad date")]
    faults = pl.DataFrame(rows, schema=of_types(Faults), orient="row")
    found = reasons_of(faults, pl.Series([6, 7, 8, 9]))
    assert found.to_list() == [[], ["bad date", "no invoice"], [], ["bad date"]]


def test_what_a_record_said_is_kept_without_what_it_left_blank() -> None:
    frame = pl.DataFrame({"line_id": ["A", "ж"], "paid_on": [None, 'so"on'], "row": [1, 2]})
    assert as_received(frame, ["paid_on", "line_id"]).to_list() == [
        '{"line_id":"A"}',
        '{"line_id":"ж","paid_on":"so\\"on"}',
    ]


def test_the_column_shown_is_the_first_that_says_anything() -> None:
    assert first_given(("amount_minor", "amount"), {"amount_minor": None, "amount": "12,50"}) == ("amount", "12,50")
    assert first_given(("kind",), {"kind": None}) == ("kind", "")
