"""The worked example, calculated: its payments as sums, and what the rules make of them."""

from collections import defaultdict
from datetime import date
from typing import Any

from models.period import Period
from models.statement import NotIncluded, Payment, Statement
from models.vendor import Attribution, Terms
from rules.commission import Accrued, ClientSums, accrue
from rules.programme import PlanTerms, Programme, parse_programme
from rules.statement import PartnerMonth, body
from tests.oracle import ATTRIBUTED_FROM, CLIENTS, PARTNER, PAYMENTS, minor, programme

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


def earned(period: str, by: str, measure: str = ONLY_TELEPHONY) -> dict[str, Accrued]:
    """What every rule earns in a month, by rule."""
    sums = client_sums(period)
    bill = {category: sum(client.base_minor for client in clients) for category, clients in sums.items()}
    return {accrued.rule: accrued for accrued in accrue(block(by, measure), sums, bill)}


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
    agreement = {"partner_id": PARTNER, "name": "Integrator OOO", "plan": "integrator", "locale": "ru"} | terms
    month = PartnerMonth(
        terms=Terms(from_day=date(2025, 10, 1), **agreement),
        plan=block(by, measure),
        opening_minor=opening_minor,
        accrued=tuple(earned(period, by, measure).values()),
        client_sums=client_sums(period),
        client_names={"C1": "Romashka", "C2": "Vasilek", "C4": "Lutik"},  # nobody wrote the name of C5
        attributions={
            client: Attribution(
                client_id=client,
                partner_id=PARTNER,
                claim_id=f"K-{client}",
                claimed_on=date.fromisoformat(ATTRIBUTED_FROM),
            )
            for client in CLIENTS
        },
        not_included=not_included,
        payments=payments,
        previous_statement=PREVIOUS_DIGEST,
    )
    return body(month, agreed(by, measure), Period.parse(period), LINES_DIGEST)
