"""Every check on events: what fails it, what does not, and what it says it is for."""

from functools import cache
from typing import Any

import pytest

from engine.lines.events import DecidedEvents
from expectations.events import CHECKS, OF_CANCELLATIONS, EventCheck, suite
from models.events import EventReason
from rules.lines import events as rules
from tests.made.events_received import Event, cancels, decided, decided_month, events

EVERY = (*CHECKS, *OF_CANCELLATIONS)

FAILS: dict[str, tuple[Event, ...]] = {
    "event_id_is_given": ({"event_id": None},),
    "kind_is_given": ({"kind": None},),
    "occurred_on_is_given": ({"occurred_on": None},),
    "occurred_on_is_a_date": ({"occurred_on": "20.01.2026"},),
    "occurred_on_is_plausible": ({"occurred_on": "1989-12-31"},),
    "amount_is_readable": ({"amount_minor": "5.00"},),
    "event_is_no_repeat": ({"event_id": "twice"}, {"event_id": "twice"}),
    "event_is_no_older_version": ({"event_id": "filled"},),
    "event_has_one_content": ({"event_id": "disputed"}, {"event_id": "disputed", "product_code": "PBX"}),
    "partner_is_known": ({"client_id": None, "partner_id": "zoe"},),
    "client_is_the_partners": ({"partner_id": "bo"},),
    "event_id_is_legible": ({"event_id": "bell\x07"},),
    "client_id_is_legible": ({"client_id": "two\nlines"},),
    "kind_is_legible": ({"kind": "next\x85line"},),
    "product_code_is_legible": ({"product_code": "x" * 201},),
    "cancels_event_id_is_legible": (cancels("nul\x00"),),
    "cancels_an_event": (cancels("gone"),),
    "cancels_the_same": (cancels("old", kind="install"),),
    "cancels_first": (cancels("done"),),
}
"""Events per check; one of them, or our own carried version of it, fails it and nothing else."""

PASSES: dict[str, Event] = {
    "a clean event": {},
    "an event nobody is named in": {"client_id": None},
    "an event of a client nobody brought": {"client_id": "nobody's"},
    "an event of a partner without a client": {"client_id": None, "partner_id": "ana"},
    "an event that says twice whose it is": {"partner_id": "ana"},
    "an event worth nothing": {"amount_minor": "0"},
    "the first plausible day": {"occurred_on": "1990-01-01"},
    "an id of 200 characters": {"event_id": "ж" * 200},
    "a kind without a rule": {"kind": '<script>alert(1)</script> ../ #read("/etc/passwd")'},
    "a cancellation": cancels("old"),
    "a cancellation that says everything again": cancels("old-2", client_id="acme", partner_id="ana"),
    "a cancellation of what nobody has seen": cancels("never"),
}
BEFORE = decided(
    {"event_id": "old"},
    {"event_id": "old-2"},
    {"event_id": "done"},
    {"event_id": "gone", "cancels_event_id": "done"},
)


@cache
def judged_together() -> DecidedEvents:
    rows = [row for case in FAILS.values() for row in case]
    of_passes = [{"event_id": f"P-{number}", **row} for number, row in enumerate(PASSES.values())]
    carried = events({"event_id": "filled", "client_id": None})
    return decided_month(events(*rows, *of_passes), carried, BEFORE)


def test_every_check_has_an_event_that_fails_it() -> None:
    assert [check.name for check in EVERY] == list(FAILS)


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.name)
def test_an_event_that_fails_one_check_gets_its_reason_and_no_other(check: EventCheck) -> None:
    (entry,) = [each for each in judged_together().result["expectations"] if each["name"] == check.name]
    assert entry["unexpected"] == (2 if check.name == "event_has_one_content" else 1)
    own = [fault.reason for fault in judged_together().rejected if (fault.source, fault.row) in places(check.name)]
    assert set(own) == {check.reason.value}


def places(name: str) -> list[tuple[str, int]]:
    """Where the events of a check that fail it were read."""
    if name == "event_is_no_older_version":
        return [(rules.OURS, 0)]
    names = list(FAILS)
    last = sum(len(FAILS[before]) for before in names[: names.index(name) + 1]) + 1
    return [("events.csv", last - 1), ("events.csv", last)] if len(FAILS[name]) == 2 else [("events.csv", last)]


def test_events_that_are_in_order_are_not_rejected_because_others_are() -> None:
    first = sum(len(case) for case in FAILS.values()) + 2
    assert [fault for fault in judged_together().rejected if fault.row >= first] == []


def test_every_reason_to_reject_an_event_is_given_by_a_check() -> None:
    rejecting = list(EventReason)[list(EventReason).index(EventReason.NO_ID) :]
    assert {check.reason for check in EVERY} == set(rejecting)


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.name)
def test_every_check_says_why_it_is_made_and_what_a_breach_would_cost(check: EventCheck) -> None:
    assert check.why.endswith(".")
    assert check.cost.endswith(".")


def test_the_suite_is_what_great_expectations_users_know() -> None:
    expectations: Any = suite().to_json_dict()["expectations"]
    assert [entry["meta"]["name"] for entry in expectations] == [check.name for check in EVERY]
    assert {entry["severity"] for entry in expectations} == {"warning"}
