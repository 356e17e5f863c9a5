"""Tiered: the rate of the tier that is reached, by volume on everything or graduated on each slice."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rules.earning.ladder import Tier
from rules.earning.measure import Measure
from rules.money import half_away
from rules.plan import Cut, Earned, Reached, Select
from rules.plans.tiered import Tiered
from rules.programme.written import percent_text
from tests.made.oracle import TIERS, TierVector, minor
from tests.made.sums import sums

LADDER = {"0": "8%", "100000": "10%", "300000": "12%", "1000000": "15%"}


def tiered(by: str = "volume", **other: Any) -> Tiered:
    agreed = {"plan": "tiered", "categories": ["telephony"], "by": by, "measure": {"categories": ["telephony"]}}
    return Tiered.model_validate(agreed | {"tiers": LADDER} | other, context={"currency": "RUB"})


def earn(by: str, base_minor: int, measure_minor: int | None = None, **other: Any) -> Earned:
    return tiered(by, **other).earn(sums(base_minor, measure_minor))


def commission(by: str, base_minor: int, measure_minor: int | None = None, **other: Any) -> int:
    return half_away(earn(by, base_minor, measure_minor, **other).exact)


@pytest.mark.parametrize("case", TIERS, ids=lambda case: case.base)
def test_the_worked_example_earns_to_the_kopeck_in_both_modes(case: TierVector) -> None:
    assert commission("volume", minor(case.base)) == minor(case.volume)
    assert commission("graduated", minor(case.base)) == minor(case.graduated)


@pytest.mark.parametrize("case", TIERS, ids=lambda case: case.base)
@pytest.mark.parametrize("by", ["volume", "graduated"])
def test_the_tier_reached_and_the_next_one_are_those_of_the_worked_example(case: TierVector, by: str) -> None:
    reached = earn(by, minor(case.base)).reached
    assert reached is not None
    assert (reached.position, percent_text(reached.tier.rate)) == (case.position, case.rate)
    assert reached.tier.starts_at_minor == minor(case.starts_at)
    if not case.next_rate:
        assert reached.next_tier is None
        return
    assert reached.next_tier is not None
    assert percent_text(reached.next_tier.rate) == case.next_rate
    assert reached.next_tier.starts_at_minor - minor(case.base) == minor(case.distance)


def test_one_kopeck_more_lifts_everything_by_volume_and_only_itself_when_graduated() -> None:
    assert [commission("volume", base) for base in (99_999_999, 100_000_000, 100_000_001)] == [
        12_000_000, 15_000_000, 15_000_000,
    ]  # fmt: skip
    assert [commission("graduated", base) for base in (99_999_999, 100_000_000, 100_000_010)] == [
        11_200_000, 11_200_000, 11_200_002,
    ]  # fmt: skip


def test_what_the_next_tier_would_have_added_is_said_by_volume_and_is_nothing_when_graduated() -> None:
    three_percent_of_the_base = Fraction(3 * 99_999_999, 100)
    assert earn("volume", 99_999_999).reached == Reached(
        3, Tier(30_000_000, Fraction(12, 100)), Tier(100_000_000, Fraction(15, 100)), three_percent_of_the_base
    )
    for nothing_to_gain in (earn("graduated", 99_999_999), earn("volume", 100_000_000), earn("volume", -5)):
        assert nothing_to_gain.reached is not None
        assert nothing_to_gain.reached.gain == 0


def test_a_wider_measure_picks_the_tier_and_the_base_alone_earns() -> None:
    # 50 000.00 of telephony on a bill of 300 000.00.
    assert commission("volume", 5_000_000, 30_000_000) == 600_000
    assert commission("graduated", 5_000_000, 30_000_000) == 500_000
    assert commission("graduated", 5_000_000, 32_000_000) == 540_000


@pytest.mark.parametrize("measure_minor", [-1_000_000, 0, 50_000_000])
@pytest.mark.parametrize("by", ["volume", "graduated"])
def test_a_negative_base_owes_at_the_first_rate_however_large_the_bill(by: str, measure_minor: int) -> None:
    assert commission(by, -1_000_000, measure_minor) == -80_000


def test_by_volume_there_is_one_rate_and_graduated_each_slice_has_its_own() -> None:
    assert earn("volume", 30_000_000).rate == Fraction(12, 100)
    assert earn("volume", -1).rate == Fraction(8, 100)
    assert earn("graduated", 30_000_000).rate is None
    assert earn("graduated", 1).rate is None


def test_a_graduated_working_shows_the_bounds_of_each_slice() -> None:
    working = earn("graduated", 17_333_337).working
    assert [(step.from_minor, step.to_minor, step.base_minor, percent_text(step.rate)) for step in working] == [
        (0, 10_000_000, 10_000_000, "8"),
        (10_000_000, 30_000_000, 7_333_337, "10"),
    ]


def test_it_asks_for_what_earns_and_for_what_picks_the_tier() -> None:
    plan = tiered(categories=["telephony", "numbers"], measure={"categories": ["software"], "window": "month"})
    earns = Select(categories=("telephony", "numbers"))
    assert plan.cut() == Cut(lines=earns, measure=Measure(categories=("software",)))
    whole = Cut(lines=Select(categories=("telephony",)), measure=Measure())
    assert tiered(measure="all").cut() == tiered(measure={"categories": "all"}).cut() == whole
    assert (tiered("volume").tiers_apply(), tiered("graduated").tiers_apply()) == ("volume", "graduated")


def test_the_clause_names_every_tier_and_what_is_measured() -> None:
    assert tiered("graduated", tiers={"0": "8%", "100000": "7.5%"}).words("RUB") == (
        "telephony, graduated: 8 % from 0.00, 7.5 % from 100 000.00; "
        "measured by what was paid for telephony in the month"
    )
    assert (
        tiered(measure="all", tiers={"0": "8%"})
        .words("RUB")
        .endswith("; measured by what was paid for all categories in the month")
    )


def test_bounds_are_written_in_the_major_units_of_the_currency() -> None:
    def bound(text: str, currency: str) -> int:
        plan = tiered().model_dump(include={"plan", "categories", "by"}) | {"measure": "all"}
        fields = plan | {"tiers": {"0": "8%", text: "9%"}}
        ladder = Tiered.model_validate(fields, context={"currency": currency}).tiers
        assert ladder is not None
        return ladder[1].starts_at_minor

    assert (bound("300.00", "RUB"), bound("300", "JPY"), bound("300.005", "KWD")) == (30_000, 300, 300_005)


@pytest.mark.parametrize(
    ("tiers", "words"),
    [
        ({"0": "8%", "300000": "9%", "100000": "10%"}, "tiers must rise: 100 000.00 follows 300 000.00"),
        ({"0": "8%", "5": "9%", "5.00": "10%"}, "tiers must rise: 5.00 follows 5.00"),
        ({"1": "8%"}, "the first tier must start at 0"),
        ({}, "write tiers as lower bound: rate"),
        (["8%"], "write tiers as lower bound: rate"),
        ({"0": "8"}, "'8' is not a rate"),
        ({"0": "8%", "-5": "9%"}, "'-5' is negative"),
        ({"0": "8%", "0.001": "9%"}, "'0.001' is not an amount in RUB"),
        ({"0": "8%", "1e5": "9%"}, "'1e5' is not an amount"),
    ],
)
def test_a_ladder_that_could_be_read_two_ways_is_refused(tiers: object, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        tiered(tiers=tiers)


def test_a_measure_of_no_categories_would_never_leave_the_first_tier_and_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        tiered(measure={"categories": []})


@given(st.integers(0, 200_000_000))
def test_more_volume_never_earns_less_where_the_rates_rise(base_minor: int) -> None:
    for by in ("volume", "graduated"):
        assert earn(by, base_minor + 1).exact >= earn(by, base_minor).exact


@given(st.integers(1, 200_000_000))
def test_by_volume_the_commission_jumps_at_the_bounds_and_nowhere_else(base_minor: int) -> None:
    step = earn("volume", base_minor).exact - earn("volume", base_minor - 1).exact
    is_bound = base_minor in (10_000_000, 30_000_000, 100_000_000)
    assert (step > Fraction(15, 100)) == is_bound


@pytest.mark.parametrize(("bound", "jump"), [(10_000_000, 200_000), (30_000_000, 600_000), (100_000_000, 3_000_000)])
def test_the_jump_at_a_bound_is_the_difference_of_the_rates_on_everything(bound: int, jump: int) -> None:
    # One kopeck more at 1 000 000.00 pays 30 000.00 more.
    assert commission("volume", bound) - commission("volume", bound - 1) == jump
    assert commission("graduated", bound) - commission("graduated", bound - 1) == 0


@given(st.integers(0, 200_000_000))
def test_graduated_never_pays_more_than_volume_where_the_rates_rise(base_minor: int) -> None:
    assert earn("graduated", base_minor).exact <= earn("volume", base_minor).exact
