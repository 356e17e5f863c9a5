"""Gift: a thing for reaching a figure, once, valued on the statement and never money."""

from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from models.period import Period
from models.phrase import name
from rules.earning.measure import Measure
from rules.plan import Cut, Earned, Stage, Sums, To, Working
from rules.plans.gift import Gift


def agreed(**fields: Any) -> Gift:
    written = {"plan": "gift", "gift": "Espresso machine", "worth": "300.00", "measure": "all", "reaches": "100000"}
    return Gift.model_validate(written | fields, context={"currency": "RUB"})


def earn(plan: Gift, measure: int, before: dict[str, int] | None = None) -> Earned:
    return plan.earn(Sums(Period(2026, 1), measure=measure, own_before=before or {}))


@pytest.mark.parametrize(("measure", "exact"), [(-1, 0), (9_999_999, 0), (10_000_000, 30_000), (10_000_001, 30_000)])
def test_the_gift_is_earned_at_its_figure_and_not_one_kopeck_below(measure: int, exact: int) -> None:
    assert earn(agreed(), measure).exact == exact


def test_the_gift_is_named_and_valued() -> None:
    assert earn(agreed(), 10_000_000) == Earned(
        (Working(30_000, phrase=name("Espresso machine")),), {"Espresso machine": Fraction(30_000)}, "goal"
    )


def test_the_gift_is_earned_once() -> None:
    assert earn(agreed(), 10_000_000, {"Espresso machine": 30_000}) == Earned((), {}, "goal")
    assert earn(agreed(), 10_000_000, {"Trip to the sea": 30_000}).exact == 30_000


def test_the_figure_is_a_number_of_clients_where_the_measure_counts_them() -> None:
    plan = agreed(measure={"of": "active_clients"}, reaches="20")
    assert [earn(plan, count).exact for count in (19, 20, 21)] == [0, 30_000, 30_000]
    assert "once for reaching 20 clients" in plan.words("RUB")


def test_a_gift_is_credit_and_never_part_of_a_payout() -> None:
    plan = agreed()
    assert plan.cut() == Cut(measure=Measure(), once=True)
    assert plan.highest_rate() == 0
    assert (plan.stage, plan.is_fee, plan.to) == (Stage.OWN, True, To.CREDIT)


def test_the_clause_names_the_gift_its_worth_and_the_figure() -> None:
    assert agreed().words("RUB") == (
        "Espresso machine, worth 300.00, once for reaching 100 000.00; "
        "measured by what was paid for all categories in the month"
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"worth": "0"}, "a gift is valued on the statement: write what it is worth, an amount above 0"),
        ({"worth": "-1"}, "'-1' is negative"),
        ({"reaches": "0"}, "'0' is reached by doing nothing"),
        ({"reaches": "100 000"}, "'100 000' is not an amount"),
        ({"reaches": "20.00", "measure": {"of": "new_clients"}}, "'20.00' is not a number"),
        ({"gift": ""}, "at least 1 character"),
    ],
)
def test_a_gift_that_could_be_read_two_ways_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        agreed(**fields)


def test_editors_are_told_how_the_figure_is_written() -> None:
    assert Gift.model_json_schema()["properties"]["reaches"]["examples"] == ["100000"]
