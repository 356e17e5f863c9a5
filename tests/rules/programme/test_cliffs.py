"""Cliffs: what a programme manager is told of a ladder before it is signed, in money."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given

from models.period import Period
from rules.earning.ladder import Tier, slices
from rules.plan import ClientSums, Sums
from rules.plans.percentage import Percentage
from rules.plans.tiered import Tiered
from rules.programme.cliffs import Cliff, as_costly_graduated, cliffs, notes_of
from tests.rules.strategies import ladders

LADDER = {"0": "8%", "100000": "10%", "300000": "12%", "1000000": "15%"}
MONTH = Period(2026, 1)


def tiered(currency: str = "RUB", **other: Any) -> Tiered:
    agreed = {"plan": "tiered", "categories": ["telephony"], "by": "volume", "measure": {"categories": ["telephony"]}}
    return Tiered.model_validate(agreed | other, context={"currency": currency})


def notes(currency: str = "RUB", **other: Any) -> list[str]:
    return notes_of("telephony", tiered(currency, **({"tiers": LADDER} | other)), currency)


def percents(*tiers: tuple[int, int]) -> list[Tier]:
    """A ladder from (bound in roubles, percent)."""
    return [Tier(bound * 100, Fraction(percent, 100)) for bound, percent in tiers]


def test_one_kopeck_more_at_a_bound_pays_the_difference_of_the_rates_on_everything() -> None:
    assert notes() == [
        "telephony: 0.01 more at 100 000.00 pays 2 000.00 more (10 000.00 instead of 8 000.00)",
        "telephony: 0.01 more at 300 000.00 pays 6 000.00 more (36 000.00 instead of 30 000.00)",
        "telephony: 0.01 more at 1 000 000.00 pays 30 000.00 more (150 000.00 instead of 120 000.00)",
        "telephony: the graduated ladder that costs the same at each bound and above the last: 10 % from 0.00, "
        "13 % from 100 000.00, about 16.29 % from 300 000.00, 15 % from 1 000 000.00; between bounds it pays more; "
        "rates rounded to 0.01 %",
    ]


def test_what_is_said_of_a_cliff_is_what_the_plan_pays_on_both_sides_of_the_bound() -> None:
    plan = tiered(tiers=LADDER)
    for cliff in cliffs(plan.tiers or ()):
        for base_minor, said in [(cliff.bound_minor - 1, cliff.below_minor), (cliff.bound_minor, cliff.reached_minor)]:
            sums = Sums(MONTH, (ClientSums("C1", 1, base_minor),), measure=base_minor)
            assert round(plan.earn(sums).exact) == said


def test_the_unit_is_the_currency_s_own() -> None:
    ladder = {"tiers": {"0": "8%", "100000": "10%"}}
    assert notes("JPY", **ladder)[0] == "telephony: 1 more at 100 000 pays 2 000 more (10 000 instead of 8 000)"
    assert "0.001 more at 100 000.000 pays 2 000.000 more" in notes("KWD", **ladder)[0]


def test_a_ladder_that_pays_less_at_a_bound_is_said_so() -> None:
    first, same_cost = notes(tiers={"0": "10%", "100000": "5%"})
    assert "pays 5 000.00 LESS (5 000.00 instead of 10 000.00): a partner does better by staying below" in first
    assert "5 % from 0.00, 5 % from 100 000.00; between bounds it pays less" in same_cost


def test_flat_amounts_are_part_of_the_cliff() -> None:
    ladder = {"0": {"rate": "8%", "flat": "500.00"}, "100000": {"rate": "8%", "flat": "1000.00"}}
    assert notes(tiers=ladder) == [
        "telephony: the first 0.01 pays 500.00 at once",
        "telephony: 0.01 more at 100 000.00 pays 500.00 more (9 000.00 instead of 8 500.00)",
        # 8 500.00 by the rate and 500.00 of the flats, on 100 000.00
        "telephony: the graduated ladder that costs the same at each bound and above the last: 8.5 % from 0.00, "
        "8 % from 100 000.00 and 500.00 at once; between bounds it pays more",
    ]


def test_tiers_that_pay_the_same_on_both_sides_have_no_cliff() -> None:
    assert cliffs(percents((0, 8), (100, 8))) == []
    assert notes(tiers={"0": "8%"}) == []
    assert cliffs(percents((0, 8), (100, 9))) == [Cliff(10_000, 800, 900)]


def test_where_something_else_is_measured_the_cliff_is_said_on_a_base_of_100_000() -> None:
    first, *_, last = notes(measure="all")
    assert first.endswith("0.01 more at 100 000.00 of what is measured pays 2 000.00 more on a base of 100 000.00")
    assert "at each bound and above the last, where all that is measured earns: 10 % from 0.00" in last
    assert notes(tiers={"0": "10%", "5000": "8%"}, measure="all")[0].endswith(
        "0.01 more at 5 000.00 of what is measured pays 2 000.00 LESS on a base of 100 000.00"
    )


@pytest.mark.parametrize(
    "measure",
    [
        {"categories": ["telephony"], "window": "3 months"},
        {"categories": ["telephony"], "of": "billed"},
        {"categories": ["telephony"], "over": "consolidation_group"},
        {"categories": ["telephony", "numbers"]},
    ],
)
def test_a_longer_window_a_bill_or_a_group_is_not_the_base_itself(measure: dict[str, Any]) -> None:
    assert "of what is measured" in notes(measure=measure)[0]


def test_a_number_of_clients_has_cliffs_and_no_graduated_ladder() -> None:
    assert notes(tiers={"0": "8%", "5": "10%"}, measure={"of": "active_clients"}) == [
        "telephony: one client more at 5 pays 2 000.00 more on a base of 100 000.00",
        "telephony: no graduated ladder stands beside it: a number of clients cannot be cut into slices",
    ]


def test_a_started_package_and_a_flat_on_entering_a_slice_are_paid_at_once() -> None:
    package: dict[str, Any] = {"by": "package", "size": "100000", "pays": "7000", "tiers": None}
    assert notes(**package) == ["telephony: 0.01 that starts another 100 000.00 pays 7 000.00 at once"]
    assert "another 100 000.00 beyond the first 10.00 pays" in notes(**package, free="10")[0]
    slice_with_flat = {"0": "8%", "100": {"rate": "9%", "flat": "5.00"}}
    assert notes(by="graduated", tiers=slice_with_flat) == ["telephony: 0.01 above 100.00 pays 5.00 at once"]
    assert notes(by="graduated") == []


def test_the_ladder_that_costs_the_same_has_the_rates_at_which_one_total_climbs_to_the_next() -> None:
    # 0, 10 000, 36 000 at the bounds: 10 000 on 100 000, then 26 000 on 200 000, then 12 %.
    assert as_costly_graduated(percents((0, 8), (100_000, 10), (300_000, 12))) == tuple(
        percents((0, 10), (100_000, 13), (300_000, 12))
    )


def test_rates_that_no_file_can_say_are_shown_and_said_to_be_so() -> None:
    # 10.00 at 100.00 and 50.50 at 101.00: 40.50 on 1.00.
    steep = notes(tiers={"0": "0%", "100": "10%", "101": "50%"})[-1]
    assert "10 % from 0.00, 4050 % from 100.00, 50 % from 101.00" in steep
    assert steep.endswith("a rate of 4050 % cannot be written, so this one is to compare with only")
    falling = notes(tiers={"0": "0%", "100": "50%", "101": "0%"})[-1]
    assert "-5000 % from 100.00" in falling
    assert "between bounds it pays otherwise" in falling


@given(ladders)
def test_it_costs_the_same_at_every_bound_and_everywhere_above_the_last(ladder: list[Tier]) -> None:
    graduated = as_costly_graduated(ladder)
    above = [ladder[-1].starts_at_minor + 1, ladder[-1].starts_at_minor + 12_345]
    for reached, total in [*zip(ladder, (tier.starts_at_minor for tier in ladder), strict=True), (ladder[-1], above[0]),
                           (ladder[-1], above[1])]:  # fmt: skip
        climbed = sum((part.exact for part in slices(graduated, total, total)), Fraction(0))
        assert climbed == total * reached.rate


@given(ladders)
def test_between_the_bounds_it_pays_no_less_where_the_volume_ladder_rises(ladder: list[Tier]) -> None:
    rising = [Tier(tier.starts_at_minor, rate) for tier, rate in
              zip(ladder, sorted(tier.rate for tier in ladder), strict=True)]  # fmt: skip
    graduated = as_costly_graduated(rising)
    for start, end in pairwise(rising):
        total = (start.starts_at_minor + end.starts_at_minor) // 2
        climbed = sum((part.exact for part in slices(graduated, total, total)), Fraction(0))
        assert climbed >= total * start.rate


def test_a_plan_without_a_ladder_has_nothing_to_say() -> None:
    plan = Percentage.model_validate(
        {"plan": "percentage", "categories": ["software"], "rate": "50%"}, context={"currency": "RUB"}
    )
    assert notes_of("software", plan, "RUB") == []
