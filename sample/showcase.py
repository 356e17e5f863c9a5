"""Showcases: for each plan one client that buys everything, in such amounts that the plan's figures are reached.

A goal, a gift, a cap or a level that no partner ever comes to would show nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Literal, NamedTuple

from rules.earning.measure import ALL
from rules.plan import OnLines
from rules.plans.cap import Cap
from rules.plans.gift import Gift
from rules.plans.milestone import Milestone
from rules.programme.blocks.plan_terms import PlanTerms
from sample.asked import Asked
from sample.clients import EVERYTHING, Client
from sample.partners import Partner

Categories = tuple[str, ...] | Literal["all"]


class Figure(NamedTuple):
    """What a partner's clients have to be billed for these categories in a month."""

    amount_minor: int
    categories: Categories


def with_showcases(clients: Sequence[Client], asked: Asked, partners: Sequence[Partner]) -> list[Client]:
    """Return the clients; for each plan, one of the first partner that signed it is enlarged to show the plan.

    On a ladder the first partner comes to the highest level, the second to the next, and so on.
    """
    made = list(clients)
    for name in asked.names:
        signed = [partner.position for partner in partners if partner.terms[0].plan == name]
        wanted = [list(_figures(asked.blocks(name)))]
        if ladder := asked.programme.levels.get(name):
            steps = [level.reaches for level in reversed(ladder.levels[1:])] if not ladder.measure.counts else []
            reached = [Figure(reaches * 3 // 2, ladder.measure.categories) for reaches in steps]
            wanted = [[*wanted[0], *reached[:1]], *([figure] for figure in reached[1:])]
        for position, figures in zip(signed, wanted, strict=False):
            _enlarge(made, position, figures, asked.programme.starts.first_day)
    return made


def _figures(blocks: Iterable[PlanTerms]) -> Iterator[Figure]:
    """What reaches each goal, gift and cap: within two months where earlier ones count too, else in each."""
    for block in blocks:
        for plan in block.earn.values():
            match plan:
                case Milestone() | Gift() if not plan.measure.counts:
                    figure = plan.reaches if isinstance(plan, Gift) else _highest_goal(plan)
                    yield Figure(figure if plan.measure.window != 1 else 2 * figure, plan.measure.categories)
                case Cap():
                    yield from _above(plan, block)


def _highest_goal(plan: Milestone) -> int:
    return max(goal.figure for goal in plan.goals or plan.checkpoints or ())


def _above(cap: Cap, block: PlanTerms) -> Iterator[Figure]:
    """What earns more than a cap under the best of the rules it holds for."""
    capped = block.earn.values() if cap.rules == ALL else [block.earn[rule] for rule in cap.rules]
    on_lines = [plan for plan in capped if isinstance(plan, OnLines) and plan.highest_rate()]
    if on_lines:
        best = max(on_lines, key=lambda plan: plan.highest_rate())
        yield Figure(ceil(2 * cap.at_most / best.highest_rate()), best.lines.categories or ALL)


def _enlarge(clients: list[Client], position: int, figures: Iterable[Figure], first_day: date) -> None:
    """Let the partner's first client buy everything, and as much as its other clients do not."""
    own = [client for client in clients if client.partner == position and client.claimed_on]
    first = next((client for client in own if client.claimed_on and client.claimed_on < first_day), None)
    if first is None:
        return
    shown = first._replace(products=EVERYTHING, shows_all=True)
    others = [client for client in own if client is not first]
    lacking = [
        Fraction(figure.amount_minor - sum(_share(client, figure.categories) * client.size_minor for client in others))
        / _share(shown, figure.categories)
        for figure in figures
        if _share(shown, figure.categories)
    ]
    clients[first.number - 1] = shown._replace(size_minor=max(first.size_minor, *map(ceil, lacking), 0))


def _share(client: Client, categories: Categories) -> Fraction:
    """The part of the client's size that it is billed for these categories in a month."""
    percent = sum(product.share for product in client.products if categories == ALL or product.category in categories)
    return Fraction(percent, 100)
