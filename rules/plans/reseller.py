"""Reseller: rewarded on what the clients it contracted pay, or buying at a discount and keeping the margin."""

from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from models.phrase import Phrase, PhraseValue
from rules.plan import Cut, Earned, OnLines, Sums, To, Working, by_base
from rules.programme.written import Rate, percent_text


class Reseller(OnLines):
    """Earns a `reward` the vendor pays, or a `margin` the reseller has kept already.

    A reward of 20 % on 700.00 is 140.00, paid by the vendor. The margin on 700.00 that the reseller paid
    at a discount of 30 % is 300.00: its client paid it 1 000.00, and the vendor owes nothing.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: reseller, categories: [software], form: reward, rate: 20%}",
        "{plan: reseller, categories: [software], form: margin, discount: 30%}",
    )

    plan: Literal["reseller"]
    form: Literal["reward", "margin"] = Field(
        description="`reward`: clients pay the vendor, which pays the reseller a share. `margin`: the "
        "reseller buys at a discount, bills its clients and keeps the difference",
    )
    rate: Rate | None = Field(None, description="for `reward`: the share of the base")
    discount: Rate | None = Field(
        None, description="for `margin`: what the reseller pays less than its clients, under 100%"
    )

    @model_validator(mode="after")
    def _each_form_has_its_own_figure(self) -> "Reseller":
        if self.form == "reward" and (self.rate is None or self.discount is not None):
            raise ValueError("form: reward needs `rate`, the share the vendor pays; `discount` is for form: margin")
        if self.form == "margin" and (self.discount is None or self.rate is not None):
            raise ValueError("form: margin needs `discount`, what the reseller pays less; `rate` is for form: reward")
        if self.discount == 1:
            raise ValueError("a discount of 100% leaves nothing to pay: write less than 100%")
        return self

    @property
    def to(self) -> To:
        return To.PARTNER if self.form == "reward" else To.KEPT

    def cut(self) -> Cut:
        return Cut(lines=self.lines)

    def earn(self, sums: Sums) -> Earned:
        if self.rate is not None:
            step = Working(sums.base_minor, self.rate)
        else:  # the lines are what the reseller paid: at 30 % off, 70 of each 100 its client paid
            discount = self.discount or Fraction(0)
            at = PhraseValue(kind="rate", text=percent_text(discount))
            margin = Phrase.of("margin at {rate} % discount", rate=at)
            step = Working(sums.base_minor, discount / (1 - discount), phrase=margin)
        shares = by_base(sums.clients, step.exact, step.rate)
        return Earned((step,), shares, "client", of_nothing=dict.fromkeys(shares, step.rate))

    def only_rate(self) -> Fraction | None:
        return self.rate

    def highest_rate(self) -> Fraction:
        return self.rate or Fraction(0)  # a margin never was the vendor's

    def words(self, currency: str) -> str:
        if self.rate is not None:
            return f"{percent_text(self.rate)} % of {self.lines.words}, paid by the vendor to the reseller"
        return (
            f"{self.lines.words} at {percent_text(self.discount or Fraction(0))} % discount: the reseller pays the "
            f"vendor, bills its clients and keeps the difference"
        )
