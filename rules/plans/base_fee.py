"""Base fee: a fixed amount a month, once at the start, or by the number of clients."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from models.money import major
from models.phrase import Phrase
from rules.earning.measure import AMeasure
from rules.plan import Cut, Earned, Plan, Sums, Working
from rules.plans.pay_per_action import AmountsByCount, amount_reached
from rules.programme.written import AmountMinor


class BaseFee(Plan):
    """Earns `pays` every month or once `upfront`, or every month the amount that the number of clients reaches.

    10 000.00 a month earns 4 838.71 where the terms hold on 15 of the 31 days of January: a monthly fee is
    pro rata by days, an upfront fee is not. With 0: 0, 5: 5 000.00, 20: 20 000.00, four clients earn
    nothing and five earn 5 000.00.
    """

    is_fee: ClassVar[bool] = True

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: base_fee, pays: 10000.00}",
        "{plan: base_fee, pays: 30000.00, paid: upfront}",
        "{plan: base_fee, by_clients: {0: 0, 5: 5000.00, 20: 20000.00}, measure: {of: new_clients, window: month}}",
    )

    plan: Literal["base_fee"]
    pays: AmountMinor | None = Field(None, description="the fee; this or `by_clients`")
    paid: Literal["monthly", "upfront"] = Field(
        "monthly",
        description="`monthly`: every month, by days in a part of a month. `upfront`: once, in the first "
        "month. `monthly` when left out",
    )
    by_clients: AmountsByCount | None = Field(
        None, description="number of clients: monthly fee, first at 0, rising; this or `pays`"
    )
    measure: AMeasure | None = Field(None, description="beside `by_clients`: which clients are counted")

    @model_validator(mode="after")
    def _one_way_to_pay(self) -> "BaseFee":
        if (self.pays is None) == (self.by_clients is None):
            raise ValueError("write either `pays`, one amount, or `by_clients`, amounts by the number of clients")
        if self.by_clients is None and self.measure is not None:
            raise ValueError("`measure` counts the clients for `by_clients`: beside `pays`, leave it out")
        if self.by_clients is not None and (self.measure is None or not self.measure.counts):
            raise ValueError(
                "`by_clients` needs a measure that counts clients: measure: {of: new_clients, window: month}"
            )
        if self.by_clients is not None and self.paid == "upfront":
            raise ValueError("a fee by the number of clients is earned every month: paid: upfront is for `pays`")
        return self

    def cut(self) -> Cut:
        return Cut(measure=self.measure, once=self.paid == "upfront")

    def earn(self, sums: Sums) -> Earned:
        if self.paid == "upfront":
            return Earned(() if sums.own_before else (Working(self.pays or 0, phrase=Phrase.of("upfront, once")),))
        if self.by_clients is None:
            pays_minor, step = self.pays or 0, Phrase.of("the whole month")
        else:
            pays_minor = amount_reached(self.by_clients, sums.measure).pays_minor
            step = Phrase.of("{n} clients", n=sums.measure)
        if sums.days:
            step = Phrase.of("{days} of {all} days", days=sums.days, all=sums.month.last_day.day)
        return Earned((Working(pays_minor, sums.part_of_month, phrase=step),))

    def words(self, currency: str) -> str:
        if self.by_clients and self.measure:
            steps = ", ".join(f"{major(each.pays_minor, currency)} from {each.starts_at}" for each in self.by_clients)
            by = f"by days in a part of a month; measured by {self.measure.words}"
            return f"a monthly fee by the number of clients: {steps}; {by}"
        often = "a month, by days in a part of a month" if self.paid == "monthly" else "once, at the start"
        return f"a fee of {major(self.pays or 0, currency)} {often}"
