"""Ladders: which tier an amount reaches, and how a base is cut into slices."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.earning.ladder import Slice, Tier, problems, slices, tier_position
from tests.rules.strategies import RUB_100_MILLION, amounts, ladders

EIGHT_TEN_TWELVE = [Tier(0, Fraction(8, 100)), Tier(1_000_000, Fraction(10, 100)), Tier(3_000_000, Fraction(12, 100))]
bases = st.integers(0, RUB_100_MILLION)


def cut(base_minor: int, measure_minor: int) -> list[tuple[int, int]]:
    """The slices as (percent, base)."""
    return [
        (int(part.tier.rate * 100), part.base_minor) for part in slices(EIGHT_TEN_TWELVE, base_minor, measure_minor)
    ]


def earns(ladder: list[Tier], base_minor: int, measure_minor: int) -> Fraction:
    return sum((part.exact for part in slices(ladder, base_minor, measure_minor)), Fraction(0))


@pytest.mark.parametrize(
    ("measure_minor", "position"),
    [
        (-1, 0), (0, 0), (1, 0),
        (999_999, 0), (1_000_000, 1), (1_000_001, 1),  # 9 999.99, 10 000.00, 10 000.01
        (2_999_999, 1), (3_000_000, 2), (3_000_001, 2), (10**15, 2),
    ],
)  # fmt: skip
def test_a_bound_belongs_to_the_tier_it_starts(measure_minor: int, position: int) -> None:
    assert tier_position(EIGHT_TEN_TWELVE, measure_minor) == position


@pytest.mark.parametrize(
    ("base_minor", "expected"),
    [
        (999_999, [(8, 999_999)]),
        (1_000_000, [(8, 1_000_000)]),
        (1_000_001, [(8, 1_000_000), (10, 1)]),
        (3_000_000, [(8, 1_000_000), (10, 2_000_000)]),
        (3_000_001, [(8, 1_000_000), (10, 2_000_000), (12, 1)]),
    ],
)
def test_each_slice_of_a_base_lies_in_its_own_tier(base_minor: int, expected: list[tuple[int, int]]) -> None:
    assert cut(base_minor, base_minor) == expected


def test_a_slice_says_where_it_ends() -> None:
    assert slices(EIGHT_TEN_TWELVE, 3_500_000, 3_500_000) == (
        Slice(EIGHT_TEN_TWELVE[0], 1_000_000, 1_000_000),
        Slice(EIGHT_TEN_TWELVE[1], 3_000_000, 2_000_000),
        Slice(EIGHT_TEN_TWELVE[2], None, 500_000),
    )


def test_a_wider_measure_has_filled_the_lower_tiers_already() -> None:
    assert cut(1_000_000, 3_000_000) == [(10, 1_000_000)]
    assert cut(1_000_000, 1_500_000) == [(8, 500_000), (10, 500_000)]
    assert cut(500_000, 9_000_000) == [(12, 500_000)]


def test_what_refunds_elsewhere_push_below_zero_earns_at_the_first_rate() -> None:
    # A base of 10 000.00 on a bill of 4 000.00: the first 6 000.00 lie below zero.
    assert cut(1_000_000, 400_000) == [(8, 1_000_000)]
    assert cut(1_000_000, -5) == [(8, 1_000_000)]
    assert cut(2_000_000, 1_500_000) == [(8, 1_500_000), (10, 500_000)]


@pytest.mark.parametrize("measure_minor", [-1, 0, 2_000_000, 9_000_000])
def test_a_negative_base_owes_at_the_first_rate_whatever_the_measure(measure_minor: int) -> None:
    assert cut(-700_000, measure_minor) == [(8, -700_000)]


def test_no_base_is_one_empty_slice() -> None:
    assert cut(0, 5_000_000) == [(8, 0)]


def test_a_ladder_of_one_tier_has_no_end() -> None:
    flat = [Tier(0, Fraction(1, 2))]
    assert slices(flat, -10, 0) == (Slice(flat[0], None, -10),)
    assert slices(flat, 10, 10) == (Slice(flat[0], None, 10),)


@given(ladders, amounts, amounts)
def test_the_slices_add_up_to_the_base(ladder: list[Tier], base_minor: int, measure_minor: int) -> None:
    assert sum(part.base_minor for part in slices(ladder, base_minor, measure_minor)) == base_minor


@given(ladders, bases, amounts)
def test_no_slice_is_larger_than_its_tier(ladder: list[Tier], base_minor: int, measure_minor: int) -> None:
    for part in slices(ladder, base_minor, measure_minor):
        if part.ends_at_minor is not None and part.tier.starts_at_minor > 0:
            assert part.base_minor <= part.ends_at_minor - part.tier.starts_at_minor


@given(ladders, bases, bases)
def test_a_graduated_commission_never_falls_when_the_base_grows(ladder: list[Tier], base: int, more: int) -> None:
    assert earns(ladder, base + more, base + more) >= earns(ladder, base, base)


@given(ladders, bases, bases)
def test_two_parts_of_a_bill_earn_together_what_the_whole_earns(ladder: list[Tier], first: int, then: int) -> None:
    whole = first + then
    assert earns(ladder, first, first) + earns(ladder, then, whole) == earns(ladder, whole, whole)


@given(ladders, st.integers(-10, RUB_100_MILLION))
def test_the_tier_changes_only_at_a_bound(ladder: list[Tier], measure_minor: int) -> None:
    before, now = tier_position(ladder, measure_minor - 1), tier_position(ladder, measure_minor)
    is_bound = measure_minor in [tier.starts_at_minor for tier in ladder[1:]]
    assert now - before == (1 if is_bound else 0)


@given(ladders)
def test_a_ladder_that_starts_at_nothing_and_rises_has_no_problem(ladder: list[Tier]) -> None:
    assert problems(ladder, "RUB") == []


def test_a_ladder_must_start_at_nothing_and_rise() -> None:
    def of(*bounds: int) -> list[str]:
        return problems([Tier(bound, Fraction(1, 10)) for bound in bounds], "RUB")

    assert of() == of(1) == of(1, 2) == of(-1, 0) == ["the first tier must start at 0"]
    assert of(0, 5, 5) == ["tiers must rise: 0.05 follows 0.05"]
    assert of(0, 5, 4, 6, 1) == [
        "tiers must rise: 0.04 follows 0.05",
        "tiers must rise: 0.01 follows 0.06",
    ]
