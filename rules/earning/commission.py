"""Commission of one partner for one month: what each rule earns, rounded once, shared out exactly."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from models.period import Period
from rules.money import Share, allocate, half_away
from rules.plan import Earned, EarnedAmount, Junior, Plan, Stage, Sums, To
from rules.terms.in_force import Part, RuleInForce, RuleRef


@dataclass(frozen=True)
class Accrued:
    """What one rule earned: the exact amount, the rounded total, and each client's (event's ...) share of it."""

    ref: RuleRef
    way: Plan  # the way of earning, with the numbers agreed
    part: Part
    sums: Sums
    earned: Earned
    commission_minor: int
    shares: Mapping[str, Share]

    @property
    def rule(self) -> str:
        """What the statement calls the rule."""
        return str(self.ref)

    @property
    def lines(self) -> int:
        return sum(client.lines for client in self.sums.clients)

    @property
    def to(self) -> To:
        return self.way.to

    def amounts(self) -> Iterator[EarnedAmount]:
        """The rounded amount of each client, event ...; one with a blank key where it is not shared."""
        rule = self.rule  # asked once: there are as many shares as clients
        if not self.shares:
            yield EarnedAmount(rule, "", self.commission_minor)
        for key, share in self.shares.items():
            yield EarnedAmount(rule, key, share.minor)


def accrue(rules: Sequence[RuleInForce], sums: Mapping[str, Sums]) -> tuple[Accrued, ...]:
    """Return what a partner's rules earned, limits after what they limit, in the order of the programme file.

    `sums` holds the engine's answer by rule. A rule to which nothing happened is left out.
    """
    done: list[Accrued] = []
    for stage in (Stage.OWN, Stage.LIMIT):
        for rule in rules:
            if rule.way.stage is stage:
                done += _accrued(rule, replace(sums[rule.name], earned=tuple(_earned(done, rule.way))))
    return tuple(done)


class Back(NamedTuple):
    """What goes back under one override rule this month: exactly, and in minor units; below 0."""

    exact: Fraction
    minor: int


NOTHING_BACK = Back(Fraction(0), 0)


def limits_of(
    rules: Sequence[RuleInForce], month: Period, earned: Sequence[EarnedAmount], before: Sequence[EarnedAmount]
) -> dict[tuple[str, str, str], int]:
    """Return what a partner's limits come to in a month, by rule, what they are shared by, and key, in minor units.

    `earned` is what its own rules earned it in the month, `before` what all rules did in the months before.
    """
    done = list(earned)
    found: dict[tuple[str, str, str], int] = {}
    for rule in rules:
        if rule.way.stage is not Stage.LIMIT:
            continue
        named = rule.way.cut().earned
        sums = Sums(
            month,
            earned=tuple(each for each in done if named == "all" or each.rule in named),
            earned_before=tuple(each for each in before if named == "all" or each.rule in (*named, rule.ref.name)),
            own_before=_by_key(each for each in before if each.rule == rule.ref.name),
            days=rule.part.days,
        )
        for each in _accrued(rule, sums):
            shared_by = each.earned.shared_by
            for amount in each.amounts():
                key = amount.key if shared_by == "client" else ""
                done.append(EarnedAmount(rule.ref.name, key, amount.minor))
                row = (rule.ref.name, shared_by, amount.key)
                found[row] = found.get(row, 0) + amount.minor
    return found


def _by_key(amounts: Iterable[EarnedAmount]) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in amounts:
        found[each.key] = found.get(each.key, 0) + each.minor
    return found


def accrue_network(
    rules: Sequence[RuleInForce],
    sums: Mapping[str, Sums],
    juniors: Sequence[Junior],
    back: Mapping[str, Back] | None = None,
) -> tuple[Accrued, ...]:
    """Return what a partner's rules earned on its juniors, who are known by now.

    `back` is what goes back of earlier months' overrides, by rule: a month's override is rounded once, over what is
    new and what goes back.
    """
    done: list[Accrued] = []
    for rule in rules:
        if rule.way.stage is Stage.NETWORK:
            near = tuple(junior for junior in juniors if junior.level <= rule.way.cut().juniors)
            taken = (back or {}).get(rule.ref.name, NOTHING_BACK)
            done += _accrued(rule, replace(sums[rule.name], juniors=near), taken)
    return tuple(done)


def to_partner_minor(accrued: Iterable[Accrued]) -> int:
    """Return the partner's own commission, in minor units: without gifts, funds, and what goes to persons."""
    return sum(each.commission_minor for each in accrued if each.to is To.PARTNER)


def _accrued(rule: RuleInForce, sums: Sums, back: Back = NOTHING_BACK) -> Iterator[Accrued]:
    earned = rule.way.earn(sums)
    if not sums.clients and not sums.events and not any(step.exact for step in earned.working):
        return
    commission_minor = half_away(earned.exact + back.exact) - back.minor
    shares = allocate(commission_minor, earned.shares) if earned.shares else {}
    yield Accrued(rule.ref, rule.way, rule.part, sums, earned, commission_minor, shares)


def _earned(done: Sequence[Accrued], limit: Plan) -> Iterator[EarnedAmount]:
    """Yield what the rules that a limit names have earned the partner so far, in minor units."""
    named = limit.cut().earned
    for each in done:
        if each.to is To.PARTNER and (named == "all" or each.ref.name in named):
            for amount in each.amounts():
                yield amount if each.earned.shared_by == "client" else replace(amount, key="")


def balance(opening_minor: int, commission_minor: int, minimum_minor: int) -> tuple[int, int]:
    """Return (to pay, carried forward) of a month, in minor units.

    A balance that reaches the minimum is paid whole; a smaller or negative one is carried forward.

    >>> balance(0, 499_999, 500_000), balance(0, 500_000, 500_000), balance(-100, 100, 0)
    ((0, 499999), (500000, 0), (0, 0))
    """
    total = opening_minor + commission_minor
    return (total, 0) if total >= minimum_minor and total > 0 else (0, total)
