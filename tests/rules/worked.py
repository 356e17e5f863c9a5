"""The worked example, calculated: its payments as sums, and what the rules make of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from models.period import Period
from models.statement import NotIncluded, Payment, Statement
from models.vendor import Terms
from rules.earning.commission import Accrued, accrue
from rules.earning.measure import ALL
from rules.plan import ClientSums, Plan, Sums
from rules.programme.blocks.plan_terms import PlanTerms
from rules.programme.file import Programme, parse_programme
from rules.statement.body import body
from rules.statement.partner_month import ClientBond, PartnerMonth
from rules.terms.in_force import InForce, Part
from tests.made.oracle import ATTRIBUTED_FROM, CLIENTS, PARTNER, PAYMENTS, minor, programme
from tests.made.sums import MONTH

LINES_DIGEST = "1" * 64
PREVIOUS_DIGEST = "2" * 64


ONLY_TELEPHONY = "{categories: [telephony], window: month}"


def agreed(by: str, measure: str = ONLY_TELEPHONY) -> Programme:
    """The programme of the example, with what picks the tier of telephony."""
    return parse_programme(programme(by).replace(ONLY_TELEPHONY, measure))


def block(by: str, measure: str = ONLY_TELEPHONY) -> PlanTerms:
    return agreed(by, measure).plans["integrator"][0]


def client_sums(period: str) -> dict[str, list[ClientSums]]:
    """What each client paid in a month, by rule."""
    bases: dict[tuple[str, str], list[int]] = defaultdict(list)
    for payment in PAYMENTS:
        if payment.posted_in == period:
            bases[payment.category, payment.client].append(minor(payment.base))
    sums: dict[str, list[ClientSums]] = defaultdict(list)
    for (category, client), paid in sorted(bases.items()):
        sums[category].append(ClientSums(client, len(paid), sum(paid)))
    return sums


def in_force(terms: PlanTerms, **agreement: Any) -> InForce:
    """The terms of the example's partner: one plan, whole months."""
    signed = {"partner_id": PARTNER, "name": "Integrator OOO", "plan": "integrator", "locale": "ru"} | agreement
    day = date(2025, 10, 1)
    return InForce(Terms(from_day=day, **signed), (Part("integrator", terms),), since=day)


def accrued(
    terms: PlanTerms, clients: Mapping[str, Sequence[ClientSums]], bill: Mapping[str, int]
) -> tuple[Accrued, ...]:
    """What the rules earn on these clients, where the whole bill by category is `bill`."""
    rules = in_force(terms).rules
    return accrue(rules, {rule.name: answer(rule.way, clients.get(rule.name, ()), bill) for rule in rules})


def answer(plan: Plan, clients: Sequence[ClientSums], bill: Mapping[str, int]) -> Sums:
    """The engine's answer to one rule."""
    measure = plan.cut().measure
    named = () if measure is None else bill if measure.categories == ALL else measure.categories
    figure = sum(bill.get(category, 0) for category in named)
    return Sums(month=MONTH, clients=tuple(clients), measure=figure)


def earned(period: str, by: str, measure: str = ONLY_TELEPHONY) -> dict[str, Accrued]:
    """What every rule earns in a month, by rule."""
    sums = client_sums(period)
    bill = {category: sum(client.base_minor for client in clients) for category, clients in sums.items()}
    return {rule.rule: rule for rule in accrued(block(by, measure), sums, bill)}


def statement(
    period: str = "2026-01",
    by: str = "volume",
    opening_minor: int = 0,
    measure: str = ONLY_TELEPHONY,
    not_included: tuple[NotIncluded, ...] = (),
    payments: tuple[Payment, ...] = (),
    **terms: Any,
) -> Statement:
    """The partner's statement of a month, before approval."""
    month = PartnerMonth(
        in_force=in_force(block(by, measure), **terms),
        opening_minor=opening_minor,
        accrued=tuple(earned(period, by, measure).values()),
        beside_payout=(),
        names={},
        client_names={"C1": "Romashka", "C2": "Vasilek", "C4": "Lutik"},  # nobody wrote the name of C5
        attributions={client: ClientBond(f"K-{client}", date.fromisoformat(ATTRIBUTED_FROM)) for client in CLIENTS},
        assignments={},
        not_included=not_included,
        payments=payments,
        previous_statement=PREVIOUS_DIGEST,
    )
    return body(month, agreed(by, measure), Period.parse(period), LINES_DIGEST)
