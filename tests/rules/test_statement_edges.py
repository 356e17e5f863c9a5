"""The edges of a statement: a cap that names clients without lines, a client without a claim, packages without a tier."""

from collections.abc import Mapping
from datetime import date

from models.statement import RuleAccrual
from models.vendor import Terms
from rules.earning.commission import accrue
from rules.plan import ClientSums, Sums
from rules.programme.file import parse_programme
from rules.statement.body import body
from rules.statement.partner_month import ClientBond, PartnerMonth
from rules.terms.in_force import InForce, Part
from tests.made.sums import MONTH
from tests.rules.worked import LINES_DIGEST, PREVIOUS_DIGEST
from tests.rules.written import written

SOFTWARE = "      software: {plan: percentage, categories: [software], rate: 50%}\n"
LIMIT = "      limit: {plan: cap, at_most: 100.00}\n"
PACKAGES = "      fax: {plan: tiered, categories: [fax], by: package, measure: all, size: 100.00, pays: 7.00}\n"
BOND = ClientBond("K-1", date(2025, 11, 1))


def rules_of(more: str, clients: Mapping[str, Sums], attributions: Mapping[str, ClientBond]) -> dict[str, RuleAccrual]:
    """What the statement says of each rule that earned, where the plan has one rule more."""
    programme = parse_programme(written(SOFTWARE, SOFTWARE + more))
    signed = Terms(partner_id="P-1", name="Ana", plan="integrator", locale="en", from_day=date(2025, 10, 1))
    terms = InForce(signed, (Part("integrator", programme.plans["integrator"][0]),), since=date(2025, 10, 1))
    month = PartnerMonth(
        in_force=terms,
        opening_minor=0,
        accrued=accrue(terms.rules, {rule.name: clients.get(rule.name, Sums(MONTH)) for rule in terms.rules}),
        beside_payout=(),
        client_names={"C1": "Romashka"},
        names={},
        attributions=attributions,
        assignments={},
        not_included=(),
        payments=(),
        previous_statement=PREVIOUS_DIGEST,
    )
    return {rule.rule: rule for rule in body(month, programme, MONTH, LINES_DIGEST).rules}


def test_a_cap_names_the_clients_it_takes_from_and_counts_no_line_twice() -> None:
    two_years = (ClientSums("C1", 1, 20_000, year=1), ClientSums("C1", 2, 20_000, year=2))
    rules = rules_of(LIMIT, {"software": Sums(MONTH, two_years)}, {"C1": BOND})

    # 50 % of 400.00 is 200.00, 100.00 too much.
    (earned,), (taken,) = rules["software"].clients, rules["limit"].clients
    assert (earned.client_id, earned.lines, earned.base_minor, earned.commission_minor) == ("C1", 3, 40_000, 20_000)
    assert (taken.client_id, taken.lines, taken.base_minor, taken.commission_minor) == ("C1", 0, 0, -10_000)
    assert (taken.client_name, taken.claim_id, taken.claimed_on) == ("Romashka", "K-1", "2025-11-01")


def test_a_client_without_a_claim_stands_there_with_blanks() -> None:
    rules = rules_of(LIMIT, {"software": Sums(MONTH, (ClientSums("C2", 1, 100),))}, {"C1": BOND})
    (earned,) = rules["software"].clients
    assert (earned.client_id, earned.client_name, earned.claim_id, earned.claimed_on) == ("C2", "", "", "")


def test_started_packages_have_a_measure_and_no_tier() -> None:
    rules = rules_of(PACKAGES, {"fax": Sums(MONTH, (ClientSums("C1", 1, 10_001),), measure=10_001)}, {"C1": BOND})
    assert rules["fax"].commission_minor == 1_400
    assert rules["fax"].tier is None
