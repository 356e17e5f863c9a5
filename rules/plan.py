"""The shape of a plan: it asks its question as data, gets sums, and returns exact amounts.

A way of earning is one file in `rules/plans/`. Its fields are the keys of the programme file; the
engine sums what `cut` asks for; `earn` says what that earns. A plan never sees a line or a frame, and
never edits what another plan earned.
"""

import re
from abc import abstractmethod
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo

from models.errors import BadInput
from models.money import Money, decimal_text, known_currency
from rules.ladder import Tier

ALL: Literal["all"] = "all"

_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%")


def read_percent(text: object) -> Fraction:
    """Read `50%` or `7.5%`. Raises ValueError for anything else: a bare 0.5 could mean two things."""
    written = _PERCENT.fullmatch(str(text))
    if not written:
        raise ValueError(f"{text!r} is not a rate: write percent, for example 50% or 7.5%")
    rate = Fraction(written[1]) / 100
    if rate > 1:
        raise ValueError(f"{text!r} is more than the client paid: a rate is at most 100%")
    return rate


def read_amount(text: object, info: ValidationInfo) -> int:
    """Read decimal text in major units of the programme's currency as minor units, zero or more."""
    context: dict[str, Any] = info.context or {}
    currency = str(context["currency"])
    if not known_currency(currency):
        raise ValueError(f"{text!r} cannot be read before `currency` can")
    try:
        minor = Money.parse(str(text), currency).minor
    except BadInput as error:
        raise ValueError(str(error)) from None
    if minor < 0:
        raise ValueError(f"{text!r} is negative: write an amount of zero or more")
    return minor


def percent_text(rate: Fraction) -> str:
    """Return a rate as percent text: 3/25 is `12`, 3/40 is `7.5`. Rates come from decimal text, so it is exact."""
    percent = rate * 100
    digits = 0
    while (percent * 10**digits).denominator != 1:
        digits += 1
    return decimal_text(int(percent * 10**digits), digits)


Rate = Annotated[Fraction, BeforeValidator(read_percent)]
AmountMinor = Annotated[int, BeforeValidator(read_amount)]


@dataclass(frozen=True)
class Cut:
    """What a plan asks the engine to sum, over one partner and month."""

    categories: tuple[str, ...]  # whose lines earn
    measure: tuple[str, ...] | Literal["all"] | None = None  # whose amounts pick the tier; None: no tier


@dataclass(frozen=True)
class Sums:
    """The engine's answer, in minor units."""

    base_minor: int
    measure_minor: int = 0


@dataclass(frozen=True)
class Working:
    """One step of the working: so much at this rate; the bounds are those of a graduated slice."""

    base_minor: int
    rate: Fraction
    from_minor: int | None = None
    to_minor: int | None = None

    @property
    def exact(self) -> Fraction:
        return self.base_minor * self.rate


@dataclass(frozen=True)
class Reached:
    """The tier that was reached, the one after it, and what that one would have added on the same base."""

    position: int  # 1 is the first
    tier: Tier
    next_tier: Tier | None
    gain: Fraction = Fraction(0)


@dataclass(frozen=True)
class Earned:
    """What a rule earns: the steps add up to the exact amount, which is rounded once, later."""

    working: tuple[Working, ...]
    first_rate: Fraction  # what lines earn where their base sums to zero
    reached: Reached | None = None

    @property
    def exact(self) -> Fraction:
        return sum((step.exact for step in self.working), Fraction(0))

    @property
    def rate(self) -> Fraction | None:
        """The one rate that applied to everything; None when the working has its own rates (graduated)."""
        return self.working[0].rate if len(self.working) == 1 and self.working[0].from_minor is None else None


class Plan(BaseModel):
    """A way of earning. Subclasses name themselves: `plan: Literal["percentage"]`, as their file is named."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan: str

    def tiers_apply(self) -> str:
        """How tiers apply: "volume", "graduated", or "" for a plan without tiers."""
        return ""

    @abstractmethod
    def cut(self) -> Cut:
        """Return what to sum."""

    @abstractmethod
    def earn(self, sums: Sums) -> Earned:
        """Return what those sums earn."""

    @abstractmethod
    def words(self, currency: str) -> str:
        """Return the rule as one plain English sentence, as a clause on the statement."""
