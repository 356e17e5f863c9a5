"""Percentage: a flat share of what clients paid for some categories."""

from typing import Literal

from pydantic import Field

from rules.plan import Cut, Earned, Plan, Rate, Sums, Working, percent_text


class Percentage(Plan):
    """Earns `rate` on the base of `categories`, whatever the volume.

    A base of 84 444.44 at 50 % earns 42 222.22.
    """

    plan: Literal["percentage"]
    categories: tuple[str, ...] = Field(min_length=1)
    rate: Rate

    def cut(self) -> Cut:
        return Cut(self.categories)

    def earn(self, sums: Sums) -> Earned:
        return Earned((Working(sums.base_minor, self.rate),), first_rate=self.rate)

    def words(self, currency: str) -> str:
        return f"{percent_text(self.rate)} % of {', '.join(self.categories)}"
