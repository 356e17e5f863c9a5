"""The edges of tiers: amounts for entering a tier, one kopeck, no base at all, packages, and how tiers are written."""

from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from models.phrase import Phrase
from rules.plan import Plan, Working
from tests.made.sums import sums
from tests.rules.accruals import plan_of

WITH_FLATS = {"0": "8%", "1000.00": {"rate": "10%", "flat": "50.00"}, "3000.00": {"rate": "12%", "flat": "200.00"}}


def tiered(by: str = "volume", tiers: object = WITH_FLATS, measure: object = "all", **more: Any) -> Plan:
    ladder = {} if tiers is None else {"tiers": tiers}
    return plan_of(plan="tiered", categories=["telephony"], by=by, measure=measure, **ladder, **more)


def refused(tiers: object, measure: object = "all") -> str:
    with pytest.raises(ValidationError) as problem:
        tiered(tiers=tiers, measure=measure)
    (fault,) = problem.value.errors()
    return fault["msg"].removeprefix("Value error, ")


# By volume

ENTERED = Working(5_000, phrase=Phrase.of("for entering tier {n}", n=2))


@pytest.mark.parametrize(
    ("base_minor", "measure", "working", "gain"),
    [
        # 2 000.00 at 10 % and 50.00; the third tier would add 2 % of it, and 200.00 instead of 50.00.
        (200_000, 200_000, (Working(200_000, Fraction(10, 100)), ENTERED), Fraction(4_000 + 15_000)),
        (1, 200_000, (Working(1, Fraction(10, 100)), ENTERED), Fraction(2, 100) + 15_000),
        (0, 200_000, (Working(0, Fraction(10, 100)),), Fraction(0)),
        (-1, 200_000, (Working(-1, Fraction(8, 100)),), Fraction(0)),
        (99_999, 99_999, (Working(99_999, Fraction(8, 100)),), Fraction(99_999 * 2, 100) + 5_000),
    ],
)
def test_by_volume_the_tier_reached_pays_its_rate_and_its_amount_where_anything_earns(
    base_minor: int, measure: int, working: tuple[Working, ...], gain: Fraction
) -> None:
    earned = tiered().earn(sums(base_minor, measure))
    assert earned.working == working
    assert earned.reached is not None
    assert earned.reached.gain == gain


# Graduated


@pytest.mark.parametrize(
    ("base_minor", "measure", "entered"),
    [
        (100_000, 100_000, []),
        (100_001, 100_001, [2]),
        (1, 100_001, [2]),  # the kopeck that enters the tier
        (1, 100_002, []),  # it was entered before
        (300_001, 300_001, [2, 3]),
        (200_001, 300_001, [2, 3]),
        (200_000, 300_001, [3]),
        (0, 300_001, []),
        (-200_001, 300_001, []),
    ],
)
def test_graduated_an_amount_is_earned_by_what_enters_its_tier(
    base_minor: int, measure: int, entered: list[int]
) -> None:
    working = tiered("graduated").earn(sums(base_minor, measure)).working
    assert [step for step in working if step.words] == [
        Working({2: 5_000, 3: 20_000}[position], phrase=Phrase.of("for entering tier {n}", n=position))
        for position in entered
    ]


# By package


def test_packages_say_how_many_were_started_and_what_each_pays() -> None:
    package = tiered("package", None, size="1000.00", pays="70.00", free="500.00")
    assert package.earn(sums(150_001)).working == (Working(7_000, count=2, phrase=Phrase.of("started packages")),)
    assert package.words("RUB") == (
        "telephony, by package: 70.00 for each started 1 000.00 after the first 500.00, "
        "measured by what was paid for all categories in the month"
    )


def test_no_package_is_no_step() -> None:
    package = tiered("package", None, size="1000.00", pays="70.00", free="500.00")
    assert package.earn(sums(50_000)).working == ()
    assert package.earn(sums(50_001)).working == (Working(7_000, count=1, phrase=Phrase.of("started packages")),)


def test_packages_that_pay_nothing_earn_nothing() -> None:
    package = tiered("package", None, size="1000.00", pays="0")
    assert package.words("RUB") == (
        "telephony, by package: 0.00 for each started 1 000.00, measured by what was paid for all categories in the month"
    )
    earned = package.earn(sums(250_000))
    assert earned.working == (Working(0, count=3, phrase=Phrase.of("started packages")),)
    assert earned.exact == 0
    assert earned.shares == {"C1": 0}


# What is said of tiers, and how they are written


def test_the_words_of_a_ladder_say_its_bounds_in_money_or_in_clients_and_its_amounts() -> None:
    assert (
        tiered()
        .words("RUB")
        .startswith(
            "telephony, by volume: 8 % from 0.00, 10 % and 50.00 from 1 000.00, 12 % and 200.00 from 3 000.00; measured by "
        )
    )
    by_clients = tiered(tiers={"0": "8%", "10": "9%"}, measure={"of": "active_clients"})
    assert by_clients.words("RUB").startswith("telephony, by volume: 8 % from 0 clients, 9 % from 10 clients; ")


def test_a_tier_may_have_a_rate_or_an_amount_alone() -> None:
    earned = tiered(tiers={"0": {"flat": "5.00"}, "1000.00": {"rate": "10%"}})
    assert earned.earn(sums(50_000)).working == (
        Working(50_000, Fraction(0)),
        Working(500, phrase=Phrase.of("for entering tier {n}", n=1)),
    )
    assert earned.earn(sums(100_000)).working == (Working(100_000, Fraction(10, 100)),)


def test_tiers_that_cannot_be_read_are_refused_with_what_is_wrong() -> None:
    assert refused({}) == "write tiers as lower bound: rate, for example {0: 8%, 100000: 10%}"
    assert (
        refused({"0": {"rate": "8%", "price": "1", "fee": "2"}})
        == "a tier has a rate and a flat amount, not fee, price"
    )
    assert refused({"1": "8%", "3": "9%", "2": "10%"}) == (
        "the first tier must start at 0; tiers must rise: 2.00 follows 3.00"
    )
    assert refused({"0": "8%", "3": "9%", "2": "10%"}, {"of": "active_clients"}) == "tiers must rise: 2 follows 3"
