"""What the slow twin remembers of a programme's life: sales, what they earned, and what went back of it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from tests.histories.history import History
from tests.histories.twin_plans import half_away

Line = Mapping[str, Any]


class Fate(NamedTuple):
    """What becomes of a line."""

    outcome: str  # settled | clawback | final | open | unpaid | rejected
    reason: str = ""
    partner: str = ""
    part: int = 0
    rule: str = ""


class Group(NamedTuple):
    """What one client (or person, or junior) earned a partner under one rule in one month."""

    month: str
    partner: str
    rule: str  # without the terms it is of
    to: str
    key: str


@dataclass
class Kept:
    """A group's amount, and what went back of it since."""

    minor: int = 0
    exact: Fraction = Fraction(0)
    back: Fraction = Fraction(0)  # exactly
    taken: int = 0

    def take(self, exact: Fraction) -> int:
        """Take so much back, and return by how many minor units the amount falls.

        Of 4 for 3.5, 1.75 is half, so 2. Where other lines left less than what goes back, as 0.6 of a sale's 100, all
        of the minor units go, and what is missing: 1 + 99.4.
        """
        self.back += exact
        low, high = sorted((Fraction(0), self.exact))
        within = min(max(self.back, low), high)
        whole = self.minor * within / self.exact if self.exact else Fraction(0)
        taken = half_away(whole + self.back - within)
        now, self.taken = taken - self.taken, taken
        return now


class Correction(NamedTuple):
    """What a refund took back of a group."""

    line_id: str
    group: Group
    minor: int  # below 0 where it is taken


@dataclass
class Month:
    """What a month came to."""

    name: str = ""  # 2026-01
    fates: dict[str, Fate] = field(default_factory=dict)
    new: dict[tuple[str, str], int] = field(default_factory=dict)  # (partner, rule as the statement names it)
    clients: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    clawbacks: list[Correction] = field(default_factory=list)
    limits: dict[tuple[str, str, str], int] = field(default_factory=dict)  # (partner, rule, month corrected)
    overrides: dict[tuple[str, str, str, str], int] = field(default_factory=dict)  # (senior, rule, month, junior)
    restated: dict[Group, int] = field(default_factory=dict)  # what a month comes to more that was worked out again
    opening: dict[str, int] = field(default_factory=dict)
    closing: dict[str, int] = field(default_factory=dict)
    to_pay: dict[str, int] = field(default_factory=dict)
    beside: dict[tuple[str, str], int] = field(default_factory=dict)  # (partner, fund | credit | person): closing
    adjusted: dict[tuple[str, str], int] = field(default_factory=dict)  # (partner, id of the adjustment)
    excess: dict[str, int] = field(default_factory=dict)  # refund -> what its sale did not have left

    def rows(self) -> Iterator[tuple[str, str, int]]:
        """Everything posted now: partner, rule without the terms it is of, minor units."""
        yield from ((who, rule.partition("@")[0], minor) for (who, rule), minor in self.new.items())
        yield from ((each.group.partner, each.group.rule, each.minor) for each in self.clawbacks)
        yield from ((who, rule, minor) for (who, rule, _), minor in self.limits.items())
        yield from ((who, rule, minor) for (who, rule, *_), minor in self.overrides.items())
        yield from ((group.partner, group.rule, minor) for group, minor in self.restated.items())

    def came_to(self, partner: str, rule: str = "") -> int:
        """Everything posted for a partner under a rule, or under all of them; whomever it went to."""
        return sum(minor for who, name, minor in self.rows() if who == partner and rule in ("", name))


@dataclass
class Sale:
    """A line that was decided for good, and what it earned."""

    fate: Fate
    month: str
    gross: int
    value: int  # what of it commission is on: all of it, or what is net of VAT
    left: int
    category: str
    given_back: int = 0  # of the value, in months after its own
    earned: list[tuple[Group, Fraction]] = field(default_factory=list)


@dataclass
class Past:
    """A closed month of a partner, as far as it may be figured again."""

    own: list[tuple[str, str, str, dict[str, int]]] = field(default_factory=list)  # rule, to, by, minor by key
    limits: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    goals: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)  # those that may be taken back
    posted: dict[str, int] = field(default_factory=dict)  # by limit, corrections included
    overrides: dict[str, dict[str, Fraction]] = field(default_factory=dict)  # rule -> junior -> rate
    of_base: set[str] = field(default_factory=set)  # the overrides on what clients paid


class Life:
    """A programme's life so far."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.written = history.written
        self.waiting: list[Line] = []
        self.sales: dict[str, Sale] = {}
        self.taken: dict[str, tuple[str, int]] = {}  # refund -> its sale, and how much of it
        self.took_nothing: dict[str, str] = {}  # chargeback -> its sale, of which nothing was left
        self.adjusted: set[str] = set()
        self.won: dict[str, int] = defaultdict(int)  # chargeback -> how much of it came back
        self.kept: dict[Group, Kept] = {}
        self.past: dict[tuple[str, str], Past] = {}
        self.sums: list[tuple[str, str, str, int]] = []  # month, partner, category, base
        self.lowered: list[tuple[str, str, str, int]] = []  # the same, of what is given back where a term lets it count
        self.based: dict[str, tuple[str, str, int]] = {}  # sale -> month, partner, base, where a rule took it
        self.months: dict[str, Month] = {}
        self.put_in: tuple[Line, ...] = ()  # what gives back sales of a month that is worked out again, in it
        self.put_in_sums: list[tuple[str, str, str, int]] = []  # the sums of these lines
        self.before: dict[str, Life] = {}  # the life up to each month, to work that out again
        self.restated: set[str] = set()  # months that were
        self.netted: set[str] = set()  # refunds that lowered the month they were posted in
        self.returned: dict[str, tuple[str, int]] = {}  # other refunds of earlier months' sales -> sale, and how much

    def policy(self, month: str) -> str:
        """What a month's refunds take back."""
        said = self.written.get("refunds", "original_rate")
        if isinstance(said, str):
            return said
        return str([each["policy"] for each in said if each["from"] <= month][-1])

    def as_it_is(self) -> "Life":
        """The life as it is now, whatever becomes of this one."""
        return deepcopy(self, {id(self.history): self.history, id(self.before): self.before})
