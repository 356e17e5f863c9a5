"""Training share: the vendor's part of what a partner earned on training, which the partner owes."""

from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field

from models.phrase import Phrase
from rules.plan import Cut, Earned, EventSum, Plan, Sums, Working
from rules.plans.pay_per_action import EventKind, by_event, taken_back
from rules.programme.written import Rate, percent_text


class TrainingShare(Plan):
    """Earns minus `rate` of what each training is worth: the partner was paid by those it trained.

    A training worth 30 000.00 at 20 % earns -6 000.00. A cancelled training gives back what was owed.
    """

    is_fee: ClassVar[bool] = True  # it takes where no client paid the vendor anything

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: training_share, rate: 20%}",
        "{plan: training_share, event: certification, rate: 15%}",
    )

    plan: Literal["training_share"]
    event: EventKind = Field(
        "training",
        description="the kind of event, as events.csv calls it; its `amount_minor` says what it was worth. "
        "`training` when left out",
    )
    rate: Rate = Field(description="the vendor’s share, which the partner owes")

    def cut(self) -> Cut:
        return Cut(events=(self.event,))

    def earn(self, sums: Sums) -> Earned:
        held = sorted(
            (event for event in sums.events if event.takes_back_minor is None), key=lambda event: event.event_id
        )
        working = tuple(Working(-event.amount_minor, self.rate, phrase=self._step(event)) for event in held)
        shares = by_event(sums.events, lambda event: -event.amount_minor * self.rate)
        return Earned(working + taken_back(sums.events), shares, "event")

    def _step(self, event: EventSum) -> Phrase:
        if event.amount_minor:
            return Phrase.of("{event} {id}", event=self.event, id=event.event_id)
        return Phrase.of("{event} {id}: no amount is given", event=self.event, id=event.event_id)

    def highest_rate(self) -> Fraction:
        return Fraction(0)  # it never costs the vendor anything

    def words(self, currency: str) -> str:
        return f"the partner owes {percent_text(self.rate)} % of what it earned on each {self.event}"
