"""Choice of a plan: as a partner's terms name it, by the partner's segments, or by the level it is on."""

from collections.abc import Callable
from functools import partial

from models.errors import BadInput
from models.period import Period
from models.vendor import Terms
from rules.earning.measure import AfterRefunds
from rules.programme.file import Programme
from rules.terms.levels import LevelReached, level_of

Measured = Callable[..., int]
"""From a partner's id, a measure, and the month at whose end its window ends, to the figure (Measures.of).

Then what it counts of sales that are given back later, and the last month whose refunds are known by then.
"""


def plan_of(
    terms: Terms, programme: Programme, period: Period, measured: Measured | None
) -> tuple[str, LevelReached | None]:
    """Return the name of the plan a row of partners.csv leads to, and the level that gave it (None: no level did).

    Raises BadInput where the programme has no such plan in the period.
    """
    name, level = terms.plan or _by_segment(terms, programme), None
    plan, said = name, f"terms from {terms.from_day} name the plan {name!r}"
    if ladder := programme.levels.get(name):
        if measured is None:
            raise BadInput(f"terms from {terms.from_day} name the levels {name!r}, whose measure is not known here")
        figure = partial(measured, terms.partner_id, ladder.measure)
        if ladder.taken_back:
            figure = partial(figure, counts=AfterRefunds.LEFT, known=period.previous())
        level = level_of(name, ladder, figure, programme.starts, period)
        plan = ladder.plan_of(level.name)
        said = f"terms from {terms.from_day} name the levels {name!r}, whose {level.name} is the plan {plan!r}"
    if plan not in programme.plans:
        raise BadInput(f"{said}; the programme has {', '.join(sorted({*programme.plans, *programme.levels}))}")
    if programme.terms(plan, period) is None:
        raise BadInput(f"{said}, which starts in {programme.plans[plan][0].from_}, after {period}")
    return plan, level


def _by_segment(terms: Terms, programme: Programme) -> str:
    for label in terms.segments:
        if label in programme.segments:
            return programme.segments[label]
    has = f"its segments are {', '.join(terms.segments)}" if terms.segments else "it has no segments"
    knows = ", ".join(sorted(programme.segments)) or "none"
    raise BadInput(
        f"terms from {terms.from_day} name no plan and {has}; the programme has a plan for the segments {knows}: "
        f"write a plan, or one of these segments"
    )
