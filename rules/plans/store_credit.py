"""Store credit: a share of what clients paid, to spend with the vendor, never paid out."""

from typing import ClassVar, Literal

from pydantic import Field

from rules.earning.flat_rate import FlatRate
from rules.plan import Cut, To
from rules.programme.written import Rate, percent_text


class StoreCredit(FlatRate):
    """Earns `rate` on the base as credit beside the commission: on the statement, in no payout.

    A base of 50 000.00 at 3 % brings a credit of 1 500.00.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: store_credit, categories: [software], rate: 3%}",
        "{plan: store_credit, categories: all, rate: 1%}",
    )

    plan: Literal["store_credit"]
    rate: Rate = Field(description="the share of the base that becomes credit")

    @property
    def to(self) -> To:
        return To.CREDIT

    def cut(self) -> Cut:
        return Cut(lines=self.lines, takes=False)

    def words(self, currency: str) -> str:
        return f"{percent_text(self.rate)} % of {self.lines.words} as store credit, never paid out"
