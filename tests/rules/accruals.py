"""Accruals for tests of what stands above a rule: networks, what is kept apart, what a month cost."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from models.period import Period
from rules.earning.commission import Accrued, accrue
from rules.earning.sales_cost import CostsByPartner, SalesCost
from rules.plan import ClientSums, Plan, Sums
from rules.plans import offered
from rules.programme.blocks.plan_terms import PlanTerms
from rules.terms.in_force import Part, RuleInForce, RuleRef

MONTH = Period(2026, 1)


def plan_of(**fields: Any) -> Plan:
    """A plan as the programme file would say it."""
    way: type[BaseModel] = offered()[fields["plan"]]
    found = way.model_validate(fields, context={"currency": "RUB"})
    assert isinstance(found, Plan)
    return found


def accrued(base_minor: int = 0, **rules: dict[str, Any]) -> tuple[Accrued, ...]:
    """What these rules earn, each on one client's base."""
    plans = {name: plan_of(**fields) for name, fields in rules.items()}
    block = PlanTerms.model_construct(from_=MONTH, earn=plans)
    part = Part("partner", block)
    clients = (ClientSums("C1", 1, base_minor),) if base_minor else ()
    sums = {name: Sums(MONTH, clients if plan.cut().lines else ()) for name, plan in plans.items()}
    return accrue([RuleInForce(RuleRef(name), plan, part) for name, plan in plans.items()], sums)


def spent(month: Mapping[str, Sequence[Accrued]]) -> dict[str, SalesCost]:
    """What each partner's sales cost, everybody counted together."""
    costs = CostsByPartner()
    costs.add(month)
    return costs.by_partner()
