"""Example statements to look at and to test with. Every total in them adds up."""

from typing import Any

from models.statement import (
    Approved,
    Digests,
    NextTier,
    NotIncluded,
    Party,
    Payment,
    RuleAccrual,
    Statement,
    TierReached,
)
from tests.templates.pieces import CLIENTS, PROGRAMME_DIGEST, clause, client, flat, payment, step, summary

LADDER = (
    "8 % from 0.00, 10 % from 100000.00, 12 % from 300000.00, 15 % from 1000000.00; "
    "measured by telephony, numbers of the month"
)


def volume(locale: str = "en") -> Statement:
    """January of the worked example: 84 444.44 of software at 50 %, 300 000.00 of telephony at 12 % by volume."""
    return statement(locale, (software(), telephony()), payments=january(), not_included=left_out())


def graduated(locale: str = "en") -> Statement:
    """The same January, each slice of telephony at its own rate: 28 000.00."""
    sliced = telephony().model_copy(
        update={
            "by": "graduated",
            "rate": "",
            "exact": "28000.000000",
            "commission_minor": 2_800_000,
            "clause": clause("telephony", f"telephony graduated: {LADDER}"),
            "tier": TierReached(
                position=3,
                starts_at_minor=30_000_000,
                rate="12",
                measure_minor=30_000_000,
                measure_of=("all",),
                measured="paid",
                window_months=1,
                over="partner",
                next=NextTier(starts_at_minor=100_000_000, rate="15", distance_minor=70_000_000, gain_minor=0),
            ),
            "steps": (
                step(10_000_000, "8", "8000.000000", slice_of=(0, 10_000_000)),
                step(20_000_000, "10", "20000.000000", slice_of=(10_000_000, 30_000_000)),
            ),
            "clients": (
                client("C1", 1, 15_000_000, "14000.000000", 1_400_000),
                client("C3", 1, 5_833_337, "5444.447867", 544_445, 1),
                client("C5", 1, 9_166_663, "8555.552133", 855_555),
            ),
        }
    )
    return statement(locale, (software(), sliced), payments=january(), opening_minor=-1_057_331, version=2)


def below_minimum(locale: str = "en") -> Statement:
    """A commission of 3 911.11 with a minimum payout of 5 000.00: all of it is carried forward."""
    rule = flat("software", "50", (client("C2", 1, 782_222, "3911.110000", 391_111),), "3911.110000", 391_111)
    paid = (payment("L1", "C2", "software", 938_666, 782_222),)
    return statement(locale, (rule,), payments=paid)


def negative(locale: str = "en") -> Statement:
    """A month of refunds: -8 666.65 on top of nothing."""
    rule = flat("software", "50", (client("C1", 1, -1_733_330, "-8666.650000", -866_665),), "-8666.650000", -866_665)
    paid = (payment("L1", "C1", "software", -2_079_996, -1_733_330),)
    return statement(locale, (rule,), payments=paid)


def nothing(locale: str = "en") -> Statement:
    """A partner whose clients paid nothing."""
    return statement(locale, ())


def many(locale: str = "en", clients: int = 40, lines: int = 220) -> Statement:
    """A long month: every client with several payments of 1 234.56 at 12 %."""
    paid = tuple(
        payment(f"L{n:05}", f"K{n % clients:03}", "telephony", 150_616, 123_456, day=1 + n % 28) for n in range(lines)
    )
    shares = []
    for n in range(clients):
        count = sum(1 for line in paid if line.client_id == f"K{n:03}")
        exact = count * 123_456 * 12
        shares.append(client(f"K{n:03}", count, count * 123_456, f"{exact / 10000:.6f}", exact // 100))
    base = lines * 123_456
    total = sum(share.commission_minor for share in shares)
    rule = flat("telephony", "12", tuple(shares), f"{base * 12 / 10000:.6f}", total)
    return statement(locale, (rule,), payments=paid, not_included=left_out() * 6)


def named(name: str, locale: str = "en") -> Statement:
    """A statement in which everything that people can name is called `name`."""
    rule = flat("software", "50", (client("C1", 1, 1000, "5.000000", 500, name=name),), "5.000000", 500)
    rule = rule.model_copy(update={"clause": clause("software", name)})
    paid = payment("L1", "C1", "software", 1200, 1000).model_copy(
        update={"invoice_id": name, "product_code": name, "category": name}
    )
    out = left_out()[0].model_copy(update={"note": name, "client_name": name, "category": name})
    made = statement(locale, (rule,), payments=(paid,), not_included=(out,))
    return made.model_copy(update={"partner": Party(partner_id="P-100", name=name, locale=locale), "plan": name})


def statement(
    locale: str,
    rules: tuple[RuleAccrual, ...],
    payments: tuple[Payment, ...] = (),
    not_included: tuple[NotIncluded, ...] = (),
    opening_minor: int = 0,
    version: int = 1,
) -> Statement:
    """Put a statement together; its totals are the sums of its rules that are for the partner."""
    commission = sum(rule.commission_minor for rule in rules if rule.to == "partner")
    balance = opening_minor + commission
    to_pay = balance if balance >= 500_000 else 0
    return Statement(
        statement=f"P-100/2026-01/v{version}",
        number="2026-000017",
        version=version,
        period="2026-01",
        from_day="2026-01-01",
        to_day="2026-01-31",
        timezone="Europe/Moscow",
        currency="RUB",
        minor_digits=2,
        programme="uis-partners",
        plan="integrator",
        base="net_of_vat",
        partner=Party(partner_id="P-100", name="Интегратор «Связь и сервис»", locale=locale),
        segments=(),
        level=None,
        approved=Approved(at="2026-02-03T03:00:00Z", by="system"),
        summary=summary(
            opening_minor,
            commission,
            to_pay,
            cites={"commission": tuple(rule.rule for rule in rules if rule.to == "partner")},
        ),
        apart=(),
        rules=rules,
        not_included=not_included,
        payments=payments,
        digests=Digests(
            draft="3b1e07c9d2f5a684" * 4,
            programme=PROGRAMME_DIGEST,
            lines="c07d9e4b815fa263" * 4,
            previous_statement="" if version == 1 else "5a90be12f7c3d486" * 4,
            previous_seal="71d8e04f2b96ca35" * 4,
        ),
    )


def software() -> RuleAccrual:
    return flat(
        "software",
        "50",
        (
            client("C1", 1, 5_000_000, "25000.000000", 2_500_000),
            client("C2", 1, 111_111, "555.555000", 55_555),
            client("C4", 2, 3_333_333, "16666.665000", 1_666_667, 1),
        ),
        "42222.220000",
        4_222_222,
    )


def telephony() -> RuleAccrual:
    return RuleAccrual(
        rule="telephony",
        name="telephony",
        terms=(),
        plan="tiered",
        by="volume",
        to="partner",
        shared_by="client",
        bond="claim",
        clause=clause("telephony", f"telephony, by volume: {LADDER}"),
        lines=3,
        base_minor=30_000_000,
        rate="12",
        exact="36000.000000",
        commission_minor=3_600_000,
        tier=TierReached(
            position=3,
            starts_at_minor=30_000_000,
            rate="12",
            measure_minor=64_480_000,
            measure_of=("telephony", "numbers"),
            measured="paid",
            window_months=1,
            over="partner",
            next=NextTier(starts_at_minor=100_000_000, rate="15", distance_minor=35_520_000, gain_minor=900_000),
        ),
        steps=(step(30_000_000, "12", "36000.000000"),),
        clients=(
            client("C1", 1, 15_000_000, "18000.000000", 1_800_000),
            client("C3", 1, 5_833_337, "7000.004400", 700_000),
            client("C5", 1, 9_166_663, "10999.995600", 1_100_000, 1),
        ),
        shares=(),
    )


def january() -> tuple[Payment, ...]:
    """The lines behind `software` and `telephony`."""
    return (
        payment("L1", "C1", "software", 6_100_000, 5_000_000, day=12),
        payment("L2", "C2", "software", 135_555, 111_111, day=14),
        payment("L3", "C4", "software", 4_266_666, 3_555_555, day=15),
        payment("L4", "C4", "software", -266_666, -222_222, day=29),
        payment("L5", "C1", "telephony", 18_300_000, 15_000_000, day=12),
        payment("L6", "C3", "telephony", 7_000_005, 5_833_337, day=20).model_copy(update={"carried_from": "2025-12"}),
        payment("L7", "C5", "telephony", 11_183_329, 9_166_663, day=21).model_copy(
            update={"late": True, "paid_on": "2025-12-30"}
        ),
    )


def left_out() -> tuple[NotIncluded, ...]:
    def line(reason: str, client_id: str, category: str, minor: int, **more: Any) -> NotIncluded:
        values = {"note": "", "currency": "RUB", "lines": 1, "carried": False, "client_name": CLIENTS[client_id]}
        return NotIncluded(reason=reason, client_id=client_id, category=category, amount_minor=minor, **(values | more))

    return (
        line("not paid yet", "C3", "telephony", 4_500_000, lines=3),
        line("category without a rule", "C1", "hardware", 1_249_000, carried=True),
        line("other currency", "C4", "software", 99_900, currency="EUR", carried=True),
        line("excluded by the plan", "C5", "numbers", 61_000, note="one-time connection fees"),
        line("paid before the claim", "C2", "software", 135_555),
    )
