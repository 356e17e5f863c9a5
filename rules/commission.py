"""Commission of one partner for one month: what each rule earns, rounded once, shared out over its clients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from rules.money import Share, allocate, half_away
from rules.plan import ALL, Earned, Plan, Sums
from rules.programme import PlanTerms


@dataclass(frozen=True)
class ClientSums:
    """What one client's lines come to under one rule."""

    client_id: str
    lines: int
    base_minor: int


@dataclass(frozen=True)
class Accrued:
    """What one rule earned: the exact amount, the rounded total, and each client's share of it."""

    rule: str
    plan: Plan
    sums: Sums
    lines: int
    earned: Earned
    commission_minor: int
    clients: Mapping[str, Share]


def accrue(
    terms: PlanTerms, clients: Mapping[str, Sequence[ClientSums]], consolidated: Mapping[str, int]
) -> tuple[Accrued, ...]:
    """Return what every rule with lines earned, in the order of the programme file.

    `clients` holds the clients' sums by rule; `consolidated` the base by category over all the
    partner's clients, minor units, of lines that earn or that the plan excludes.
    """
    return tuple(
        _accrue_rule(rule, plan, clients[rule], consolidated) for rule, plan in terms.earn.items() if clients.get(rule)
    )


def _accrue_rule(rule: str, plan: Plan, clients: Sequence[ClientSums], consolidated: Mapping[str, int]) -> Accrued:
    measured = plan.cut().measure
    categories = consolidated if measured == ALL else measured or ()
    sums = Sums(
        base_minor=sum(client.base_minor for client in clients),
        measure_minor=sum(consolidated.get(category, 0) for category in categories),
    )
    earned = plan.earn(sums)
    commission_minor = half_away(earned.exact)
    shares = {client.client_id: _exact_share(client, sums, earned) for client in clients}
    return Accrued(
        rule=rule,
        plan=plan,
        sums=sums,
        lines=sum(client.lines for client in clients),
        earned=earned,
        commission_minor=commission_minor,
        clients=allocate(commission_minor, shares),
    )


def _exact_share(client: ClientSums, sums: Sums, earned: Earned) -> Fraction:
    # Where charges and refunds cancel out there is no base to share by: each line earns the first rate,
    # and together they earn nothing.
    if sums.base_minor == 0:
        return client.base_minor * earned.first_rate
    return earned.exact * client.base_minor / sums.base_minor


def balance(opening_minor: int, commission_minor: int, minimum_minor: int) -> tuple[int, int]:
    """Return (to pay, carried forward) of a month.

    A balance that reaches the minimum is paid whole; a smaller or negative one is carried forward.

    >>> balance(0, 499_999, 500_000), balance(0, 500_000, 500_000), balance(-100, 100, 0)
    ((0, 499999), (500000, 0), (0, 0))
    """
    total = opening_minor + commission_minor
    return (total, 0) if total >= minimum_minor and total > 0 else (0, total)
