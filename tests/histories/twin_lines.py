"""The slow twin's lines: what becomes of each one, and what a refund takes of which sale."""

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from tests.histories import twin_plans as plans
from tests.histories.history import last_day, posted_on
from tests.histories.twin_life import Fate, Life, Line, Month, Sale
from tests.histories.twin_plans import half_away
from tests.histories.twin_terms import TermsNow, terms_in


class DecidedLines:
    """A month whose lines are decided."""

    def __init__(self, twin: Life, month: str) -> None:
        self.twin, self.month, self.result = twin, month, Month(month)
        history, written = twin.history, twin.written
        self.is_net_current = twin.policy(month) == "net_current"
        self.lines = [*twin.waiting, *history.posted_in(month), *twin.put_in]
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
        self.returned: dict[str, tuple[str, int]] = {}  # the same, also of those that earned nothing
        self.goals_since: dict[str, str] = {}  # partner -> the first month of which something is given back
        self.corrected: dict[tuple[str, str], int] = defaultdict(int)  # (junior, month) -> to the partner, now
        self.corrected_base: dict[tuple[str, str], Fraction] = defaultdict(Fraction)

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
        rule = rule_of(part.block, line["category"])
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
        if self.is_net_current:
            self.twin.netted.add(line_id)
        if sale.month != self.month and not self.is_net_current and not waits:
            self._give_back_of_measures(line_id, sale)
            if charged not in self.twin.netted:
                self.returned[line_id] = (sale_id, taken)
        if fate.outcome == "clawback":
            self.backs.append((line_id, sale_id, taken))
        elif self._counts(fate) and (sale.month == self.month or fate.outcome == "settled" or self.is_net_current):
            # Of a sale that was counted and earned nothing an earlier month's measures stay; under net_current the
            # refund is a line below zero, which counts as its sale did.
            self.values[line_id] = -self.parts[line_id]

    def _discount_of(self, sale_id: str) -> int:
        return int(self.by_id[sale_id]["discount_minor"] or 0) if sale_id in self.by_id else 0

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


def _part(value: int, sale: Sale, taken: int) -> int:
    """What of a sale's value goes with what was just taken of it: all parts together are the value."""
    before, after = (half_away(Fraction(value * left, sale.gross)) for left in (sale.left + taken, sale.left))
    return before - after


def names(rule: Mapping[str, Any], category: str) -> bool:
    return rule["categories"] == "all" or category in rule["categories"]


def rule_of(block: Mapping[str, Any], category: str) -> str:
    """The rule that takes a category; else the first that looks at it."""
    for plans_of in (plans.TAKES, plans.LOOKS):
        for name, rule in block["earn"].items():
            if rule["plan"] in plans_of and names(rule, category):
                return str(name)
    return ""
