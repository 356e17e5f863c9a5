"""Levels: the rungs of a partnership, and the measure that lifts a partner from one to the next."""

from collections.abc import Callable, Collection, Mapping, Set
from itertools import pairwise
from typing import Annotated, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo, WithJsonSchema

from models.money import major
from models.period import Period
from rules.earning.measure import ALL, AMeasure
from rules.programme.written import Count, TrueOrFalse, read_amount, read_count


class Level(NamedTuple):
    """A level is reached from a figure upwards, and has a plan of its own."""

    name: str
    reaches: int  # minor units, or a number of clients where the measure counts them
    plan: str


class LevelReached(NamedTuple):
    """The level a partner is on, and why: what the measure came to, and in which month it was reached."""

    ladder: str
    name: str
    starts_at: int  # minor units, or a number of clients
    measure: int  # up to the month before
    counts: bool
    reached_in: str  # the month whose measure gave the level; blank for the lowest
    kept_by_grace: bool
    next_name: str = ""
    next_starts_at: int = 0
    taken_back: bool = False  # what is given back later counts no more


def read_levels(written: object, info: ValidationInfo) -> tuple[Level, ...]:
    """Read `{Bronze: {reaches: 0, plan: bronze}, Silver: {reaches: 500000, plan: silver}}`, lowest first."""
    if not isinstance(written, dict) or not written:
        raise ValueError("write levels as name: figure and plan, for example {Bronze: {reaches: 0, plan: bronze}}")
    measure = info.data.get("measure")
    in_clients = measure is not None and measure.counts
    found = []
    for name, level in written.items():
        if not isinstance(level, dict) or level.keys() != {"reaches", "plan"} or not isinstance(level["plan"], str):
            raise ValueError(f"level {name!r} needs a figure and a plan: write {{reaches: 500000, plan: silver}}")
        figure = read_count(level["reaches"]) if in_clients else read_amount(level["reaches"], info)
        found.append(Level(str(name), figure, level["plan"]))
    if found[0].reaches != 0:
        raise ValueError(f"the first level must reach 0, so that every partner is on one; {found[0].name!r} does not")
    currency = "" if in_clients else str((info.context or {})["currency"])
    for before, after in pairwise(found):
        if after.reaches <= before.reaches:
            low, high = (major(each.reaches, currency) if currency else each.reaches for each in (after, before))
            raise ValueError(f"levels must rise: {after.name!r} at {low} follows {before.name!r} at {high}")
    return tuple(found)


class Levels(BaseModel):
    """A ladder of levels. A level holds from the month after it was reached, and is kept for months of grace."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    measure: AMeasure
    grace: Count = 0
    taken_back: TrueOrFalse = False  # what is given back in a later month counts no more, from the month after that
    levels: Annotated[
        tuple[Level, ...],
        BeforeValidator(read_levels),
        WithJsonSchema(
            {
                "type": "object",
                "minProperties": 1,
                "description": "name: the figure it reaches from, lowest first, and its plan",
                "additionalProperties": {
                    "type": "object",
                    "required": ["reaches", "plan"],
                    "additionalProperties": False,
                    "properties": {"reaches": {"type": ["string", "number"]}, "plan": {"type": "string"}},
                },
            }
        ),
    ]

    def position(self, figure: int) -> int:
        """The index of the highest level a figure reaches. Below 0: the first."""
        return max((number for number, level in enumerate(self.levels) if level.reaches <= figure), default=0)

    def plan_of(self, level_name: str) -> str:
        """The plan of a level."""
        return next(level.plan for level in self.levels if level.name == level_name)


def faults(ladders: Mapping[str, Levels], plans: Collection[str], known: Set[str] | None) -> list[str]:
    """Return what is wrong with ladders beside these plans; `known` are the categories they name, None: any."""
    found = [f"{name!r} is the name of a plan too: give the levels another" for name in ladders if name in plans]
    for name, ladder in ladders.items():
        found += [
            f"level {level.name!r} of {name!r} has the plan {level.plan!r}; the plans are {', '.join(sorted(plans))}"
            for level in ladder.levels
            if level.plan not in plans
        ]
        measured = () if ladder.measure.categories == ALL else ladder.measure.categories
        if known is not None and (unknown := [category for category in measured if category not in known]):
            found.append(f"{name!r} measures {', '.join(unknown)}, which no plan names: such lines would never count")
    return found


def level_of(
    ladder_name: str, levels: Levels, measured: Callable[[Period], int], starts: Period, month: Period
) -> LevelReached:
    """Return the level in a month: the highest that the measure reached at the end of the month before.

    Or, with a grace of so many months, at the end of one of that many months before it. Nothing was
    reached before the programme `starts`. With Silver at 500 000.00 and a grace of 1 month, 500 000.00 at
    the end of March is Silver in April, and in May whatever April came to.
    """
    figures: dict[Period, int] = {}
    last = at = month.previous()
    while at >= max(starts, last.plus(-levels.grace)):
        figures[at] = measured(at)
        at = at.previous()
    positions = {at: levels.position(figure) for at, figure in figures.items()}
    position = max(positions.values(), default=0)
    level, above = levels.levels[position], levels.levels[position + 1 : position + 2]
    reached_in = max(at for at, each in positions.items() if each == position) if position else None
    return LevelReached(
        ladder=ladder_name,
        name=level.name,
        starts_at=level.reaches,
        measure=figures.get(last, 0),
        counts=levels.measure.counts,
        reached_in=str(reached_in) if reached_in else "",
        kept_by_grace=reached_in not in (None, last),
        next_name=above[0].name if above else "",
        next_starts_at=above[0].reaches if above else 0,
        taken_back=levels.taken_back,
    )
