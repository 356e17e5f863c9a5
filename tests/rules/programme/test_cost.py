"""The cost of a sale: the most that everybody together earns on it, held against the limit the file states."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from textwrap import dedent, indent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadProgramme
from models.period import Period
from rules.programme.blocks.plan_terms import PlanTerms
from rules.programme.cost import SaleCost, costs, over_limit, over_limit_words, too_costly
from rules.programme.file import Programme, parse_programme

HEADER = """\
programme: uis-partners
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: net_of_vat
refunds: net_current
"""
SOFTWARE = "software: {plan: percentage, categories: [software], rate: 50%}"
TELEPHONY = """\
telephony:
  plan: tiered
  categories: [telephony]
  by: volume
  measure: all
  tiers: {0: 8%, 100000: 15%, 300000: {rate: 12%, flat: 90000.00}}
"""
BONUS = "bonus: {plan: employee_bonus, categories: all, roles: {seller: 2%, engineer: 1%}, paid: to_person}"
SENIORS = "seniors: {plan: override, of: commission, levels: [10%, 5%]}"
ON_BASE = "network: {plan: override, of: base, levels: [2%, 1%]}"
CARE = "care: {plan: servicing, categories: [software], rate: 10%}"


def block(*rules: str, from_: str = "2026-01", **keys: str) -> str:
    heading = [f"from: {from_}", *(f"{key}: {value}" for key, value in keys.items()), "earn:"]
    return "\n".join([*heading, *(indent(dedent(rule), "  ") for rule in rules)])


def programme(limit: str = "", **written: str | list[str]) -> Programme:
    """The programme with these plans, each a block or a list of dated blocks."""
    text = HEADER + (f"cost_at_most: {limit}\n" if limit else "") + "plans:\n"
    for name, blocks in written.items():
        dated = [blocks] if isinstance(blocks, str) else blocks
        text += f"  {name}:\n" + "".join("    -\n" + indent(each, "      ") + "\n" for each in dated)
    return parse_programme(text)


def plans(**written: str | list[str]) -> Mapping[str, Sequence[PlanTerms]]:
    return programme("", **written).plans


def said(found: list[SaleCost], plan: str = "integrator") -> list[str]:
    return [cost.words for cost in found if cost.plan == plan]


def test_a_sale_costs_the_highest_rate_of_the_rule_that_takes_it() -> None:
    assert said(costs(plans(integrator=block(SOFTWARE, TELEPHONY)))) == [
        "a sale of software costs at most 50 %: software 50 %",
        "a sale of telephony costs at most 15 %: telephony 15 %",
        "a sale of everything else costs at most 0 %: nothing",
    ]


def test_rules_that_look_at_the_sale_come_on_top_also_those_that_look_at_all() -> None:
    software, telephony, rest = said(costs(plans(integrator=block(SOFTWARE, TELEPHONY, BONUS))))
    assert software == "a sale of software costs at most 53 %: software 50 % + bonus 3 %"
    assert telephony == "a sale of telephony costs at most 18 %: telephony 15 % + bonus 3 %"
    assert rest == "a sale of everything else costs at most 3 %: bonus 3 %"


def test_a_product_earns_under_its_own_rule_and_is_taken_for_the_dearest_category() -> None:
    crm = "crm: {plan: percentage, products: [SW-CRM], rate: 60%}"
    fund = "fund: {plan: marketing_fund, categories: [telephony], rate: 4%}"
    found = said(costs(plans(integrator=block(SOFTWARE, TELEPHONY, crm, fund))))
    assert "a sale of SW-CRM, sold as telephony, costs at most 64 %: crm 60 % + fund 4 %" in found
    assert sum("SW-CRM" in words for words in found) == 1


def test_whoever_serves_the_client_earns_beside_the_partner_that_brought_it() -> None:
    found = costs(plans(integrator=block(SOFTWARE), consultant=block(CARE)))
    assert said(found)[0] == "a sale of software costs at most 60 %: software 50 % + servicing by care 10 %"
    assert said(found, "consultant")[0] == "a sale of software costs at most 10 %: servicing by care 10 %"


def test_of_two_plans_for_those_who_serve_the_dearer_counts() -> None:
    dear = CARE.replace("10%", "12%")
    found = costs(plans(integrator=block(SOFTWARE), consultant=block(CARE), expert=block(dear)))
    assert said(found)[0] == "a sale of software costs at most 62 %: software 50 % + servicing by care 12 %"


def test_seniors_earn_on_the_commission_and_not_on_what_goes_to_persons() -> None:
    # 10 % and 5 % of the commission of 50 %: 7.5 %. The bonus of 3 % goes to persons.
    found = costs(plans(integrator=block(SOFTWARE, BONUS), senior=block(SENIORS)))
    assert said(found)[0] == "a sale of software costs at most 60.5 %: software 50 % + bonus 3 % + seniors 7.5 %"
    through_partner = BONUS.replace("to_person", "through_partner")
    found = costs(plans(integrator=block(SOFTWARE, through_partner), senior=block(SENIORS)))
    assert said(found)[0].startswith("a sale of software costs at most 60.95 %")  # 15 % of 53 % is 7.95 %


def test_at_each_level_stands_the_senior_whose_plan_earns_most_there() -> None:
    # Of a commission of 4 %, 10 % and 5 % are 0.4 % and 0.2 %; on the base it is 2 % and 1 %.
    own = "software: {plan: percentage, categories: [software], rate: 4%}"
    found = costs(plans(integrator=block(own), one=block(SENIORS), two=block(ON_BASE)))
    assert said(found)[0] == "a sale of software costs at most 7 %: software 4 % + seniors 3 %"
    found = costs(plans(integrator=block(own), both=block(SENIORS, ON_BASE)))
    assert said(found)[0] == "a sale of software costs at most 7.6 %: software 4 % + seniors 3.6 %"


def test_who_serves_has_seniors_too_and_they_earn_on_its_commission_alone() -> None:
    found = costs(plans(integrator=block(SOFTWARE), consultant=block(CARE), senior=block(SENIORS, ON_BASE)))
    # 50 % + 15 % of it + 3 % of the base; 10 % + 15 % of it.
    assert said(found)[0] == (
        "a sale of software costs at most 72 %: software 50 % + seniors 10.5 % + servicing by care 10 % "
        "+ seniors of who serves 1.5 %"
    )


def test_what_is_not_commissioned_costs_nothing_even_where_a_rule_looks_at_everything() -> None:
    terms = block("rest: {plan: percentage, categories: others, rate: 20%}", BONUS, not_commissioned="{hardware: no}")
    named = "gift: {plan: store_credit, categories: [hardware], rate: 5%}"
    found = said(costs(plans(integrator=terms + "\n" + indent(named, "  "))))
    assert "a sale of hardware costs at most 0 %: nothing" in found
    assert "a sale of everything else costs at most 23 %: rest 20 % + bonus 3 %" in found


def test_a_block_is_held_against_those_in_force_with_it() -> None:
    dear, cheap = block(CARE.replace("10%", "40%")), block(CARE.replace("10%", "1%"), from_="2026-04")
    later = block(SOFTWARE, from_="2026-04")
    none = block("software: {plan: no_payout, categories: [software]}")
    by_block = {
        (cost.plan, cost.block): cost.total
        for cost in costs(plans(integrator=[none, later], consultant=[dear, cheap]))
        if cost.sale.category == "software"
    }
    assert by_block["integrator", 0] == Fraction(40, 100)
    assert by_block["integrator", 1] == Fraction(51, 100)


def test_terms_that_older_clients_keep_stay_in_force() -> None:
    dear = block(CARE.replace("10%", "40%"))
    cheap = block(CARE.replace("10%", "1%"), from_="2026-04", applies_to="new_clients")
    none = block("software: {plan: no_payout, categories: [software]}")
    later = block(SOFTWARE, from_="2026-04")
    found = costs(plans(integrator=[none, later], consultant=[dear, cheap]))
    assert "a sale of software costs at most 90 %: software 50 % + servicing by care 40 %" in said(found)


def test_a_sale_that_costs_more_than_the_file_allows_is_refused_with_its_parts() -> None:
    with pytest.raises(BadProgramme) as refused:
        programme("52.9%", integrator=block(SOFTWARE, TELEPHONY, BONUS))
    assert str(refused.value) == (
        "programme.yaml cannot be carried out:\n"
        "  line 13, column 9: plans.integrator from 2026-01: a sale of software costs at most 53 %: software 50 % + "
        "bonus 3 %; cost_at_most is 52.9 %: lower a rate, or raise cost_at_most"
    )


def test_a_sale_may_cost_as_much_as_the_limit_and_without_a_limit_anything() -> None:
    agreed = plans(integrator=block(SOFTWARE, TELEPHONY, BONUS))
    assert too_costly(agreed, Fraction(53, 100)) == []
    assert too_costly(agreed, None) == []


def test_the_same_fault_is_named_once() -> None:
    rest = "rest: {plan: percentage, categories: others, rate: 20%}"
    bonus = "crm: {plan: employee_bonus, products: [A, B], roles: {seller: 0%}, paid: to_person}"
    with pytest.raises(BadProgramme) as refused:
        programme("10%", integrator=block(rest, bonus))
    assert len(str(refused.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("base_minor", "cost_minor", "over"),
    [(10_000, 5_000, False), (10_000, 5_001, True), (0, 0, False), (0, 1, True), (-10_000, -9_000, False),
     (-10_000, 1, True)],
)  # fmt: skip
def test_the_limit_holds_to_the_minor_unit_and_taking_back_is_never_over_it(
    base_minor: int, cost_minor: int, over: bool
) -> None:
    assert over_limit(Fraction(1, 2), base_minor, cost_minor) is over


def test_what_is_over_the_limit_is_said_in_money() -> None:
    assert over_limit_words(Fraction(1, 2), 10_000_000, 6_000_001, "RUB") == (
        "costs 60 000.01 on a base of 100 000.00 (60 %); cost_at_most 50 % allows 50 000.00: "
        "look at its fees, flat amounts and milestones"
    )
    assert over_limit_words(Fraction(1, 2), 0, 1, "JPY").startswith(
        "costs 1 on a base of 0; cost_at_most 50 % allows 0"
    )


@given(st.integers(0, 100), st.integers(0, 100))
def test_the_parts_add_up_to_the_total_and_seniors_without_levels_cost_nothing(software: int, rest: int) -> None:
    found = costs(
        plans(
            integrator=block(
                f"software: {{plan: percentage, categories: [software], rate: {software}%}}",
                f"rest: {{plan: percentage, categories: others, rate: {rest}%}}",
            )
        )
    )
    assert [cost.total for cost in found] == [Fraction(software, 100), Fraction(rest, 100)]
    assert all(cost.total == sum(part.rate for part in cost.parts) for cost in found)
    assert {cost.from_ for cost in found} == {Period(2026, 1)}
