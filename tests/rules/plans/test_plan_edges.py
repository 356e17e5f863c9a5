"""The edges of the plans: nothing, one kopeck, the same client twice, and the words a refusal uses."""

from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from models.phrase import Phrase
from rules.plan import ClientSums, Cut, Earned, EarnedAmount, EventSum, Select, Sums, Working, by_base
from rules.programme.blocks.sale import Sale, looked_at, taker_of
from rules.programme.written import is_decimal
from tests.made.sums import sums
from tests.rules.accruals import MONTH, plan_of


def refused(**fields: Any) -> str:
    """The one thing that is said of a rule that cannot be carried out."""
    with pytest.raises(ValidationError) as problem:
        plan_of(**fields)
    (fault,) = problem.value.errors()
    return fault["msg"].removeprefix("Value error, ")


# Sums


def test_a_client_in_two_years_of_its_life_has_one_share_of_what_both_brought() -> None:
    years = [ClientSums("C1", 1, 30_000, year=1), ClientSums("C2", 1, 40_000), ClientSums("C1", 1, 10_000, year=2)]
    assert by_base(years, Fraction(8_000)) == {"C1": 4_000, "C2": 4_000}


def test_a_rate_of_many_digits_is_still_a_decimal_and_a_third_is_none() -> None:
    assert is_decimal(Fraction(1, 10**30))
    assert not is_decimal(Fraction(1, 3 * 10**30))


# Fees


def test_a_fee_of_nothing_is_nothing_every_month_and_at_the_start() -> None:
    monthly, upfront = plan_of(plan="base_fee", pays="0"), plan_of(plan="base_fee", pays="0", paid="upfront")
    assert monthly.earn(Sums(MONTH)).exact == upfront.earn(Sums(MONTH)).exact == 0
    assert monthly.words("RUB") == "a fee of 0.00 a month, by days in a part of a month"
    assert upfront.words("RUB") == "a fee of 0.00 once, at the start"


def test_an_upfront_fee_says_that_it_is_earned_once() -> None:
    upfront = plan_of(plan="base_fee", pays="300.00", paid="upfront")
    assert upfront.earn(Sums(MONTH)) == Earned((Working(30_000, phrase=Phrase.of("upfront, once")),))


def test_a_first_sale_that_pays_nothing_earns_nothing() -> None:
    first = plan_of(plan="first_sale", categories=["software"], pays="0")
    assert first.earn(sums(100_000)).exact == 0
    assert first.words("RUB") == "0.00 for each client's first paid order of software, taken back with the order"


# Caps


def test_one_kopeck_is_enough_for_a_part_in_the_excess_and_nothing_is_not() -> None:
    cap = plan_of(plan="cap", at_most="0.00")
    parts = tuple(EarnedAmount("software", client, minor) for client, minor in [("C1", 1), ("C2", 0), ("C3", 2)])
    assert cap.earn(Sums(MONTH, earned=parts)).shares == {"C1": -1, "C3": -2}


# Milestones


def test_checkpoints_are_kept_by_their_month_however_they_are_written_and_whatever_they_reach() -> None:
    goals = {
        "2026-06": {"reaches": "1000.00", "pays": "10.00"},
        "2026-03": {"reaches": "3000.00", "pays": "30.00"},
    }
    milestone = plan_of(plan="milestone", measure="all", checkpoints=goals)
    assert [step.words for step in milestone.earn(sums(300_000)).working] == ["reached: 2026-03", "reached: 2026-06"]


@pytest.mark.parametrize("written", [{}, [], "100000"])
def test_goals_checkpoints_and_roles_that_are_no_list_of_names_are_refused_with_an_example(written: object) -> None:
    assert refused(plan="milestone", measure="all", goals=written) == (
        "write goals as figure: amount, for example {100000: 5000.00, 500000: 40000.00}"
    )
    assert refused(plan="milestone", measure="all", checkpoints=written) == (
        "write checkpoints as month: {reaches: figure, pays: amount}"
    )
    assert refused(plan="employee_bonus", categories="all", roles=written, paid="to_person") == (
        "write roles as role: rate, for example {seller: 2%, engineer: 1%}"
    )


@pytest.mark.parametrize("written", [{}, [], "500.00"])
def test_amounts_products_and_years_that_are_no_list_of_names_are_refused_with_an_example(written: object) -> None:
    assert refused(plan="pay_per_action", event="lead", tiers=written) == (
        "write amounts as number: amount, for example {0: 250.00, 3: 275.00}"
    )
    assert refused(plan="pay_per_install", products=written) == (
        "write products as product code: amount, for example {SW-CRM: 500.00}"
    )
    assert refused(plan="retention", categories=["software"], since="attribution", years=written) == (
        "write years as year: rate, for example {1: 20%, 2: 30%, 3+: 10%}"
    )


def test_amounts_by_number_are_refused_for_all_that_is_wrong_with_them() -> None:
    assert refused(plan="pay_per_action", event="lead", tiers={"1": "1.00", "3": "2.00", "2": "3.00"}) == (
        "the first tier must start at 0; tiers must rise: 2 follows 3"
    )


# Actions, and what a reseller says


def test_an_action_that_pays_nothing_says_so() -> None:
    action = plan_of(plan="pay_per_action", event="lead", pays="0")
    assert action.words("RUB") == "0.00 for each lead"


def test_an_event_and_its_own_cancellation_have_one_share_together() -> None:
    action = plan_of(plan="pay_per_action", event="lead", pays="2.50")
    events = (EventSum("E-1", "lead"), EventSum("E-2", "lead"), EventSum("E-1", "lead", takes_back_minor=200))
    assert action.earn(Sums(MONTH, events=events)).shares == {"E-1": 50, "E-2": 250}


def test_a_margin_without_a_discount_is_none() -> None:
    reseller = plan_of(plan="reseller", categories=["hardware"], form="margin", discount="0%")
    assert reseller.words("RUB").startswith("hardware at 0 % discount: ")
    assert reseller.earn(sums(70_000)).exact == 0


# Sales, as the programme file tells them apart

CRM = Sale(category="software", product="SW-CRM")


def test_a_sale_earns_under_its_product_then_its_category_then_what_is_left() -> None:
    cuts = {
        "rest": Cut(lines=Select(others=True)),
        "software": Cut(lines=Select(categories=("software",))),
        "crm": Cut(lines=Select(products=("SW-CRM",))),
        "fund": Cut(lines=Select(everything=True), takes=False),
    }
    assert taker_of(CRM, cuts) == "crm"
    assert taker_of(Sale(category="software"), cuts) == "software"
    assert taker_of(Sale(category="telephony"), cuts) == "rest"
    assert taker_of(Sale(), cuts) == "rest"


def test_a_sale_that_no_rule_takes_earns_under_none() -> None:
    assert taker_of(CRM, {"fund": Cut(lines=Select(everything=True), takes=False)}) == ""
    assert taker_of(CRM, {}) == ""


@pytest.mark.parametrize(
    ("sale", "lines", "looks"),
    [
        (CRM, None, False),
        (CRM, Select(everything=True), True),
        (CRM, Select(products=("SW-CRM",)), True),
        (CRM, Select(products=("SW-SPEECH",)), False),
        (CRM, Select(categories=("software",)), True),
        (CRM, Select(categories=("telephony",)), False),
        (Sale(), Select(everything=True), True),
        (Sale(), Select(categories=("software",), products=("SW-CRM",)), False),
    ],
)
def test_a_rule_that_looks_on_sees_a_sale_by_its_product_or_its_category(
    sale: Sale, lines: Select | None, looks: bool
) -> None:
    assert looked_at(sale, lines) is looks
