"""The slow twin's lines: what becomes of each one, and what a refund takes of which sale."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

from tests.histories import twin_plans as plans
from tests.histories.history import last_day, posted_on
from tests.histories.twin_life import Counted, Fate, Life, Line, Month, Paid, Sale
from tests.histories.twin_plans import half_away
from tests.histories.twin_terms import TermsNow, terms_in, with_late


class DecidedLines:
    """A month whose lines are decided."""

    def __init__(self, twin: Life, month: str) -> None:
        self.twin, self.month, self.result = twin, month, Month(month)
        history = twin.history
        self.is_net_current = twin.policy(month) == "net_current"
        looked_up = {row["line_id"]: row["sale_id"] for row in history.matches}
        posted = [
            {**line, "refunds_line_id": looked_up.get(line["line_id"], line["refunds_line_id"])}
            for line in history.posted_in(month)
        ]
        self.carried = {line["line_id"] for line in twin.waiting}
        self.lines: list[Line] = [*twin.waiting, *posted, *twin.put_in]
        self.by_id = {line["line_id"]: line for line in self.lines}
        by_partner: dict[str, list[Line]] = defaultdict(list)
        for row in history.partners:
            by_partner[row["partner_id"]].append(row)
        self.terms: dict[str, TermsNow] = {}
        for who, rows in sorted(by_partner.items()):
            dated = {
                each: terms
                for each in history.months
                if each <= month and (terms := terms_in(rows, partial(twin.plan_of, who, month=each), each))
            }
            if month in dated:
                self.terms[who] = with_late(dated.pop(month), dated)
        self.owners: dict[str, Line] = {}
        for claim in sorted(history.claims, key=lambda row: (row["claimed_on"], row["claim_id"])):
            if claim["claimed_on"] <= last_day(month):
                self.owners.setdefault(claim["client_id"], claim)
        self.values: dict[str, int] = {}  # what settles or is excluded, as it counts
        self.parts: dict[str, int] = {}  # refund -> what of its sale's value goes with it
        self.discounts: dict[str, int] = {}  # the same of its discount, below 0
        self.orders: dict[str, str] = {}  # refund -> the invoice of its sale
        self.as_sale: dict[str, str] = {}  # refund -> the sale of this month that it is judged as
        self.waiting_sales: dict[str, Sale] = {}
        self.waiting_taken: dict[str, dict[str, int]] = {}
        self.waiting_won: dict[tuple[str, str], int] = defaultdict(int)
        self.backs: list[tuple[str, str, int, int]] = []  # refund, sale of an earlier month, taken, left after it
        self.returned: dict[str, dict[str, int]] = {}  # the same, also of those that earned nothing
        self.goals_since: dict[str, str] = {}  # partner -> the first month of which something is given back
        self.corrected: dict[tuple[str, str], int] = defaultdict(int)  # (junior, month) -> to the partner, now
        self.corrected_base: dict[tuple[str, str], Fraction] = defaultdict(Fraction)

    def decide(self) -> None:
        twin, fates = self.twin, self.result.fates
        in_order = sorted(self.lines, key=lambda line: (posted_on(line), line["line_id"]))
        # Of one day, what is taken comes before what is given again: a chargeback before it is won.
        named = sorted(
            filter(gives_back, in_order),
            key=lambda line: (posted_on(line), line["kind"] == "chargeback_won", line["line_id"]),
        )
        for line in in_order:
            if not gives_back(line):
                fate = fates[line["line_id"]] = self._fate(line)
                is_done = fate.outcome in ("settled", "final")
                gross, value = line["amount_minor"], self._value(line)
                sales = twin.sales if is_done else self.waiting_sales
                named_by = line["category"], line["client_id"], line["invoice_id"]
                if is_done and fate.reason != "before the programme starts":
                    self._note_paid(line, None, value)
                sales[line["line_id"]] = Sale(fate, self.month, gross, value, gross, *named_by, self._late_of(line))
        for line in named:
            self._take(line)
        for line in named:
            if fates[line["line_id"]].outcome == "open":
                self._leave(line)
        for line in in_order:
            fate = fates[line["line_id"]]
            if gives_back(line) and fate.outcome == "settled" and line["line_id"] not in self.parts:
                self._note_paid(line, None, self._value(line))  # under net_current, of a sale that nobody knows
            if self._counts(fate) and line["line_id"] not in self.parts:
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
        holding = self._holding(line, claim)
        if not holding:
            return Fate("final", "paid after the partner's terms", partner)
        part = terms.parts[holding[-1]]
        rule = rule_of(part.block, line["category"])
        if line["category"] in part.block.get("not_commissioned", {}) or self._excluded(client, paid, rule):
            return Fate("final", "excluded by the plan", partner, holding[-1])
        return Fate(
            "settled" if rule else "open", "" if rule else "category without a rule", partner, holding[-1], rule
        )

    def _holding(self, line: Line, claim: Line) -> list[int]:
        """The parts of a partner's terms that hold for a line, by number. The last is the one it earns by."""
        paid, parts = line["paid_on"], self.terms[claim["partner_id"]].parts
        is_late = paid[:7] < self.month and line["line_id"] not in self.carried
        holding = [
            number
            for number, part in enumerate(parts)
            if part.holds_for(claim["claimed_on"], paid) and (is_late or not part.late_of)
        ]
        # A late line earns by the terms of its month where these are there: they hold before those of now.
        return sorted(holding, key=lambda number: bool(parts[number].late_of))

    def _late_of(self, line: Line) -> str:
        """The closed month that a line was paid in, where the terms of then hold for it."""
        claim = self.owners.get(line["client_id"])
        if claim is None or claim["partner_id"] not in self.terms or line["paid_on"] is None:
            return ""
        holding = self._holding(line, claim)
        return self.terms[claim["partner_id"]].parts[holding[-1]].late_of if holding else ""

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

    def _excluded(self, client: str, day: str, rule: str) -> bool:
        """Whether a client is left out of a rule on a day: of this one, or of every rule."""
        rows = [row for row in self.twin.history.exclusions if row["client_id"] == client and row["from"] <= day]
        return any(row["rule"] in ("", rule) for row in rows)

    def _fate_of_refund(self, sale_id: str) -> Fate:
        """Judge a refund, a chargeback, or a chargeback won, as the sale it comes down to is."""
        if sale_id in self.twin.sales:
            fate, month = self.twin.sales[sale_id].fate, self.twin.sales[sale_id].month
            if month == self.month:
                return fate
            # A sale that earned its acquirer nothing may have earned whoever serves the client.
            if fate.outcome == "final" and not self.twin.sales[sale_id].earned:
                return Fate("final", fate.reason, fate.partner)
            return Fate("clawback", "", fate.partner)
        return self._fate(self.by_id[sale_id])

    def _fate_by_itself(self, line: Line) -> Fate:
        """Judge a refund that is no more than a line below zero: one that is set off counts by its day of posting."""
        return self._fate({**line, "paid_on": line["paid_on"] or posted_on(line)})

    def _sale_of_id(self, sale_id: str) -> tuple[Sale | None, bool]:
        """A sale that was settled, or settles now, and whether it waits: then nothing is kept of what goes back of it."""
        if sale_id in self.twin.sales:
            return self.twin.sales[sale_id], False
        return self.waiting_sales.get(sale_id), True

    def _take(self, line: Line) -> None:
        """Take what is left of a refund's sales; give back what a chargeback that was won had taken."""
        line_id, fates = line["line_id"], self.result.fates
        fates[line_id] = self._fate(line) if self.is_net_current else Fate("open", "sale not known")
        left = self._won_of(line) if line["kind"] == "chargeback_won" else self._left_of(line)
        if left is None:
            return
        wanted, is_won = abs(line["amount_minor"]), line["kind"] == "chargeback_won"
        named = {sale_id: minor for sale_id, minor in left.items() if minor > 0}
        if not named:
            if line["kind"] == "chargeback":
                self.twin.took_nothing[line_id] = next(iter(left))
            fates[line_id] = Fate("rejected", "refunded already")
            return
        whole = sum(self._sale(sale_id).gross for sale_id in left)
        if not is_won and not line["refunds_line_id"] and wanted > whole:
            return  # larger than its invoice
        takes = min(wanted, sum(named.values()))
        exact = {sale_id: Fraction(minor * takes, sum(named.values())) for sale_id, minor in named.items()}
        parts = {sale_id: minor for sale_id, minor in plans.share_out(takes, exact).items() if minor}
        if not self.is_net_current and not self._are_alike(parts):
            fates[line_id] = Fate("open", "sale not paid yet")
            return
        self._take_parts(line, parts, -1 if is_won else 1)
        if wanted != takes and line_id in self.twin.taken:
            self.result.excess[line_id] = wanted - takes if not is_won else takes - wanted

    def _sale(self, sale_id: str) -> Sale:
        sale, _ = self._sale_of_id(sale_id)
        assert sale is not None
        return sale

    def _left_of(self, line: Line) -> dict[str, int] | None:
        """What is left of each sale that a refund names, or whose invoice it names; None where nobody knows one."""
        if named := line["refunds_line_id"]:
            sale, _ = self._sale_of_id(named)
            return {named: sale.left} if sale else None
        found = {**self.twin.sales, **self.waiting_sales}
        named_so = {
            sale_id: sale.left
            for sale_id, sale in sorted(found.items())
            if sale.gross > 0 and (sale.invoice_id, sale.client_id) == (line["refunds_invoice_id"], line["client_id"])
        }
        return named_so or None

    def _won_of(self, line: Line) -> dict[str, int] | None:
        """What the chargeback that was won took of each sale, and was not won of it yet; None where nobody knows it."""
        charged = line["refunds_line_id"]
        if charged in self.twin.took_nothing:
            return {self.twin.took_nothing[charged]: 0}
        waits = charged in self.waiting_taken
        taken = self.waiting_taken.get(charged) or self.twin.taken.get(charged)
        won = self.waiting_won if waits else self.twin.won
        return taken and {sale_id: minor - won[charged, sale_id] for sale_id, minor in taken.items()}

    def _are_alike(self, parts: Mapping[str, int]) -> bool:
        """Whether sales are all of earlier months, or all of this one and judged in the same way."""
        now = [sale_id for sale_id in parts if sale_id in self.by_id]
        if not now:
            return True
        alike = {(self.by_id[sale_id]["category"], self.by_id[sale_id]["paid_on"]) for sale_id in now}
        return len(now) == len(parts) and len(alike) == 1

    def _take_parts(self, line: Line, parts: Mapping[str, int], sign: int) -> None:
        """Take these parts of sales, or give them again; and judge the line by them."""
        line_id, charged, fates = line["line_id"], line["refunds_line_id"], self.result.fates
        # Under every policy a refund of sales of this month is netted, as they are judged.
        lowers = self.is_net_current and not (self._are_alike(parts) and any(each in self.by_id for each in parts))
        fates_of_sales = [self._fate_by_itself(line) if lowers else self._fate_of_refund(sale_id) for sale_id in parts]
        # Where one of the sales earned, the line takes back what that one earned.
        fates[line_id] = next((fate for fate in fates_of_sales if fate.outcome == "clawback"), fates_of_sales[0])
        self.parts[line_id] = self.discounts[line_id] = 0
        for sale_id, minor in parts.items():
            taken = sign * minor
            sale, waits = self._sale_of_id(sale_id)
            assert sale is not None
            sale.left -= taken
            of_refunds = self.waiting_taken if waits else self.twin.taken
            of_refunds.setdefault(line_id, {})[sale_id] = taken
            if sign < 0:
                won = self.waiting_won if waits else self.twin.won
                won[charged, sale_id] += minor
            part = _part(sale.value, sale, taken)
            self.orders.setdefault(line_id, sale.invoice_id)
            if not lowers:
                self._note_paid(line, sale, -part)
                self.parts[line_id] += part
            self.discounts[line_id] -= _part(self._discount_of(sale_id), sale, taken)
            if sale.month == self.month:
                sale.netted += taken
                if not lowers:
                    self.as_sale.setdefault(line_id, sale_id)
            if sale.month != self.month and not self.is_net_current and not waits:
                self._give_back_of_measures(part, sale)
                if charged not in self.twin.netted:
                    self.returned.setdefault(line_id, {})[sale_id] = taken
            if fates[line_id].outcome == "clawback":
                self.backs.append((line_id, sale_id, taken, sale.left))
        if lowers:
            self._lower(line, parts)
        fate = fates[line_id]
        is_of_now = line_id in self.as_sale or fate.outcome == "settled" or lowers
        if fate.outcome != "clawback" and self._counts(fate) and is_of_now:
            # Of a sale that was counted and earned nothing an earlier month's measures stay; under net_current the
            # refund is a line below zero, which counts as its sale did.
            self.values[line_id] = -self.parts[line_id]

    def _lower(self, line: Line, parts: Mapping[str, int]) -> None:
        """Count a refund as what it is: so much of a payment below zero, of its own category, with its own VAT."""
        self.twin.netted.add(line["line_id"])
        value = half_away(Fraction(self._value(line) * sum(parts.values()), abs(line["amount_minor"])))
        self.parts[line["line_id"]] = -value
        of_order = replace(self._sale(next(iter(parts))), category=line["category"])
        self._note_paid(line, of_order, value)

    def _note_paid(self, line: Line, sale: Sale | None, value: int) -> None:
        """Note what a line pays on its order, or what it gives back of the order of its sale."""
        fate = sale.fate if sale else self.result.fates[line["line_id"]]
        order = sale.invoice_id if sale else line["invoice_id"]
        category = sale.category if sale else line["category"]
        is_later = sale is not None and (sale.month < self.month or line in self.twin.put_in)
        day, client = line["paid_on"] or posted_on(line), line["client_id"]
        goes_back = sale is not None and sale.month < self.month and not self.is_net_current
        counts = self._counts(fate)
        paid = Paid(self.month, client, category, order, day, value, counts, is_later, goes_back)
        sold_in = sale.month if sale and goes_back else ""
        late_of = sale.late_of if sale and sale.month == self.month else "" if goes_back else self._late_of(line)
        self.twin.paid.append(paid._replace(sold_in=sold_in, is_put_in=line in self.twin.put_in, late_of=late_of))

    def _discount_of(self, sale_id: str) -> int:
        return int(self.by_id[sale_id]["discount_minor"] or 0) if sale_id in self.by_id else 0

    def _give_back_of_measures(self, value: int, sale: Sale) -> None:
        """Note what goes of what an earlier month measured: for goals that count what is left, and where a term says so."""
        partner = sale.fate.partner
        if not self._counts(sale.fate) or not partner:
            return
        sale.given_back[self.month] += value
        for who in self.twin.ever_with(partner):
            self.goals_since[who] = min(sale.month, self.goals_since.get(who, "9"))
        if self.terms[partner].newest.block.get("refunds_lower_the_measure") == "true":
            self.twin.lowered.append(Counted(self.month, partner, sale.category, sale.client_id, -value))

    def _leave(self, line: Line) -> None:
        """Leave a settled sale what a refund took of it that stays open: it takes it when it settles."""
        for sale_id, taken in self.twin.taken.pop(line["line_id"], {}).items():
            self.twin.sales[sale_id].left += taken
            self.result.excess.pop(line["line_id"], None)
            if line["kind"] == "chargeback_won":
                self.twin.won[line["refunds_line_id"], sale_id] += taken


def _part(value: int, sale: Sale, taken: int) -> int:
    """What of a sale's value goes with what was just taken of it: all parts together are the value."""
    before, after = (half_away(Fraction(value * left, sale.gross)) for left in (sale.left + taken, sale.left))
    return before - after


def gives_back(line: Line) -> bool:
    """Whether a line names what it gives back."""
    return bool(line["refunds_line_id"] or line["refunds_invoice_id"])


def names(rule: Mapping[str, Any], category: str) -> bool:
    return rule["categories"] == "all" or category in rule["categories"]


def rule_of(block: Mapping[str, Any], category: str) -> str:
    """The rule that takes a category; else the first that looks at it."""
    for plans_of in (plans.TAKES, plans.LOOKS):
        for name, rule in block["earn"].items():
            if rule["plan"] in plans_of and names(rule, category):
                return str(name)
    return ""
