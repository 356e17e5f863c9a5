"""First sale: an amount for each client won, or a share of its first paid order, once per client."""

from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from models.money import major
from models.phrase import Phrase
from rules.earning.measure import AfterRefunds
from rules.plan import Cut, Earned, OnLines, Sums, Working, by_base
from rules.programme.written import AmountMinor, Rate, TrueOrFalse, percent_text


class FirstSale(OnLines):
    """Earns once per client: `pays` when it has paid for the first time, or `rate` on its first paid order.

    Three clients whose first paid orders come to 300.00, 1 000.00 and 2 700.00 earn 1 500.00 where each
    first sale pays 500.00, and 800.00 where it earns 20 %.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: first_sale, categories: [software], pays: 500.00}",
        "{plan: first_sale, categories: all, rate: 20%}",
    )

    plan: Literal["first_sale"]
    pays: AmountMinor | None = Field(None, description="an amount for each client’s first paid order; this or `rate`")
    rate: Rate | None = Field(None, description="a share of each client’s first paid order; this or `pays`")
    taken_back: TrueOrFalse = Field(
        True,
        description="`true`: an order that is given back in a later month gives back what it earned here, and after "
        "one given back whole the next is the first. `false`: what it earned is kept. `true` when left out",
    )

    @model_validator(mode="after")
    def _an_amount_or_a_share(self) -> "FirstSale":
        if (self.pays is None) == (self.rate is None):
            raise ValueError(
                "write one of the two: `pays`, an amount for each first sale, or `rate`, a share of the first order"
            )
        return self

    def cut(self) -> Cut:
        kept = AfterRefunds.AS_EARNED if self.taken_back else AfterRefunds.KEPT
        return Cut(lines=self.lines, takes=False, first_orders=True, after_refunds=kept)

    def earn(self, sums: Sums) -> Earned:
        if self.rate is None:
            return self._by_amount(sums, self.pays or 0)
        working = (Working(sums.base_minor, self.rate),)
        return Earned(working, by_base(sums.clients, working[0].exact, self.rate), "client")

    def _by_amount(self, sums: Sums, amount_minor: int) -> Earned:
        # An order that is given back whole gives back what it earned, and one that comes to nothing was no sale.
        before: dict[str, int] = {}
        now: dict[str, int] = {}
        for client in sums.clients:
            before[client.client_id] = before.get(client.client_id, 0) + client.before_minor
            now[client.client_id] = now.get(client.client_id, before[client.client_id]) + client.base_minor
        sales = {client_id: (now[client_id] > 0) - (before_minor > 0) for client_id, before_minor in before.items()}
        step = Working(amount_minor, count=sum(sales.values()), phrase=Phrase.of("first sales"))
        shares = {client_id: Fraction(amount_minor * sale) for client_id, sale in sales.items()}
        return Earned((step,) if step.count else (), shares, "client")

    def highest_rate(self) -> Fraction:
        return self.rate or Fraction(0)

    def words(self, currency: str) -> str:
        earns = f"{major(self.pays or 0, currency)} for" if self.rate is None else f"{percent_text(self.rate)} % of"
        later = "taken back with the order" if self.taken_back else "kept though the order is given back later"
        return f"{earns} each client's first paid order of {self.lines.words}, {later}"
