"""A flat rate on lines: what several ways of earning share, whoever their money goes to."""

from fractions import Fraction

from pydantic import Field

from rules.plan import Earned, OnLines, Sums, Working, by_base
from rules.programme.written import Rate


class FlatRate(OnLines):
    """Earns one rate on everything it names, and shares it over clients by their base."""

    rate: Rate = Field(description="the share of the base, at most 100%")

    def earn(self, sums: Sums) -> Earned:
        working = (Working(sums.base_minor, self.rate),)
        return Earned(working, by_base(sums.clients, working[0].exact, self.rate), "client")

    def only_rate(self) -> Fraction:
        return self.rate

    def highest_rate(self) -> Fraction:
        return self.rate
