"""The slow twin of a programme's life: months settled one after the other, a dictionary per line, line by line.

Plain Python and exact fractions. It shares no code with the rooms, so the same mistake has to be made
twice to go unseen. What is taken back is worked out as the contract says it: each refund takes from each
client's amount of the month of its sale, cumulatively; limits and overrides of that month follow.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from tests.histories import twin_plans as plans
from tests.histories.history import History, last_day, posted_on
from tests.histories.twin_plans import Amount, Asked, Counted, Earning, half_away, money, percent
from tests.histories.twin_terms import Part, TermsNow, terms_in, year_of_life

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


class Twin:
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

    def settle_all(self) -> dict[str, Month]:
        for month in self.history.months:
            self.settle(month)
        return self.months

    def settle(self, month: str) -> Month:
        """Settle the next month."""
        of = _OneMonth(self, month)
        of.decide()
        of.figure_goals_again()
        of.earn()
        of.take_back()
        of.figure_limits_again()
        of.override()
        of.adjust()
        of.balance()
        self.months[month] = of.result
        return of.result


class _OneMonth:
    """A month while it is settled."""

    def __init__(self, twin: Twin, month: str) -> None:
        self.twin, self.month, self.result = twin, month, Month(month)
        history, written = twin.history, twin.written
        self.is_net_current = written.get("refunds", "original_rate") == "net_current"
        self.lines = [*twin.waiting, *history.posted_in(month)]
        self.by_id = {line["line_id"]: line for line in self.lines}
        by_partner: dict[str, list[Line]] = defaultdict(list)
        for row in history.partners:
            by_partner[row["partner_id"]].append(row)
        found = {who: terms_in(rows, written["plans"], month) for who, rows in sorted(by_partner.items())}
        self.terms: dict[str, TermsNow] = {who: terms for who, terms in found.items() if terms}
        self.owners: dict[str, Line] = {}
        for claim in sorted(history.claims, key=lambda row: (row["claimed_on"], row["claim_id"])):
            if claim["claimed_on"] <= last_day(month):
                self.owners.setdefault(claim["client_id"], claim)
        self.values: dict[str, int] = {}  # what settles or is excluded, as it counts
        self.parts: dict[str, int] = {}  # refund -> what of its sale's value goes with it
        self.discounts: dict[str, int] = {}  # the same of its discount, below 0
        self.waiting_sales: dict[str, Sale] = {}
        self.waiting_taken: dict[str, tuple[str, int]] = {}
        self.waiting_won: dict[str, int] = defaultdict(int)
        self.backs: list[tuple[str, str, int]] = []  # refund, sale of an earlier month, taken
        self.goals_since: dict[str, str] = {}  # partner -> the first month of which something is given back
        self.corrected: dict[tuple[str, str], int] = defaultdict(int)  # (junior, month) -> to the partner, now
        self.corrected_base: dict[tuple[str, str], Fraction] = defaultdict(Fraction)

    # ------------------------------------------------------------------------------ what becomes of a line

    def decide(self) -> None:
        twin, fates = self.twin, self.result.fates
        in_order = sorted(self.lines, key=lambda line: (posted_on(line), line["line_id"]))
        # Of one day, what is taken comes before what is given again: a chargeback before it is won.
        named = sorted(
            (line for line in in_order if line["refunds_line_id"]),
            key=lambda line: (posted_on(line), line["kind"] == "chargeback_won", line["line_id"]),
        )
        for line in in_order:
            if not line["refunds_line_id"]:
                fates[line["line_id"]] = self._fate(line)
        for line in named:
            fates[line["line_id"]] = self._fate_of_refund(line)
        for line in in_order:
            fate = fates[line["line_id"]]
            if not line["refunds_line_id"]:
                is_done = fate.outcome in ("settled", "final")
                gross, value = line["amount_minor"], self._value(line)
                sales = twin.sales if is_done else self.waiting_sales
                sales[line["line_id"]] = Sale(fate, self.month, gross, value, gross, line["category"])
        for line in named:
            self._take(line)
        for line in named:
            if fates[line["line_id"]].outcome == "open":
                self._leave(line)
        for line in in_order:
            fate = fates[line["line_id"]]
            if self._counts(fate) and self._sale_of(line) is None:
                self.values[line["line_id"]] = self._value(line)
        twin.waiting = [line for line in self.lines if fates[line["line_id"]].outcome == "open"]

    @staticmethod
    def _counts(fate: Fate) -> bool:
        return fate.outcome == "settled" or (fate.outcome == "final" and fate.reason == "excluded by the plan")

    def _fate(self, line: Line) -> Fate:
        paid, client = line["paid_on"], line["client_id"]
        if paid is None:
            return Fate("unpaid", "not paid yet")
        if posted_on(line)[:7] < self.twin.written["starts"]:
            return Fate("final", "before the programme starts")
        claim = self.owners.get(client)
        if claim is None:
            return Fate("settled") if self._served(client, paid) else Fate("open", "not attributed")
        partner, claimed_on = claim["partner_id"], claim["claimed_on"]
        if paid < claimed_on:
            return Fate("final", "paid before the claim", partner)
        terms = self.terms.get(partner)
        if terms is None or paid < terms.since:
            return Fate("final", "paid before the partner's terms", partner)
        holding = [number for number, part in enumerate(terms.parts) if part.holds_for(claimed_on, paid)]
        if not holding:
            return Fate("final", "paid after the partner's terms", partner)
        part = terms.parts[holding[-1]]
        rule = _rule_of(part.block, line["category"])
        if line["category"] in part.block.get("not_commissioned", {}) or self._excluded(client, paid):
            return Fate("final", "excluded by the plan", partner, holding[-1])
        return Fate(
            "settled" if rule else "open", "" if rule else "category without a rule", partner, holding[-1], rule
        )

    def _value(self, line: Line) -> int:
        """What of a line commission is on. Of 0.03 with 22 % of VAT in it, 0.0054 is VAT, rounded 0.01: 0.02 is the rest."""
        amount: int = line["amount_minor"]
        if self.twin.written["base"] == "gross":
            return amount
        rate = Fraction(line["vat_rate"])
        return amount - half_away(amount * rate / (100 + rate))

    def _served(self, client: str, day: str) -> list[str]:
        return [
            row["partner_id"]
            for row in self.twin.history.assignments
            if row["client_id"] == client and row["from"] <= day <= (row.get("until") or "9")
        ]

    def _excluded(self, client: str, day: str) -> bool:
        return any(row["client_id"] == client and row["from"] <= day for row in self.twin.history.exclusions)

    def _fate_of_refund(self, line: Line) -> Fate:
        """Judge a refund, a chargeback, or a chargeback won, as the sale it comes down to is."""
        sale_id = self._sale_of(line)
        if sale_id is None:
            return self._fate(line) if self.is_net_current else Fate("open", "sale not known")
        if self.is_net_current:
            return self._fate({**line, "paid_on": line["paid_on"] or posted_on(line)})
        if sale_id in self.twin.sales:
            fate = self.twin.sales[sale_id].fate
            # A sale that earned its acquirer nothing may have earned whoever serves the client.
            if fate.outcome == "final" and not self.twin.sales[sale_id].earned:
                return Fate("final", fate.reason, fate.partner)
            return Fate("clawback", "", fate.partner)
        fate = self._fate(self.by_id[sale_id])
        if fate.outcome == "unpaid":
            return Fate("open", "its sale is not paid yet")
        return fate

    def _sale_of(self, line: Line) -> str | None:
        """The sale of a refund, or of the chargeback that a line wins back; None of a sale, or where nobody knows it."""
        named = line["refunds_line_id"]
        if line["kind"] == "chargeback_won":
            if named in self.twin.taken:
                return self.twin.taken[named][0]
            if named in self.twin.took_nothing:
                return self.twin.took_nothing[named]
            return self._sale_of(self.by_id[named]) if named in self.by_id else None
        known = named in self.twin.sales or (named in self.by_id and not self.by_id[named]["refunds_line_id"])
        return named if known else None

    def _take(self, line: Line) -> None:
        """Take what is left of a refund's sale; give back what a chargeback that was won had taken."""
        line_id, fates = line["line_id"], self.result.fates
        fate, sale_id = fates[line_id], self._sale_of(line)
        if sale_id is None:
            return
        waits = sale_id not in self.twin.sales  # the sale is open, and so are its refunds: nothing is kept of it yet
        sale = self.waiting_sales[sale_id] if waits else self.twin.sales[sale_id]
        of_chargebacks = self.waiting_taken if waits else self.twin.taken
        won = self.waiting_won if waits else self.twin.won
        wanted, charged = -line["amount_minor"], line["refunds_line_id"]
        if line["kind"] == "chargeback_won":
            if charged not in of_chargebacks and charged not in self.twin.took_nothing:
                fates[line_id] = Fate("open", "sale not known")
                return
            taken = -min(-wanted, of_chargebacks.get(charged, ("", 0))[1] - won[charged])
            won[charged] -= taken
        else:
            taken = min(wanted, sale.left)
        if not taken:
            if line["kind"] == "chargeback":
                self.twin.took_nothing[line_id] = sale_id
            fates[line_id] = Fate("rejected", "refunded already")
            return
        sale.left -= taken
        of_chargebacks[line_id] = (sale_id, taken)
        self.parts[line_id] = _part(sale.value, sale, taken)
        self.discounts[line_id] = -_part(int(self._discount_of(sale_id)), sale, taken)
        if wanted != taken and not waits:
            self.result.excess[line_id] = wanted - taken
        if sale.month != self.month and not self.is_net_current and not waits:
            self._give_back_of_measures(line_id, sale)
        if fate.outcome == "clawback":
            self.backs.append((line_id, sale_id, taken))
        elif self._counts(fate) and (sale.month == self.month or fate.outcome == "settled" or self.is_net_current):
            # Of a sale that was counted and earned nothing an earlier month's measures stay; under net_current the
            # refund is a line below zero, which counts as its sale did.
            self.values[line_id] = -self.parts[line_id]

    def _give_back_of_measures(self, line_id: str, sale: Sale) -> None:
        """Note what goes of what an earlier month measured: for goals that count what is left, and where a term says so."""
        partner = sale.fate.partner
        if not self._counts(sale.fate) or not partner:
            return
        sale.given_back += self.parts[line_id]
        self.goals_since[partner] = min(sale.month, self.goals_since.get(partner, "9"))
        if self.terms[partner].newest.block.get("refunds_lower_the_measure") == "true":
            self.twin.lowered.append((self.month, partner, sale.category, -self.parts[line_id]))

    def _leave(self, line: Line) -> None:
        """Leave a settled sale what a refund took of it that stays open: it takes it when it settles."""
        sale_id, taken = self.twin.taken.pop(line["line_id"], ("", 0))
        if sale_id:
            self.twin.sales[sale_id].left += taken
            self.result.excess.pop(line["line_id"], None)
            if line["kind"] == "chargeback_won":
                self.twin.won[line["refunds_line_id"]] += taken

    # ------------------------------------------------------------------------------ what is earned now

    def earn(self) -> None:
        twin = self.twin
        for line_id, value in self.values.items():
            fate = self._judged(line_id)
            if fate.partner:
                twin.sums.append((self.month, fate.partner, self._as_sale(line_id)["category"], value))
        self.own: dict[str, list[tuple[str, str, Earning]]] = {}
        for partner, terms in self.terms.items():
            self.own[partner] = list(self._own(partner, terms))
            past = twin.past.setdefault((self.month, partner), Past())
            for rule, suffix, earning in self.own[partner]:
                to = plans.goes_to(self._rule(terms, rule, suffix))
                self.result.new[partner, rule + suffix] = earning.minor
                self.result.clients[partner, rule + suffix] = earning.minors
                past.own.append((rule, to, earning.by, dict(earning.minors)))
                self._keep(partner, rule, to, earning)
            self._limit(partner, terms, past)

    def _judged(self, line_id: str) -> Fate:
        return self.result.fates[line_id]

    def _as_sale(self, line_id: str) -> Line:
        """The line whose day, category and client count: a refund of a sale of this month is judged as that is."""
        line = self.by_id[line_id]
        if self.is_net_current:
            return {**line, "paid_on": line["paid_on"] or posted_on(line)}
        sale = self._sale_of(line) if line["refunds_line_id"] else None
        if sale is None or self.twin.sales[sale].month != self.month:
            return line
        return self.by_id[sale]

    @staticmethod
    def _rule(terms: TermsNow, rule: str, suffix: str) -> Mapping[str, Any]:
        (part,) = (part for part in terms.parts if part.suffix == suffix)
        found: Mapping[str, Any] = part.block["earn"][rule]
        return found

    def _own(self, partner: str, terms: TermsNow) -> Iterator[tuple[str, str, Earning]]:
        asked = Asked(lambda rule: self._measure(partner, rule), self._people(partner))
        for part in reversed(terms.parts):
            for name, rule in part.block["earn"].items():
                if rule["plan"] == "milestone":
                    if not part.only_lines and (reached := self._goals(partner, name, rule, self.month)):
                        yield name, part.suffix, plans.reached(reached)
                    continue
                is_line_rule = rule["plan"] not in (*plans.LIMITS, "override")
                if not is_line_rule or (part.only_lines and rule["plan"] == "servicing"):
                    continue
                counted = list(self._counted(partner, terms, part, name))
                if counted:
                    yield name, part.suffix, plans.earn(rule, counted, asked)

    def _counted(self, partner: str, terms: TermsNow, part: Part, name: str) -> Iterator[Counted]:
        rule = part.block["earn"][name]
        for line_id, amount in self._candidates(rule):
            fate, line = self._judged(line_id), self._as_sale(line_id)
            if rule["plan"] == "servicing":
                mine = partner in self._served(line["client_id"], line["paid_on"]) and part is terms.newest
                mine = mine and terms.since <= line["paid_on"] < part.paid[1]
                mine = mine and not self._excluded(line["client_id"], line["paid_on"])
            else:
                mine = fate.outcome == "settled" and fate.partner == partner and terms.parts[fate.part] is part
            takes = rule["plan"] in plans.TAKES
            if mine and (fate.rule == name if takes else _names(rule, line["category"])):
                value = amount
                if rule["plan"] == "promo_code":
                    value = self._discount(line_id)
                    if not value and fate.rule != name:
                        continue
                year = self._year(rule, line)
                yield Counted(line_id, line["client_id"], value, year)

    def _candidates(self, rule: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
        """The lines of the month that rules may count, and how much of each."""
        for line_id, value in self.values.items():
            fate = self._judged(line_id)
            if fate.outcome == "settled" or rule["plan"] == "servicing":
                yield line_id, value
        if rule["plan"] == "servicing":
            for line_id, line in self.by_id.items():
                fate = self._judged(line_id)
                if fate.outcome == "final" and fate.reason not in (
                    "before the programme starts",
                    "excluded by the plan",
                ):
                    if not line["refunds_line_id"]:
                        yield line_id, self._value(line)
                    elif self.twin.taken[line_id][0] in self.by_id:
                        yield line_id, -self.parts[line_id]

    def _discount(self, line_id: str) -> int:
        """What a promo code took off: of a refund, as much of its sale's as it takes of the sale."""
        line = self.by_id[line_id]
        is_of_now = not self.is_net_current and self._as_sale(line_id) is not line
        return self.discounts[line_id] if is_of_now else int(line["discount_minor"] or 0)

    def _discount_of(self, sale_id: str) -> int:
        return int(self.by_id[sale_id]["discount_minor"] or 0) if sale_id in self.by_id else 0

    def _year(self, rule: Mapping[str, Any], line: Line) -> int:
        if rule["plan"] != "retention":
            return 1
        return year_of_life(self.owners[line["client_id"]]["claimed_on"], line["paid_on"])

    def _measure(self, partner: str, rule: Mapping[str, Any], until: str = "", *, left: bool = False) -> int:
        """What a measure comes to at the end of a month; `left`: of what is left of its sales by now."""
        said = rule["measure"]
        of, window = ("all", "month") if said == "all" else (said.get("categories", "all"), said.get("window", "month"))
        months = [month for month in self.twin.history.months if month <= (until or self.month)]
        if window != "lifetime":
            months = months[-1 if window == "month" else -int(window.split()[0]) :]
        rows = self.twin.sums if left else [*self.twin.sums, *self.twin.lowered]
        if left:
            rows = rows + [
                (sale.month, sale.fate.partner, sale.category, -sale.given_back) for sale in self.twin.sales.values()
            ]
        return sum(
            base
            for month, who, category, base in rows
            if who == partner and month in months and (of == "all" or category in of)
        )

    # ------------------------------------------------------------------------------ goals

    def _goals(self, partner: str, name: str, rule: Mapping[str, Any], month: str) -> dict[str, int]:
        """The goals a month earns, by key: of those once in life, none that an earlier month has."""
        measure = self._measure(partner, rule, month, left=rule.get("taken_back") == "true")
        figures = {f"{money(figure) / 100:.2f}": (money(figure), money(pays)) for figure, pays in rule["goals"].items()}
        reached = {key: pays for key, (figure, pays) in figures.items() if figure <= measure}
        if rule.get("repeat") == "every_month":
            return dict(list(reached.items())[-1:])
        before: dict[str, int] = defaultdict(int)
        for group, kept in self.twin.kept.items():
            if (group.partner, group.rule) == (partner, name) and group.month < month:
                before[group.key] += kept.minor - kept.taken
        return {key: pays for key, pays in reached.items() if not before[key]}

    def figure_goals_again(self) -> None:
        """Figure goals that may be taken back again, from the first month of which something is given back."""
        for partner, since in sorted(self.goals_since.items()):
            for month in self.twin.history.months:
                past = self.twin.past.get((month, partner))
                if past is None or not since <= month < self.month:
                    continue
                for name, rule in past.goals:
                    self._figure_goal_again(partner, month, name, rule)

    def _figure_goal_again(self, partner: str, month: str, name: str, rule: Mapping[str, Any]) -> None:
        again, twin = self._goals(partner, name, rule, month), self.twin
        groups = {group.key: group for group in twin.kept if group[:3] == (month, partner, name)}
        for key in sorted({*again, *groups}):
            group = groups.get(key, Group(month, partner, name, "partner", key))
            kept = twin.kept.setdefault(group, Kept())
            changed = again.get(key, 0) - (kept.minor - kept.taken)
            if not changed:
                continue
            kept.taken -= changed
            own = [minors for rule_name, *_, minors in twin.past[month, partner].own if rule_name == name]
            if not own:
                own = [{}]
                twin.past[month, partner].own.append((name, "partner", "goal", own[0]))
            own[0].setdefault(key, 0)
            self.result.clawbacks.append(Correction("", group, changed))
            self.corrected[partner, month] += changed

    # ------------------------------------------------------------------------------ who works there

    def _people(self, partner: str) -> dict[str, list[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        day = last_day(self.month)
        for row in self.twin.history.employees:
            if row["partner_id"] == partner and row["from"] <= day <= (row.get("until") or "9"):
                found[row["role"]].add(row["person_id"])
        return {role: sorted(people) for role, people in found.items()}

    def _keep(self, partner: str, rule: str, to: str, earning: Earning) -> None:
        twin = self.twin
        for key, exact in earning.keys.items():
            kept = twin.kept.setdefault(Group(self.month, partner, rule, to, key), Kept())
            kept.exact += exact
            kept.minor += earning.minors[key]
        for of_line in earning.lines:
            if of_line.line_id in twin.sales:
                group = Group(self.month, partner, rule, to, of_line.key)
                twin.sales[of_line.line_id].earned.append((group, of_line.exact))

    def _limit(self, partner: str, terms: TermsNow, past: Past) -> None:
        """Keep the limits of the month; they are asked once it is known what goes back."""
        for part in terms.parts:
            if not part.only_lines:
                rules = list(part.block["earn"].items())
                past.limits = [(name, rule) for name, rule in rules if rule["plan"] in plans.LIMITS]
                past.goals = [(name, rule) for name, rule in rules if rule.get("taken_back") == "true"]

    # ------------------------------------------------------------------------------ what is taken back

    def take_back(self) -> None:
        twin = self.twin
        for line_id, sale_id, taken in self.backs:
            sale = twin.sales[sale_id]
            for group, exact in sale.earned:
                minor = -twin.kept[group].take(exact * taken / sale.gross)
                self.result.clawbacks.append(Correction(line_id, group, minor))
                if group.to == "partner":
                    self.corrected[group.partner, group.month] += minor
            if sale.fate.rule:
                self.corrected_base[sale.fate.partner, sale.month] -= Fraction(sale.value * taken, sale.gross)

    def figure_limits_again(self) -> None:
        """Figure every limit of the partner's life again, on what is left; the months' own see no refund of theirs."""
        for partner in self.terms:
            before: list[Amount] = []
            for month in self.twin.history.months:
                past = self.twin.past.get((month, partner))
                if month > self.month or past is None:
                    continue
                amounts = self._left(partner, month, past)
                for name, rule in past.limits:
                    found = plans.limit(
                        rule, plans.looked_at(rule, amounts), plans.looked_at(rule, before, own_name=name), name
                    )
                    amounts += [(name, client, minor) for client, minor in found.items()]
                    self._post_limit(partner, month, past, (name, sum(found.values())))
                before += amounts

    def _left(self, partner: str, month: str, past: Past) -> list[Amount]:
        """What a month's own rules earned the partner, less all that was taken back of it."""
        found: list[Amount] = []
        back: dict[tuple[str, str], int] = defaultdict(int)
        for group, kept in self.twin.kept.items():
            if (group.month, group.partner, group.to) == (month, partner, "partner"):
                back[group.rule, group.key] += kept.taken
        for rule, to, by, minors in past.own:
            if to == "partner":
                found += [(rule, key if by == "client" else "", minor) for key, minor in minors.items()]
                found += [(rule, key if by == "client" else "", -back.pop((rule, key), 0)) for key in list(minors)]
        return found

    def _post_limit(self, partner: str, month: str, past: Past, limit: tuple[str, int]) -> None:
        name, minor = limit
        now = minor - past.posted.get(name, 0)
        past.posted[name] = minor
        if month == self.month:
            self.result.new[partner, name] = minor
        elif now:
            self.result.limits[partner, name, month] = now
            self.corrected[partner, month] += now

    # ------------------------------------------------------------------------------ what seniors earn

    def override(self) -> None:
        below = self._juniors()
        base = {partner: self._brought(partner) for partner in self.terms}
        own = {
            partner: sum(
                minor
                for (who, rule), minor in self.result.new.items()
                if who == partner and self._is_to_partner(partner, rule)
            )
            for partner in self.terms
        }
        for senior, terms in self.terms.items():
            exact_back: dict[str, Fraction] = defaultdict(Fraction)
            taken: dict[str, int] = defaultdict(int)
            self._take_overrides_back(senior, exact_back, taken)
            part = terms.newest
            for name, rule in part.block["earn"].items():
                if rule["plan"] == "override" and not part.only_lines:
                    of = base if rule["of"] == "base" else own
                    rates = {
                        junior: percent(rule["levels"][level - 1])
                        for junior, level in below.get(senior, {}).items()
                        if level <= len(rule["levels"])
                    }
                    exact = {junior: rate * of[junior] for junior, rate in rates.items()}
                    if any(exact.values()):
                        total = half_away(sum(exact.values(), exact_back[name])) - taken[name]
                        self._keep_override(senior, name, exact, total)
                    past = self.twin.past[self.month, senior]
                    past.overrides[name] = rates
                    if rule["of"] == "base":
                        past.of_base.add(name)

    def _take_overrides_back(self, senior: str, exact_back: dict[str, Fraction], taken: dict[str, int]) -> None:
        for month in self.twin.history.months:
            past = self.twin.past.get((month, senior))
            if month >= self.month or past is None:
                continue
            for name, rates in past.overrides.items():
                for junior, rate in rates.items():
                    if name in past.of_base:
                        exact = rate * self.corrected_base[junior, month]
                    else:
                        exact = rate * self.corrected[junior, month]
                    if not exact:
                        continue
                    kept = self.twin.kept.setdefault(Group(month, senior, name, "partner", junior), Kept())
                    minor = -kept.take(-exact)
                    self.result.overrides[senior, name, month, junior] = minor
                    exact_back[name] += exact
                    taken[name] += minor

    def _keep_override(self, senior: str, name: str, exact: Mapping[str, Fraction], total: int) -> None:
        minors = plans.share_out(total, exact)
        self.result.new[senior, name] = total
        self.result.clients[senior, name] = minors
        for junior, each in exact.items():
            self.twin.kept[Group(self.month, senior, name, "partner", junior)] = Kept(minors.get(junior, 0), each)

    def _juniors(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for partner, terms in self.terms.items():
            above, level = terms.parent, 1
            while above and level <= 10:
                found[above][partner] = level
                above, level = (self.terms[above].parent if above in self.terms else ""), level + 1
        return found

    def _brought(self, partner: str) -> int:
        return sum(
            value
            for line_id, value in self.values.items()
            if (fate := self._judged(line_id)).outcome == "settled"
            and fate.partner == partner
            and self.terms[partner].parts[fate.part].block["earn"][fate.rule]["plan"] in plans.TAKES
        )

    def _is_to_partner(self, partner: str, rule: str) -> bool:
        name, terms = rule.partition("@")[0], self.terms[partner]
        (said,) = (part.block["earn"][name] for part in terms.parts if name + part.suffix == rule)
        return said["plan"] != "override" and plans.goes_to(said) == "partner"

    # ------------------------------------------------------------------------------ balances

    def adjust(self) -> None:
        """Post each adjustment once, in the first month that is not before its day. Nothing else looks at it."""
        for row in self.twin.history.adjustments:
            if row["posted_on"] <= last_day(self.month) and row["adjustment_id"] not in self.twin.adjusted:
                self.twin.adjusted.add(row["adjustment_id"])
                self.result.adjusted[row["partner_id"], row["adjustment_id"]] = row["amount_minor"]

    def balance(self) -> None:
        before = self._month_before()
        result = self.result
        for partner, terms in self.terms.items():
            result.opening[partner] = before.closing.get(partner, 0) if before else 0
            earned = dict.fromkeys(("partner", "fund", "credit", "person"), 0)
            for rule, minor in self._rows(partner):
                earned[rule] = earned.get(rule, 0) + minor
            total = result.opening[partner] + earned["partner"]
            minimum = money(terms.newest.block.get("payout", {}).get("minimum", "0"))
            result.to_pay[partner] = total if total >= minimum and total > 0 else 0
            result.closing[partner] = total - result.to_pay[partner]
            for to in ("fund", "credit", "person"):
                old = before.beside.get((partner, to), 0) if before else 0
                result.beside[partner, to] = old + earned[to]

    def _rows(self, partner: str) -> Iterator[tuple[str, int]]:
        """Everything that is posted for a partner now: whom to, and how much."""
        terms, result = self.terms[partner], self.result
        for (who, rule), minor in result.new.items():
            if who == partner:
                name = rule.partition("@")[0]
                (said,) = (part.block["earn"][name] for part in terms.parts if name + part.suffix == rule)
                yield plans.goes_to(said), minor
        yield from ((each.group.to, each.minor) for each in result.clawbacks if each.group.partner == partner)
        yield from (("partner", minor) for (who, *_), minor in result.limits.items() if who == partner)
        yield from (("partner", minor) for (who, *_), minor in result.overrides.items() if who == partner)
        yield from (("partner", minor) for (who, _), minor in result.adjusted.items() if who == partner)

    def _month_before(self) -> Month | None:
        return list(self.twin.months.values())[-1] if self.twin.months else None


def _part(value: int, sale: Sale, taken: int) -> int:
    """What of a sale's value goes with what was just taken of it: all parts together are the value."""
    before, after = (half_away(Fraction(value * left, sale.gross)) for left in (sale.left + taken, sale.left))
    return before - after


def _names(rule: Mapping[str, Any], category: str) -> bool:
    return rule["categories"] == "all" or category in rule["categories"]


def _rule_of(block: Mapping[str, Any], category: str) -> str:
    """The rule that takes a category; else the first that looks at it."""
    for plans_of in (plans.TAKES, plans.LOOKS):
        for name, rule in block["earn"].items():
            if rule["plan"] in plans_of and _names(rule, category):
                return str(name)
    return ""
