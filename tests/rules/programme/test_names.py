"""Names: a table that names a rule, role, kind or fund that is not there stops, with those that are."""

from datetime import date

from models.vendor import Assignment, Employee, Exclusion, Spending
from rules.programme.file import parse_programme
from rules.programme.names import Named, unknown_names
from tests.made.vendors import PROGRAMME

DAY = date(2026, 1, 1)
WITH_ALL = """
  maker:
    - from: 2026-01
      earn:
        old: {plan: employee_bonus, categories: [software], roles: {seller: 2%, engineer: 1%}, paid: to_person}
        serving: {plan: servicing, categories: [software], rate: 5%}
        fund: {plan: marketing_fund, categories: all, rate: 2%}
        installs: {plan: pay_per_install, products: {SKU: 150.00}}
    - from: 2026-03
      earn:
        new: {plan: percentage, categories: [software], rate: 5%}
"""


def exclusion(rule: str) -> Exclusion:
    return Exclusion(client_id="acme", rule=rule, reason="own")


def employee(role: str) -> Employee:
    return Employee(partner_id="ana", person_id="P-1", name="Pat", role=role, from_day=DAY)


ASSIGNED = Assignment(assignment_id="a", client_id="acme", partner_id="ana", from_day=DAY)
SPENT = Spending(entry_id="E-1", partner_id="ana", spent_on=DAY, activity="fair", amount_minor=1)


def unknown(named: Named, more: str = "") -> list[str]:
    return unknown_names(parse_programme(PROGRAMME + more), named)


def test_an_exclusion_names_a_rule_that_some_block_has_or_had() -> None:
    every = Named(exclusions=[exclusion(rule) for rule in ("", "software", "old", "new")])
    assert unknown(every, WITH_ALL) == []
    assert unknown(Named(exclusions=[exclusion("sofware")])) == [
        "exclusions.csv: client acme: there is no rule 'sofware' (there are: software, telephony)"
    ]


def test_an_employee_has_a_role_that_a_rule_pays() -> None:
    assert unknown(Named(employees=[employee("seller")]), WITH_ALL) == []
    assert unknown(Named(employees=[employee("seler")]), WITH_ALL) == [
        "employees.csv: P-1 of partner ana: no rule pays the role 'seler' (there are: engineer, seller)"
    ]
    assert unknown(Named(employees=[employee("seller")])) == [
        "employees.csv: P-1 of partner ana: no rule pays the role 'seller' (there are none)"
    ]


def test_who_serves_a_client_and_what_a_fund_paid_for_need_a_rule_that_looks_at_them() -> None:
    named = Named(assignments=[ASSIGNED], spending=[SPENT])
    assert unknown(named, WITH_ALL) == []
    assert unknown(named) == [
        "assignments.csv: partner ana serves client acme, and no rule pays for serving (plan: servicing)",
        "spending.csv: entry E-1 of partner ana, and no rule fills a fund (plan: marketing_fund)",
    ]


def test_an_event_whose_kind_looks_like_one_that_a_rule_pays_for_is_misspelt() -> None:
    assert unknown(Named(event_kinds=[("install", "events.csv", 2)]), WITH_ALL) == []
    assert unknown(Named(event_kinds=[("instal", "events/a.csv", 7)]), WITH_ALL) == [
        "events/a.csv row 7: no rule pays for an event of the kind 'instal': is 'install' meant?"
    ]
    assert unknown(Named(event_kinds=[("visit", "events/a.csv", 7)]), WITH_ALL) == []  # it stays open, and is shown
    assert unknown(Named(event_kinds=[("install", "events/a.csv", 7)])) == []


def test_of_many_wrong_names_twenty_are_told() -> None:
    found = unknown(Named(exclusions=[exclusion(f"r{number}") for number in range(22)]))
    assert len(found) == 21
    assert found[-1] == "+2 more"
