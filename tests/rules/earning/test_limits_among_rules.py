"""Limits among other rules: what a cap and a guarantee see of what the partner's rules earned, and in what order."""

from datetime import date
from typing import Any

import pytest

from models.vendor import Terms
from rules.earning.commission import Accrued, accrue, accrue_network, to_partner_minor
from rules.plan import ClientSums, EarnedAmount, EventSum, Junior, Sums, To
from rules.programme.file import parse_programme
from rules.terms.in_force import InForce, Part
from tests.made.sums import MONTH
from tests.rules.written import written

SOFTWARE = "{plan: percentage, categories: [software], rate: 50%}"
INSTALLS = "{plan: pay_per_install, products: {SW-CRM: 500.00}}"
CREDIT = "{plan: store_credit, categories: [software], rate: 3%}"

CLIENTS = (ClientSums("C1", 1, 80_000), ClientSums("C2", 1, 40_000))
INSTALLED = (EventSum("E1", "install", product_code="SW-CRM", client_id="C1"),)


def terms(suffix: str = "", **rules: str) -> InForce:
    """A partner whose plan has these rules, each written as in the programme file."""
    earn = "".join(f"      {name}: {rule}\n" for name, rule in rules.items())
    head, _, tail = written("      software: " + SOFTWARE + "\n").partition("      telephony:\n")
    block = parse_programme(head + earn + tail[tail.index("    not_commissioned") :]).plans["integrator"][0]
    signed = Terms(partner_id="P-1", name="Ana", plan="integrator", locale="en", from_day=date(2025, 10, 1))
    return InForce(signed, (Part("integrator", block, suffix=suffix),), since=date(2025, 10, 1))


def earned(agreed: InForce, **sums: Any) -> dict[str, Accrued]:
    """What each rule earns; a rule of which nothing is said sees the two clients."""
    answers = {rule.name: Sums(MONTH, **sums.get(rule.name, {"clients": CLIENTS})) for rule in agreed.rules}
    return {each.rule: each for each in accrue(agreed.rules, answers)}


LIMIT: dict[str, Any] = {}
EVENTS: dict[str, Any] = {"events": INSTALLED}


def test_a_limit_is_asked_after_the_rules_it_limits_though_it_stands_first() -> None:
    # 50 % of 1 200.00 is 600.00, 100.00 too much.
    found = earned(terms(limit="{plan: cap, at_most: 500.00}", software=SOFTWARE), limit=LIMIT)
    assert [(name, each.commission_minor) for name, each in found.items()] == [("software", 60_000), ("limit", -10_000)]
    assert found["limit"].sums.earned == (
        EarnedAmount("software", "C1", 40_000),
        EarnedAmount("software", "C2", 20_000),
    )


def test_a_limit_on_named_rules_leaves_the_others_alone() -> None:
    rules = {"software": SOFTWARE, "installs": INSTALLS, "limit": "{plan: cap, at_most: 400.00, rules: [software]}"}
    found = earned(terms(**rules), limit=LIMIT, installs=EVENTS)
    assert found["installs"].commission_minor == 50_000
    assert found["limit"].commission_minor == -20_000


def test_a_limit_on_all_rules_counts_them_together() -> None:
    rules = {"software": SOFTWARE, "installs": INSTALLS, "limit": "{plan: cap, at_most: 400.00}"}
    found = earned(terms(**rules), limit=LIMIT, installs=EVENTS)
    assert found["limit"].commission_minor == -70_000  # 600.00 and 500.00 are 700.00 above 400.00


def test_a_limit_knows_a_rule_that_stands_under_the_name_of_its_part() -> None:
    rules = {"software": SOFTWARE, "limit": "{plan: cap, at_most: 400.00, rules: [software]}"}
    found = earned(terms("@2026-01", **rules), **{"limit@2026-01": LIMIT})
    assert found["limit@2026-01"].commission_minor == -20_000


def test_what_is_not_the_partners_money_is_neither_capped_nor_counted_to_a_guarantee() -> None:
    both = {"cap": "{plan: cap, at_most: 0.00}", "guarantee": "{plan: guarantee, minimum: 10.00}"}
    found = earned(terms(credit=CREDIT, **both), cap=LIMIT, guarantee=LIMIT)
    assert found["credit"].commission_minor == 3_600
    assert found["credit"].to is To.CREDIT
    assert "cap" not in found
    assert found["guarantee"].commission_minor == 1_000
    assert to_partner_minor(found.values()) == 1_000


def test_a_limit_for_each_client_takes_nothing_off_what_an_event_earned() -> None:
    # C1 earned 400.00 and C2 200.00 on software; the install is for no client's lines, whatever its id says.
    rules = {"software": SOFTWARE, "installs": INSTALLS, "limit": "{plan: cap, at_most: 100.00, per: client}"}
    limit = earned(terms(**rules), limit=LIMIT, installs=EVENTS)["limit"]
    assert limit.sums.earned == (
        EarnedAmount("software", "C1", 40_000),
        EarnedAmount("software", "C2", 20_000),
        EarnedAmount("installs", "", 50_000),
    )
    assert {client: share.minor for client, share in limit.shares.items()} == {"C1": -30_000, "C2": -10_000}


def test_what_is_for_no_one_in_particular_is_one_part_under_its_rule() -> None:
    fee = earned(terms(fee="{plan: base_fee, pays: 50.00}"), fee=LIMIT)["fee"]
    assert fee.shares == {}
    assert list(fee.amounts()) == [EarnedAmount("fee", "", 5_000)]


def test_what_is_shared_is_a_part_for_each_under_its_rule() -> None:
    software = earned(terms(software=SOFTWARE))["software"]
    assert list(software.amounts()) == [EarnedAmount("software", "C1", 40_000), EarnedAmount("software", "C2", 20_000)]


@pytest.mark.parametrize(
    ("level", "levels", "commission_minor"), [(1, "[5%]", 500), (2, "[5%]", None), (2, "[5%, 2%]", 200)]
)
def test_a_senior_earns_on_juniors_as_far_down_as_its_rule_says(
    level: int, levels: str, commission_minor: int | None
) -> None:
    agreed = terms(software=SOFTWARE, override=f"{{plan: override, of: commission, levels: {levels}}}")
    sums = {rule.name: Sums(MONTH) for rule in agreed.rules}
    found = accrue_network(agreed.rules, sums, [Junior("P-2", level, 20_000, 10_000)])
    assert [each.commission_minor for each in found] == ([] if commission_minor is None else [commission_minor])


def test_two_overrides_on_the_same_juniors_both_earn() -> None:
    agreed = terms(
        first="{plan: override, of: commission, levels: [5%]}", second="{plan: override, of: base, levels: [1%]}"
    )
    found = accrue_network(
        agreed.rules, {rule.name: Sums(MONTH) for rule in agreed.rules}, [Junior("P-2", 1, 20_000, 10_000)]
    )
    assert {each.rule: each.commission_minor for each in found} == {"first": 500, "second": 200}


def test_rules_on_juniors_earn_nothing_among_the_partners_own() -> None:
    agreed = terms(software=SOFTWARE, override="{plan: override, of: commission, levels: [5%]}")
    assert list(earned(agreed)) == ["software"]
