"""The cost of a sale: the most that everybody together can earn on it, known before anything is sold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from models.money import decimal_text, major
from models.period import Period
from rules.money import half_away
from rules.plan import Cut, Junior, Plan, Stage, Sums, To
from rules.programme.blocks.plan_terms import PlanTerms
from rules.programme.blocks.sale import Sale, looked_at, taker_of

Plans = Mapping[str, Sequence[PlanTerms]]
"""The plans of a programme by name, each with its dated blocks, oldest first."""


class CostPart(NamedTuple):
    """What one rule, or all seniors, can earn on a sale, as a share of its base."""

    name: str
    rate: Fraction


@dataclass(frozen=True)
class SaleCost:
    """The most a sale can cost the vendor under one block of a plan; fees, flats and milestones come on top."""

    plan: str
    block: int  # its place among the plan's dated blocks
    from_: Period
    sale: Sale
    parts: tuple[CostPart, ...]
    taken_by: str  # the rule the sale earns under; blank where none takes it

    @property
    def total(self) -> Fraction:
        return sum((part.rate for part in self.parts), Fraction(0))

    @property
    def path(self) -> tuple[str | int, ...]:
        """Where in the file to look first."""
        return ("plans", self.plan, self.block, *(("earn", self.taken_by) if self.taken_by else ()))

    @property
    def words(self) -> str:
        """`a sale of software costs at most 57 %: software 50 % + seniors 7 %`."""
        parts = " + ".join(f"{part.name} {_percent(part.rate)} %" for part in self.parts)
        return f"a sale of {self.sale.words} costs at most {_percent(self.total)} %: {parts or 'nothing'}"


def costs(plans: Plans) -> list[SaleCost]:
    """Return the highest cost of each kind of sale the file names, by plan and block.

    A sale costs the highest rate of the rule that takes it and of those that look at it, the most that
    whoever serves the client earns under any plan, and what the seniors of both earn on that: 50 % for
    software, 3 % for the seller's bonus and seniors who earn 10 % of the commission come to 58.3 %. Where
    the file does not say which category a product is sold as, it is the one that costs most.
    """
    found: dict[tuple[str, int, Sale], SaleCost] = {}
    for month in sorted({block.from_ for blocks in plans.values() for block in blocks}):
        in_force_by_plan = {name: _in_force(blocks, month) for name, blocks in plans.items()}
        in_force = [block for blocks in in_force_by_plan.values() for _, block in blocks]
        for name, blocks in in_force_by_plan.items():
            for index, block in blocks:
                for cost in _costs_of(name, index, block, in_force, month):
                    key = (name, index, cost.sale._replace(category="" if cost.sale.product else cost.sale.category))
                    if key not in found or found[key].total < cost.total:
                        found[key] = cost
    names = list(plans)
    return sorted(found.values(), key=lambda cost: (names.index(cost.plan), cost.block))


def too_costly(plans: Plans, limit: Fraction | None) -> list[tuple[tuple[str | int, ...], str]]:
    """Return the sales that cost more than `cost_at_most`, as (where in the file, words); none without a limit."""
    if limit is None:
        return []
    found: dict[tuple[object, ...], tuple[tuple[str | int, ...], str]] = {}
    for cost in costs(plans):
        if cost.total > limit:
            words = (
                f"plans.{cost.plan} from {cost.from_}: {cost.words}; cost_at_most is {_percent(limit)} %: "
                f"lower a rate, or raise cost_at_most"
            )
            found.setdefault((cost.plan, cost.block, cost.parts), (cost.path, words))
    return list(found.values())


def over_limit(limit: Fraction, base_minor: int, cost_minor: int) -> bool:
    """Whether what was earned is more than `limit` of what was paid. Where nothing was paid, any cost is.

    >>> over_limit(Fraction(1, 2), 10_000, 5_000), over_limit(Fraction(1, 2), 10_000, 5_001)
    (False, True)
    """
    return cost_minor > limit * max(base_minor, 0)


def over_limit_words(limit: Fraction, base_minor: int, cost_minor: int, currency: str) -> str:
    """Say by how much a cost is over the limit, and what to do."""
    share = f" ({_percent(Fraction(cost_minor, base_minor))} %)" if base_minor > 0 else ""
    allowed = half_away(limit * max(base_minor, 0))
    return (
        f"costs {major(cost_minor, currency)} on a base of {major(base_minor, currency)}{share}; cost_at_most "
        f"{_percent(limit)} % allows {major(allowed, currency)}: look at its fees, flat amounts and milestones"
    )


def _in_force(blocks: Sequence[PlanTerms], month: Period) -> list[tuple[int, PlanTerms]]:
    """Return the blocks of a plan that hold in a month, with their places: the newest, and what older clients keep."""
    found: list[tuple[int, PlanTerms]] = []
    for index, block in reversed([*enumerate(blocks)]):
        if block.from_ <= month:
            found.append((index, block))
            if block.applies_to == "all_clients":
                break
    return found


def _costs_of(
    name: str, index: int, block: PlanTerms, in_force: Sequence[PlanTerms], month: Period
) -> Iterator[SaleCost]:
    """Yield the cost of each kind of sale that this block, or a rule for those who serve clients, names."""
    own = _cuts(block.earn)
    served = [cut for other in in_force for cut in _cuts(other.earn).values() if cut.served]
    cuts = [*own.values(), *served]
    categories = list(dict.fromkeys(c for cut in cuts if cut.lines for c in cut.lines.categories))
    products = list(dict.fromkeys(p for cut in cuts if cut.lines for p in cut.lines.products))

    def cost(sale: Sale) -> SaleCost:
        parts = tuple(part for part in _parts(sale, block, own, in_force, month) if part.rate)
        return SaleCost(name, index, block.from_, sale, parts, taker_of(sale, own))

    yield from (cost(Sale(category)) for category in categories)
    for product in products:
        yield max((cost(Sale(category, product)) for category in ["", *categories]), key=lambda each: each.total)
    yield cost(Sale())


def _parts(
    sale: Sale, block: PlanTerms, own: Mapping[str, Cut], in_force: Sequence[PlanTerms], month: Period
) -> Iterator[CostPart]:
    """Yield what the partner, who serves the client, and the seniors of both can earn, as shares of the base."""
    taker = taker_of(sale, own)
    kept_out = not sale.product and sale.category in block.not_commissioned
    looking = [rule for rule, cut in own.items() if not cut.takes and not cut.served and looked_at(sale, cut.lines)]
    earning = [] if kept_out else [rule for rule in own if rule == taker or rule in looking]
    for rule in earning:
        yield CostPart(rule, block.earn[rule].highest_rate())
    commission = _to_partner([block.earn[rule] for rule in earning])
    yield CostPart("seniors", _seniors(in_force, month, commission, 1 if taker in earning else 0))

    dearest: list[CostPart] = []
    for other in in_force:
        serving = [rule for rule, cut in _cuts(other.earn).items() if cut.served and looked_at(sale, cut.lines)]
        parts = [CostPart(f"servicing by {rule}", other.earn[rule].highest_rate()) for rule in serving]
        commission = _to_partner([other.earn[rule] for rule in serving])
        parts.append(CostPart("seniors of who serves", _seniors(in_force, month, commission, 0)))
        dearest = max(dearest, parts, key=lambda each: sum((part.rate for part in each), Fraction(0)))
    yield from dearest


def _seniors(in_force: Sequence[PlanTerms], month: Period, commission: Fraction, base: int) -> Fraction:
    """Return the most that a partner's seniors earn, all levels together, as a share of the sale's base.

    `commission` is what they may earn on, as such a share; `base` is 1 where they may earn on the base too, else 0.
    At each level stands one partner, on the plan that earns most there.
    """
    rules_of_blocks = [[rule for rule in block.earn.values() if rule.stage is Stage.NETWORK] for block in in_force]
    deepest = max((rule.cut().juniors for rules in rules_of_blocks for rule in rules), default=0)
    total = Fraction(0)
    for level in range(1, deepest + 1):
        junior = Junior("any", level, base * commission.denominator, commission.numerator)
        sums = Sums(month, juniors=(junior,))
        earned = [
            sum((rule.earn(sums).exact for rule in rules if level <= rule.cut().juniors), Fraction(0))
            for rules in rules_of_blocks
        ]
        total += max(earned) / commission.denominator
    return total


def _to_partner(rules: Sequence[Plan]) -> Fraction:
    """Return the share of a sale's base that these rules pay the partner itself, on which seniors may earn."""
    return sum((rule.highest_rate() for rule in rules if rule.to is To.PARTNER), Fraction(0))


def _cuts(rules: Mapping[str, Plan]) -> dict[str, Cut]:
    return {name: rule.cut() for name, rule in rules.items()}


def _percent(rate: Fraction) -> str:
    """A share as percent text, rounded to 0.01 %: `58.3`."""
    text = decimal_text(half_away(rate * 10_000), 2)
    return text.rstrip("0").rstrip(".")
