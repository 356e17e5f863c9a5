"""Guarantee: a month that earned less than the minimum is topped up to it, and no other."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.period import Period
from models.phrase import Phrase
from rules.plan import Cut, Earned, EarnedAmount, Stage, Sums, To, Working
from rules.plans.guarantee import Guarantee


def agreed(**fields: Any) -> Guarantee:
    return Guarantee.model_validate({"plan": "guarantee", "minimum": "5000.00"} | fields, context={"currency": "RUB"})


def earn(*earned_minor: int, days: int | None = None) -> Earned:
    parts = tuple(EarnedAmount(f"rule-{number}", "", minor) for number, minor in enumerate(earned_minor))
    return agreed().earn(Sums(Period(2026, 2), earned=parts, days=days))


@pytest.mark.parametrize(
    ("earned_minor", "top_up"),
    [
        (0, 500_000),
        (320_000, 180_000),  # 3 200.00 lacks 1 800.00
        (499_999, 1),
        (500_000, 0),
        (500_001, 0),
        (-100_000, 600_000),  # a month of refunds is topped up to the minimum too
    ],
)
def test_a_month_is_topped_up_to_the_minimum(earned_minor: int, top_up: int) -> None:
    assert earn(earned_minor).exact == top_up


def test_what_the_rules_earned_is_added_up_first() -> None:
    assert earn(200_000, 100_000, -50_000).working == (
        Working(500_000, phrase=Phrase.of("minimum")),
        Working(-250_000, phrase=Phrase.of("earned this month")),
    )


def test_the_minimum_of_a_part_of_a_month_is_pro_rata_by_days() -> None:
    # 14 of 28 days: 2 500.00.
    assert [earn(minor, days=14).exact for minor in (249_999, 250_000)] == [1, 0]
    assert earn(100_000, days=14).working[0] == Working(
        500_000, Fraction(1, 2), phrase=Phrase.of("minimum, {days} of {all} days", days=14, all=28)
    )


def test_where_nothing_is_lacking_there_is_nothing_to_show() -> None:
    assert earn(500_000) == Earned(())


def test_it_looks_at_the_rules_it_names_or_at_all() -> None:
    assert agreed().cut() == Cut(earned="all")
    assert agreed(rules=["software", "telephony"]).cut() == Cut(earned=("software", "telephony"))
    plan = agreed()
    assert plan.highest_rate() == 0
    assert (plan.stage, plan.is_fee, plan.to) == (Stage.LIMIT, True, To.PARTNER)


def test_the_clause_names_the_minimum_and_the_rules() -> None:
    assert agreed().words("RUB") == "at least 5 000.00 a month, by days in a part of a month, from all rules"
    assert agreed(rules=["software", "bonus"]).words("RUB").endswith(", from software, bonus")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"minimum": "-1"}, "'-1' is negative"),
        ({"minimum": "10%"}, "'10%' is not an amount"),
        ({"rules": []}, "at least 1 item"),
        ({"rules": "some"}, "'all'"),
    ],
)
def test_a_guarantee_that_could_be_read_two_ways_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        agreed(**fields)


def test_editors_are_given_a_schema() -> None:
    assert Guarantee.model_json_schema()["required"] == ["plan", "minimum"]


@given(st.lists(st.integers(-10_000_000, 10_000_000), max_size=5), st.none() | st.integers(1, 28))
def test_a_guarantee_never_takes_and_the_order_of_the_rules_does_not_matter(minor: list[int], days: int | None) -> None:
    earned = earn(*minor, days=days)
    assert earned.exact >= 0
    assert earn(*reversed(minor), days=days).exact == earned.exact
    assert sum(minor) + earned.exact >= 500_000 * Fraction(days or 28, 28)
