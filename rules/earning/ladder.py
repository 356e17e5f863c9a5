"""A ladder of tiers: which rate a measure reaches, and what a slice of money earns on the way up."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from models.money import major


class Tier(NamedTuple):
    """A rate that applies from a figure upwards. A tier knows only where it starts, so two never overlap."""

    starts_at_minor: int  # or a number of clients, where the measure counts them
    rate: Fraction  # 0.12 for 12 %
    flat_minor: int = 0  # earned once beside the rate where the tier is reached (volume) or entered (graduated)


class Slice(NamedTuple):
    """The part of a base that lies in one tier."""

    tier: Tier
    ends_at_minor: int | None  # where the next tier starts
    base_minor: int

    @property
    def exact(self) -> Fraction:
        return self.base_minor * self.tier.rate


def tier_position(ladder: Sequence[Tier], measure_minor: int) -> int:
    """Return the index of the tier the measure reaches: a bound belongs to the tier it starts. Below 0: the first."""
    return max((i for i, tier in enumerate(ladder) if tier.starts_at_minor <= measure_minor), default=0)


def slices(ladder: Sequence[Tier], base_minor: int, measure_minor: int) -> tuple[Slice, ...]:
    """Return the last `base_minor` of `measure_minor` cut at the tiers' bounds, each slice in its own tier.

    Where the base is the whole measure this is the ordinary graduated sum; a wider measure (the whole
    bill, a longer window) has filled the lower tiers already. What lies below zero is in the first tier,
    and a negative base owes at the first tier's rate.

    >>> eight_ten = [Tier(0, Fraction(8, 100)), Tier(10_000, Fraction(10, 100))]
    >>> [(int(s.tier.rate * 100), s.base_minor) for s in slices(eight_ten, 12_000, 12_000)]
    [(8, 10000), (10, 2000)]
    """
    if base_minor <= 0:
        return (Slice(ladder[0], ladder[1].starts_at_minor if len(ladder) > 1 else None, base_minor),)
    low, high = measure_minor - base_minor, measure_minor
    bounds: list[int | None] = [tier.starts_at_minor for tier in ladder[1:]]
    found = []
    for position, (tier, end) in enumerate(zip(ladder, [*bounds, None], strict=True)):
        start = min(low, 0) if position == 0 else tier.starts_at_minor
        part = (high if end is None else min(high, end)) - max(low, start)
        if part > 0:
            found.append(Slice(tier, end, part))
    return tuple(found)


def problems(ladder: Sequence[Tier], currency: str) -> list[str]:
    """Return what is wrong with a ladder: it starts at 0 and rises. A blank currency: its bounds are numbers."""

    def figure(bound: int) -> str:
        return major(bound, currency) if currency else str(bound)

    found = [] if ladder and ladder[0].starts_at_minor == 0 else ["the first tier must start at 0"]
    found += [
        f"tiers must rise: {figure(after.starts_at_minor)} follows {figure(before.starts_at_minor)}"
        for before, after in pairwise(ladder)
        if after.starts_at_minor <= before.starts_at_minor
    ]
    return found
