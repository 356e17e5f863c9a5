"""Milestone: a figure that is reached earns its amount, once or every month, or by a date."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.period import Period
from models.phrase import Phrase, PhraseValue
from rules.earning.measure import AfterRefunds, Measure
from rules.plan import Cut, Earned, Stage, Sums, To, Working
from rules.plans.milestone import Goal, Milestone

GOALS = {"100000": "5000.00", "500000": "40000.00"}
BY_MONTH = {"2026-06": {"reaches": "500000", "pays": "8000.00"}, "2026-03": {"reaches": "300000", "pays": "5000.00"}}
KEPT = AfterRefunds.KEPT
NEW_CLIENTS = {"of": "new_clients", "window": "lifetime"}


def agreed(currency: str = "RUB", **fields: Any) -> Milestone:
    written = {"plan": "milestone", "measure": "all"} | fields
    return Milestone.model_validate(written, context={"currency": currency})


def earn(plan: Milestone, measure: int, month: str = "2026-01", before: Mapping[str, int] | None = None) -> Earned:
    return plan.earn(Sums(Period.parse(month), measure=measure, own_before=before or {}))


@pytest.mark.parametrize(
    ("measure", "keys", "exact"),
    [
        (-1, [], 0),
        (0, [], 0),
        (9_999_999, [], 0),  # 99 999.99
        (10_000_000, ["100000.00"], 500_000),
        (10_000_001, ["100000.00"], 500_000),
        (49_999_999, ["100000.00"], 500_000),
        (50_000_000, ["100000.00", "500000.00"], 4_500_000),  # both for the first time: 5 000.00 and 40 000.00
    ],
)
def test_a_goal_is_earned_at_its_figure_and_not_one_kopeck_below(measure: int, keys: list[str], exact: int) -> None:
    earned = earn(agreed(goals=GOALS), measure)
    assert list(earned.shares) == keys
    assert earned.exact == exact
    assert earned.shared_by == "goal"
    assert sum(earned.shares.values()) == exact


def test_a_goal_that_was_earned_is_never_earned_again() -> None:
    plan = agreed(goals=GOALS)
    assert earn(plan, 20_000_000, before={"100000.00": 500_000}).exact == 0
    assert earn(plan, 60_000_000, before={"100000.00": 500_000}).shares == {"500000.00": 4_000_000}
    assert earn(plan, 60_000_000, before={"100000.00": 500_000, "500000.00": 4_000_000}).working == ()


def test_every_month_the_highest_goal_reached_is_earned_again() -> None:
    plan = agreed(goals=GOALS, repeat="every_month")
    assert earn(plan, 60_000_000, before={"500000.00": 4_000_000}).working == (
        Working(4_000_000, phrase=Phrase.of("reached: {goal}", goal=PhraseValue(kind="amount", text="500000.00"))),
    )
    assert earn(plan, 49_999_999).shares == {"100000.00": 500_000}
    assert earn(plan, 9_999_999).working == ()


@pytest.mark.parametrize("repeat", ["once", "every_month"])
def test_after_the_last_month_nothing_is_earned(repeat: str) -> None:
    plan = agreed(goals=GOALS, repeat=repeat, by="2026-06")
    assert earn(plan, 10_000_000, "2026-06").exact == 500_000
    assert earn(plan, 10_000_000, "2026-07") == Earned((), {}, "goal")


def test_a_checkpoint_is_earned_once_in_a_month_up_to_its_own() -> None:
    plan = agreed(checkpoints=BY_MONTH)
    assert earn(plan, 29_999_999, "2026-03").exact == 0
    assert earn(plan, 30_000_000, "2026-03").shares == {"2026-03": 500_000}
    assert earn(plan, 30_000_000, "2026-01").shares == {"2026-03": 500_000}
    assert earn(plan, 30_000_000, "2026-02", {"2026-03": 500_000}).working == ()
    assert earn(plan, 49_999_999, "2026-04").working == ()
    assert earn(plan, 50_000_000, "2026-03").exact == 1_300_000
    assert earn(plan, 50_000_000, "2026-06").working == (
        Working(800_000, phrase=Phrase.of("reached: {goal}", goal=PhraseValue(kind="month", text="2026-06"))),
    )
    assert earn(plan, 50_000_000, "2026-07").exact == 0


def test_a_goal_is_a_number_of_clients_where_the_measure_counts_them() -> None:
    plan = agreed(measure=NEW_CLIENTS, goals={"10": "1000.00", "20": "3000.00"})
    assert plan.goals == (Goal(10, 100_000, "10"), Goal(20, 300_000, "20"))
    assert [earn(plan, count).exact for count in (9, 10, 11, 20)] == [0, 100_000, 100_000, 400_000]
    of_clients = agreed(measure=NEW_CLIENTS, checkpoints={"2026-03": {"reaches": "10", "pays": "1.00"}})
    assert [earn(of_clients, count).exact for count in (9, 10)] == [0, 100]


def test_a_goal_is_remembered_by_its_figure_however_it_was_written() -> None:
    assert [goal.key for goal in agreed(goals={"100000": "1"}).goals or ()] == ["100000.00"]
    assert [goal.key for goal in agreed(goals={"100000.0": "1"}).goals or ()] == ["100000.00"]
    assert [goal.key for goal in agreed("JPY", goals={"100000": "1"}).goals or ()] == ["100000"]


def test_it_asks_for_its_measure_and_for_what_it_earned_before_where_a_goal_is_earned_once() -> None:
    assert agreed(goals=GOALS).cut() == Cut(measure=Measure(), once=True, after_refunds=KEPT)
    assert agreed(checkpoints=BY_MONTH).cut() == Cut(measure=Measure(), once=True, after_refunds=KEPT)
    plan = agreed(goals=GOALS, repeat="every_month")
    assert plan.cut() == Cut(measure=Measure(), once=False, after_refunds=KEPT)
    assert agreed(goals=GOALS, taken_back="true").cut().after_refunds is AfterRefunds.LEFT
    assert agreed(goals=GOALS, taken_back="true", repeat="every_month").cut().looks_back
    assert not plan.cut().looks_back
    assert plan.highest_rate() == 0
    assert (plan.stage, plan.is_fee, plan.to) == (Stage.OWN, True, To.PARTNER)


def test_the_clause_names_every_goal_how_often_and_until_when() -> None:
    paid = "kept after refunds; measured by what was paid for all categories in the month"
    assert agreed(goals=GOALS, by="2026-06").words("RUB") == (
        "5 000.00 for reaching 100 000.00, 40 000.00 for reaching 500 000.00, each once, until 2026-06; " + paid
    )
    assert agreed(goals={"5": "1"}, repeat="every_month").words("RUB") == (
        "1.00 for reaching 5.00, every month, the highest goal reached; " + paid
    )
    assert agreed(checkpoints=BY_MONTH).words("RUB") == (
        "5 000.00 for reaching 300 000.00 by 2026-03, 8 000.00 for reaching 500 000.00 by 2026-06, each once; " + paid
    )
    assert "; taken back where what is left no longer reaches it; " in agreed(goals=GOALS, taken_back="true").words(
        "RUB"
    )
    assert agreed(measure=NEW_CLIENTS, goals={"10": "1"}).words("RUB").startswith("1.00 for reaching 10 clients, ")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "write either `goals`, figure: amount, or `checkpoints`"),
        ({"goals": GOALS, "checkpoints": BY_MONTH}, "write either `goals`, figure: amount, or `checkpoints`"),
        ({"checkpoints": BY_MONTH, "by": "2026-06"}, "`repeat` and `by` are for goals"),
        ({"checkpoints": BY_MONTH, "repeat": "every_month"}, "`repeat` and `by` are for goals"),
        ({"goals": {}}, "write goals as figure: amount"),
        ({"goals": "100000"}, "write goals as figure: amount"),
        ({"goals": {"0": "5.00"}}, "'0' is reached by doing nothing: write a figure above 0"),
        ({"goals": {"500": "1", "100": "2"}}, "goals must rise: 100.00 follows 500.00"),
        ({"goals": {"5": "1", "5.00": "2"}}, "goals must rise: 5.00 follows 5.00"),
        ({"goals": {"5": "1", "05": "2"}, "measure": NEW_CLIENTS}, "goals must rise: 5 follows 5"),
        ({"goals": {"5.00": "1"}, "measure": NEW_CLIENTS}, "'5.00' is not a number"),
        ({"goals": {"-5": "1"}}, "'-5' is negative"),
        ({"goals": {"5": "10%"}}, "'10%' is not an amount"),
        ({"goals": GOALS, "by": "June"}, "'June' is not a period: write a month as YYYY-MM"),
        ({"goals": GOALS, "repeat": "yearly"}, "'once' or 'every_month'"),
        ({"checkpoints": {}}, "write checkpoints as month"),
        ({"checkpoints": {"2026-3": {"reaches": "5", "pays": "1"}}}, "'2026-3' is not a period"),
        ({"checkpoints": {"2026-03": "5000.00"}}, "the checkpoint 2026-03 needs what it reaches and pays"),
        ({"checkpoints": {"2026-03": {"reaches": "5"}}}, "the checkpoint 2026-03 needs what it reaches and pays"),
        ({"checkpoints": {"2026-03": {"reaches": "5", "pays": "1", "by": "x"}}}, "needs what it reaches and pays"),
        ({"checkpoints": {"2026-03": {"reaches": "0", "pays": "1"}}}, "reached by doing nothing"),
    ],
)
def test_what_could_be_read_two_ways_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        agreed(**fields)


def test_a_currency_nobody_knows_is_a_fault_of_the_file_and_not_a_crash() -> None:
    with pytest.raises(ValidationError, match="cannot be read before `currency` can"):
        agreed("XXRUB", goals=GOALS)


def test_editors_are_told_how_goals_and_checkpoints_are_written() -> None:
    properties = Milestone.model_json_schema()["properties"]
    assert properties["goals"]["anyOf"][0]["examples"] == [{"100000": "5000.00"}]
    assert properties["checkpoints"]["anyOf"][0]["type"] == "object"


@given(
    st.lists(st.integers(-100, 80_000_000), max_size=8), st.sampled_from([{"goals": GOALS}, {"checkpoints": BY_MONTH}])
)
def test_over_a_life_each_goal_is_earned_at_most_once(measures: list[int], fields: dict[str, Any]) -> None:
    plan, before, months = agreed(**fields), dict[str, int](), Period.parse_range("2026-01..2026-08")
    total = Fraction(0)
    for month, measure in zip(months, measures, strict=False):
        earned = plan.earn(Sums(month, measure=measure, own_before=dict(before)))
        assert sum(earned.shares.values(), Fraction(0)) == earned.exact
        assert not before.keys() & earned.shares.keys()
        before |= {key: int(share) for key, share in earned.shares.items()}
        total += earned.exact
    assert total == sum(before.values())
