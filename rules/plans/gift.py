"""Gift: a thing of a stated worth for reaching a figure, shown on the statement and never paid out."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator

from models.money import major
from models.phrase import PhraseValue, name
from rules.earning.measure import AMeasure
from rules.plan import Cut, Earned, Plan, Sums, To, Working
from rules.plans.milestone import figure_words, read_figure
from rules.programme.written import AmountMinor

Figure = Annotated[
    int,
    BeforeValidator(read_figure),
    WithJsonSchema(
        {"type": ["string", "number"], "examples": ["100000"], "description": "an amount, or a number of clients"}
    ),
]


class Gift(Plan):
    """Earns a gift, valued at its `worth`, in the first month in which the measure reaches a figure.

    An espresso machine worth 300.00 at 100 000: 99 999.99 earns none, 100 000.00 earns one, valued 300.00,
    and it is never earned again.
    """

    is_fee: ClassVar[bool] = True

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: gift, gift: Espresso machine, worth: 300.00, measure: {window: lifetime}, reaches: 100000}",
        "{plan: gift, gift: Weekend in Suzdal, worth: 25000.00, measure: {of: active_clients}, reaches: 50}",
    )

    plan: Literal["gift"]
    gift: Annotated[str, Field(min_length=1)] = Field(description="what is given, in the words of the statement")
    worth: AmountMinor = Field(description="what it is valued at on the statement, above 0")
    measure: AMeasure = Field(description="what has to reach a figure")
    reaches: Figure = Field(description="the figure: an amount, or a number of clients where the measure counts them")

    @field_validator("worth")
    @classmethod
    def _a_gift_is_valued(cls, worth: int) -> int:
        if worth == 0:
            raise ValueError("a gift is valued on the statement: write what it is worth, an amount above 0")
        return worth

    @property
    def to(self) -> To:
        return To.CREDIT

    def cut(self) -> Cut:
        return Cut(measure=self.measure, once=True)

    def earn(self, sums: Sums) -> Earned:
        if sums.measure < self.reaches or self.gift in sums.own_before:
            return Earned((), shared_by="goal")
        return Earned((Working(self.worth, phrase=name(self.gift)),), {self.gift: Fraction(self.worth)}, "goal")

    def goals_by_key(self) -> Mapping[str, PhraseValue]:
        return {self.gift: PhraseValue(kind="name", text=self.gift)}

    def words(self, currency: str) -> str:
        figure = figure_words(self.reaches, self.measure, currency)
        worth = major(self.worth, currency)
        return f"{self.gift}, worth {worth}, once for reaching {figure}; measured by {self.measure.words}"
