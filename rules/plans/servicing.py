"""Servicing: a share of what clients pay to the partner that serves them, whoever brought them."""

from typing import ClassVar, Literal

from pydantic import Field

from rules.earning.flat_rate import FlatRate
from rules.plan import Cut
from rules.programme.written import Rate, percent_text


class Servicing(FlatRate):
    """Earns `rate` on what the clients a partner is assigned to paid, beside what their acquirer earns.

    A client served all month pays 20 000.00: at 10 % its consultant earns 2 000.00.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: servicing, categories: all, rate: 10%}",
        "{plan: servicing, categories: [software], rate: 5%}",
    )

    plan: Literal["servicing"]
    rate: Rate = Field(description="the share of what the clients it serves paid")

    def cut(self) -> Cut:
        return Cut(lines=self.lines, takes=False, served=True)

    def words(self, currency: str) -> str:
        return f"{percent_text(self.rate)} % of {self.lines.words} paid by the clients the partner serves"
