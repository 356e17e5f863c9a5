"""What the slow twin remembers of a programme's life: sales, what they earned, and what went back of it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from tests.histories.history import History
from tests.histories.twin_plans import figure_of, half_away
from tests.histories.twin_terms import group_in

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
    client_id: str = ""
    invoice_id: str = ""
    late_of: str = ""  # the closed month it was paid in, where it earns by the terms of that
    given_back: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # of the value, by later month
    netted: int = 0  # of the gross, by refunds of the sale's own month
    earned: list[tuple[Group, Fraction, int]] = field(default_factory=list)  # exactly, and on how much

    def part_of(self, base: int, left: int, taken: int) -> Fraction:
        """Which part of what was earned on a base goes with what is taken, where so much of the gross is left after it.

        What the sale's own month netted weighs what it took of the base, in whole minor units, and the rest what stayed.
        """
        if not base:
            return Fraction(taken, self.gross)
        kept = self.gross - self.netted
        of_kept = half_away(Fraction(base * kept, self.gross))
        low, high = sorted((left, left + taken))
        below, above = min(high, kept) - min(low, kept), max(high, kept) - max(low, kept)
        weighs = Fraction(below * of_kept, kept or 1) + Fraction(above * (base - of_kept), self.netted or 1)
        return weighs / base * (1 if taken > 0 else -1)


class Paid(NamedTuple):
    """What a client paid on an order, or below 0 got back of it, as first sales look at it."""

    month: str  # that saw it
    client_id: str
    category: str
    order: str  # its invoice; of what is given back, that of the sale
    day: str
    value: int
    earns: bool  # False: paid before the claim, or before the terms
    is_late_refund: bool = False  # of a sale of an earlier month
    goes_back: bool = False  # it is taken back of that sale, and is no payment below zero of its own month
    sold_in: str = ""  # of what goes back: the month that settled its sale
    is_put_in: bool = False  # into a month that is worked out again
    late_of: str = ""  # the closed month it was paid in, where it earns by the terms of that


@dataclass
class Past:
    """A closed month of a partner, as far as it may be figured again."""

    own: list[tuple[str, str, str, dict[str, int]]] = field(default_factory=list)  # rule, to, by, minor by key
    limits: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    goals: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)  # those that may be taken back
    posted: dict[str, int] = field(default_factory=dict)  # by limit, corrections included
    overrides: dict[str, dict[str, Fraction]] = field(default_factory=dict)  # rule -> junior -> rate
    of_base: set[str] = field(default_factory=set)  # the overrides on what clients paid


class Asked(NamedTuple):
    """What a measure is asked for."""

    left: bool = False  # of what is left of sales, by the refunds known
    known: str = "9"  # the last month whose refunds are
    kept: bool = False  # without what is put into a month that is worked out again
    with_late: bool = False  # with late lines that settled since, in the month they were paid in


AS_IT_STANDS = Asked()


class Counted(NamedTuple):
    """A line as measures count it."""

    month: str  # that first saw it paid
    partner: str
    category: str
    client_id: str
    value: int
    late_of: str = ""  # the closed month it was paid in, where it earns by the terms of that


class Life:
    """A programme's life so far."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.written = history.written
        self.waiting: list[Line] = []
        self.sales: dict[str, Sale] = {}
        self.taken: dict[str, dict[str, int]] = {}  # refund -> how much of which sale
        self.took_nothing: dict[str, str] = {}  # chargeback -> its sale, of which nothing was left
        self.adjusted: set[str] = set()
        self.earned_once: set[tuple[str, str]] = set()  # (partner, rule): fees at the start, and gifts
        self.won: dict[tuple[str, str], int] = defaultdict(int)  # (chargeback, sale) -> how much of it came back
        self.kept: dict[Group, Kept] = {}
        self.past: dict[tuple[str, str], Past] = {}
        self.sums: list[Counted] = []
        self.lowered: list[Counted] = []  # what is given back, where a term lets it count
        self.based: dict[str, tuple[str, str, int]] = {}  # sale -> month, partner, base, where a rule took it
        self.months: dict[str, Month] = {}
        self.put_in: tuple[Line, ...] = ()  # what gives back sales of a month that is worked out again, in it
        self.paid: list[Paid] = []
        self.put_in_sums: list[Counted] = []  # the sums of these lines
        self.before: dict[str, Life] = {}  # the life up to each month, to work that out again
        self.restated: set[str] = set()  # months that were
        self.netted: set[str] = set()  # refunds that lowered the month they were posted in
        self.returned: dict[str, dict[str, int]] = {}  # other refunds of earlier months' sales -> how much of which

    def policy(self, month: str) -> str:
        """What a month's refunds take back."""
        said = self.written.get("refunds", "original_rate")
        if isinstance(said, str):
            return said
        return str([each["policy"] for each in said if each["from"] <= month][-1])

    def measure(self, partner: str, said: Any, month: str, asked: Asked = AS_IT_STANDS) -> int:
        """What a measure, as the file writes it, comes to at the end of a month: kopecks, or a number of clients."""
        written: Mapping[str, Any] = {} if said == "all" else said
        window = written.get("window", "month")
        months = [each for each in self.history.months if each <= month]
        if window != "lifetime":
            months = months[-1 if window == "month" else -int(window.split()[0]) :]
        if written.get("over") != "consolidation_group":
            return self._measure_of(partner, written, months, asked)
        groups = {str(row["partner_id"]): "" for row in self.history.partners}
        for who in groups:
            groups[who] = group_in([row for row in self.history.partners if row["partner_id"] == who], month)
        together = [who for who in groups if who == partner or groups[who] == groups[partner] != ""]
        return sum(self._measure_of(who, written, months, asked) for who in together)

    def ever_with(self, partner: str) -> set[str]:
        """A partner, and all whose measures its clients' payments may be part of in some month."""
        rows = self.history.partners
        groups = {str(row.get("consolidation_group") or partner) for row in rows if row["partner_id"] == partner}
        return {partner, *(str(row["partner_id"]) for row in rows if row.get("consolidation_group") in groups)}

    def _measure_of(self, partner: str, written: Mapping[str, Any], months: Sequence[str], asked: Asked) -> int:
        of = written.get("categories", "all")
        if written.get("of") == "new_clients":
            return self._new_clients(partner, of, months, asked)
        counted = self._counted_in(partner, of, months, asked)
        if written.get("of", "paid") == "paid":
            return sum(row.value for row in counted)
        by_client: dict[str, int] = defaultdict(int)
        for row in counted:
            by_client[row.client_id] += row.value
        return sum(value > 0 for value in by_client.values())

    def _new_clients(self, partner: str, of: Any, months: Sequence[str], asked: Asked) -> int:
        """How many clients paid for the first time ever in these months; none that a month gave back all it paid."""
        by_client: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        before: set[str] = set()  # who paid before the window what earns nothing: no month first saw it as a payment
        left = {row.client_id: 0 for row in self.paid}
        for row in self._counted_in(partner, of, self.history.months, asked):
            if row.month <= months[-1]:
                left[row.client_id] = left.get(row.client_id, 0) + row.value
        for paid in self.paid:
            if not (of == "all" or paid.category in of) or self.owner_of(paid.client_id) != partner:
                continue
            seen = paid.sold_in if asked.left and paid.goes_back and paid.month <= asked.known else paid.month
            if asked.with_late and paid.late_of and paid.late_of <= months[-1] < paid.month:
                seen = paid.late_of
            is_known = not asked.left or paid.month <= asked.known
            if seen > months[-1] or not is_known or (asked.kept and paid.is_put_in):
                continue
            by_client[paid.client_id][seen] += paid.value
            if not paid.earns and paid.value > 0 and paid.day < f"{months[0]}-01":
                before.add(paid.client_id)
        found = 0
        for client, sums in by_client.items():
            first = min((each for each, value in sums.items() if value > 0), default="")
            found += first in months and client not in before and (not asked.left or left[client] > 0)
        return found

    def owner_of(self, client_id: str) -> str:
        """The partner whose client it is."""
        claims = [row for row in self.history.claims if row["client_id"] == client_id]
        return min(((row["claimed_on"], row["claim_id"], row["partner_id"]) for row in claims), default=("", "", ""))[2]

    def _counted_in(self, partner: str, of: Any, months: Sequence[str], asked: Asked) -> list[Counted]:
        """What counts of a partner's lines in these months."""
        rows = [*self.sums, *([] if asked.kept else self.put_in_sums), *([] if asked.left else self.lowered)]
        if asked.left:
            rows += [
                Counted(sale.month, sale.fate.partner, sale.category, sale.client_id, -value)
                for sale in self.sales.values()
                for given_back_in, value in sale.given_back.items()
                if given_back_in <= asked.known
            ]
        if asked.with_late:
            is_late = [row for row in rows if row.late_of and row.late_of <= months[-1] < row.month]
            rows = [row for row in rows if row not in is_late] + [row._replace(month=row.late_of) for row in is_late]
        return [
            row
            for row in rows
            if row.partner == partner and row.month in months and (of == "all" or row.category in of)
        ]

    def plan_of(self, partner: str, name: str, month: str) -> Any:
        """The plan that a name in partners.csv leads to: itself, or that of the level a partner is on in a month."""
        plans: Mapping[str, Any] = self.written["plans"]
        if name in plans:
            return plans[name]
        ladder = self.written["levels"][name]
        is_left = ladder.get("taken_back") == "true"
        before = [each for each in self.history.months if each < month]
        asked = Asked(left=is_left, known=before[-1] if before else "")
        figures = [
            self.measure(partner, ladder["measure"], each, asked) for each in before[-1 - int(ladder.get("grace", 0)) :]
        ]
        figure = max(figures, default=0)
        lowest, *others = ladder["levels"].values()
        reached = [each for each in others if figure_of(each["reaches"], ladder["measure"]) <= figure]
        return plans[[lowest, *reached][-1]["plan"]]

    def as_it_is(self) -> "Life":
        """The life as it is now, whatever becomes of this one."""
        return deepcopy(self, {id(self.history): self.history, id(self.before): self.before})
