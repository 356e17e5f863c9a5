"""Pay per action: each event of a kind earns an amount, and its cancellation takes that amount back."""

import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.period import Period
from models.phrase import Phrase, name
from rules.plan import Cut, Earned, EventSum, Stage, Sums, To, Working
from rules.plans.pay_per_action import PayPerAction

JANUARY = Period(2026, 1)
STEPS = {"0": "250.00", "3": "275.00", "5": "300.00"}
events = st.lists(
    st.builds(
        EventSum,
        event_id=st.text("E0123456789", min_size=1, max_size=6),
        kind=st.just("lead"),
        takes_back_minor=st.none() | st.integers(0, 30_000),
    ),
    max_size=8,
    unique_by=lambda event: event.event_id,
)


def agreed(**fields: Any) -> PayPerAction:
    return PayPerAction.model_validate(
        {"plan": "pay_per_action", "event": "lead"} | fields, context={"currency": "RUB"}
    )


def leads(count: int) -> tuple[EventSum, ...]:
    return tuple(EventSum(f"E-{number}", "lead") for number in range(1, count + 1))


def earn(plan: PayPerAction, *happened: EventSum) -> Earned:
    return plan.earn(Sums(JANUARY, events=happened))


def test_each_event_earns_the_amount() -> None:
    earned = earn(agreed(pays="100.00"), *leads(3))
    assert earned.working == (Working(10_000, phrase=name("lead"), count=3),)
    assert earned.exact == 30_000
    assert earned.shares == {"E-1": 10_000, "E-2": 10_000, "E-3": 10_000}
    assert earned.shared_by == "event"


@pytest.mark.parametrize(
    ("count", "exact"),
    [
        (0, 0),
        (1, 25_000),
        (2, 50_000),
        (3, 82_500),  # three at 275.00
        (4, 110_000),
        (5, 150_000),  # five at 300.00
        (6, 180_000),
    ],
)
def test_the_amount_the_number_of_events_reaches_pays_for_all_of_them(count: int, exact: int) -> None:
    earned = earn(agreed(tiers=STEPS), *leads(count))
    assert earned.exact == exact
    assert sum(earned.shares.values()) == exact


def test_the_working_says_which_tier_was_reached() -> None:
    assert earn(agreed(tiers=STEPS), *leads(4)).working == (
        Working(27_500, phrase=Phrase.of("{event}, tier {n}", event="lead", n=2), count=4),
    )


def test_a_cancelled_event_takes_back_what_it_earned_whatever_the_amount_is_now() -> None:
    (first,) = earn(agreed(tiers={"0": "250.00"}), *leads(1)).shares.values()
    cancelled = EventSum("E-9", "lead", takes_back_minor=int(first))
    earned = earn(agreed(tiers=STEPS), cancelled)
    assert earned.working == (Working(-25_000, phrase=Phrase.of("cancelled")),)
    assert earned.shares == {"E-9": -25_000}
    assert first + earned.exact == 0


def test_a_cancellation_does_not_count_towards_the_tier() -> None:
    earned = earn(agreed(tiers=STEPS), *leads(2), EventSum("E-9", "lead", takes_back_minor=25_000))
    assert earned.exact == 2 * 25_000 - 25_000


def test_cancellations_of_one_amount_are_one_step() -> None:
    cancelled = [EventSum(f"X-{n}", "lead", takes_back_minor=minor) for n, minor in enumerate((100, 300, 100))]
    assert earn(agreed(pays="1.00"), *cancelled).working == (
        Working(-100, phrase=Phrase.of("cancelled"), count=2),
        Working(-300, phrase=Phrase.of("cancelled"), count=1),
    )


def test_a_month_without_events_earns_nothing() -> None:
    assert earn(agreed(pays="100.00")) == Earned((), {}, "event")


def test_it_asks_for_events_of_its_kind_and_is_a_fee_to_the_partner() -> None:
    plan = agreed(pays="100.00")
    assert plan.cut() == Cut(events=("lead",))
    assert plan.highest_rate() == 0
    assert (plan.stage, plan.is_fee, plan.to) == (Stage.OWN, True, To.PARTNER)


def test_the_clause_names_the_event_and_every_amount() -> None:
    assert agreed(pays="100.00").words("RUB") == "100.00 for each lead"
    assert agreed(tiers=STEPS).words("RUB") == (
        "for each lead, by their number in the month: 250.00 from 0, 275.00 from 3, 300.00 from 5; "
        "the amount reached pays for all"
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "write either `pays`, one amount, or `tiers`"),
        ({"pays": "1.00", "tiers": STEPS}, "write either `pays`, one amount, or `tiers`"),
        ({"pays": "-1"}, "'-1' is negative"),
        ({"pays": "1.001"}, "'1.001' is not an amount in RUB"),
        ({"pays": "5%"}, "'5%' is not an amount"),
        ({"pays": "1.00", "event": ""}, "at least 1 character"),
        ({"tiers": {}}, "write amounts as number: amount"),
        ({"tiers": ["250.00"]}, "write amounts as number: amount"),
        ({"tiers": {"1": "250.00"}}, "the first tier must start at 0"),
        ({"tiers": {"0": "1", "5": "2", "3": "3"}}, "tiers must rise: 3 follows 5"),
        ({"tiers": {"0": "1", "5": "2", "05": "3"}}, "tiers must rise: 5 follows 5"),
        ({"tiers": {"0": "1", "2.5": "2"}}, "'2.5' is not a number: write digits only"),
        ({"pays": "1.00", "bonus": "1"}, "bonus"),
    ],
)
def test_what_could_be_read_two_ways_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        agreed(**fields)


def test_editors_are_told_how_amounts_by_number_are_written() -> None:
    tiers = PayPerAction.model_json_schema()["properties"]["tiers"]["anyOf"][0]
    assert tiers["examples"] == [{"0": "250.00", "3": "275.00"}]


@given(events, st.randoms(use_true_random=False))
def test_steps_and_shares_add_up_in_any_order_of_events(happened: list[EventSum], chance: random.Random) -> None:
    earned = earn(agreed(tiers=STEPS), *happened)
    assert sum(earned.shares.values(), Fraction(0)) == earned.exact
    assert earn(agreed(tiers=STEPS), *chance.sample(happened, len(happened))) == earned
