"""Marketing fund: a share of what clients paid is set aside for activities agreed with the vendor."""

from typing import ClassVar, Literal

from pydantic import Field

from rules.earning.flat_rate import FlatRate
from rules.plan import Cut, To
from rules.programme.written import Rate, percent_text


class MarketingFund(FlatRate):
    """Puts `rate` of the base into the partner's marketing fund, beside the commission.

    A base of 300 000.00 at 2 % adds 6 000.00 to the fund; the payout is the same without it.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: marketing_fund, categories: [software, telephony], rate: 2%}",
        "{plan: marketing_fund, categories: all, rate: 1%}",
    )

    plan: Literal["marketing_fund"]
    rate: Rate = Field(description="the share of the base that goes into the fund")

    @property
    def to(self) -> To:
        return To.FUND

    def cut(self) -> Cut:
        return Cut(lines=self.lines, takes=False)

    def words(self, currency: str) -> str:
        return f"{percent_text(self.rate)} % of {self.lines.words} into the marketing fund, for agreed activities"
