"""Percentage: a flat share of what clients paid for some categories or products."""

from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field

from rules.plan import Cut, Earned, OnLines, Sums, Working, by_base
from rules.written import Rate, percent_text


class Percentage(OnLines):
    """Earns `rate` on the base of what it names, whatever the volume.

    A base of 84 444.44 at 50 % earns 42 222.22.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: percentage, categories: [software], rate: 50%}",
        "{plan: percentage, categories: [software], products: [TEL-PBX], rate: 7.5%}",
        "{plan: percentage, categories: others, rate: 3%}",
    )

    plan: Literal["percentage"]
    rate: Rate = Field(description="the share of the base, at most 100%")

    def cut(self) -> Cut:
        return Cut(lines=self.lines)

    def earn(self, sums: Sums) -> Earned:
        working = (Working(sums.base_minor, self.rate),)
        return Earned(working, by_base(sums.clients, working[0].exact, self.rate), "client")

    def highest_rate(self) -> Fraction:
        return self.rate

    def words(self, currency: str) -> str:
        return f"{percent_text(self.rate)} % of {self.lines.words}"
