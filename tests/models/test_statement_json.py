"""A statement's canonical JSON is the truth: these bytes are digested, archived and compared."""

import json

import pytest
from pydantic import ValidationError

from models.phrase import name
from models.statement import (
    Approved,
    BalanceBesidePayout,
    Clause,
    ClientAccrual,
    Digests,
    FundActivity,
    Level,
    NextTier,
    NotIncluded,
    Party,
    Payment,
    RuleAccrual,
    ShareAccrual,
    Statement,
    Step,
    TierReached,
)
from tests.templates.pieces import summary

SMALL = Statement(
    statement="P-100/2026-01/v1",
    number="2026-000001",
    version=1,
    period="2026-01",
    from_day="2026-01-01",
    to_day="2026-01-31",
    timezone="Europe/Moscow",
    currency="RUB",
    minor_digits=2,
    programme="uis-partners",
    plan="integrator",
    base="gross",
    partner=Party(partner_id="P-100", name="Ромашка", locale="ru"),
    segments=("amoCRM",),
    level=Level(
        ladder="partnership",
        name="Silver",
        starts_at=50,
        measure=60,
        counts=True,
        reached_in="2025-12",
        kept_by_grace=False,
        next_name="Gold",
        next_starts_at=100,
    ),
    approved=Approved(at="2026-02-03T03:00:00Z", by="system"),
    summary=summary(0, 800, 0, minimum=5000, cites={"commission": ("telephony",)}),
    apart=(
        BalanceBesidePayout(
            of="fund",
            opening_minor=100,
            earned_minor=20,
            spent_minor=50,
            closing_minor=70,
            spent=(
                FundActivity(entry_id="S1", spent_on="2026-01-15", activity="Webinar", claims=("K1",), amount_minor=50),
            ),
        ),
    ),
    rules=(
        RuleAccrual(
            rule="telephony",
            name="telephony",
            terms=(),
            plan="tiered",
            by="volume",
            to="partner",
            shared_by="client",
            bond="claim",
            clause=Clause(
                programme="uis-partners", digest="p", plan="integrator", rule="telephony", words="8 % from 0.00"
            ),
            lines=1,
            base_minor=10_000,
            rate="8",
            exact="8.000000",
            commission_minor=800,
            tier=TierReached(
                position=1,
                starts_at_minor=0,
                rate="8",
                measure_minor=10_000,
                measure_of=("telephony",),
                measured="paid",
                window_months=1,
                over="partner",
                next=NextTier(starts_at_minor=20_000, rate="10", distance_minor=10_000, gain_minor=200),
            ),
            steps=(
                Step(
                    words="",
                    phrase=None,
                    from_minor=None,
                    to_minor=None,
                    base_minor=10_000,
                    rate="8",
                    count=1,
                    exact="8.000000",
                ),
            ),
            clients=(
                ClientAccrual(
                    client_id="C1",
                    client_name="Acme",
                    claim_id="K1",
                    claimed_on="2025-10-01",
                    lines=1,
                    base_minor=10_000,
                    exact="8.000000",
                    commission_minor=800,
                    rounding_minor=0,
                ),
            ),
            shares=(),
        ),
        RuleAccrual(
            rule="fund",
            name="fund",
            terms=(),
            plan="pay_per_action",
            by="",
            to="fund",
            shared_by="event",
            bond="claim",
            clause=Clause(
                programme="uis-partners", digest="p", plan="integrator", rule="fund", words="0.20 for each lead"
            ),
            lines=0,
            base_minor=0,
            rate="",
            exact="0.200000",
            commission_minor=20,
            tier=None,
            steps=(
                Step(
                    words="lead",
                    phrase=name("lead"),
                    from_minor=None,
                    to_minor=None,
                    base_minor=20,
                    rate="100",
                    count=1,
                    exact="0.200000",
                ),
            ),
            clients=(),
            shares=(
                ShareAccrual(key="E1", goal=None, name="", exact="0.200000", commission_minor=20, rounding_minor=0),
            ),
        ),
    ),
    not_included=(
        NotIncluded(
            reason="excluded by the plan",
            note="sold at cost",
            client_id="C1",
            client_name="Acme",
            category="hardware",
            currency="RUB",
            lines=1,
            amount_minor=500,
            carried=False,
        ),
    ),
    payments=(
        Payment(
            line_id="L1",
            invoice_id="I1",
            client_id="C1",
            rule="telephony",
            category="telephony",
            product_code="SIP",
            paid_on="2026-01-12",
            posted_on="2026-01-13",
            amount_minor=10_000,
            base_minor=10_000,
            late=False,
            carried_from="",
        ),
    ),
    digests=Digests(draft="d", programme="p", lines="l", previous_statement="", previous_seal="s"),
)

CANONICAL = (
    '{"apart":[{"closing_minor":70,"corrected_minor":0,"earned_minor":20,"of":"fund","opening_minor":100,'
    '"spent":[{"activity":"Webinar","amount_minor":50,"claims":["K1"],"entry_id":"S1","spent_on":"2026-01-15"}],'
    '"spent_minor":50}],"approved":{"at":"2026-02-03T03:00:00Z","by":"system"},"base":"gross","corrections":[],"currency":"RUB",'
    '"digests":{"draft":"d","lines":"l","previous_seal":"s","previous_statement":"","programme":"p"},"format":2,"from_day":"2026-01-01",'
    '"level":{"counts":true,"kept_by_grace":false,"ladder":"partnership","measure":60,"name":"Silver",'
    '"next_name":"Gold","next_starts_at":100,"reached_in":"2025-12","starts_at":50},"minor_digits":2,'
    '"not_included":[{"amount_minor":500,"carried":false,"category":"hardware","client_id":"C1",'
    '"client_name":"Acme","currency":"RUB","lines":1,"note":"sold at cost","reason":"excluded by the plan"}],'
    '"number":"2026-000001","partner":{"locale":"ru","name":"Ромашка","partner_id":"P-100"},'
    '"payments":[{"amount_minor":10000,"base_minor":10000,"carried_from":"","category":"telephony",'
    '"client_id":"C1","invoice_id":"I1","late":false,"line_id":"L1","paid_on":"2026-01-12",'
    '"posted_on":"2026-01-13","product_code":"SIP","rule":"telephony"}],"period":"2026-01","plan":"integrator",'
    '"programme":"uis-partners","refunds_without_sale":null,"rules":[{"base_minor":10000,"bond":"claim","by":"volume","clause":{"digest":"p",'
    '"plan":"integrator","programme":"uis-partners","rule":"telephony","words":"8 % from 0.00"},'
    '"clients":[{"base_minor":10000,"claim_id":"K1","claimed_on":"2025-10-01","client_id":"C1",'
    '"client_name":"Acme","commission_minor":800,"exact":"8.000000","lines":1,"rounding_minor":0}],'
    '"commission_minor":800,"exact":"8.000000","lines":1,"name":"telephony","plan":"tiered","rate":"8","rule":"telephony",'
    '"shared_by":"client","shares":[],"steps":[{"base_minor":10000,"count":1,"exact":"8.000000","from_minor":null,'
    '"phrase":null,"rate":"8","to_minor":null,"words":""}],"terms":[],"tier":{"measure_minor":10000,"measure_of":["telephony"],'
    '"measured":"paid","next":{"distance_minor":10000,"gain_minor":200,"rate":"10","starts_at_minor":20000},'
    '"over":"partner","position":1,"rate":"8","starts_at_minor":0,"window_months":1},"to":"partner"},'
    '{"base_minor":0,"bond":"claim","by":"","clause":{"digest":"p","plan":"integrator","programme":"uis-partners","rule":"fund",'
    '"words":"0.20 for each lead"},"clients":[],"commission_minor":20,"exact":"0.200000","lines":0,"name":"fund",'
    '"plan":"pay_per_action","rate":"","rule":"fund","shared_by":"event","shares":[{"commission_minor":20,'
    '"exact":"0.200000","goal":null,"key":"E1","name":"","rounding_minor":0}],"steps":[{"base_minor":20,"count":1,'
    '"exact":"0.200000","from_minor":null,"phrase":{"pattern":"{name}","values":{"name":{"kind":"name","text":"lead"}}},'
    '"rate":"100","to_minor":null,"words":"lead"}],"terms":[],"tier":null,"to":"fund"}],'
    '"segments":["amoCRM"],"statement":"P-100/2026-01/v1","summary":{"balance_minor":800,"carried_minor":800,'
    '"commission_minor":800,"corrections_minor":0,"entries":[{"amount_minor":0,"cites":[],"kind":"opening"},'
    '{"amount_minor":800,"cites":["telephony"],"kind":"commission"},{"amount_minor":0,"cites":[],"kind":"to_pay"},'
    '{"amount_minor":800,"cites":[],"kind":"carried"}],"minimum_minor":5000,"opening_minor":0,"to_pay_minor":0},"timezone":"Europe/Moscow",'
    '"to_day":"2026-01-31","version":1}\n'
)
"""Every key a statement has. A change here is a change of what is archived and digested."""


def test_the_canonical_json_of_a_small_statement_to_the_letter() -> None:
    assert SMALL.to_bytes().decode() == CANONICAL


def test_a_statement_reads_back_from_its_canonical_json() -> None:
    assert Statement.model_validate_json(SMALL.to_bytes()) == SMALL


def test_a_statement_never_changes() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        SMALL.number = "2026-000002"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        SMALL.summary.minimum_minor = 1  # type: ignore[misc]


def test_a_statement_with_a_key_we_do_not_know_is_not_read() -> None:
    said = json.loads(CANONICAL)
    said["summary"]["bonus_minor"] = 1
    with pytest.raises(ValidationError, match="bonus_minor"):
        Statement.model_validate(said)


def test_a_statement_with_a_figure_missing_is_not_read() -> None:
    said = json.loads(CANONICAL)
    del said["summary"]["carried_minor"]
    with pytest.raises(ValidationError, match="carried_minor"):
        Statement.model_validate(said)


def test_words_that_are_not_the_phrase_beside_them_are_refused() -> None:
    said = json.loads(CANONICAL)
    said["rules"][1]["steps"][0]["words"] = "leads"
    with pytest.raises(ValidationError, match="the words 'leads' are not what the phrase beside them says"):
        Statement.model_validate(said)
