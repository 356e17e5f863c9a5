"""Example statements with every way of earning, to look at and to test with. Every total in them adds up."""

from models.older_terms import OlderTerms
from models.phrase import Phrase, PhraseValue, name
from models.statement import Level, NextTier, Payment, RuleAccrual, Statement, TierReached
from tests.templates.beside_the_payout import balances, kept_apart
from tests.templates.examples import january, left_out, software, statement, telephony
from tests.templates.pieces import amount, client, earned, flat, payment, share, step

SILVER = Level(
    ladder="partnership",
    name="Silver",
    starts_at=50_000_000,
    measure=61_200_000,
    counts=False,
    reached_in="2025-12",
    kept_by_grace=False,
    next_name="Gold",
    next_starts_at=100_000_000,
)


def every_way(locale: str = "en") -> Statement:
    """A month in which everything that can be earned was: 120 700.93 to the partner, the rest kept apart."""
    made = statement(
        locale,
        (*on_lines(), *on_other_things(), *kept_apart()),
        payments=(*january(), *other_payments()),
        not_included=left_out()[:2],
    )
    return made.model_copy(update={"segments": ("amoCRM", "Bitrix24"), "level": SILVER, "apart": balances()})


def on_lines() -> tuple[RuleAccrual, ...]:
    """Each rule that earns on what clients paid."""
    return (
        software(),
        of_older_clients(),
        telephony_of_the_group(),
        by_new_clients(),
        earned(
            "loyal",
            "retention",
            "20 % in year 1, 30 % in year 2",
            500_000,
            (
                step(1_000_000, "20", "2000.000000", Phrase.of("year {n}", n=1)),
                step(1_000_000, "30", "3000.000000", Phrase.of("year {n}", n=2)),
                step(300_000, "0", "0.000000", Phrase.of("year {n}: no rate", n=4)),
            ),
            clients=(
                client("C1", 1, 1_000_000, "2000.000000", 200_000),
                client("C2", 2, 1_300_000, "3000.000000", 300_000),
            ),
        ),
        earned(
            "first",
            "first_sale",
            "500.00 for each client's first paid order of software",
            150_000,
            (amount(50_000, Phrase.of("first sales"), 3),),
            clients=tuple(client(one, 1, 1_000_000, "500.000000", 50_000) for one in ("C1", "C2", "C3")),
        ),
        earned(
            "consulting",
            "servicing",
            "10 % of telephony paid by the clients the partner serves",
            200_000,
            (step(2_000_000, "10", "2000.000000"),),
            rate="10",
            clients=(
                client("K7", 1, 2_000_000, "2000.000000", 200_000, name="Wind & Co").model_copy(
                    update={"claim_id": "assignment-3", "claimed_on": "2026-01-05"}
                ),
            ),
        ).model_copy(update={"bond": "assignment"}),
        earned(
            "staff",
            "employee_bonus",
            "software: 2 % for seller, 1 % for engineer, paid through the partner",
            10_000,
            (
                step(500_000, "2", "100.000000", name("seller")),
                step(500_000, "0", "0.000000", Phrase.of("nobody is named {role}", role="engineer")),
            ),
            by="person",
            lines=1,
            base=500_000,
            shares=(share("E-11", 5_000, "Ирина Белова"), share("E-12", 5_000, "Łukasz Żak")),
        ),
        earned(
            "codes",
            "promo_code",
            "minus 80 % of the discounts that promo codes give on software",
            -16_000,
            (step(20_000, "-80", "-160.000000", Phrase.of("discounts borne by the partner")),),
            clients=(client("C2", 1, 20_000, "-160.000000", -16_000),),
        ),
        earned(
            "boxes",
            "tiered",
            "hardware, by package: 7 000.00 for each started 100 000.00",
            2_100_000,
            (amount(700_000, Phrase.of("started packages"), 3),),
            tiers="package",
            clients=(client("C3", 1, 30_000_000, "21000.000000", 2_100_000),),
        ),
    )


def on_other_things() -> tuple[RuleAccrual, ...]:
    """Fees, bonuses and limits, and what events and other partners bring or take."""
    return (
        earned(
            "leads",
            "pay_per_action",
            "for each registration: 250.00 from 0, 275.00 from 3",
            57_500,
            (
                amount(27_500, Phrase.of("{event}, tier {n}", event="registration", n=2), 3),
                amount(-25_000, Phrase.of("cancelled")),
            ),
            by="event",
            shares=(share("E-1", 27_500), share("E-2", 27_500), share("E-3", 27_500), share("E-0", -25_000)),
        ),
        earned(
            "installs",
            "pay_per_install",
            "for each install: 500.00 of SW-CRM, 300.00 of SW-SPEECH",
            180_000,
            (
                amount(50_000, Phrase.of("{event} of {product}", event="install", product="SW-CRM"), 3),
                amount(0, Phrase.of("{event} of {product}: no amount is agreed", event="install", product="SW-OLD")),
                amount(30_000, Phrase.of("{event} of {product}", event="install", product="SW-SPEECH")),
            ),
            by="event",
            shares=(
                share("I-1", 50_000),
                share("I-2", 50_000),
                share("I-3", 50_000),
                share("I-4", 30_000),
                share("I-5", 0),
            ),
        ),
        earned(
            "goals",
            "milestone",
            "5 000.00 for reaching 100 000.00, each once; 2 000.00 by 2026-03",
            700_000,
            (
                amount(500_000, Phrase.of("reached: {goal}", goal=PhraseValue(kind="amount", text="100000.00"))),
                amount(200_000, Phrase.of("reached: {goal}", goal=PhraseValue(kind="month", text="2026-03"))),
            ),
            by="goal",
            shares=(
                share("100000.00", 500_000, goal=PhraseValue(kind="amount", text="100000.00")),
                share("2026-03", 200_000, goal=PhraseValue(kind="month", text="2026-03")),
            ),
        ),
        earned(
            "fee",
            "base_fee",
            "a fee of 10 000.00 a month, by days in a part of a month",
            483_871,
            (step(1_000_000, "15/31", "4838.709677", Phrase.of("{days} of {all} days", days=15, all=31)),),
            exact="4838.709677",
        ),
        earned(
            "minimum",
            "guarantee",
            "at least 5 000.00 a month from leads",
            442_500,
            (amount(500_000, Phrase.of("minimum")), amount(-57_500, Phrase.of("earned this month"))),
        ),
        earned(
            "ceiling",
            "cap",
            "at most 1 000.00 a month for each client from loyal",
            -300_000,
            (
                amount(-200_000, Phrase.of("{who}: earned this month", who="C1")),
                amount(100_000, Phrase.of("{who}: at most", who="C1")),
                amount(-300_000, Phrase.of("{who}: earned this month", who="C2")),
                amount(100_000, Phrase.of("{who}: at most", who="C2")),
            ),
            clients=(client("C1", 0, 0, "-1000.000000", -100_000), client("C2", 0, 0, "-2000.000000", -200_000)),
        ),
        earned(
            "network",
            "override",
            "on juniors’ commission: 5 % at level 1, 2 % at level 2",
            220_000,
            (
                step(4_000_000, "5", "2000.000000", Phrase.of("level {n}: {partner}", n=1, partner="P-7")),
                step(1_000_000, "2", "200.000000", Phrase.of("level {n}: {partner}", n=2, partner="P-9")),
            ),
            by="partner",
            shares=(share("P-7", 200_000), share("P-9", 20_000)),
        ),
        earned(
            "training",
            "training_share",
            "the partner owes 20 % of what it earned on each training",
            -600_000,
            (step(-3_000_000, "20", "-6000.000000", Phrase.of("{event} {id}", event="training", id="T-1")),),
            by="event",
            shares=(share("T-1", -600_000),),
        ),
    )


def of_older_clients() -> RuleAccrual:
    """What clients claimed under the terms of 2025 bring: 60 % of 1 000.00."""
    paid = (client("C5", 1, 100_000, "600.000000", 60_000),)
    older = (OlderTerms(kind="of_month", value="2025-06"),)
    rule = flat("software@2025-06", "60", paid, "600.000000", 60_000)
    return rule.model_copy(update={"name": "software", "terms": older})


def telephony_of_the_group() -> RuleAccrual:
    """Telephony, whose tier is picked by what the whole group paid in twelve months."""
    accrual = telephony()
    assert accrual.tier is not None
    return accrual.model_copy(
        update={"tier": accrual.tier.model_copy(update={"window_months": 12, "over": "consolidation_group"})}
    )


def by_new_clients() -> RuleAccrual:
    """A tier picked by a number of clients, with an amount for entering it: 10 % of 1 000.00 and 500.00."""
    return earned(
        "won",
        "tiered",
        "numbers, by volume: 8 % from 0 clients, 10 % and 500.00 from 20 clients, 12 % from 41 clients",
        60_000,
        (step(100_000, "10", "100.000000"), amount(50_000, Phrase.of("for entering tier {n}", n=2))),
        tiers="volume",
        clients=(client("C4", 1, 100_000, "600.000000", 60_000),),
    ).model_copy(
        update={
            "tier": TierReached(
                position=2,
                starts_at_minor=20,
                rate="10",
                measure_minor=30,
                measure_of=("all",),
                measured="new_clients",
                window_months=None,
                over="partner",
                next=NextTier(starts_at_minor=41, rate="12", distance_minor=11, gain_minor=2_000),
            )
        }
    )


def other_payments() -> tuple[Payment, ...]:
    """The lines behind the rules that take lines of their own."""
    return (
        payment("L20", "C5", "software@2025-06", 122_000, 100_000),
        payment("L21", "C4", "won", 122_000, 100_000),
        payment("L22", "C1", "loyal", 1_220_000, 1_000_000),
        payment("L23", "C2", "loyal", 1_220_000, 1_000_000),
        payment("L24", "C2", "loyal", 366_000, 300_000),
        payment("L25", "K7", "consulting", 2_440_000, 2_000_000),
        payment("L26", "C3", "boxes", 36_600_000, 30_000_000),
        payment("L27", "C5", "resale", 85_400, 70_000),
        payment("L28", "C3", "courtesy", 1_525_000, 1_250_000),
    )
