"""Milestone: an amount for reaching a figure, once or each month, or for reaching it by a date."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema, model_validator

from models.money import decimal_text, major, minor_digits
from models.period import Period
from models.phrase import Phrase, PhraseValue
from rules.earning.measure import AfterRefunds, AMeasure, Measure
from rules.plan import Cut, Earned, Plan, Sums, Working
from rules.programme.written import PeriodText, TrueOrFalse, read_amount, read_count, read_period


class Goal(NamedTuple):
    """An amount for reaching a figure; of a checkpoint, up to the end of a month."""

    figure: int  # minor units, or a number of clients where the measure counts them
    pays_minor: int
    key: str  # what it is remembered by once it is earned: 100000.00, 20, or 2026-03
    until: Period | None = None


def read_figure(text: object, info: ValidationInfo) -> int:
    """Read what must be reached: a number of clients where the measure counts them, else an amount."""
    figure = read_count(text) if _in_clients(info) else read_amount(text, info)
    if figure == 0:
        raise ValueError(f"{text!r} is reached by doing nothing: write a figure above 0")
    return figure


def figure_words(figure: int, measure: Measure, currency: str) -> str:
    """Return a figure as people read it in a sentence: 100 000.00, or 20 clients."""
    return f"{figure} clients" if measure.counts else major(figure, currency)


def read_goals(goals: object, info: ValidationInfo) -> tuple[Goal, ...]:
    """Read `{100000: 5000.00}`: an amount for each figure, rising."""
    if not isinstance(goals, dict) or not goals:
        raise ValueError("write goals as figure: amount, for example {100000: 5000.00, 500000: 40000.00}")
    amounts = [(read_figure(figure, info), read_amount(pays, info)) for figure, pays in goals.items()]
    digits = 0 if _in_clients(info) else minor_digits((info.context or {})["currency"])
    found = tuple(Goal(figure, pays_minor, decimal_text(figure, digits)) for figure, pays_minor in amounts)
    for before, after in pairwise(found):
        if after.figure <= before.figure:
            raise ValueError(f"goals must rise: {after.key} follows {before.key}")
    return found


def read_checkpoints(checkpoints: object, info: ValidationInfo) -> tuple[Goal, ...]:
    """Read `{2026-03: {reaches: 300000, pays: 5000.00}}`: a figure, and an amount for it, by a month."""
    if not isinstance(checkpoints, dict) or not checkpoints:
        raise ValueError("write checkpoints as month: {reaches: figure, pays: amount}")
    found = []
    for month, goal in checkpoints.items():
        if not isinstance(goal, dict) or goal.keys() != {"reaches", "pays"}:
            raise ValueError(
                f"the checkpoint {month} needs what it reaches and pays: {{reaches: 300000, pays: 5000.00}}"
            )
        until = read_period(month)
        found.append(Goal(read_figure(goal["reaches"], info), read_amount(goal["pays"], info), str(until), until))
    return tuple(sorted(found, key=lambda goal: goal.key))


def _in_clients(info: ValidationInfo) -> bool:
    measure = info.data.get("measure")
    return measure is not None and bool(measure.counts)


Goals = Annotated[
    tuple[Goal, ...],
    BeforeValidator(read_goals),
    WithJsonSchema({"type": "object", "description": "figure: amount", "examples": [{"100000": "5000.00"}]}),
]
Checkpoints = Annotated[
    tuple[Goal, ...],
    BeforeValidator(read_checkpoints),
    WithJsonSchema(
        {
            "type": "object",
            "description": "month: the figure to reach by its end, and what that pays",
            "examples": [{"2026-03": {"reaches": "300000", "pays": "5000.00"}}],
        }
    ),
]


class Milestone(Plan):
    """Earns a goal's amount when the measure reaches its figure: `once` in life, or `every_month` it does.

    The goals 100 000: 5 000.00 and 500 000: 40 000.00 earn 5 000.00 in the first month that reaches
    100 000.00, and 40 000.00 in the first that reaches 500 000.00; every month, only the highest goal
    reached earns. A checkpoint earns once, in the first month up to its own that reaches its figure.
    """

    is_fee: ClassVar[bool] = True

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: milestone, measure: all, goals: {100000: 5000.00, 500000: 40000.00}}",
        "{plan: milestone, measure: {categories: [telephony]}, goals: {100000: 1000.00, 300000: 4000.00}, "
        "repeat: every_month}",
        "{plan: milestone, measure: {of: new_clients, window: lifetime}, goals: {20: 10000.00}, by: 2026-06}",
        "{plan: milestone, measure: {window: lifetime}, checkpoints: {2026-03: {reaches: 300000, pays: 5000.00}, "
        "2026-06: {reaches: 900000, pays: 15000.00}}}",
    )

    plan: Literal["milestone"]
    measure: AMeasure = Field(description="what has to reach a figure")
    goals: Goals | None = Field(
        None,
        description="figure: amount, rising; a number of clients: amount where the measure counts them. This "
        "or `checkpoints`",
    )
    repeat: Literal["once", "every_month"] = Field(
        "once",
        description="`once`: each goal earns in the first month that reaches it. `every_month`: the highest "
        "goal reached earns, month by month. `once` when left out",
    )
    by: PeriodText | None = Field(
        None, description="the last month in which a goal can be reached; no end when left out"
    )
    checkpoints: Checkpoints | None = Field(
        None, description="month: the figure to reach by its end, and what that pays, each once. This or `goals`"
    )
    taken_back: TrueOrFalse = Field(
        False,
        description="`false`: a goal that was reached is kept, though what reached it is given back in a later month. "
        "`true`: it is taken back where what is left no longer reaches it. `false` when left out",
    )

    @model_validator(mode="after")
    def _goals_or_checkpoints(self) -> "Milestone":
        if (self.goals is None) == (self.checkpoints is None):
            raise ValueError("write either `goals`, figure: amount, or `checkpoints`, each with a month, not both")
        if self.checkpoints and (self.repeat != "once" or self.by):
            raise ValueError("a checkpoint is earned once, by its own month: `repeat` and `by` are for goals")
        return self

    def cut(self) -> Cut:
        kept = AfterRefunds.LEFT if self.taken_back else AfterRefunds.KEPT
        return Cut(measure=self.measure, once=self.repeat == "once", after_refunds=kept)

    def earn(self, sums: Sums) -> Earned:
        reached = [goal for goal in self._open(sums.month) if goal.figure <= sums.measure]
        if self.repeat == "every_month":
            earning = reached[-1:]
        else:
            earning = [goal for goal in reached if goal.key not in sums.own_before]
        working = tuple(
            Working(goal.pays_minor, phrase=Phrase.of("reached: {goal}", goal=self._said(goal))) for goal in earning
        )
        return Earned(working, {goal.key: Fraction(goal.pays_minor) for goal in earning}, "goal")

    def goals_by_key(self) -> Mapping[str, PhraseValue]:
        return {goal.key: self._said(goal) for goal in self.goals or self.checkpoints or ()}

    def _said(self, goal: Goal) -> PhraseValue:
        """What a goal is called: its month where it has one, else its figure."""
        if goal.until:
            return PhraseValue(kind="month", text=goal.key)
        return PhraseValue(kind="count" if self.measure.counts else "amount", text=goal.key)

    def _open(self, month: Period) -> Iterable[Goal]:
        """The goals that can still be reached in a month."""
        for goal in self.goals or self.checkpoints or ():
            until = goal.until or self.by
            if until is None or month <= until:
                yield goal

    def words(self, currency: str) -> str:
        steps = ", ".join(self._goal_words(goal, currency) for goal in self.goals or self.checkpoints or ())
        often = "each once" if self.repeat == "once" else "every month, the highest goal reached"
        end = f", until {self.by}" if self.by else ""
        later = "taken back where what is left no longer reaches it" if self.taken_back else "kept after refunds"
        return f"{steps}, {often}{end}; {later}; measured by {self.measure.words}"

    def _goal_words(self, goal: Goal, currency: str) -> str:
        end = f" by {goal.until}" if goal.until else ""
        return (
            f"{major(goal.pays_minor, currency)} for reaching {figure_words(goal.figure, self.measure, currency)}{end}"
        )
