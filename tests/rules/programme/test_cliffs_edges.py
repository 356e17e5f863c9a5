"""The edges of cliffs: a jump of one minor unit, amounts beside rates, and rates of nothing, of all, and above."""

from fractions import Fraction
from typing import Any

import pytest

from rules.earning.ladder import Tier
from rules.programme.cliffs import Cliff, cliffs, notes_of
from tests.rules.accruals import plan_of

SAME_COST = "telephony: the graduated ladder that costs the same at each bound and above the last: "


def notes(tiers: dict[str, Any] | None, measure: object = None, **other: Any) -> list[str]:
    measured = measure or {"categories": ["telephony"]}
    ladder = {} if tiers is None else {"tiers": tiers}
    plan = plan_of(
        **{"plan": "tiered", "categories": ["telephony"], "by": "volume", "measure": measured} | ladder | other
    )
    return notes_of("telephony", plan, "RUB")


@pytest.mark.parametrize(("flat_minor", "found"), [(-2, True), (-1, False), (0, False), (1, False), (2, True)])
def test_a_jump_of_one_minor_unit_is_rounding_and_of_two_a_cliff(flat_minor: int, found: bool) -> None:
    ladder = [Tier(0, Fraction(0), 5), Tier(100, Fraction(0), 5 + flat_minor)]
    assert cliffs(ladder) == ([Cliff(100, 5, 5 + flat_minor)] if found else [])


def test_one_minor_unit_below_a_bound_is_one_minor_unit_below_it() -> None:
    assert cliffs([Tier(0, Fraction(1)), Tier(10, Fraction(1, 2))]) == [Cliff(10, 9, 5)]


def test_amounts_for_a_tier_count_where_something_else_is_measured() -> None:
    # 2 % of 100 000.00 more, and 1 500.00 instead of 500.00.
    tiers = {"0": {"rate": "8%", "flat": "500.00"}, "5000": {"rate": "10%", "flat": "1500.00"}}
    assert notes(tiers, "all")[1] == (
        "telephony: 0.01 more at 5 000.00 of what is measured pays 3 000.00 more on a base of 100 000.00"
    )
    kopeck = notes({"0": "8%", "5000": {"rate": "8%", "flat": "0.01"}}, "all")[0]
    assert kopeck == "telephony: 0.01 more at 5 000.00 of what is measured pays 0.01 more on a base of 100 000.00"


@pytest.mark.parametrize("rate", ["0", "8", "100"])
def test_a_ladder_of_one_rate_is_its_own_graduated_ladder(rate: str) -> None:
    assert notes({"0": f"{rate}%", "100": f"{rate}%"}) == [f"{SAME_COST}{rate} % from 0.00, {rate} % from 100.00"]


def test_a_graduated_rate_above_all_of_it_cannot_be_written() -> None:
    # 150.00 at 200.00, and nothing at 100.00.
    assert notes({"0": "0%", "100": "0%", "200": "75%"})[-1] == (
        f"{SAME_COST}0 % from 0.00, 150 % from 100.00, 75 % from 200.00; between bounds it pays more; "
        "a rate of 150 % cannot be written, so this one is to compare with only"
    )


def test_packages_that_pay_nothing_say_so() -> None:
    assert notes(None, by="package", size="100.00", pays="0") == [
        "telephony: 0.01 that starts another 100.00 pays 0.00 at once"
    ]


@pytest.mark.parametrize("lines", [{"products": ["TEL-PBX"]}, {"categories": "others"}])
def test_where_more_earns_than_is_measured_the_measure_is_not_the_base(lines: dict[str, Any]) -> None:
    assert "of what is measured" in notes({"0": "8%", "100": "10%"}, **lines)[0]
