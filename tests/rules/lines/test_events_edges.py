"""The edges of events: what stands beside the findings, what events are worth, and for whom a cancellation counts."""

from datetime import date

import polars as pl
import pytest

from models.events import EVENT_COLUMNS
from rules.lines import events as rules
from tests.made.events_received import JANUARY, STANDING, Event, cancels, decided, events

NOTHING_CARRIED = pl.DataFrame(schema=dict.fromkeys(EVENT_COLUMNS, pl.String()))


def held(*rows: Event) -> pl.DataFrame:
    return rules.with_partner(rules.with_carried(events(*rows), NOTHING_CARRIED), STANDING)


def with_cancelled(*rows: Event, before: pl.DataFrame | None = None) -> pl.DataFrame:
    """Sound events, and beside each cancellation what it cancels."""
    sound = held(*rows).with_columns(reasons=pl.lit([], pl.List(pl.String())))
    return rules.with_cancelled(sound, decided() if before is None else before, JANUARY)


def test_values_stand_beside_the_findings_as_they_were_received() -> None:
    row = {"kind": "install", "product_code": "SW-CRM", "cancels_event_id": "E-9", "occurred_on": "2024-02-29"}
    found = rules.findings(held(row)).row(0, named=True)
    assert {column: found[column] for column in row} == row
    assert (found["event_id"], found["client_id"], found["occurred_on_year"]) == ("E-1", "acme", 2024)


def test_events_are_worth_what_they_say_together_and_nothing_where_they_say_it_unreadably() -> None:
    rows: list[Event] = [{"amount_minor": text} for text in ("100", "0", None, "-1", "1.5", "1000000000000000")]
    assert events(*rows).select(rules.worth().cast(pl.Int128).sum()).item() == 1_000_000_000_000_100
    assert events().select(rules.worth().sum()).item() == 0


def test_an_event_is_kept_with_its_day_and_its_worth_as_they_were_read() -> None:
    kept = rules.with_outcome(with_cancelled({"amount_minor": "+500"})).row(0, named=True)
    assert (kept["occurred_on"], kept["amount_minor"], kept["partner_id"]) == (date(2026, 1, 20), 500, "ana")


@pytest.mark.parametrize(
    ("cancellation", "partner_id"),
    [
        (cancels("OLD"), "ana"),  # for whom the event counted
        (cancels("OLD", partner_id="cy"), "cy"),  # as it says itself, to be held against the event
        (cancels("NONE", client_id="zeta"), "bo"),  # whose client it is, while the event is unknown
        (cancels("OLD", client_id="zeta"), "ana"),
    ],
)
def test_a_cancellation_is_for_whom_it_names_or_its_event_was_or_whose_the_client_is(
    cancellation: Event, partner_id: str
) -> None:
    before = decided({"event_id": "OLD", "partner_id": "ana"})
    kept = rules.with_outcome(with_cancelled(cancellation, before=before))
    assert kept["partner_id"].to_list() == [partner_id]


def test_each_of_two_events_has_a_first_cancellation_of_its_own() -> None:
    before = decided({"event_id": "A"}, {"event_id": "B"})
    found = rules.cancellation_findings(with_cancelled(cancels("A"), cancels("B"), cancels("A"), before=before))
    assert found["cancels_first"].to_list() == [True, True, False]
    assert found["cancels_an_event"].to_list() == [True, True, True]


def test_an_event_that_cancels_nothing_is_not_asked_about_what_it_cancels() -> None:
    found = rules.cancellation_findings(with_cancelled({}))
    assert found.row(0) == (None, None, None)
