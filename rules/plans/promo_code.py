"""Promo code: who bears the discount a code gave the client, the vendor or the partner."""

from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field

from models.phrase import Phrase
from rules.plan import Cut, Earned, OnLines, Sums, Working, by_base
from rules.programme.written import Rate, percent_text


class PromoCode(OnLines):
    """Corrects what another rule earned at `rate` on the discounted price, so that one side bears it all.

    A price of 1 000.00 with a code of 200.00 off earns 20 % of 800.00, which is 160.00. Where the vendor
    bears the discount, this rule adds 40.00: 200.00, as without the code. Where the partner bears it, this
    rule takes 160.00 back: the vendor is left 800.00, as without the code. Without this rule they share it.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: promo_code, categories: [software], borne_by: vendor, rate: 20%}",
        "{plan: promo_code, categories: all, borne_by: partner, rate: 20%}",
    )

    plan: Literal["promo_code"]
    borne_by: Literal["vendor", "partner"] = Field(description="who bears the discount: the `vendor` or the `partner`")
    rate: Rate = Field(description="what the rule that takes these lines earns: its share of the base")

    def cut(self) -> Cut:
        return Cut(lines=self.lines, takes=False, amount="discount")

    def earn(self, sums: Sums) -> Earned:
        if self.borne_by == "vendor":
            rate, who = self.rate, Phrase.of("discounts borne by the vendor")
        else:
            rate, who = self.rate - 1, Phrase.of("discounts borne by the partner")
        step = Working(sums.base_minor, rate, phrase=who)
        shares = by_base(sums.clients, step.exact, rate)
        return Earned((step,), shares, "client", of_nothing=dict.fromkeys(shares, rate))

    def corrects_rate(self) -> Fraction:
        return self.rate

    def highest_rate(self) -> Fraction:
        return self.rate if self.borne_by == "vendor" else Fraction(0)

    def words(self, currency: str) -> str:
        share = self.rate if self.borne_by == "vendor" else 1 - self.rate
        sign = "" if self.borne_by == "vendor" else "minus "
        discounts = f"{sign}{percent_text(share)} % of the discounts that promo codes give on {self.lines.words}"
        return f"{discounts}: the {self.borne_by} bears them, where the commission is {percent_text(self.rate)} %"
