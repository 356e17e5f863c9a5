"""One pass over the month's lines: each is decided once, none is lost, and how many are looked at together says nothing."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.draft import draft
from engine.frames.parquet import frame_from
from engine.frames.schemas import Faults, of_types
from engine.frames.snapshot import Snapshot
from engine.lines.attribute import bonds_of
from engine.lines.contracts import Contracts
from engine.lines.decided import DecidedMonth, ReceivedMonth, decide_lines
from engine.lines.returns import ReturnedSales
from engine.lines.validate import Judged, validate
from models.period import Period
from models.vendor import Attribution, ControlTotal, Terms
from rules.lines.control import not_conserved
from rules.programme.file import parse_programme
from rules.terms.in_force import in_force
from tests.engine.looking_back import from_archive
from tests.made.received import Line, line_ids, received
from tests.made.vendors import PROGRAMME

JANUARY = Period(2026, 1)
OPEN: Line = {"client_id": "nobody"}


def contracts() -> Contracts:
    programme = parse_programme(PROGRAMME)
    rows = [Terms(partner_id=who, name=who, plan="integrator", from_day=date(2026, 1, 1)) for who in ("ana", "bo")]
    return Contracts(JANUARY, programme, in_force(rows, programme, JANUARY))


BONDS = bonds_of(
    Attribution(client_id=client, partner_id=partner, claim_id=f"K-{client}", claimed_on=date(2025, 10, 1))
    for client, partner in [("C-1", "ana"), ("C-2", "bo")]
)


def month_of(lines: Snapshot, judged: Judged) -> ReceivedMonth:
    return ReceivedMonth(lines, judged, BONDS, ReturnedSales.none())


def decided(*lines: Mapping[str, str | None], lines_at_once: int = 1_000) -> DecidedMonth:
    """A month of these lines, judged by the suite."""
    snapshot = Snapshot.of(received(*lines))
    judged = validate(snapshot, line_ids("settled-before"), "gross")
    return decide_lines(month_of(snapshot, judged), contracts(), lines_at_once)


def ids(data: bytes) -> list[str]:
    return [str(line_id) for line_id in frame_from(data)["line_id"]]


def open_lines(month: DecidedMonth) -> list[tuple[str, str, str]]:
    return frame_from(month.carried).select("line_id", "category", "carried_from").rows()


def test_no_later_month_looks_at_a_line_that_is_settled_or_ended_for_good() -> None:
    month = decided(
        {"line_id": "Z"},
        {"line_id": "A"},
        {"line_id": "A"},  # a copy
        {"line_id": "final", "category": "hardware"},
        {"line_id": "open", **OPEN},
        {"line_id": "unpaid", "paid_on": None, "posted_on": None},
        {"line_id": "rejected", "kind": "gift"},
        {"line_id": "settled-before"},
    )
    assert ids(month.settled) == ["A", "Z", "final"]
    assert open_lines(month) == [("open", "telephony", "2026-01")]


def test_an_open_line_keeps_the_month_in_which_its_first_version_was_seen() -> None:
    ours: Line = {"line_id": "A", **OPEN, "carried_from": "2025-11"}
    newer: Line = {"line_id": "A", **OPEN, "category": "training"}
    first: Line = {"line_id": "B", **OPEN}
    for lines in ([ours, newer, first], [newer, first, ours], [newer, ours, newer, first]):
        for lines_at_once in (1, 2, 1_000):
            found = open_lines(decided(*lines, lines_at_once=lines_at_once))
            assert sorted(found) == [("A", "training", "2025-11"), ("B", "telephony", "2026-01")]


def test_a_line_the_source_sends_again_unchanged_is_carried_on_as_ours() -> None:
    ours: Line = {"line_id": "A", **OPEN, "carried_from": "2025-11"}
    assert open_lines(decided({"line_id": "A", **OPEN}, ours)) == [("A", "telephony", "2025-11")]


def test_carried_lines_are_kept_exactly_as_they_were_received() -> None:
    line: Line = {"line_id": "A", **OPEN, "amount_minor": None, "amount": "122.00", "region": "north"}
    kept = frame_from(decided(line, lines_at_once=1).carried).row(0, named=True)
    assert (kept["amount"], kept["amount_minor"], kept["region"]) == ("122.00", None, "north")


def test_what_was_posted_is_counted_as_it_came_copies_and_all_and_carried_lines_not() -> None:
    month = decided(
        {"line_id": "A"},
        {"line_id": "A"},
        {"line_id": "B", "amount_minor": "x"},
        {"line_id": "C", "posted_on": "2025-12-31"},
        {"line_id": "D", **OPEN, "carried_from": "2025-11"},
        {"line_id": "E", "currency": "EUR", "amount_minor": "-5", "vat_minor": None},
        lines_at_once=2,
    )
    assert month.posted == (
        ControlTotal(period="2026-01", currency="EUR", lines=1, amount_minor=-5),
        ControlTotal(period="2026-01", currency="RUB", lines=3, amount_minor=24_400),
    )
    assert {currency: (each.lines, each.amount_minor) for currency, each in month.received.items()} == {
        "RUB": (5, 48_800),
        "EUR": (1, -5),
    }


def test_a_month_without_lines_leaves_frames_without_rows() -> None:
    month = decided()
    assert (ids(month.settled), ids(month.carried), ids(month.lines)) == ([], [], [])
    assert (month.tallies, month.received, month.posted, month.sums.height) == ((), {}, (), 0)
    assert [shard.partners for shard in month.shards] == [("ana", "bo")]


# How many lines are looked at together

some_line = st.fixed_dictionaries(
    {
        "line_id": st.sampled_from(["A", "A", "B", "C", "D", "E", None]),
        "client_id": st.sampled_from(["C-1", "C-2", "nobody", None]),
        "category": st.sampled_from(["telephony", "software", "hardware", "training", None]),
        "amount_minor": st.sampled_from(["12200", "-500", "7", "x"]),
        "paid_on": st.sampled_from(["2026-01-12", "2025-09-30", None]),
        "posted_on": st.sampled_from(["2026-01-13", "2025-12-31", None]),
        "carried_from": st.sampled_from([None, None, "2025-11", "2025-12"]),
        "vat_minor": st.none(),
    }
)


def some_faults(lines: pl.DataFrame, wrong: list[int]) -> Judged:
    """A judgement that finds these lines wrong: what the pass does with them does not depend on why."""
    places = sorted({place for place in wrong if place < lines.height})
    rows = [(place, "kind_is_known", "unknown kind") for place in places]
    return Judged(pl.DataFrame(rows, schema=of_types(Faults), orient="row"), {}, ())


@settings(deadline=None, max_examples=25)
@given(st.lists(some_line, max_size=14), st.lists(st.integers(0, 13), max_size=5), st.integers(1, 14))
def test_any_number_of_lines_at_once_decides_and_leaves_the_same(
    rows: list[dict[str, str | None]], wrong: list[int], lines_at_once: int
) -> None:
    lines = received(*rows).sort("line_id")
    snapshot, judged = Snapshot.of(lines), some_faults(lines, wrong)
    whole = decide_lines(month_of(snapshot, judged), contracts())
    cut = decide_lines(month_of(snapshot, judged), contracts(), lines_at_once)
    assert (cut.lines, cut.settled, cut.carried) == (whole.lines, whole.settled, whole.carried)
    assert cut.sums.equals(whole.sums)
    assert (cut.tallies, cut.received, cut.posted) == (whole.tallies, whole.received, whole.posted)
    found = {partner: _of(cut, partner) for partner in ("ana", "bo")}
    assert all(mine.equals(_of(whole, partner)) for partner, mine in found.items())


def _of(month: DecidedMonth, partner_id: str) -> pl.DataFrame:
    (found,) = [shard.brought for shard in month.shards if partner_id in shard.partners]
    return found.filter(pl.col("partner_id") == partner_id)


@settings(deadline=None, max_examples=25)
@given(st.lists(some_line, max_size=14), st.lists(st.integers(0, 13), max_size=5), st.integers(1, 14))
def test_every_line_received_has_one_outcome_and_counts_once(
    rows: list[dict[str, str | None]], wrong: list[int], lines_at_once: int
) -> None:
    lines = received(*rows).sort("line_id")
    month = decide_lines(month_of(Snapshot.of(lines), some_faults(lines, wrong)), contracts(), lines_at_once)
    archived = frame_from(month.lines)
    assert archived["line_id"].to_list() == lines["line_id"].to_list()
    assert archived["outcome"].null_count() == 0
    assert (
        sum(tally.lines for tally in month.tallies) == sum(each.lines for each in month.received.values()) == len(rows)
    )
    amounts = [int(str(row["amount_minor"])) for row in rows if row["amount_minor"] != "x"]
    assert sum(tally.amount_minor for tally in month.tallies) == sum(amounts)
    assert not_conserved(month.received, month.tallies) == []


@pytest.mark.parametrize("lines_at_once", [1, 2, 3])
@pytest.mark.parametrize("period", ["2026-01", "2026-02"])
def test_a_draft_is_to_the_byte_the_same_with_any_number_of_lines_at_once(
    home: Path, period: str, lines_at_once: int
) -> None:
    inputs = from_archive(home, period)
    whole, cut = draft(inputs), draft(inputs, lines_at_once=lines_at_once)
    assert cut.results == whole.results
    assert cut.document == whole.document
    assert cut.findings == whole.findings
