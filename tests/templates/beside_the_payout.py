"""Example rules and balances that are no part of a payout: fund, credit, people, margin."""

from models.phrase import Phrase, PhraseValue, name
from models.statement import BalanceBesidePayout, FundActivity, RuleAccrual
from tests.templates.pieces import amount, client, earned, share, step


def kept_apart() -> tuple[RuleAccrual, ...]:
    """Each rule whose earnings are no part of the payout."""
    return (
        earned(
            "fund",
            "marketing_fund",
            "2 % of telephony into the marketing fund, for agreed activities",
            600_000,
            (step(30_000_000, "2", "6000.000000"),),
            to="fund",
            rate="2",
            clients=(client("C1", 1, 30_000_000, "6000.000000", 600_000),),
        ),
        earned(
            "coffee",
            "gift",
            "Espresso machine, worth 300.00, once for reaching 100 000.00",
            30_000,
            (amount(30_000, name("Espresso machine")),),
            to="credit",
            by="goal",
            shares=(share("Espresso machine", 30_000, goal=PhraseValue(kind="name", text="Espresso machine")),),
        ),
        earned(
            "points",
            "store_credit",
            "3 % of software as store credit, never paid out",
            150_000,
            (step(5_000_000, "3", "1500.000000"),),
            to="credit",
            rate="3",
            clients=(client("C1", 1, 5_000_000, "1500.000000", 150_000),),
        ),
        earned(
            "bonus",
            "employee_bonus",
            "software: 2 % for seller, paid to the person",
            100_000,
            (step(5_000_000, "2", "1000.000000", name("seller")),),
            to="person",
            by="person",
            lines=1,
            base=5_000_000,
            shares=(share("E-11", 100_000, "Ирина Белова"),),
        ),
        earned(
            "resale",
            "reseller",
            "software at 30 % discount: the reseller pays the vendor, bills its clients",
            30_000,
            (
                step(
                    70_000,
                    "3/7",
                    "300.000000",
                    Phrase.of("margin at {rate} % discount", rate=PhraseValue(kind="rate", text="30")),
                ),
            ),
            to="kept",
            rate="",
            clients=(client("C5", 1, 70_000, "300.000000", 30_000),),
        ),
        earned(
            "courtesy",
            "no_payout",
            "numbers: counted and shown, nothing is paid",
            0,
            (step(1_250_000, "0", "0.000000"),),
            to="nobody",
            rate="0",
            clients=(client("C3", 1, 1_250_000, "0.000000", 0),),
        ),
    )


def balances() -> tuple[BalanceBesidePayout, ...]:
    """What the fund, the credit and the people stand at."""
    spent = (
        FundActivity(
            entry_id="S-1",
            spent_on="2026-01-15",
            activity="Вебинар «Телефония»",
            claims=("claim-C1", "claim-C5"),
            amount_minor=400_000,
        ),
        FundActivity(
            entry_id="S-2", spent_on="2026-01-22", activity="Stand at a fair", claims=(), amount_minor=150_000
        ),
    )
    return (
        BalanceBesidePayout(
            of="fund",
            opening_minor=1_234_500,
            earned_minor=600_000,
            spent_minor=550_000,
            closing_minor=1_284_500,
            spent=spent,
        ),
        BalanceBesidePayout(
            of="credit", opening_minor=0, earned_minor=180_000, spent_minor=0, closing_minor=180_000, spent=()
        ),
        BalanceBesidePayout(
            of="person", opening_minor=73_300, earned_minor=100_000, spent_minor=0, closing_minor=173_300, spent=()
        ),
    )
