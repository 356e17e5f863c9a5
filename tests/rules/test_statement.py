"""A statement shows every figure with what is behind it, and becomes a fact without changing one of them."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.canonical import sha256
from models.errors import CannotApprove
from models.period import Period
from models.phrase import Phrase, PhraseValue
from models.statement import (
    Approved,
    BalanceBesidePayout,
    Clause,
    ClientAccrual,
    Digests,
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
from rules.earning.commission import accrue
from rules.ledger import entries
from rules.plan import ClientSums, EventSum, Person, Sums
from rules.plans import offered
from rules.statement.body import NOT_APPROVED, Body, body
from rules.statement.issued import issued, issued_digest
from rules.statement.partner_month import ClientBond, PartnerMonth
from rules.statement.texts import exact_text, rate_text
from rules.terms.levels import LevelReached
from tests.made.oracle import MONTHS, minor, totals
from tests.made.sums import MONTH
from tests.rules.worked import LINES_DIGEST, PREVIOUS_DIGEST, agreed, block, in_force, statement

WRITABLE = st.characters(exclude_categories=["Cs"])


def rule(name: str, period: str = "2026-01", by: str = "volume") -> RuleAccrual:
    return next(accrual for accrual in statement(period, by).rules if accrual.rule == name)


def test_the_heading_names_partner_period_and_programme() -> None:
    january = statement()
    assert (january.statement, january.version, january.period) == ("P-100/2026-01/v1", 1, "2026-01")
    assert (january.from_day, january.to_day, january.timezone) == ("2026-01-01", "2026-01-31", "Europe/Moscow")
    assert (january.currency, january.minor_digits, january.base) == ("RUB", 2, "net_of_vat")
    assert (january.programme, january.plan) == ("uis-partners", "integrator")
    assert january.partner == Party(partner_id="P-100", name="Integrator OOO", locale="ru")


def test_before_approval_there_is_no_number_no_clock_and_no_draft() -> None:
    january = statement()
    assert (january.number, january.approved, january.approved.at) == ("", NOT_APPROVED, "")
    assert january.digests == Digests(
        draft="", programme=agreed("volume").digest, lines=LINES_DIGEST, previous_statement=PREVIOUS_DIGEST
    )


def test_approval_adds_its_number_and_changes_no_figure() -> None:
    body = statement()
    approved = Approved(at="2026-02-03T03:00:00Z", by="maria")
    fact = Statement.model_validate_json(issued(body.to_bytes(), "2026-000001", approved, draft="3" * 64))
    assert (fact.number, fact.approved) == ("2026-000001", approved)
    assert fact.digests == body.digests.model_copy(update={"draft": "3" * 64})
    same = {"number": "", "approved": NOT_APPROVED, "digests": body.digests}
    assert fact.model_copy(update=same) == body


@pytest.mark.parametrize(
    ("opening_minor", "to_pay_minor", "carried_minor"),
    [(0, 7_822_222, 0), (-7_322_222, 500_000, 0), (-7_322_223, 0, 499_999), (-8_000_000, 0, -177_778)],
)
def test_the_balance_is_paid_from_the_minimum_on_and_carried_below_it(
    opening_minor: int, to_pay_minor: int, carried_minor: int
) -> None:
    box = statement(opening_minor=opening_minor).summary
    assert [(entry.kind, entry.amount_minor, entry.cites) for entry in box.entries] == [
        ("opening", opening_minor, (PREVIOUS_DIGEST,)),
        ("commission", 7_822_222, ("software", "telephony")),
        ("to_pay", -to_pay_minor, ()),
        ("carried", carried_minor, ()),
    ]
    assert box.minimum_minor == 500_000


def test_a_flat_share_is_shown_with_its_clause_its_step_and_its_clients() -> None:
    assert rule("software") == RuleAccrual(
        rule="software",
        name="software",
        terms=(),
        plan="percentage",
        by="",
        to="partner",
        shared_by="client",
        bond="claim",
        clause=Clause(
            programme="uis-partners",
            digest=agreed("volume").digest,
            plan="integrator",
            rule="software",
            words="50 % of software",
        ),
        lines=3,
        base_minor=8_444_444,
        rate="50",
        exact="42222.220000",
        commission_minor=4_222_222,
        tier=None,
        steps=(Step(
            words="", phrase=None, from_minor=None, to_minor=None, base_minor=8_444_444, rate="50", count=1, exact="42222.220000",
        ),),
        clients=(
            ClientAccrual(
                client_id="C1", client_name="Romashka", claim_id="K-C1", claimed_on="2025-10-01", lines=1,
                base_minor=5_000_000, exact="25000.000000", commission_minor=2_500_000, rounding_minor=0,
            ),
            ClientAccrual(
                client_id="C2", client_name="Vasilek", claim_id="K-C2", claimed_on="2025-10-01", lines=1,
                base_minor=111_111, exact="555.555000", commission_minor=55_555, rounding_minor=0,
            ),
            ClientAccrual(
                client_id="C4", client_name="Lutik", claim_id="K-C4", claimed_on="2025-10-01", lines=1,
                base_minor=3_333_333, exact="16666.665000", commission_minor=1_666_667, rounding_minor=1,
            ),
        ),
        shares=(),
    )  # fmt: skip


def test_a_client_without_a_name_is_shown_by_id_alone() -> None:
    assert [(client.client_id, client.client_name) for client in rule("telephony").clients] == [
        ("C1", "Romashka"), ("C2", "Vasilek"), ("C5", ""),
    ]  # fmt: skip


def test_by_volume_the_tier_says_what_the_next_one_needs_and_would_have_changed() -> None:
    telephony = rule("telephony", "2026-03")
    assert telephony.tier == TierReached(
        position=3,
        starts_at_minor=30_000_000,
        rate="12",
        measure_minor=99_999_999,
        measure_of=("telephony",),
        measured="paid",
        window_months=1,
        over="partner",
        # 0.01 more would have paid 3 % more of everything: 29 999.9997.
        next=NextTier(starts_at_minor=100_000_000, rate="15", distance_minor=1, gain_minor=3_000_000),
    )
    assert (telephony.by, telephony.rate, len(telephony.steps)) == ("volume", "12", 1)


def test_where_the_whole_bill_picks_the_tier_the_distance_is_that_of_the_whole_bill() -> None:
    telephony = statement(measure="all").rules[1]
    assert telephony.tier == TierReached(
        position=3,
        starts_at_minor=30_000_000,
        rate="12",
        measure_minor=38_444_444,  # 300 000.00 of telephony and 84 444.44 of software
        measure_of=("all",),
        measured="paid",
        window_months=1,
        over="partner",
        next=NextTier(starts_at_minor=100_000_000, rate="15", distance_minor=61_555_556, gain_minor=900_000),
    )


def test_graduated_there_is_no_single_rate_but_a_table_of_slices() -> None:
    telephony = rule("telephony", "2026-03", "graduated")
    assert (telephony.by, telephony.rate, telephony.exact) == ("graduated", "", "111999.998800")
    assert telephony.tier is not None
    assert telephony.tier.next is not None
    assert telephony.tier.next.gain_minor == 0


@pytest.mark.parametrize("period", MONTHS)
def test_the_slices_of_the_worked_example_are_shown_as_they_are(period: str) -> None:
    (expected,) = (total for total in totals(period, "graduated") if total.rule == "telephony")
    assert [
        (step.from_minor, step.to_minor, step.rate, step.base_minor, step.exact)
        for step in rule("telephony", period, "graduated").steps
    ] == [
        (minor(part.starts_at), minor(part.ends_at), part.rate, minor(part.base), part.exact)
        for part in expected.slices
    ]


@pytest.mark.parametrize("by", ["volume", "graduated"])
@pytest.mark.parametrize("period", MONTHS)
def test_the_lines_of_a_statement_add_up_to_its_totals(period: str, by: str) -> None:
    shown = statement(period, by, opening_minor=-123)
    assert shown.summary.commission_minor == sum(minor(total.commission) for total in totals(period, by))
    for accrual in shown.rules:
        assert sum(client.commission_minor for client in accrual.clients) == accrual.commission_minor
        assert sum(client.base_minor for client in accrual.clients) == accrual.base_minor
        assert sum(client.lines for client in accrual.clients) == accrual.lines
        assert sum(step.base_minor for step in accrual.steps) == accrual.base_minor


def test_payments_and_what_was_not_included_are_shown_as_they_were_given() -> None:
    left_out = NotIncluded(
        reason="not attributed", note="", client_id="C9", client_name="", category="software", currency="RUB",
        lines=1, amount_minor=100, carried=True,
    )  # fmt: skip
    paid = Payment(
        line_id="PAY-001", invoice_id="INV-260101", client_id="C1", rule="software", category="software",
        product_code="CRM", paid_on="2026-01-12", posted_on="2026-01-12", amount_minor=6_100_000,
        base_minor=5_000_000, late=False, carried_from="",
    )  # fmt: skip
    shown = statement(not_included=(left_out,), payments=(paid,))
    assert (shown.not_included, shown.payments) == ((left_out,), (paid,))


@pytest.mark.parametrize(
    ("exact_minor", "digits", "text"),
    [
        (Fraction("933333.4267"), 2, "9333.334267"),
        (Fraction(1, 3), 2, "0.003333"),
        (Fraction(-2, 3), 2, "-0.006667"),
        (Fraction(5, 2), 0, "2.500000"),
        (Fraction("1.2345"), 3, "0.001235"),  # 0.0012345: half of the last digit goes away from zero
        (Fraction(0), 2, "0.000000"),
    ],
)
def test_an_exact_amount_is_shown_in_major_units_with_six_decimals(
    exact_minor: Fraction, digits: int, text: str
) -> None:
    assert exact_text(exact_minor, digits) == text


def test_a_body_carries_what_approval_makes_facts_of() -> None:
    january = statement()
    waiting = Body.of(january)
    assert (waiting.key, waiting.segments, waiting.summary) == ("P-100/2026-01/v1", (), january.summary)
    assert [total.rule for total in waiting.totals] == [rule.rule for rule in january.rules]
    for total, rule in zip(waiting.totals, january.rules, strict=True):
        assert total[1:] == (rule.lines, rule.base_minor, rule.rate, rule.commission_minor, rule.to)
    assert list(waiting.entries) == entries(january)


@given(
    number=st.text(WRITABLE),
    at=st.text(WRITABLE),
    by=st.text(WRITABLE),
    draft=st.text(WRITABLE),
    name=st.text(WRITABLE),
)
@example(number='"', at="\\", by='"by":""', draft='"number":""', name='"number":""')
def test_number_and_approval_spliced_in_make_the_bytes_that_writing_it_anew_would(
    number: str, at: str, by: str, draft: str, name: str
) -> None:
    body = statement()
    body = body.model_copy(update={"partner": body.partner.model_copy(update={"name": name})})
    approved = Approved(at=at, by=by)
    digests = body.digests.model_copy(update={"draft": draft})
    anew = body.model_copy(update={"number": number, "approved": approved, "digests": digests})
    assert issued(body.to_bytes(), number, approved, draft) == anew.to_bytes()
    assert issued_digest(body.to_bytes(), number, approved, draft) == sha256(anew.to_bytes())


@pytest.mark.parametrize("words", [b"", b"{}", b"no json"])
def test_bytes_that_are_no_body_are_not_issued(words: bytes) -> None:
    with pytest.raises(CannotApprove, match="are no body of a statement"):
        issued(words, "2026-000001", NOT_APPROVED, "3" * 64)


def test_a_fact_is_not_issued_again_and_nothing_is_put_in_twice() -> None:
    body = statement().to_bytes()
    approved = Approved(at="2026-02-03T03:00:00Z", by="maria")
    with pytest.raises(CannotApprove, match="stands 0 times"):
        issued(issued(body, "2026-000001", approved, "3" * 64), "2026-000002", approved, "3" * 64)
    with pytest.raises(CannotApprove, match="stands 2 times"):
        issued(body + body, "2026-000001", approved, "3" * 64)


def of_one_rule(fields: dict[str, Any], sums: Sums, **month: Any) -> Statement:
    """The statement of a partner with one rule, `earn: {rule: fields}`, and these sums."""
    plan = offered()[fields["plan"]].model_validate(fields, context={"currency": "RUB"})
    partner = in_force(block("volume").model_copy(update={"earn": {"rule": plan}}))
    given: dict[str, Any] = {
        "in_force": partner,
        "opening_minor": 0,
        "accrued": accrue(partner.rules, {"rule": sums}),
        "beside_payout": (),
        "client_names": {},
        "names": {},
        "attributions": {},
        "assignments": {},
        "not_included": (),
        "payments": (),
        "previous_statement": "",
    }
    return body(PartnerMonth(**(given | month)), agreed("volume"), Period(2026, 1), LINES_DIGEST)


def test_a_client_that_paid_in_two_years_of_its_life_is_one_row_and_two_steps() -> None:
    paid = (ClientSums("C1", 1, 100_000, year=1), ClientSums("C1", 2, 200_000, year=2))
    fields = {"plan": "retention", "categories": ["software"], "since": "attribution", "years": {1: "20%", 2: "30%"}}
    (shown,) = of_one_rule(fields, Sums(MONTH, clients=paid)).rules

    assert [(step.words, step.base_minor, step.rate, step.exact) for step in shown.steps] == [
        ("year 1", 100_000, "20", "200.000000"),
        ("year 2", 200_000, "30", "600.000000"),
    ]
    (client,) = shown.clients
    assert (client.lines, client.base_minor, client.exact, client.commission_minor) == (
        3,
        300_000,
        "800.000000",
        80_000,
    )


def test_an_amount_for_each_event_is_shared_by_event_and_has_no_clients() -> None:
    events = (EventSum("E-1", "registration"), EventSum("E-2", "registration"))
    fields = {"plan": "pay_per_action", "event": "registration", "pays": "250.00"}
    (shown,) = of_one_rule(fields, Sums(MONTH, events=events)).rules

    assert (shown.to, shown.shared_by, shown.lines, shown.rate, shown.clients) == ("partner", "event", 0, "", ())
    assert [(step.base_minor, step.count, step.words) for step in shown.steps] == [(25_000, 2, "registration")]
    assert shown.shares == tuple(
        ShareAccrual(key=key, goal=None, name="", exact="250.000000", commission_minor=25_000, rounding_minor=0)
        for key in ("E-1", "E-2")
    )


def test_what_goes_to_a_person_is_shown_by_name_and_is_no_part_of_the_commission() -> None:
    fields = {"plan": "employee_bonus", "categories": ["software"], "roles": {"seller": "2%"}, "paid": "to_person"}
    sums = Sums(MONTH, clients=(ClientSums("C1", 1, 100_000),), people=(Person("E-11", "Ada", "seller"),))
    shown = of_one_rule(fields, sums, names={"E-11": "Ada"})

    assert (shown.rules[0].to, shown.rules[0].commission_minor, shown.summary.commission_minor) == ("person", 2_000, 0)
    assert [(share.key, share.name) for share in shown.rules[0].shares] == [("E-11", "Ada")]


def test_a_client_the_partner_serves_stands_with_its_assignment_not_with_a_claim() -> None:
    fields = {"plan": "servicing", "categories": ["telephony"], "rate": "10%"}
    shown = of_one_rule(
        fields,
        Sums(MONTH, clients=(ClientSums("C1", 1, 100_000),)),
        attributions={"C1": ClientBond("K-1", date(2025, 10, 1))},
        assignments={"C1": ClientBond("S-1", date(2026, 1, 5))},
    )

    assert [(one.claim_id, one.claimed_on) for one in shown.rules[0].clients] == [("S-1", "2026-01-05")]
    assert shown.rules[0].bond == "assignment"


@pytest.mark.parametrize(
    ("fields", "measure", "said"),
    [
        ({"measure": {"window": "lifetime"}, "goals": {"1000": "5.00"}}, 200_000, ("1000.00", "amount", "1000.00")),
        ({"measure": {"of": "new_clients"}, "goals": {"20": "5.00"}}, 20, ("20", "count", "20")),
        (
            {"measure": "all", "checkpoints": {"2026-06": {"reaches": "10", "pays": "5.00"}}},
            1_000,
            ("2026-06", "month", "2026-06"),
        ),
    ],
)
def test_a_goal_says_what_kind_of_thing_was_reached(
    fields: dict[str, Any], measure: int, said: tuple[str, ...]
) -> None:
    (shown,) = of_one_rule({"plan": "milestone"} | fields, Sums(MONTH, measure=measure)).rules
    (share,) = shown.shares
    (step,) = shown.steps

    assert share.goal is not None
    assert (share.key, share.goal.kind, share.goal.text) == said
    assert step.phrase == Phrase.of("reached: {goal}", goal=share.goal)
    assert step.words == f"reached: {share.key}"


def test_a_gift_is_a_goal_with_a_name_even_where_it_is_called_like_a_month() -> None:
    fields = {"plan": "gift", "gift": "2026-03", "worth": "1.00", "measure": "all", "reaches": "1"}
    (shown,) = of_one_rule(fields, Sums(MONTH, measure=100)).rules

    assert shown.shares[0].goal == PhraseValue(kind="name", text="2026-03")


def test_a_fee_for_a_part_of_the_month_shows_the_days_as_a_ratio() -> None:
    (shown,) = of_one_rule({"plan": "base_fee", "pays": "10000.00"}, Sums(MONTH, days=15)).rules

    assert (shown.commission_minor, shown.exact, shown.shares) == (483_871, "4838.709677", ())
    assert [(step.rate, step.words) for step in shown.steps] == [("15/31", "15 of 31 days")]


def test_the_level_and_what_is_kept_apart_are_shown_as_they_were_decided() -> None:
    reached = LevelReached("partnership", "Silver", 50, 60, True, "2025-12", False, "Gold", 100)
    fund = BalanceBesidePayout(of="fund", opening_minor=10, earned_minor=0, spent_minor=0, closing_minor=10, spent=())
    plain = in_force(block("volume"))
    partner = type(plain)(plain.terms, plain.parts, plain.since, reached)
    shown = of_one_rule({"plan": "base_fee", "pays": "1.00"}, Sums(MONTH), in_force=partner, beside_payout=(fund,))

    assert shown.apart == (fund,)
    assert shown.level == Level(
        ladder="partnership", name="Silver", starts_at=50, measure=60, counts=True, reached_in="2025-12",
        kept_by_grace=False, next_name="Gold", next_starts_at=100, taken_back=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (Fraction(12, 100), "12"),
        (Fraction(15, 31), "15/31"),
        (Fraction(3, 7), "3/7"),
        (Fraction(-4, 5), "-80"),
        (Fraction(1, 3), "1/3"),
        (Fraction(0), "0"),
    ],
)
def test_a_rate_is_percent_and_a_ratio_where_percent_would_never_end(rate: Fraction, text: str) -> None:
    assert rate_text(rate) == text
