"""How money is rounded and shared out: once per total, half away from zero, and never a minor unit lost."""

from collections.abc import Mapping
from fractions import Fraction
from math import lcm
from typing import NamedTuple


def half_away(exact: Fraction) -> int:
    """Return `exact` rounded to a whole minor unit, halves away from zero, so a reversal is the exact negative.

    >>> half_away(Fraction(5, 2)), half_away(Fraction(-5, 2))
    (3, -3)
    """
    return half_away_of(exact.numerator, exact.denominator)


def half_away_of(numerator: int, denominator: int) -> int:
    """Return a ratio (its denominator above 0) rounded as `half_away` does, without making a fraction of it first."""
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return size if numerator >= 0 else -size


class Share(NamedTuple):
    """One client's part of a total: the exact amount and the whole minor units it was given."""

    exact: Fraction
    minor: int
    rounding: int  # 1 (or -1) where a missing minor unit was added, else 0


def allocate(total_minor: int, exact: Mapping[str, Fraction]) -> dict[str, Share]:
    """Share a rounded total out over the exact amounts that made it, by largest remainder.

    Each amount is floored; the missing minor units go one each to the largest remainders (ties: the
    larger exact amount, then the client id). Negative totals are mirrored. The parts add up to the total.

    >>> parts = {"C1": Fraction(2_500_000), "C2": Fraction(111_111, 2), "C4": Fraction(3_333_333, 2)}
    >>> [share.minor for share in allocate(4_222_222, parts).values()]
    [2500000, 55555, 1666667]
    """
    if not exact:
        return {}
    sign = -1 if total_minor < 0 or (total_minor == 0 and sum(exact.values()) < 0) else 1
    # Whole numbers over one denominator: comparing them takes a tenth of what comparing fractions does.
    whole = lcm(*(amount.denominator for amount in exact.values()))
    sizes = {client: sign * amount.numerator * (whole // amount.denominator) for client, amount in exact.items()}
    floors = {client: size // whole for client, size in sizes.items()}
    # A total that was rounded together with more may be one off: then one of all is given less, or one more twice.
    for_all, missing = divmod(sign * total_minor - sum(floors.values()), len(sizes))
    lucky: set[str] = set()
    if missing:
        by_remainder = sorted(sizes, key=lambda client: (-(sizes[client] % whole), -sizes[client], client))
        lucky = set(by_remainder[:missing])
    added = {client: for_all + (client in lucky) for client in sizes}
    return {
        client: Share(amount, sign * (floors[client] + added[client]), sign * added[client])
        for client, amount in exact.items()
    }
