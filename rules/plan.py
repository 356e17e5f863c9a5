"""The shape of a plan: it asks its question as data, gets sums, and returns exact amounts.

A way of earning is one file in `rules/plans/`. Its fields are the keys of the programme file; the
engine sums what `cut` asks for; `earn` says what that earns. A plan never sees a line or a frame, and
never edits what another plan earned: a cap, a guarantee, an override are further earned lines.
"""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.period import Period
from models.phrase import Phrase, PhraseValue
from rules.earning.ladder import Tier
from rules.earning.measure import AfterRefunds, Measure

OTHERS: Literal["others"] = "others"
EVERYTHING: Literal["all"] = "all"
DEEPEST = 10
"""Levels an override may reach down, and a chain of partners may have above one of them."""


class Stage(IntEnum):
    """When a plan is asked: what lines and events earn, then limits on that, then what juniors' earnings bring."""

    OWN = 1
    LIMIT = 2
    NETWORK = 3


class To(StrEnum):
    """Whom what is earned goes to. Only what goes to the partner is ever part of a payout."""

    PARTNER = "partner"
    PERSON = "person"  # a person in the partner's organisation, paid directly
    FUND = "fund"  # the partner's marketing fund: it pays for agreed activities
    CREDIT = "credit"  # gifts and store credit: valued, never money
    KEPT = "kept"  # a reseller's margin: the client paid it to the partner, it never was the vendor's
    NOBODY = "nobody"  # counted and shown, earns nothing


@dataclass(frozen=True)
class Select:
    """Which lines: of these products, of these categories, or of more.

    Where two rules take lines, the more specific wins: product, then category, then `others`, what no other
    rule of the plan names. A rule that only looks on may look at `everything`.
    """

    categories: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    others: bool = False
    everything: bool = False

    def may_meet(self, other: "Select") -> bool:
        """Whether a line may be among those of both."""
        if self.everything or other.everything or (self.others and other.others):
            return True
        by_name = {*self.categories} & {*other.categories} or {*self.products} & {*other.products}
        return bool(by_name)

    @property
    def words(self) -> str:
        more = ["everything else"] if self.others else ["everything"] if self.everything else []
        return ", ".join([*self.products, *self.categories, *more])


@dataclass(frozen=True)
class Cut:
    """What a plan asks the engine to sum, over one partner and month. What it does not ask stays empty."""

    lines: Select | None = None  # sums by client, in Sums.clients
    takes: bool = True  # a line earns under one rule that takes it; rules that do not take look at it beside that one
    served: bool = False  # lines of the clients the partner serves, instead of those it brought
    first_orders: bool = False  # only the first paid order of clients who never paid for such lines before
    year_since: Literal["attribution", "first_payment"] | None = None  # split each client by the year of its life
    amount: Literal["base", "discount"] = "base"  # what is summed: what was paid, or the discount of a promo code
    measure: Measure | None = None  # what picks a tier or reaches a figure, in Sums.measure
    events: tuple[str, ...] = ()  # kinds of events, in Sums.events
    earned: tuple[str, ...] | Literal["all"] = ()  # what other rules of the partner earned, in Sums.earned
    lifetime: bool = False  # and what they earned in earlier months, in Sums.earned_before
    once: bool = False  # what this rule itself accrued in earlier months, in Sums.own_before
    juniors: int = 0  # levels of partners below, in Sums.juniors
    roles: tuple[str, ...] = ()  # people of the partner in these roles, in Sums.people
    after_refunds: AfterRefunds = AfterRefunds.AS_EARNED  # what it counts of sales that are given back later

    @property
    def counts_left(self) -> bool:
        """Whether it gives back what it earned for a figure of which less is left."""
        return self.after_refunds is AfterRefunds.LEFT

    @property
    def looks_back(self) -> bool:
        """Whether earlier months have to be known to answer."""
        window = self.measure is not None and (self.measure.looks_back or self.counts_left)
        return bool(window or self.first_orders or self.year_since or self.lifetime or self.once or self.events)


@dataclass(frozen=True)
class ClientSums:
    """What one client's lines come to under one rule; in one year of its life where the rule asks for years."""

    client_id: str
    lines: int
    base_minor: int
    year: int = 0  # 1 is the first; 0 where nobody asked
    before_minor: int = 0  # of first orders: what earlier months came to, where the order goes on in this one


@dataclass(frozen=True)
class EventSum:
    """One event that counts this month, or the cancellation of one that earned in an earlier month."""

    event_id: str
    kind: str
    product_code: str = ""
    client_id: str = ""
    amount_minor: int = 0  # what the event is worth, where it says so
    takes_back_minor: int | None = None  # a cancellation: what the cancelled event earned under this rule


@dataclass(frozen=True)
class EarnedAmount:
    """What one rule accrued to the partner, in minor units: this month, or in all the months before it together."""

    rule: str
    key: str  # the client, event, person ... it is for; blank where it is for no one in particular
    minor: int


@dataclass(frozen=True)
class Junior:
    """A partner below this one: `level` 1 is a direct junior."""

    partner_id: str
    level: int
    base_minor: int  # of the lines it brought
    commission_minor: int  # what its own rules earned it, after limits; no overrides


@dataclass(frozen=True)
class Person:
    """Somebody in the partner's organisation, in a role."""

    person_id: str
    name: str
    role: str


@dataclass(frozen=True)
class Sums:
    """The engine's answer. Amounts are minor units of the programme's currency."""

    month: Period
    clients: tuple[ClientSums, ...] = ()
    measure: int = 0  # minor units, or a number of clients where the measure counts
    events: tuple[EventSum, ...] = ()
    earned: tuple[EarnedAmount, ...] = ()  # this month, by the rules that were asked before
    earned_before: tuple[EarnedAmount, ...] = ()  # in the months before
    # What this rule accrued in earlier months, by key; of a limit for life, what of it still stands.
    own_before: Mapping[str, int] = field(default_factory=dict)
    juniors: tuple[Junior, ...] = ()
    people: tuple[Person, ...] = ()
    days: int | None = None  # days of the month on which these terms hold, when fewer than all

    @property
    def base_minor(self) -> int:
        return sum(client.base_minor for client in self.clients)

    @property
    def part_of_month(self) -> Fraction:
        return Fraction(self.days, self.month.last_day.day) if self.days is not None else Fraction(1)


@dataclass(frozen=True)
class Working:
    """One step of the working: `count` times so much at this rate; the bounds are those of a graduated slice."""

    base_minor: int
    rate: Fraction = Fraction(1)
    from_minor: int | None = None
    to_minor: int | None = None
    phrase: Phrase | None = None  # what this step is, where base and rate do not say it: "year 2", "15 of 31 days"
    count: int = 1

    @property
    def words(self) -> str:
        """The phrase in English; blank where there is none."""
        return self.phrase.english if self.phrase else ""

    @property
    def exact(self) -> Fraction:
        return self.base_minor * self.rate * self.count


@dataclass(frozen=True)
class Reached:
    """The tier that was reached, the one after it, and what that one would have added on the same base."""

    position: int  # 1 is the first
    tier: Tier
    next_tier: Tier | None
    gain: Fraction = Fraction(0)


SharedBy = Literal["", "client", "event", "person", "partner", "goal"]

BY_JUNIOR: SharedBy = "partner"
"""What overrides earn is shared by junior. It is worked out after limits, so no limit looks at it, in no month."""


@dataclass(frozen=True)
class Earned:
    """What a rule earns. The steps add up to the exact amount, which is rounded once, later; so do the shares."""

    working: tuple[Working, ...]
    shares: Mapping[str, Fraction] = field(default_factory=dict)  # exact, by client, event, person, partner or goal
    shared_by: SharedBy = ""
    reached: Reached | None = None
    rates: Mapping[int, Fraction] = field(default_factory=dict)  # by year of a client's life, where they differ
    of_nothing: Mapping[str, Fraction] = field(
        default_factory=dict
    )  # rates of lines that cancel out, as shares are keyed

    @property
    def exact(self) -> Fraction:
        return sum((step.exact for step in self.working), Fraction(0))

    @property
    def rate(self) -> Fraction | None:
        """The one rate that applied to everything; None when the working has its own rates or amounts."""
        if len(self.working) != 1:
            return None
        (step,) = self.working
        return step.rate if step.from_minor is None and step.count == 1 and not step.words else None


def by_base(
    clients: Iterable[ClientSums], exact: Fraction, rate_of_nothing: Fraction = Fraction(0)
) -> dict[str, Fraction]:
    """Share an exact amount over clients by their base.

    Where charges and refunds cancel out there is no base to share by: each client's own base then earns
    `rate_of_nothing`, and together they earn nothing.
    """
    bases: dict[str, int] = {}
    for client in clients:
        bases[client.client_id] = bases.get(client.client_id, 0) + client.base_minor
    total = sum(bases.values())
    if total == 0:
        return {client_id: base * rate_of_nothing for client_id, base in bases.items()}
    of_one = exact / total
    return {client_id: Fraction(of_one.numerator * base, of_one.denominator) for client_id, base in bases.items()}


class Plan(BaseModel):
    """A way of earning. Subclasses name themselves: `plan: Literal["percentage"]`, as their file is named."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: ClassVar[Stage] = Stage.OWN
    is_fee: ClassVar[bool] = False
    """Whether it may earn where nothing was paid: a fee, a bonus, a limit. Its cost is checked when it is known."""

    examples: ClassVar[tuple[str, ...]] = ()
    """How it is written, one YAML flow mapping per form it has: shown in its documentation, tried by every promise."""

    plan: str

    @property
    def to(self) -> To:
        """Whom it is for."""
        return To.PARTNER

    def tiers_apply(self) -> str:
        """How tiers apply: "volume", "graduated", "package", or "" for a plan without tiers."""
        return ""

    def highest_rate(self) -> Fraction:
        """The largest share of the base it can cost the vendor; 0 for fees, whose cost no rate bounds."""
        return Fraction(0)

    def only_rate(self) -> Fraction | None:
        """The rate that everything it takes earns at; None where there is none, or more than one."""
        return None

    def corrects_rate(self) -> Fraction | None:
        """The rate that the rules taking its lines must have, for it corrects what they earned; None: any."""
        return None

    @abstractmethod
    def cut(self) -> Cut:
        """Return what to sum."""

    @abstractmethod
    def earn(self, sums: Sums) -> Earned:
        """Return what those sums earn."""

    @abstractmethod
    def words(self, currency: str) -> str:
        """Return the rule as one plain English sentence, as a clause on the statement."""

    def notes(self, currency: str) -> Iterable[str]:
        """What a programme manager should know of the rule before signing it, a sentence each."""
        return ()

    def bounds(self) -> Sequence[int]:
        """The amounts of the base, in minor units, at which what it earns changes its course."""
        return ()

    def goals_by_key(self) -> Mapping[str, PhraseValue]:
        """What each goal is, by the key of its share; empty for a plan without goals."""
        return {}


Names = Annotated[tuple[str, ...], Field(min_length=1)]


class OnLines(Plan):
    """A plan on what clients paid for some categories or products, or for what no other rule names."""

    categories: Names | Literal["others", "all"] | None = Field(
        None,
        description="the categories it is on: a list; `others`, what no other rule of the plan names, where it takes "
        "its lines; `all`, where it looks at lines beside the rule that takes them",
    )
    products: Names | None = Field(
        None,
        description="the products it is on, beside the categories or without them. A product goes before its category",
    )

    @model_validator(mode="after")
    def _something_earns(self) -> "OnLines":
        if self.categories is None and self.products is None:
            raise ValueError("say what earns: categories: [telephony], products: [TEL-PBX], or categories: others")
        takes = self.cut().takes
        if self.categories == (EVERYTHING if takes else OTHERS):
            raise ValueError(
                "write categories: others: a line earns under one rule, so it takes what no other rule names"
                if takes
                else "write categories: all: this rule looks at lines beside the rules that take them"
            )
        return self

    @property
    def lines(self) -> Select:
        """The lines that earn, as a question."""
        named = self.categories if isinstance(self.categories, tuple) else ()
        return Select(
            named, self.products or (), others=self.categories == OTHERS, everything=self.categories == EVERYTHING
        )
