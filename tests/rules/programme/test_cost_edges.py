"""The edges of what a sale costs: nothing paid, a limit just reached, nobody who takes the sale, two who serve."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import pytest

from rules.programme.blocks.plan_terms import PlanTerms
from rules.programme.cost import costs, over_limit, over_limit_words, too_costly
from rules.programme.file import parse_programme
from tests.rules.written import PROGRAMME

HEAD = PROGRAMME[: PROGRAMME.index("plans:")]
SOFTWARE = "software: {plan: percentage, categories: [software], rate: 50%}"
FAX = "fax: {plan: percentage, categories: [fax], rate: 60%}"


def plans(**rules: str) -> Mapping[str, Sequence[PlanTerms]]:
    """Plans from January, each of the rules written for it."""
    written = "".join(f"  {name}: {{from: 2026-01, earn: {{{earn}}}}}\n" for name, earn in rules.items())
    return parse_programme(f"{HEAD}plans:\n{written}").plans


def said(**rules: str) -> list[str]:
    return [cost.words for cost in costs(plans(**rules)) if cost.plan == "integrator"]


@pytest.mark.parametrize(
    ("base_minor", "cost_minor", "over"), [(0, 0, False), (0, 1, True), (1, 1, False), (1, 2, True)]
)
def test_whatever_is_earned_where_nothing_was_paid_is_above_the_whole_of_it(
    base_minor: int, cost_minor: int, over: bool
) -> None:
    assert over_limit(Fraction(1), base_minor, cost_minor) is over


def test_a_share_is_said_of_one_kopeck_and_not_of_nothing() -> None:
    assert over_limit_words(Fraction(1, 2), 1, 2, "RUB").startswith("costs 0.02 on a base of 0.01 (200 %); ")
    assert over_limit_words(Fraction(1, 2), 0, 2, "RUB").startswith("costs 0.02 on a base of 0.00; ")


@pytest.mark.parametrize(("limit", "found"), [("60", 0), ("59.99", 1), ("50", 1), ("49", 2)])
def test_each_sale_above_the_limit_is_named_and_one_at_the_limit_is_not(limit: str, found: int) -> None:
    assert len(too_costly(plans(integrator=f"{SOFTWARE}, {FAX}"), Fraction(limit) / 100)) == found


def test_seniors_earn_nothing_on_the_base_of_a_sale_that_no_rule_takes() -> None:
    credit = "credit: {plan: store_credit, categories: all, rate: 3%}"
    network = "network: {plan: override, of: base, levels: [2%]}"
    assert said(integrator=f"{SOFTWARE}, {credit}", senior=network) == [
        "a sale of software costs at most 55 %: software 50 % + credit 3 % + seniors 2 %",
        "a sale of everything else costs at most 3 %: credit 3 %",
    ]


def test_of_two_who_may_serve_the_dearer_counts_whatever_its_rule_is_called() -> None:
    dear, cheap = (
        f"{name}: {{plan: servicing, categories: all, rate: {rate}%}}" for name, rate in (("a", 12), ("b", 9))
    )
    assert said(integrator=SOFTWARE, one=dear, two=cheap)[0] == (
        "a sale of software costs at most 62 %: software 50 % + servicing by a 12 %"
    )


def test_a_product_stands_there_once_as_the_dearest_category_and_a_category_by_itself() -> None:
    crm = "crm: {plan: percentage, products: [SW-CRM], rate: 60%}"
    fund = "fund: {plan: marketing_fund, categories: [fax], rate: 4%}"
    assert said(integrator=f"{SOFTWARE}, {FAX}, {crm}, {fund}") == [
        "a sale of software costs at most 50 %: software 50 %",
        "a sale of fax costs at most 64 %: fax 60 % + fund 4 %",
        "a sale of SW-CRM, sold as fax, costs at most 64 %: crm 60 % + fund 4 %",
        "a sale of everything else costs at most 0 %: nothing",
    ]
