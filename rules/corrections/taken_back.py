"""Corrections: what a refund takes back of what its sale earned, and what follows from it for limits and seniors.

Earnings are kept by month, partner, rule and client (person, junior ...): `Earning`. What was taken of one so far is
its minor units times the exact amount given back over the exact amount earned, rounded once, and each refund takes the
difference. So giving back the whole, or all its parts, returns the earning to zero, to the minor unit.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from models.period import Period
from models.statement import CorrectionKind
from rules.corrections.refunds import given_back_minor
from rules.earning.commission import NOTHING_BACK, Back, limits_of
from rules.earning.measure import AfterRefunds, Measure
from rules.money import half_away
from rules.plan import BY_JUNIOR, EarnedAmount, Stage, Sums, To
from rules.terms.in_force import InForce, RuleRef
from rules.terms.network import OwnResult, juniors_of


class Earning(NamedTuple):
    """What is taken back together: what one rule earned in one month, for one client, person or junior partner."""

    month: str
    partner_id: str
    rule: str  # as the programme file names it
    to: str
    shared_by: str
    key: str


@dataclass
class Taken:
    """What an earning came to, and what was taken of it so far."""

    earned_minor: int = 0
    earned: Fraction = Fraction(0)
    back: Fraction = Fraction(0)
    taken_minor: int = 0

    def take(self, exact: Fraction) -> int:
        """Take so much more of it (below 0: give it again), and return by how many minor units that changes it.

        >>> line = Taken(earned_minor=16_667, earned=Fraction(33_333, 2))
        >>> [line.take(Fraction(33_333, 6)) for _ in range(3)]
        [5556, 5555, 5556]
        """
        self.back += exact
        taken_minor, self.taken_minor = self.taken_minor, half_away(self._whole)
        return self.taken_minor - taken_minor

    @property
    def left_minor(self) -> int:
        return self.earned_minor - self.taken_minor

    @property
    def _whole(self) -> Fraction:
        """All that is taken so far, before rounding: as large a part of the minor units as of what was earned.

        A refund that named no sale may have left next to nothing of what a sale earned, as 100.00 - 99.99. There the
        parts are no parts: what goes beyond the whole, or against it, is what the sale earned itself.

        >>> left = Taken(earned_minor=1, earned=Fraction(6, 10))
        >>> left.take(Fraction(10_000))
        10000
        """
        if not self.earned or self.back / self.earned < 0:
            return self.back
        if self.back / self.earned > 1:
            return self.earned_minor + self.back - self.earned
        return self.earned_minor * self.back / self.earned


class SaleEarning(NamedTuple):
    """What one line earned, exactly, of an earning: `exact` of `base_minor`."""

    earning: Earning
    terms: str  # of the partner, that the rule was from; blank: the newest
    base_minor: int
    exact: Fraction


class GivenBack(NamedTuple):
    """What a refund takes of a sale, in minor units of what was paid for it; below 0 where it gives it again."""

    refund_id: str
    sale_id: str
    gross_minor: int
    left_minor: int  # of the sale, after it
    sale_minor: int
    kept_minor: int  # of the sale, when its own month ended: less than was paid where that month netted a refund

    def part_of(self, base_minor: int) -> Fraction:
        """Return which part it takes of what the sale earned on this base.

        A refund that the sale's own month netted took whole minor units of the base (`given_back_minor`): 1 of 31 where
        0.01 of 0.33 went back. What goes back later shares the 30 that it left, so all of them together are the whole.

        >>> GivenBack("R2", "L1", gross_minor=32, left_minor=0, sale_minor=33, kept_minor=32).part_of(31)
        Fraction(30, 31)
        """
        if not base_minor:
            return Fraction(self.gross_minor, self.sale_minor)
        before = self._base_left(base_minor, self.left_minor + self.gross_minor)
        return (before - self._base_left(base_minor, self.left_minor)) / base_minor

    def _base_left(self, base_minor: int, left_minor: int) -> Fraction:
        """What is left of the base while so much is left of the sale."""
        gross_netted = self.sale_minor - self.kept_minor
        base_netted = given_back_minor(base_minor, gross_netted, self.kept_minor, self.sale_minor)
        base_kept = base_minor - base_netted
        if left_minor > self.kept_minor:
            return base_kept + Fraction(base_netted * (left_minor - self.kept_minor), gross_netted)
        return Fraction(base_kept * left_minor, self.kept_minor) if self.kept_minor else Fraction(0)


class Correction(NamedTuple):
    """One amount that is posted now for an earlier month: below 0 where it is taken back."""

    kind: CorrectionKind
    earning: Earning
    terms: str
    exact: Fraction
    minor: int
    sale_id: str = ""  # blank where it follows from other corrections
    refund_id: str = ""  # the line that gives back, or the adjustment
    words: str = ""  # why, of an adjustment
    was_minor: int | None = None  # what the earning came to before it, where no sale of its own says so
    cites: str = ""  # the statement it corrects; blank: the newest of the month and partner


Rows = dict[tuple[str, str, str], int]
"""What a partner's rules came to in one month: (rule, shared by, key) -> minor units."""


def clawbacks(
    given_back: Iterable[GivenBack], of_sale: Mapping[str, Sequence[SaleEarning]], taken: Mapping[Earning, Taken]
) -> list[Correction]:
    """Return what refunds take of what their sales earned, in the order of the refunds. `taken` moves along."""
    found = []
    for back in given_back:
        for each in of_sale.get(back.sale_id, ()):
            exact = each.exact * back.part_of(each.base_minor)
            found.append(
                Correction(
                    kind=CorrectionKind.CLAWBACK,
                    earning=each.earning,
                    terms=each.terms,
                    exact=-exact,
                    minor=-taken[each.earning].take(exact),
                    sale_id=back.sale_id,
                    refund_id=back.refund_id,
                )
            )
    return found


def differences(was: Mapping[Earning, int], now: Mapping[Earning, int], *, words: str = "") -> Iterator[Correction]:
    """Yield what is posted for a month that was worked out again: what each earning comes to now, less what it did."""
    for earning in sorted(was.keys() | now.keys()):
        before = was.get(earning, 0)
        if minor := now.get(earning, 0) - before:
            yield Correction(
                kind=CorrectionKind.RESTATEMENT,
                earning=earning,
                terms="",
                exact=Fraction(minor),
                minor=minor,
                words=words,
                was_minor=before,
            )


@dataclass(frozen=True)
class PartnerPast:
    """One partner's earlier months, as they stand with every correction up to now: what limits are figured again on."""

    partner_id: str
    terms: Mapping[str, InForce]  # by month, of those that are figured again
    earned: Mapping[str, Rows]  # by month: to the partner, overrides included

    def limits_again(self, months: Iterable[str]) -> Iterator[Correction]:
        """Yield by how much each limit of these months is another now: the month as it was, less what was taken back.

        A limit for life is figured again in every later month, too.
        """
        now = {month: dict(rows) for month, rows in self.earned.items()}
        for month in self._touched(sorted(months)):
            rules = self.terms[month].rules
            limits = {rule.ref.name: rule.ref for rule in rules if rule.way.stage is Stage.LIMIT}
            own = {row: minor for row, minor in now[month].items() if row[0] not in limits and row[1] != BY_JUNIOR}
            past = [rows for earlier, rows in now.items() if earlier < month]
            before = [_amount(row, minor) for rows in past for row, minor in rows.items() if row[1] != BY_JUNIOR]
            again = limits_of(rules, Period.parse(month), [_amount(*each) for each in own.items()], before)
            was = {row: minor for row, minor in now[month].items() if row[0] in limits}
            for row in sorted(was.keys() | again.keys()):
                if changed := again.get(row, 0) - was.get(row, 0):
                    found = _of_limit(month, self.partner_id, limits[row[0]], row, changed)
                    yield found._replace(was_minor=was.get(row, 0))
                now[month][row] = again.get(row, 0)

    def goals_again(self, since: str, left: Callable[[Measure, Period], int]) -> Iterator[Correction]:
        """Yield what goals change that may be taken back: figured again in each month `since`, on what is left.

        `left` says what a measure comes to without what was given back.
        """
        now = {month: dict(rows) for month, rows in self.earned.items()}
        for month in sorted(month for month in self.terms if month >= since):
            for rule in self.terms[month].rules:
                cut, name = rule.way.cut(), rule.ref.name
                if cut.measure is None or rule.way.stage is not Stage.OWN or cut.after_refunds is not AfterRefunds.LEFT:
                    continue
                period, before = Period.parse(month), _by_key(now, name, until=month) if cut.once else {}
                earned = rule.way.earn(Sums(period, measure=left(cut.measure, period), own_before=before))
                again: Rows = {(name, earned.shared_by, key): half_away(exact) for key, exact in earned.shares.items()}
                was = {row: minor for row, minor in now[month].items() if row[0] == name}
                for row in sorted(was.keys() | again.keys()):
                    if changed := again.get(row, 0) - was.get(row, 0):
                        earning = Earning(month, self.partner_id, name, rule.way.to.value, *row[1:])
                        yield Correction(
                            kind=CorrectionKind.CLAWBACK,
                            earning=earning,
                            terms=rule.ref.terms,
                            exact=Fraction(changed),
                            minor=changed,
                            was_minor=was.get(row, 0),
                        )
                    now[month][row] = again.get(row, 0)

    def _touched(self, months: Sequence[str]) -> list[str]:
        """The months, and the later ones in which a limit for life looks at them."""
        looks = [
            month
            for month in sorted(self.earned)
            if month > months[0] and any(rule.way.cut().lifetime for rule in self.terms[month].rules)
        ]
        return sorted({*months, *looks})


def _by_key(earned: Mapping[str, Rows], rule: str, until: str) -> dict[str, int]:
    """What a rule came to before a month, by key; what was all taken back is not in it."""
    found: dict[str, int] = defaultdict(int)
    for month, rows in earned.items():
        for (name, _, key), minor in rows.items():
            if month < until and name == rule:
                found[key] += minor
    return {key: minor for key, minor in found.items() if minor}


def _amount(row: tuple[str, str, str], minor: int) -> EarnedAmount:
    rule, shared_by, key = row
    return EarnedAmount(rule, key if shared_by == "client" else "", minor)


def _of_limit(month: str, partner_id: str, ref: RuleRef, row: tuple[str, str, str], minor: int) -> Correction:
    _, shared_by, key = row
    earning = Earning(month, partner_id, ref.name, To.PARTNER.value, shared_by, key)
    return Correction(CorrectionKind.LIMIT, earning, ref.terms, Fraction(minor), minor)


def overrides_back(
    month: str, terms: Mapping[str, InForce], back: Mapping[str, OwnResult], taken: Mapping[Earning, Taken]
) -> Iterator[Correction]:
    """Yield what seniors give back, by the rates of the month, on what their juniors do. `taken` moves along.

    `back` holds, by junior, what its base and its commission of the month change by now: below 0 where they fall.
    """
    parents = {partner_id: each.terms.parent_id for partner_id, each in terms.items()}
    for senior, juniors in sorted(juniors_of(parents, back).items()):
        for rule in terms[senior].rules if senior in terms else ():
            if rule.way.stage is not Stage.NETWORK:
                continue
            near = tuple(junior for junior in juniors if junior.level <= rule.way.cut().juniors)
            for junior, exact in rule.way.earn(Sums(Period.parse(month), juniors=near)).shares.items():
                if exact:
                    earning = Earning(month, senior, rule.ref.name, rule.way.to.value, BY_JUNIOR, junior)
                    was_minor = taken[earning].left_minor
                    minor = -taken[earning].take(-exact)
                    yield Correction(
                        kind=CorrectionKind.CLAWBACK,
                        earning=earning,
                        terms=rule.ref.terms,
                        exact=exact,
                        minor=minor,
                        was_minor=was_minor,
                    )


def to_partner(corrections: Iterable[Correction]) -> int:
    """Return what corrections change of a payout, in minor units."""
    return sum(each.minor for each in corrections if each.earning.to == To.PARTNER)


def back_by_rule(corrections: Iterable[Correction]) -> dict[str, Back]:
    """Return by rule what a partner's overrides give back: the month's new rows are rounded together with it."""
    found: dict[str, Back] = defaultdict(lambda: NOTHING_BACK)
    for each in corrections:
        # What a month that was worked out again comes to less is rounded already.
        if each.earning.shared_by == BY_JUNIOR and each.kind is CorrectionKind.CLAWBACK:
            before = found[each.earning.rule]
            found[each.earning.rule] = Back(before.exact + each.exact, before.minor + each.minor)
    return dict(found)
