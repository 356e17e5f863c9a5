"""Training share: what the partner owes of what it earned on training, and gets back when it is cancelled."""

import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.period import Period
from models.phrase import Phrase
from rules.money import half_away
from rules.plan import Cut, Earned, EventSum, Stage, Sums, To, Working
from rules.plans.training_share import TrainingShare

trainings = st.lists(
    st.builds(
        EventSum,
        event_id=st.text("T0123456789", min_size=1, max_size=6),
        kind=st.just("training"),
        amount_minor=st.integers(0, 10_000_000),
        takes_back_minor=st.none() | st.integers(-2_000_000, 0),
    ),
    max_size=8,
    unique_by=lambda event: event.event_id,
)


def agreed(**fields: Any) -> TrainingShare:
    return TrainingShare.model_validate({"plan": "training_share", "rate": "20%"} | fields, context={"currency": "RUB"})


def earn(*held: EventSum, **fields: Any) -> Earned:
    return agreed(**fields).earn(Sums(Period(2026, 1), events=held))


def test_the_partner_owes_the_share_of_each_training() -> None:
    earned = earn(
        EventSum("T-2", "training", amount_minor=1_000_000), EventSum("T-1", "training", amount_minor=3_000_000)
    )
    assert earned.working == (
        Working(-3_000_000, Fraction(1, 5), phrase=Phrase.of("{event} {id}", event="training", id="T-1")),
        Working(-1_000_000, Fraction(1, 5), phrase=Phrase.of("{event} {id}", event="training", id="T-2")),
    )
    assert earned.exact == -800_000  # 20 % of 30 000.00 and of 10 000.00
    assert earned.shares == {"T-1": -600_000, "T-2": -200_000}
    assert earned.shared_by == "event"


def test_a_cancelled_training_gives_back_exactly_what_was_owed() -> None:
    owed = earn(EventSum("T-1", "training", amount_minor=333), rate="7.5%")
    rounded = half_away(owed.exact)
    back = earn(EventSum("T-9", "training", takes_back_minor=rounded), rate="7.5%")
    assert rounded == -25
    assert back.exact == 25
    assert back.shares == {"T-9": 25}


def test_a_training_without_an_amount_owes_nothing_and_says_so() -> None:
    earned = earn(EventSum("T-1", "training"))
    assert earned.exact == 0
    assert [step.words for step in earned.working] == ["training T-1: no amount is given"]


def test_it_asks_for_trainings_unless_another_event_is_named_and_costs_the_vendor_nothing() -> None:
    assert agreed().cut() == Cut(events=("training",))
    assert agreed(event="course").cut() == Cut(events=("course",))
    plan = agreed()
    assert plan.highest_rate() == 0
    assert (plan.stage, plan.is_fee, plan.to) == (Stage.OWN, True, To.PARTNER)


def test_the_clause_says_who_owes_whom() -> None:
    assert agreed(rate="7.5%").words("RUB") == "the partner owes 7.5 % of what it earned on each training"


@pytest.mark.parametrize("rate", ["0.2", "101%", "-20%"])
def test_what_is_not_plainly_a_share_is_refused(rate: str) -> None:
    with pytest.raises(ValidationError, match=r"is not a rate|is more than"):
        agreed(rate=rate)


def test_editors_are_given_a_schema() -> None:
    assert TrainingShare.model_json_schema()["required"] == ["plan", "rate"]


@given(trainings, st.randoms(use_true_random=False))
def test_steps_and_shares_add_up_in_any_order_of_trainings(held: list[EventSum], chance: random.Random) -> None:
    earned = earn(*held)
    assert sum(earned.shares.values(), Fraction(0)) == earned.exact
    assert earn(*chance.sample(held, len(held))) == earned
