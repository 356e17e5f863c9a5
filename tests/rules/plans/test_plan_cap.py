"""Cap: what exceeds the agreed amount is taken off, in a month or for life, in all or for each client."""

import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.period import Period
from models.phrase import Phrase
from rules.plan import Cut, Earned, EarnedAmount, Stage, Sums, To, Working
from rules.plans.cap import Cap

Parts = dict[str, int]
parts = st.lists(
    st.builds(EarnedAmount, st.sampled_from("ab"), st.sampled_from(["", "C1", "C2", "C3"]), st.integers(-9_999, 9_999)),
    max_size=8,
).map(tuple)


def agreed(**fields: Any) -> Cap:
    return Cap.model_validate({"plan": "cap", "at_most": "1000.00"} | fields, context={"currency": "RUB"})


def earn(plan: Cap, now: Parts, before: Parts | None = None, own: Parts | None = None) -> Earned:
    def as_parts(by_key: Parts) -> tuple[EarnedAmount, ...]:
        return tuple(EarnedAmount("software", key, minor) for key, minor in by_key.items())

    return plan.earn(
        Sums(Period(2026, 1), earned=as_parts(now), earned_before=as_parts(before or {}), own_before=own or {})
    )


@pytest.mark.parametrize(
    ("earned_minor", "exact"), [(-5_000, 0), (0, 0), (99_999, 0), (100_000, 0), (100_001, -1), (120_000, -20_000)]
)
def test_a_month_above_the_cap_loses_what_exceeds_it(earned_minor: int, exact: int) -> None:
    assert earn(agreed(), {"": earned_minor}).exact == exact


def test_the_working_shows_what_was_earned_and_what_is_allowed() -> None:
    assert earn(agreed(), {"": 120_000}) == Earned(
        (Working(-120_000, phrase=Phrase.of("earned this month")), Working(100_000, phrase=Phrase.of("at most"))),
        {},
        "",
    )
    assert earn(agreed(), {"C1": 100_000}) == Earned((), {}, "")


@pytest.mark.parametrize(
    ("window", "allowed_minor", "words"),
    [
        ("month", 100_000, "{who}: at most"),
        ("lifetime", 40_000, "{who}: left of what may be earned for life"),
    ],
)
def test_the_working_names_the_client_and_what_it_may_still_earn(window: str, allowed_minor: int, words: str) -> None:
    # C1 had earned 600.00 of 1 000.00 before: for life 400.00 are left, in a month all of it.
    earned = earn(agreed(window=window, per="client"), {"C1": 120_000, "C2": 40_000}, {"C1": 60_000})
    assert earned.working == (
        Working(-120_000, phrase=Phrase.of("{who}: earned this month", who="C1")),
        Working(allowed_minor, phrase=Phrase.of(words, who="C1")),
    )


def test_the_excess_is_shared_over_the_clients_by_what_they_earned() -> None:
    # 1 600.00 is 600.00 too much: C1 earned 1 000.00 of it, C2 500.00, and 100.00 was a fee.
    earned = earn(agreed(), {"C1": 100_000, "": 10_000, "C2": 50_000})
    assert earned.shares == {"C1": -40_000, "C2": -20_000}
    assert earned.shared_by == "client"


def test_a_client_that_owes_has_no_part_in_the_excess() -> None:
    # 1 500.00 less 300.00 is 1 200.00, 200.00 too much.
    assert earn(agreed(), {"C1": 150_000, "C2": -30_000}).shares == {"C1": -20_000}


def test_what_is_for_no_client_is_capped_for_no_client() -> None:
    earned = earn(agreed(), {"": 150_000, "C2": -10_000})
    assert earned.exact == -40_000
    assert earned.shares == {}
    assert earned.shared_by == ""


@pytest.mark.parametrize(
    ("before", "now", "exact"),
    [
        (0, 100_000, 0),
        (90_000, 9_999, 0),
        (90_000, 10_000, 0),
        (90_000, 10_001, -1),
        (90_000, 25_000, -15_000),
        (100_000, 7, -7),
        (130_000, 7, -7),  # the cap was lowered: what was paid stays paid
        (-20_000, 120_001, -1),
        (100_000, -20_000, 0),
    ],
)
def test_for_life_what_is_left_of_the_cap_may_be_earned(before: int, now: int, exact: int) -> None:
    assert earn(agreed(window="lifetime"), {"": now}, {"": before}).exact == exact


def test_what_earlier_caps_took_off_and_refunds_gave_back_leaves_room_again() -> None:
    plan = agreed(window="lifetime")
    # 1 500.00 was earned and 500.00 capped; 300.00 refunded: 700.00 net, so 300.00 are left.
    earned = earn(plan, {"": 40_000}, {"C1": 150_000, "C2": -50_000, "": -30_000})
    assert earned.exact == -10_000
    assert earned.working[1] == Working(30_000, phrase=Phrase.of("left of what may be earned for life"))


@pytest.mark.parametrize(
    ("held", "off", "now", "gives"),
    [
        (100_000, 100_000, -200_000, 100_000),  # 2 000.00 earned 1 000.00, and all is given back: 1 000.00 is owed
        (100_000, 100_000, -50_000, 50_000),  # 1 500.00 are left, still above the cap
        (100_000, 100_000, -150_000, 100_000),  # 500.00 are left
        (100_000, 0, -50_000, 0),  # nothing was ever taken off
        (100_000, 1, -50_000, 1),
        (130_000, 10_000, -5_000, 0),  # the cap was lowered since: 1 300.00 are held already
        (100_000, 100_000, 0, 0),
    ],
)
@pytest.mark.parametrize("per", ["partner", "client"])
def test_a_month_that_owes_does_not_owe_what_a_cap_for_life_had_taken_off(
    held: int, off: int, now: int, gives: int, per: str
) -> None:
    earned = earn(agreed(window="lifetime", per=per), {"C1": now}, {"C1": held}, {"C1": -off})
    assert earned.exact == gives
    assert earned.shares == ({"C1": gives} if gives else {})
    assert earn(agreed(per=per), {"C1": now}, {"C1": held}, {"C1": -off}).exact == 0  # a monthly cap looks at its month


def test_a_monthly_cap_does_not_look_at_earlier_months() -> None:
    assert earn(agreed(), {"": 100_000}, {"": 100_000}).exact == 0


def test_each_client_has_a_cap_of_its_own_and_what_is_for_no_client_has_none() -> None:
    earned = earn(agreed(per="client"), {"C2": 100_001, "C1": 150_000, "C3": 100_000, "": 999_999})
    assert earned.shares == {"C1": -50_000, "C2": -1}
    assert earned.shared_by == "client"
    assert [(step.words, step.base_minor) for step in earned.working] == [
        ("C1: earned this month", -150_000),
        ("C1: at most", 100_000),
        ("C2: earned this month", -100_001),
        ("C2: at most", 100_000),
    ]


def test_for_life_each_client_has_what_is_left_of_its_own_cap() -> None:
    plan = agreed(per="client", window="lifetime")
    earned = earn(plan, {"C1": 50_000, "C2": 50_000}, {"C1": 80_000, "C3": 999_999})
    assert earned.shares == {"C1": -30_000}


def test_what_several_rules_earned_on_one_client_is_added_up() -> None:
    sums = Sums(Period(2026, 1), earned=(EarnedAmount("a", "C1", 70_000), EarnedAmount("b", "C1", 70_000)))
    assert agreed(per="client").earn(sums).shares == {"C1": -40_000}


def test_it_looks_at_the_rules_it_names_and_at_earlier_months_only_for_life() -> None:
    assert agreed().cut() == Cut(earned="all", lifetime=False)
    assert agreed(rules=["software"], window="lifetime").cut() == Cut(earned=("software",), lifetime=True)
    plan = agreed()
    assert plan.highest_rate() == 0
    assert (plan.stage, plan.is_fee, plan.to) == (Stage.LIMIT, False, To.PARTNER)


def test_the_clause_names_the_amount_the_window_and_the_rules() -> None:
    assert agreed().words("RUB") == "at most 1 000.00 a month from all rules"
    assert agreed(window="lifetime", per="client", rules=["a", "b"]).words("RUB") == (
        "at most 1 000.00 for life for each client from a, b"
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"at_most": "-1"}, "'-1' is negative"),
        ({"at_most": "50%"}, "'50%' is not an amount"),
        ({"window": "12 months"}, "'month' or 'lifetime'"),
        ({"per": "rule"}, "'partner' or 'client'"),
        ({"rules": []}, "at least 1 item"),
    ],
)
def test_a_cap_that_could_be_read_two_ways_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        agreed(**fields)


def test_editors_are_given_a_schema() -> None:
    assert Cap.model_json_schema()["required"] == ["plan", "at_most"]


@given(
    parts,
    parts,
    st.sampled_from(["month", "lifetime"]),
    st.sampled_from(["partner", "client"]),
    st.randoms(use_true_random=False),
)
def test_a_cap_never_gives_its_shares_add_up_and_order_does_not_matter(
    now: tuple[EarnedAmount, ...], before: tuple[EarnedAmount, ...], window: str, per: str, chance: random.Random
) -> None:
    plan = agreed(at_most="30.00", window=window, per=per)
    earned = plan.earn(Sums(Period(2026, 1), earned=now, earned_before=before))
    assert earned.exact <= 0
    assert all(share <= 0 for share in earned.shares.values())
    assert not earned.shares or sum(earned.shares.values(), Fraction(0)) == earned.exact
    shuffled = Sums(
        Period(2026, 1),
        earned=tuple(chance.sample(now, len(now))),
        earned_before=tuple(chance.sample(before, len(before))),
    )
    assert plan.earn(shuffled) == earned


@given(st.lists(st.integers(-50_000, 150_000), max_size=8))
def test_over_a_life_no_more_than_the_cap_is_ever_held(months: list[int]) -> None:
    net = 0
    for earned_minor in months:
        net += earned_minor + int(earn(agreed(window="lifetime"), {"": earned_minor}, {"": net}).exact)
        assert net <= 100_000
