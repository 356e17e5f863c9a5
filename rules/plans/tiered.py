"""Tiered: the rate rises with what the partner's clients pay together, by volume or graduated."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from models.money import major
from rules.ladder import Tier, problems, slices, tier_position
from rules.plan import ALL, Cut, Earned, Plan, Reached, Sums, Working, percent_text, read_amount, read_percent


class Measure(BaseModel):
    """What picks the tier: the paid amounts of some categories, or of all, over a window."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    categories: Annotated[tuple[str, ...], Field(min_length=1)] | Literal["all"]
    window: Literal["month"] = "month"


def read_ladder(tiers: object, info: ValidationInfo) -> tuple[Tier, ...]:
    """Read `{0: 8%, 100000: 10%}`: lower bounds in major units, first at 0, rising."""
    if not isinstance(tiers, dict) or not tiers:
        raise ValueError("write tiers as lower bound: rate, for example {0: 8%, 100000: 10%}")
    ladder = tuple(Tier(read_amount(bound, info), read_percent(rate)) for bound, rate in tiers.items())
    if found := problems(ladder, (info.context or {})["currency"]):
        raise ValueError("; ".join(found))
    return ladder


class Tiered(Plan):
    """Earns the reached rate on everything (`by: volume`) or each slice's own rate (`by: graduated`).

    The ladder 0: 8 %, 100 000: 10 %, 300 000: 12 % on a base of 300 000.00 earns 36 000.00 by volume
    and 28 000.00 graduated. A negative base owes at the first tier's rate.
    """

    plan: Literal["tiered"]
    categories: tuple[str, ...] = Field(min_length=1)
    by: Literal["volume", "graduated"]
    measure: Measure
    tiers: Annotated[tuple[Tier, ...], BeforeValidator(read_ladder)]

    @field_validator("measure", mode="before")
    @classmethod
    def _all_is_short_for_the_whole_bill(cls, measure: object) -> object:
        return {"categories": ALL} if measure == ALL else measure

    def tiers_apply(self) -> str:
        return self.by

    def cut(self) -> Cut:
        return Cut(self.categories, self.measure.categories)

    def earn(self, sums: Sums) -> Earned:
        position = tier_position(self.tiers, sums.measure_minor)
        tier = self.tiers[position]
        following = self.tiers[position + 1] if position + 1 < len(self.tiers) else None
        first_rate = self.tiers[0].rate
        if self.by == "graduated":
            working = tuple(
                Working(part.base_minor, part.tier.rate, part.tier.starts_at_minor, part.ends_at_minor)
                for part in slices(self.tiers, sums.base_minor, sums.measure_minor)
            )
            return Earned(working, first_rate, Reached(position + 1, tier, following))
        rate = first_rate if sums.base_minor < 0 else tier.rate
        gain = max(sums.base_minor, 0) * (following.rate - rate) if following else first_rate * 0
        return Earned((Working(sums.base_minor, rate),), first_rate, Reached(position + 1, tier, following, gain))

    def words(self, currency: str) -> str:
        steps = ", ".join(f"{percent_text(t.rate)} % from {major(t.starts_at_minor, currency)}" for t in self.tiers)
        of = self.measure.categories
        measured = "the whole bill" if of == ALL else ", ".join(of)
        mode = "by volume" if self.by == "volume" else "graduated"
        return f"{', '.join(self.categories)}, {mode}: {steps}; measured by {measured} of the month"
