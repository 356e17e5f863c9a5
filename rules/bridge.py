"""The bridge: what moved between what two months earned partners, by cause. The steps add up to the move exactly."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from rules.money import half_away


class Cause(StrEnum):
    """Why a partner earned more or less than the month before."""

    NEW = "clients that began to pay, or pay again"
    LOST = "clients that paid last month and do not now"
    VOLUME = "clients bought more or less"
    PRICE = "what they bought has another price"
    TIER = "another tier, rate or limit"
    REFUND = "refunds, chargebacks, and what follows from them"
    LATE = "late payments: of earlier months, seen only now"
    MANUAL = "adjustments by hand, and restatements"
    OTHER = "fees, events, goals, overrides: what no client's line earned"
    ROUNDING = "rounding"


class Sale(NamedTuple):
    """Who earned it, from whom, under which rule, and what was sold."""

    partner: str
    client: str
    rule: str
    product: str


class Sold(NamedTuple):
    """What one product of one client came to in a month: in minor units, exactly."""

    base_minor: int
    quantity: Fraction | None  # None where the bill does not say how many
    earned: Fraction


@dataclass(frozen=True)
class Earnings:
    """What one month earned partners: commission and corrections, as far as they are paid out."""

    total_minor: Mapping[str, int]  # by partner
    sold: Mapping[Sale, Sold]
    apart: Mapping[tuple[str, Cause], Fraction]  # by partner: refund, late, manual, other
    late_clients: frozenset[tuple[str, str]] = frozenset()  # partner and client, of late payments

    @property
    def clients(self) -> frozenset[tuple[str, str]]:
        """Who paid, as partner and client."""
        return frozenset((sale.partner, sale.client) for sale in self.sold) | self.late_clients


class BridgeStep(NamedTuple):
    """One cause: how many partners it moved, and what it comes to."""

    cause: Cause
    partners: int
    amount_minor: int


@dataclass(frozen=True)
class Bridge:
    """The way from one month's earnings to the next month's: before, plus the steps, is now."""

    before_minor: int
    now_minor: int
    by_partner: Mapping[str, Mapping[Cause, int]]
    new: Mapping[tuple[str, str], int] = field(default_factory=dict)  # partner and client -> what they earned now
    lost: Mapping[tuple[str, str], int] = field(default_factory=dict)  # the same -> what they earned last month

    @property
    def steps(self) -> list[BridgeStep]:
        """Every cause that moved anything, in the order of `Cause`."""
        amounts = {cause: [by[cause] for by in self.by_partner.values() if by.get(cause)] for cause in Cause}
        return [BridgeStep(cause, len(each), sum(each)) for cause, each in amounts.items() if each]


def bridge(before: Earnings, now: Earnings) -> Bridge:
    """Lead from what partners earned before to what they earn now.

    Each partner's causes are exact, then rounded each; what is missing to the partner's own move is `rounding`.
    """
    exact: dict[str, dict[Cause, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    new, lost = now.clients - before.clients, before.clients - now.clients
    for sale in before.sold.keys() | now.sold.keys():
        was, became = before.sold.get(sale), now.sold.get(sale)
        for cause, amount in _causes(
            was, became, (sale.partner, sale.client) in new, (sale.partner, sale.client) in lost
        ):
            exact[sale.partner][cause] += amount
    for partner, cause in before.apart.keys() | now.apart.keys():
        key = partner, cause
        exact[partner][cause] += now.apart.get(key, Fraction(0)) - before.apart.get(key, Fraction(0))
    by_partner = {}
    for partner in sorted(before.total_minor.keys() | now.total_minor.keys() | exact.keys()):
        move = now.total_minor.get(partner, 0) - before.total_minor.get(partner, 0)
        rounded = {cause: half_away(amount) for cause, amount in exact[partner].items()}
        rounded[Cause.ROUNDING] = move - sum(rounded.values())
        by_partner[partner] = {cause: minor for cause, minor in rounded.items() if minor}
    return Bridge(
        sum(before.total_minor.values()),
        sum(now.total_minor.values()),
        by_partner,
        _earned(now, new),
        _earned(before, lost),
    )


def _causes(was: Sold | None, became: Sold | None, is_new: bool, is_lost: bool) -> Iterator[tuple[Cause, Fraction]]:
    """Yield why one product of one client earned more or less."""
    earned = (became.earned if became else Fraction(0)) - (was.earned if was else Fraction(0))
    if is_new or is_lost:
        yield Cause.NEW if is_new else Cause.LOST, earned
    elif not (was and became and was.base_minor and became.base_minor):
        yield Cause.VOLUME, earned  # a product the client had not bought before, or does not buy now
    else:
        yield from _between(was, became)


def _between(was: Sold, became: Sold) -> Iterator[tuple[Cause, Fraction]]:
    """Yield what of a move is volume, price and rate. The three add up to it.

    10 at 100.00 earned 5 %, 50.00; 12 at 110.00 earn 6 %, 79.20. Volume: 2 more at 100.00 and 5 %, 10.00. Price:
    10.00 more for each of 12 at 5 %, 6.00. Rate: 1 % more of 1 320.00, 13.20. Together 29.20.
    Where a bill does not say how many, what was paid more or less is volume.
    """
    rate = was.earned / was.base_minor
    paid_more = became.base_minor - was.base_minor
    price = Fraction(0)
    if was.quantity and became.quantity:
        each_was, each_now = was.base_minor / was.quantity, became.base_minor / became.quantity
        price = (each_now - each_was) * became.quantity
    yield Cause.VOLUME, (paid_more - price) * rate
    yield Cause.PRICE, price * rate
    yield Cause.TIER, became.earned - became.base_minor * rate


def _earned(month: Earnings, clients: frozenset[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """What each of the clients earned its partner, the most first."""
    exact: dict[tuple[str, str], Fraction] = {each: Fraction(0) for each in clients}
    for sale, sold in month.sold.items():
        if (sale.partner, sale.client) in exact:
            exact[sale.partner, sale.client] += sold.earned
    return {each: half_away(exact[each]) for each in sorted(exact, key=lambda each: (-exact[each], each))}
