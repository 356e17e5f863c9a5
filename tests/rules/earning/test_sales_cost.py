"""What a month cost, against the share of a sale the programme allows."""

from fractions import Fraction
from typing import Any

import pytest

from rules.earning.commission import Accrued, accrue_network
from rules.earning.sales_cost import CostsByPartner, SalesCost, over_cost_at_most
from rules.plan import Junior, Sums
from rules.terms.in_force import Part, RuleInForce, RuleRef
from tests.rules.accruals import MONTH, accrued, plan_of, spent

HALF: dict[str, Any] = {"plan": "percentage", "categories": "others", "rate": "50%"}
FUND: dict[str, Any] = {"plan": "marketing_fund", "categories": "all", "rate": "2%"}
MARGIN: dict[str, Any] = {"plan": "reseller", "categories": ["hardware"], "form": "margin", "discount": "50%"}
LIMIT = Fraction(6, 10)


def fee(pays: str) -> dict[str, Any]:
    return {"plan": "base_fee", "pays": pays}


def override_on(junior: Junior) -> tuple[Accrued, ...]:
    plan = plan_of(plan="override", of="commission", levels=["10%"])
    part = Part("senior", accrued(1, own=HALF)[0].part.block)
    return accrue_network([RuleInForce(RuleRef("team"), plan, part)], {"team": Sums(MONTH)}, [junior])


def test_a_sale_costs_its_commission_and_its_fund_but_no_margin_that_never_was_the_vendors() -> None:
    assert spent({"P": accrued(10_000, own=HALF, fund=FUND)}) == {"P": SalesCost(10_000, 5_200)}
    assert spent({"P": accrued(10_000, hardware=MARGIN)}) == {"P": SalesCost(10_000, 0)}


def test_an_override_is_a_cost_of_the_juniors_sales() -> None:
    month = {"J": accrued(10_000, own=HALF), "S": override_on(Junior("J", 1, 10_000, 5_000))}
    assert spent(month) == {"J": SalesCost(10_000, 5_500), "S": SalesCost(0, 0)}


@pytest.mark.parametrize("order", ["JS", "SJ"])
def test_it_does_not_matter_which_partners_are_counted_first(order: str) -> None:
    month = {"J": accrued(10_000, own=HALF), "S": override_on(Junior("J", 1, 10_000, 5_000))}
    costs = CostsByPartner()
    for partner_id in order:
        costs.add({partner_id: month[partner_id]})
    assert costs.by_partner() == {"J": SalesCost(10_000, 5_500), "S": SalesCost(0, 0)}


def test_a_month_at_the_limit_passes_and_one_kopeck_above_it_is_stopped() -> None:
    # 50 % of 100.00, and a fee of 10.00 or 10.01, on a limit of 60 %.
    assert over_cost_at_most(LIMIT, spent({"P": accrued(10_000, own=HALF, fee=fee("10.00"))}), "RUB") == ([], [])
    stopped, named = over_cost_at_most(LIMIT, spent({"P": accrued(10_000, own=HALF, fee=fee("10.01"))}), "RUB")
    assert stopped[0].startswith("the month costs 60.01 on a base of 100.00 (60.01 %)")
    assert named[0].startswith("partner P costs 60.01 on a base of 100.00")


def test_a_fee_to_a_partner_without_sales_is_named_and_does_not_stop_a_month_that_can_bear_it() -> None:
    month = {"NEW": accrued(fee=fee("10.00")), "OLD": accrued(10_000, own=HALF)}
    stopped, named = over_cost_at_most(LIMIT, spent(month), "RUB")
    assert stopped == []
    assert [words.partition(" costs")[0] for words in named] == ["partner NEW"]


def test_a_month_in_which_refunds_took_commission_back_costs_nothing() -> None:
    assert over_cost_at_most(LIMIT, spent({"P": accrued(-10_000, own=HALF)}), "RUB") == ([], [])
