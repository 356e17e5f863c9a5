"""Rounding once, half away from zero, and sharing a total out without losing a minor unit."""

import random
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.money import allocate, half_away
from tests.made.oracle import ROUNDING, TOTALS, Total, minor
from tests.rules.strategies import exact_parts

exact_amounts = st.fractions(-(10**12), 10**12, max_denominator=10**6)


@pytest.mark.parametrize(("exact", "rounded", "_to_even"), ROUNDING)
def test_half_a_kopeck_is_rounded_away_from_zero(exact: str, rounded: str, _to_even: str) -> None:
    assert half_away(Fraction(exact) * 100) == minor(rounded)


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [("2.4999", 2), ("2.5", 3), ("2.5001", 3), ("-2.4999", -2), ("-2.5", -3), ("-2.5001", -3), ("0", 0), ("7", 7)],
)
def test_both_sides_of_a_half(exact: str, rounded: int) -> None:
    assert half_away(Fraction(exact)) == rounded


@pytest.mark.parametrize(  # a percentage of a sale in cents, as another programme's own tests have it
    ("sale", "percent", "cents"),
    [(7, 20, 1), (2, 20, 0), (3, 20, 1), (15, 10, 2), (1900, 10, 190), (1000, 0, 0), (500, "2.9", 15)],
)
def test_a_share_of_a_small_sale_is_what_others_pay_too(sale: int, percent: int | str, cents: int) -> None:
    assert half_away(sale * Fraction(percent) / 100) == cents


@given(exact_amounts)
def test_a_reversal_is_the_exact_negative(exact: Fraction) -> None:
    assert half_away(-exact) == -half_away(exact)


@given(exact_amounts)
def test_rounding_never_moves_an_amount_by_more_than_half_a_minor_unit(exact: Fraction) -> None:
    assert abs(half_away(exact) - exact) <= Fraction(1, 2)


def shares(total_minor: int, **exact: str) -> dict[str, tuple[int, int]]:
    parts = {client: Fraction(amount) for client, amount in exact.items()}
    return {client: (share.minor, share.rounding) for client, share in allocate(total_minor, parts).items()}


@pytest.mark.parametrize("total", TOTALS, ids=lambda total: f"{total.period} {total.rule} {total.by}")
def test_the_client_lines_of_the_worked_example_add_up_to_their_total(total: Total) -> None:
    exact = {line.client: Fraction(line.exact) * 100 for line in total.lines}
    given_out = allocate(minor(total.commission), exact)
    assert {client: share.minor for client, share in given_out.items()} == {
        line.client: minor(line.commission) for line in total.lines
    }


def test_the_missing_kopecks_go_to_the_largest_remainders() -> None:
    assert shares(10, A="3.2", B="3.7", C="3.1") == {"A": (3, 0), "B": (4, 1), "C": (3, 0)}
    assert shares(3, A="0.5", B="0.9", C="0.9") == {"A": (1, 1), "B": (1, 1), "C": (1, 1)}


def test_between_equal_remainders_the_larger_exact_amount_is_rounded_up() -> None:
    assert shares(5, A="1.5", B="3.5") == {"A": (1, 0), "B": (4, 1)}


def test_between_equal_amounts_the_first_client_id_is_rounded_up() -> None:
    assert shares(3, C10="1.5", C9="1.5") == {"C10": (2, 1), "C9": (1, 0)}


def test_a_negative_total_is_shared_out_as_its_positive_mirror() -> None:
    assert shares(-5, A="-1.5", B="-3.5") == {"A": (-1, 0), "B": (-4, -1)}


def test_a_total_that_rounds_to_nothing_leaves_nothing_to_share_out() -> None:
    assert shares(0, A="0.2", B="0.2") == {"A": (0, 0), "B": (0, 0)}
    assert shares(0, A="-0.2", B="-0.2") == {"A": (0, 0), "B": (0, 0)}
    assert allocate(0, {}) == {}


def test_charges_and_refunds_that_cancel_out_leave_shares_that_cancel_out() -> None:
    assert shares(0, A="0.5", B="-0.5") == {"A": (1, 1), "B": (-1, 0)}


@given(exact_parts)
def test_the_shares_always_add_up_to_the_total(exact: dict[str, Fraction]) -> None:
    total = half_away(sum(exact.values(), Fraction(0)))
    assert sum(share.minor for share in allocate(total, exact).values()) == total


@given(exact_parts)
def test_no_client_is_a_whole_minor_unit_away_from_their_exact_share(exact: dict[str, Fraction]) -> None:
    for client, share in allocate(half_away(sum(exact.values(), Fraction(0))), exact).items():
        assert share.exact == exact[client]
        assert abs(share.minor - share.exact) < 1


@given(exact_parts)
def test_without_the_rounding_step_a_line_is_its_share_rounded_toward_what_is_certain(
    exact: dict[str, Fraction],
) -> None:
    total = half_away(sum(exact.values(), Fraction(0)))
    for share in allocate(total, exact).values():
        if total > 0:
            assert (share.minor - share.rounding, share.rounding >= 0) == (floor(share.exact), True)
        if total < 0:
            assert (share.minor - share.rounding, share.rounding <= 0) == (ceil(share.exact), True)


@given(exact_parts, st.randoms(use_true_random=False))
def test_the_order_of_the_clients_changes_nothing(exact: dict[str, Fraction], chance: random.Random) -> None:
    total = half_away(sum(exact.values(), Fraction(0)))
    shuffled = list(exact.items())
    chance.shuffle(shuffled)
    assert allocate(total, dict(shuffled)) == allocate(total, exact)


@given(exact_parts.filter(lambda exact: sum(exact.values()) != 0))
def test_a_month_of_refunds_takes_back_exactly_what_its_mirror_gave(exact: dict[str, Fraction]) -> None:
    total = half_away(sum(exact.values(), Fraction(0)))
    there = allocate(total, exact)
    back = allocate(-total, {client: -amount for client, amount in exact.items()})
    assert {client: -share.minor for client, share in back.items()} == {c: share.minor for c, share in there.items()}
