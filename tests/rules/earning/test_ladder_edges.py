"""The edges of ladders, networks, costs and outcomes: where nothing, or one kopeck, decides."""

from fractions import Fraction
from typing import Any

import polars as pl
import pytest

from models.period import Period
from rules.earning.commission import Accrued, accrue
from rules.earning.ladder import Slice, Tier, slices
from rules.earning.sales_cost import SalesCost, over_cost_at_most
from rules.lines.ladder import decide
from rules.lines.outcomes import ladder
from rules.plan import ClientSums, Junior, Sums
from rules.programme.blocks.plan_terms import PlanTerms
from rules.terms.in_force import Part, RuleInForce, RuleRef
from rules.terms.network import juniors_of, own_result
from tests.rules.accruals import MONTH, accrued, plan_of, spent
from tests.rules.lines.test_outcomes import SETTLED, TYPES

HALF: dict[str, Any] = {"plan": "percentage", "categories": "others", "rate": "50%"}
MARGIN: dict[str, Any] = {"plan": "reseller", "categories": ["hardware"], "form": "margin", "discount": "50%"}
LOW, HIGH = Tier(0, Fraction(8, 100)), Tier(1_000_000, Fraction(10, 100))


@pytest.mark.parametrize("base_minor", [-700_000, 0])
def test_a_base_that_owes_or_is_nothing_lies_in_the_first_tier_which_ends_where_the_second_starts(
    base_minor: int,
) -> None:
    assert slices([LOW, HIGH], base_minor, 5_000_000) == (Slice(LOW, 1_000_000, base_minor),)
    assert slices([LOW], base_minor, 5_000_000) == (Slice(LOW, None, base_minor),)


def test_a_partner_of_whom_no_parent_is_known_stands_below_nobody() -> None:
    assert juniors_of({}, {"A": own_result(()), "B": own_result(())}) == {}
    assert juniors_of({"B": "A"}, {"A": own_result(()), "B": own_result(())}) == {"A": [Junior("B", 1, 0, 0)]}
    assert juniors_of({"A": "", "B": "A"}, {"A": own_result(()), "B": own_result(())}) == {"A": [Junior("B", 1, 0, 0)]}


def test_what_is_no_cost_does_not_hide_what_stands_after_it() -> None:
    assert spent({"P": accrued(10_000, hardware=MARGIN, own=HALF)})["P"].cost_minor == 5_000


def served(base_minor: int) -> tuple[Accrued, ...]:
    """What a partner earns on a client it serves, and another brought."""
    plan = plan_of(plan="servicing", categories="all", rate="10%")
    part = Part("consultant", PlanTerms.model_construct(from_=Period(2026, 1), earn={"care": plan}))
    clients = (ClientSums("C1", 1, base_minor),)
    return accrue([RuleInForce(RuleRef("care"), plan, part)], {"care": Sums(MONTH, clients)})


def test_the_cost_of_serving_is_measured_by_what_the_served_clients_paid() -> None:
    assert spent({"P": served(10_000)}) == {"P": SalesCost(10_000, 1_000)}


@pytest.mark.parametrize(("pays", "stopped"), [("0.00", 0), ("0.01", 1), ("0.02", 1)])
def test_one_kopeck_paid_on_no_sale_at_all_is_above_any_share_of_it(pays: str, stopped: int) -> None:
    month = spent({"P": accrued(fee={"plan": "base_fee", "pays": pays})})
    why, named = over_cost_at_most(Fraction(6, 10), month, "RUB")
    assert (len(why), len(named)) == (stopped, stopped)


def test_one_reason_is_enough_to_reject_a_line() -> None:
    line = pl.DataFrame([SETTLED | {"reasons": ["bad date"]}], schema_overrides=TYPES)
    assert line.select(*decide(ladder("RUB"))).row(0, named=True) == {"outcome": "rejected", "reason": "bad date"}
