"""Which events count this month and for whom, and what becomes of the others."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.events import EVENT_COLUMNS, EventReason
from models.period import Period
from rules.lines import events as rules
from tests.made.events_received import JANUARY, STANDING, Event, cancels, decided, events

Fate = tuple[str, str]
SETTLED: Fate = ("settled", "")
NONE = pl.DataFrame(schema=dict.fromkeys(EVENT_COLUMNS, pl.String()))


def findings(*rows: Event, carried: pl.DataFrame = NONE) -> pl.DataFrame:
    return rules.findings(rules.with_partner(rules.with_carried(events(*rows), carried), STANDING))


def decide(looked_at: pl.DataFrame, before: pl.DataFrame, starts: Period = JANUARY) -> pl.DataFrame:
    """Decide events as the expectations would judge them, told by the findings alone."""
    held = rules.with_partner(looked_at, STANDING)
    found = rules.findings(held)
    wrong = {
        EventReason.NO_ID: found["event_id"].is_null(),
        EventReason.NO_KIND: found["kind_or_cancelled"].is_null(),
        EventReason.BAD_DATE: ~found["occurred_on_is_read"].fill_null(False),
        EventReason.BAD_NUMBER: ~found["amount_is_read"].fill_null(True),
        EventReason.REPEAT: found["is_repeat"],
        EventReason.REPLACED: found["is_replaced"],
        EventReason.CONTRADICTION: found["is_contradiction"],
        EventReason.UNKNOWN_PARTNER: ~found["partner_is_known"].fill_null(True),
        EventReason.NOT_THE_PARTNERS_CLIENT: ~found["client_is_the_partners"].fill_null(True),
    }
    first = _reasons(wrong, looked_at.height)
    beside = rules.with_cancelled(held.with_columns(reasons=first), before, starts)
    of_cancellations = rules.cancellation_findings(beside)
    wrong |= {
        EventReason.CANCELS_CANCELLATION: ~of_cancellations["cancels_an_event"].fill_null(True),
        EventReason.CANCELS_OTHERWISE: ~of_cancellations["cancels_the_same"].fill_null(True),
        EventReason.CANCELLED_TWICE: ~of_cancellations["cancels_first"].fill_null(True),
    }
    return rules.with_outcome(beside.with_columns(reasons=_reasons(wrong, looked_at.height)))


def _reasons(wrong: dict[EventReason, pl.Series], height: int) -> pl.Series:
    each = [[reason.value for reason, fails in wrong.items() if fails[place]] for place in range(height)]
    return pl.Series(each, dtype=pl.List(pl.String))


def fates(*rows: Event, before: Sequence[dict[str, Any]] = (), starts: Period = JANUARY) -> list[Fate]:
    """What becomes of each event, in the order given."""
    judged = decide(rules.with_carried(events(*rows), NONE), decided(*before), starts).sort("row")
    return [(outcome, reason) for outcome, reason in judged.select("outcome", "reason").rows()]


def fate(**against: str | None) -> Fate:
    return fates(against)[0]


# What becomes of an event


def test_an_event_of_an_attributed_client_counts_for_its_partner() -> None:
    judged = decide(rules.with_carried(events({}), NONE), decided())
    assert judged.select("outcome", "partner_id", "kind").rows() == [("settled", "ana", "registration")]


def test_an_event_that_names_its_partner_needs_no_client_and_no_claim() -> None:
    assert fate(client_id=None, partner_id="ana") == SETTLED
    assert fate(client_id="nobody's", partner_id="ana") == SETTLED
    assert fate(partner_id="ana", occurred_on="2026-01-09") == SETTLED


@pytest.mark.parametrize(
    ("against", "ends"),
    [
        ({"client_id": None}, ("open", "no client and no partner")),
        ({"client_id": "nobody's"}, ("open", "client not attributed")),
        ({"kind": "visit"}, ("open", "kind without a rule")),
        ({"client_id": None, "partner_id": "cy"}, ("open", "kind without a rule")),
        ({"client_id": "zeta", "partner_id": "ana"}, ("rejected", "client of another partner")),
        ({"client_id": "zeta", "partner_id": "zoe"}, ("rejected", "unknown partner; client of another partner")),
    ],
)
def test_an_event_that_counts_for_nobody_says_why(against: dict[str, str | None], ends: Fate) -> None:
    assert fate(**against) == ends


@pytest.mark.parametrize(
    ("day", "ends"), [("2026-01-09", ("final", "before the claim")), ("2026-01-10", SETTLED), ("2026-01-11", SETTLED)]
)
def test_an_event_counts_from_the_day_of_the_claim_on(day: str, ends: Fate) -> None:
    assert fate(occurred_on=day) == ends


@pytest.mark.parametrize(
    ("day", "ends"), [("2026-01-04", ("final", "before the partner's terms")), ("2026-01-05", SETTLED)]
)
def test_an_event_counts_from_the_first_day_of_the_terms_on(day: str, ends: Fate) -> None:
    assert fate(client_id=None, partner_id="ana", occurred_on=day) == ends


@pytest.mark.parametrize(
    ("day", "ends"), [("2026-01-31", ("final", "before the programme starts")), ("2026-02-01", SETTLED)]
)
def test_an_event_counts_from_the_first_month_of_the_programme_on(day: str, ends: Fate) -> None:
    assert fates({"occurred_on": day}, starts=Period(2026, 2)) == [ends]


@pytest.mark.parametrize(
    ("row", "left"),
    [
        ({"occurred_on": "2026-01-31"}, None),
        ({"occurred_on": "2026-02-01"}, "after the cut-off"),
        ({"occurred_on": "2100-12-31"}, "after the cut-off"),
        ({"occurred_on": "2101-01-01"}, None),
        ({"occurred_on": "soon"}, None),
        ({"event_id": "done"}, "decided in an earlier month"),
        ({"event_id": None}, None),
    ],
)
def test_an_event_of_another_month_is_left_to_it(row: dict[str, str | None], left: str | None) -> None:
    because = rules.left_because(JANUARY, decided({"event_id": "done"}))
    assert events(row).select(because).item() == left


# What the expectations look at


@pytest.mark.parametrize(
    ("amount", "is_read"),
    [
        (None, None),
        ("0", True),
        ("500000", True),
        ("1000000000000000", True),
        ("1000000000000001", False),
        ("-1", False),
        ("5.00", False),
    ],
)
def test_what_an_event_is_worth_is_a_whole_number_from_zero_up(amount: str | None, is_read: bool | None) -> None:
    assert findings({"amount_minor": amount})["amount_is_read"].to_list() == [is_read]


def test_an_identical_copy_is_a_repeat_and_a_different_one_a_contradiction() -> None:
    same = findings({"event_id": "A"}, {"event_id": "A"}, {"event_id": "B"})
    assert same.select("is_repeat", "is_contradiction").rows() == [(False, False), (True, False), (False, False)]
    other = findings({"event_id": "A"}, {"event_id": "A", "kind": "install"})
    assert other.select("is_repeat", "is_contradiction").rows() == [(False, True), (False, True)]


def test_events_without_an_id_are_not_copies_of_each_other() -> None:
    rows = findings({"event_id": None}, {"event_id": None}).select("is_repeat", "is_contradiction", "is_replaced")
    assert rows.rows() == [(False, False, False)] * 2


def test_an_open_event_of_ours_that_is_sent_again_is_the_sources_own() -> None:
    again = rules.with_carried(events({"event_id": "A"}), events({"event_id": "A"}))
    assert again.select("event_id", "source").rows() == [("A", "events.csv")]
    alone = rules.with_carried(events(), events({"event_id": "A"}))
    assert alone.select("event_id", "source", "row").rows() == [("A", "carried", 0)]


def test_an_open_event_of_ours_gives_way_to_a_newer_version() -> None:
    found = findings({"event_id": "A"}, carried=events({"event_id": "A", "client_id": None}))
    assert found.select("client_id", "is_replaced", "is_contradiction").rows() == [
        (None, True, False),
        ("acme", False, False),
    ]


# Cancellations


def test_a_cancellation_says_nothing_but_what_it_cancels() -> None:
    rows = events({"product_code": "PBX", "amount_minor": "700"}, cancels("E-1"))
    judged = decide(rules.with_carried(rows, NONE), decided()).sort("row")
    columns = ("event_id", "outcome", "partner_id", "client_id", "kind", "product_code", "cancels_event_id")
    assert judged.select(columns).rows() == [
        ("E-1", "settled", "ana", "acme", "registration", "PBX", None),
        ("E-2", "settled", "ana", "acme", "registration", "PBX", "E-1"),
    ]


def test_an_event_of_an_earlier_month_is_cancelled_for_the_partner_it_counted_for() -> None:
    before = decided({"event_id": "old", "client_id": "zeta", "product_code": "PBX"})
    judged = decide(rules.with_carried(events(cancels("old", client_id="zeta")), NONE), before)
    columns = ("outcome", "partner_id", "client_id", "kind", "product_code")
    assert judged.select(columns).rows() == [("settled", "ana", "zeta", "registration", "PBX")]


@pytest.mark.parametrize(
    ("event", "ends"),
    [
        ({"client_id": "nobody's"}, ("open", "client not attributed")),
        ({"occurred_on": "2026-01-09"}, ("final", "before the claim")),
    ],
)
def test_a_cancellation_goes_the_way_of_its_event(event: dict[str, str | None], ends: Fate) -> None:
    assert fates(event, cancels("E-1")) == [ends, ends]


def test_a_cancellation_of_an_event_that_ended_earlier_ends_too() -> None:
    ended = {"event_id": "old", "outcome": "final", "reason": "before the claim"}
    assert fates(cancels("old"), before=[ended]) == [("final", "before the claim")]


def test_a_cancellation_before_claim_and_terms_still_takes_its_event_back() -> None:
    assert fates({}, cancels("E-1", occurred_on="2025-12-31")) == [SETTLED, SETTLED]


@pytest.mark.parametrize("event", [{"event_id": "other"}, {"amount_minor": "7.0"}, {"occurred_on": "soon"}])
def test_a_cancellation_waits_for_an_event_nobody_has_seen_or_could_read(event: dict[str, str | None]) -> None:
    assert fates(event, cancels("E-1"))[1] == ("open", "cancels an event nobody has seen")


def test_the_second_cancellation_of_an_event_is_rejected_whatever_its_place_in_the_file() -> None:
    twice = ("rejected", "cancels an event that is cancelled already")
    early, late = cancels("E-1", occurred_on="2026-01-21"), cancels("E-1", occurred_on="2026-01-22")
    assert fates({}, early, late) == [SETTLED, SETTLED, twice]
    assert fates({}, late, early) == [SETTLED, twice, SETTLED]
    assert fates({}, early, early) == [SETTLED, SETTLED, twice]


def test_an_event_cancelled_in_an_earlier_month_stays_cancelled_once() -> None:
    before = [{"event_id": "old"}, {"event_id": "gone", "cancels_event_id": "old"}]
    assert fates(cancels("old"), before=before) == [("rejected", "cancels an event that is cancelled already")]


def test_a_rejected_cancellation_cancels_nothing_and_leaves_the_place_to_the_next() -> None:
    wrong, right = cancels("E-1", kind="install", occurred_on="2026-01-21"), cancels("E-1")
    assert fates({}, wrong, right) == [SETTLED, ("rejected", "says otherwise than the event it cancels"), SETTLED]


@pytest.mark.parametrize(
    "said", [{"partner_id": "bo"}, {"client_id": "zeta"}, {"product_code": "CRM"}, {"amount_minor": "699"}]
)
def test_a_cancellation_that_says_otherwise_than_its_event_is_rejected(said: dict[str, str]) -> None:
    event = {"product_code": "PBX", "amount_minor": "700"}
    assert fates(event, cancels("E-1", **said))[1] == ("rejected", "says otherwise than the event it cancels")
    same = cancels("E-1", partner_id="ana", client_id="acme", kind="registration", **event)
    assert fates(event, same) == [SETTLED, SETTLED]


def test_a_cancellation_cannot_be_cancelled_not_even_by_itself() -> None:
    no = ("rejected", "cancels a cancellation")
    assert fates({}, cancels("E-1"), cancels("E-2")) == [SETTLED, SETTLED, no]
    assert fates(cancels("E-1")) == [no]
    before = [{"event_id": "gone", "cancels_event_id": "old"}]
    assert fates(cancels("gone"), before=before) == [no]


# Laws

ids = st.sampled_from(["A", "B", "C", "D", None])
days = st.sampled_from(["2025-12-31", "2026-01-09", "2026-01-20", "2026-02-01", "soon", None])
some_event = st.fixed_dictionaries(
    {
        "event_id": ids,
        "client_id": st.sampled_from(["acme", "zeta", "nobody's", None]),
        "partner_id": st.sampled_from(["ana", "zoe", None, None]),
        "kind": st.sampled_from(["registration", "training", None]),
        "occurred_on": days,
        "cancels_event_id": st.sampled_from(["A", "B", "old", None, None, None]),
        "amount_minor": st.sampled_from(["5", "x", None, None]),
    }
)
open_events = st.lists(some_event, max_size=2, unique_by=lambda event: event["event_id"])
"""What earlier months left open: of one id never two, for they would contradict each other."""
OLD = decided({"event_id": "old", "amount_minor": 5, "occurred_on": date(2025, 12, 1)})


@given(rows=st.lists(some_event, max_size=8), carried=open_events, data=st.data())
def test_every_event_has_one_outcome_whatever_the_order(
    rows: list[Event], carried: list[Event], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows))
    every = rules.with_carried(events(*rows), events(*carried))
    judged, rejudged = decide(every, OLD), decide(rules.with_carried(events(*shuffled), events(*carried)), OLD)
    assert judged.height == every.height
    assert judged["outcome"].is_in(["settled", "open", "final", "rejected"]).all()
    assert ((judged["outcome"] == "settled") == (judged["reason"] == "")).all()
    said = ["event_id", "partner_id", "kind", "occurred_on", "amount_minor", "outcome", "reason"]
    assert judged.select(said).equals(rejudged.select(said))
    settled = judged.filter(pl.col("outcome") == "settled")
    assert settled["event_id"].is_unique().all()
    assert judged.filter(pl.col("outcome") == "open")["event_id"].is_unique().all(), (
        "the next month carries one of an id"
    )
    assert settled.null_count().select("event_id", "partner_id", "kind", "occurred_on").row(0) == (0, 0, 0, 0)
    assert settled["cancels_event_id"].drop_nulls().is_unique().all()
    assert set(settled["cancels_event_id"].drop_nulls()) <= {*settled["event_id"], "old"}
