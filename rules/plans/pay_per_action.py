"""Pay per action: an amount for each registration, qualified lead, or other event the vendor names."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema, model_validator

from models.money import major
from models.phrase import Phrase, name
from rules.earning.ladder import Tier, problems
from rules.plan import Cut, Earned, EventSum, Plan, Sums, Working
from rules.programme.written import AmountMinor, read_amount, read_count

EventKind = Annotated[str, Field(min_length=1)]


class AmountFrom(NamedTuple):
    """An amount that applies from a number of events, or of clients, upwards."""

    starts_at: int
    pays_minor: int


def read_amounts(amounts: object, info: ValidationInfo) -> tuple[AmountFrom, ...]:
    """Read `{0: 250.00, 3: 275.00}`: amounts by the number from which they apply, first at 0, rising."""
    if not isinstance(amounts, dict) or not amounts:
        raise ValueError("write amounts as number: amount, for example {0: 250.00, 3: 275.00}")
    found = tuple(AmountFrom(read_count(number), read_amount(pays, info)) for number, pays in amounts.items())
    if wrong := problems([Tier(each.starts_at, Fraction(0)) for each in found], ""):
        raise ValueError("; ".join(wrong))
    return found


AmountsByCount = Annotated[
    tuple[AmountFrom, ...],
    BeforeValidator(read_amounts),
    WithJsonSchema(
        {"type": "object", "description": "from this number: amount", "examples": [{"0": "250.00", "3": "275.00"}]}
    ),
]


def amount_reached(amounts: Sequence[AmountFrom], count: int) -> AmountFrom:
    """Return the amount a number reaches: a bound belongs to the amount it starts."""
    return max(each for each in amounts if each.starts_at <= count)


def taken_back(events: Iterable[EventSum]) -> tuple[Working, ...]:
    """Return the steps of cancellations: what events of earlier months earned, with the opposite sign."""
    amounts = Counter(event.takes_back_minor for event in events if event.takes_back_minor is not None)
    return tuple(
        Working(-minor, phrase=Phrase.of("cancelled"), count=count) for minor, count in sorted(amounts.items())
    )


def by_event(events: Iterable[EventSum], worth: Callable[[EventSum], Fraction]) -> dict[str, Fraction]:
    """Return what each event earns: its worth, or where it cancels another, minus what that one earned."""
    shares: dict[str, Fraction] = {}
    for event in sorted(events, key=lambda event: event.event_id):
        exact = worth(event) if event.takes_back_minor is None else Fraction(-event.takes_back_minor)
        shares[event.event_id] = shares.get(event.event_id, Fraction(0)) + exact
    return shares


class PayPerAction(Plan):
    """Earns `pays` for each event of its kind, or the amount of `tiers` that the month's number of events reaches.

    The amount reached pays for all events of the month: with 0: 250.00, 3: 275.00, 5: 300.00, two earn
    500.00, three 825.00 and five 1 500.00. A cancelled event takes back what it earned.
    """

    is_fee: ClassVar[bool] = True

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: pay_per_action, event: registration, pays: 100.00}",
        "{plan: pay_per_action, event: qualified-lead, tiers: {0: 250.00, 3: 275.00, 5: 300.00}}",
    )

    plan: Literal["pay_per_action"]
    event: EventKind = Field(description="the kind of event, as events.csv calls it")
    pays: AmountMinor | None = Field(None, description="an amount for each event; this or `tiers`")
    tiers: AmountsByCount | None = Field(
        None,
        description="number of events in the month: amount, first at 0, rising. The amount reached pays for "
        "all of them; this or `pays`",
    )

    @model_validator(mode="after")
    def _one_way_to_pay(self) -> "PayPerAction":
        if (self.pays is None) == (self.tiers is None):
            raise ValueError("write either `pays`, one amount, or `tiers`, amounts by the number of events, not both")
        return self

    def cut(self) -> Cut:
        return Cut(events=(self.event,))

    def earn(self, sums: Sums) -> Earned:
        count = sum(event.takes_back_minor is None for event in sums.events)
        reached = amount_reached(self._amounts, count)
        step = name(self.event)
        if self.tiers:
            step = Phrase.of("{event}, tier {n}", event=self.event, n=self._amounts.index(reached) + 1)
        working = (Working(reached.pays_minor, phrase=step, count=count),) if count else ()
        shares = by_event(sums.events, lambda _: Fraction(reached.pays_minor))
        return Earned(working + taken_back(sums.events), shares, "event")

    @property
    def _amounts(self) -> tuple[AmountFrom, ...]:
        return self.tiers or (AmountFrom(0, self.pays or 0),)

    def words(self, currency: str) -> str:
        if not self.tiers:
            return f"{major(self.pays or 0, currency)} for each {self.event}"
        steps = ", ".join(f"{major(each.pays_minor, currency)} from {each.starts_at}" for each in self.tiers)
        return f"for each {self.event}, by their number in the month: {steps}; the amount reached pays for all"
