"""The slow twin's earnings: what the rules of a month make of its lines, measures, and goals."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from tests.histories import twin_plans as plans
from tests.histories.history import last_day, posted_on
from tests.histories.twin_life import Asked as AskedOf
from tests.histories.twin_life import Correction, Counted, Fate, Group, Kept, Line, Paid, Past
from tests.histories.twin_lines import DecidedLines, gives_back, names
from tests.histories.twin_plans import Asked, CountedLine, Earning, OfLine, money, percent
from tests.histories.twin_terms import Part, TermsNow, year_of_life


class EarnedNow(DecidedLines):
    """A month whose own rules have earned."""

    def earn(self) -> None:
        twin = self.twin
        for line_id, value in self.values.items():
            fate = self._judged(line_id)
            if fate.partner:
                sums = twin.put_in_sums if self.by_id[line_id] in twin.put_in else twin.sums
                late_of = self.terms[fate.partner].parts[fate.part].late_of
                line = self._as_sale(line_id)
                sums.append(Counted(self.month, fate.partner, line["category"], line["client_id"], value, late_of))
        self.own: dict[str, list[tuple[str, str, Earning]]] = {}
        for partner, terms in self.terms.items():
            self.own[partner] = list(self._own(partner, terms))
            past = twin.past.setdefault((self.month, partner), Past())
            for rule, suffix, earning in self.own[partner]:
                to = plans.goes_to(self._rule(terms, rule, suffix))
                self.result.new[partner, rule + suffix] = earning.minor
                self.result.clients[partner, rule + suffix] = earning.minors
                past.own.append((rule, to, earning.by, dict(earning.minors)))
                if self._rule(terms, rule, suffix).get("taken_back") == "false":
                    earning.lines.clear()  # what is given back later takes nothing of it
                is_of_discount = self._rule(terms, rule, suffix)["plan"] == "promo_code"
                self._keep(partner, rule, to, earning, self._discount if is_of_discount else self._value_of_sale)
            self._limit(partner, terms, past)

    def _judged(self, line_id: str) -> Fate:
        return self.result.fates[line_id]

    def _as_sale(self, line_id: str) -> Line:
        """The line whose day, category and client count: a refund of a sale of this month is judged as that is."""
        line = self.by_id[line_id]
        if line_id in self.as_sale:
            return self.by_id[self.as_sale[line_id]]
        return {**line, "paid_on": line["paid_on"] or posted_on(line)} if self.is_net_current else line

    @staticmethod
    def _rule(terms: TermsNow, rule: str, suffix: str) -> Mapping[str, Any]:
        (part,) = (part for part in terms.parts if part.suffix == suffix)
        found: Mapping[str, Any] = part.block["earn"][rule]
        return found

    def _own(self, partner: str, terms: TermsNow) -> Iterator[tuple[str, str, Earning]]:
        people = self._people(partner)
        for part in reversed(terms.parts):
            asked = Asked(partial(self._measure, partner, part), people)
            for name, rule in part.block["earn"].items():
                if rule["plan"] == "milestone":
                    if not part.only_lines and (reached := self._goals(partner, name, rule, self.month)):
                        yield name, part.suffix, plans.reached(reached)
                    continue
                if rule["plan"] in ("base_fee", "gift"):
                    if not part.only_lines and (earning := self._beside_lines(partner, part, name, rule)):
                        yield name, part.suffix, earning
                    continue
                is_line_rule = rule["plan"] not in (*plans.LIMITS, "override")
                if not is_line_rule or (part.only_lines and rule["plan"] == "servicing"):
                    continue
                counted = list(self._counted(partner, terms, part, name))
                if counted and rule["plan"] == "first_sale":
                    yield name, part.suffix, self._first_sales(rule, counted, self._by_terms_before(terms, part))
                elif counted:
                    yield name, part.suffix, plans.earn(rule, counted, asked)

    def _counted(self, partner: str, terms: TermsNow, part: Part, name: str) -> Iterator[CountedLine]:
        rule = part.block["earn"][name]
        for line_id, amount in self._candidates(rule):
            fate, line = self._judged(line_id), self._as_sale(line_id)
            if rule["plan"] == "servicing":
                mine = partner in self._served(line["client_id"], line["paid_on"]) and part is terms.newest
                mine = mine and terms.since <= line["paid_on"] < part.paid[1]
                mine = mine and not self._excluded(line["client_id"], line["paid_on"], name)
            else:
                mine = fate.outcome == "settled" and fate.partner == partner and terms.parts[fate.part] is part
            takes = rule["plan"] in plans.TAKES
            if not takes and self._excluded(line["client_id"], line["paid_on"], name):
                continue
            if mine and (fate.rule == name if takes else names(rule, line["category"])):
                value = amount
                if rule["plan"] == "promo_code":
                    value = self._discount(line_id)
                    if not value and fate.rule != name:
                        continue
                year = self._year(rule, line)
                yield CountedLine(line_id, line["client_id"], value, year)

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
                    if not gives_back(line):
                        yield line_id, self._value(line)
                    elif line_id in self.as_sale:
                        yield line_id, -self.parts[line_id]

    def _discount(self, line_id: str) -> int:
        """What a promo code took off: of a refund, as much of its sale's as it takes of the sale."""
        line = self.by_id[line_id]
        return self.discounts[line_id] if line_id in self.as_sale else int(line["discount_minor"] or 0)

    def _by_terms_before(self, terms: TermsNow, part: Part) -> list[str]:
        """The lines that settle by terms that came before a block's, as late ones do."""
        earlier = terms.parts[: terms.parts.index(part)]
        fates = {line_id: self._judged(line_id) for line_id in self.values}
        return [
            line_id
            for line_id, fate in fates.items()
            if fate.outcome == "settled"
            and self.terms.get(fate.partner) is terms
            and any(terms.parts[fate.part] is each for each in earlier)
        ]

    def _first_sales(self, rule: Mapping[str, Any], counted: Sequence[CountedLine], earlier: Sequence[str]) -> Earning:
        """What first orders earn: a share of what is paid on them, or an amount for each, shared over its lines.

        An amount is earned by the terms that first came to something; `earlier` are the lines of the terms before.
        """
        of_lines = []
        for client in sorted({line.client_id for line in counted}):
            first, before = self._first_order(rule, client)
            mine = [line for line in counted if line.client_id == client and self._order(line.line_id) == first]
            if rule.get("taken_back") == "false":
                mine = [line for line in mine if self.by_id[line.line_id] not in self.twin.put_in]
            whole = sum(line.value for line in mine)
            if "rate" in rule:
                of_one = percent(rule["rate"])
            else:
                before = max(before, 0) + self._paid_on(first, rule, earlier)
                sales = (before + whole > 0) - (before > 0)
                of_one = Fraction(money(rule["pays"]) * sales, whole) if whole else Fraction(0)
            of_lines += [OfLine(line.line_id, client, line.value * of_one) for line in mine]
        return plans.of_lines(of_lines)

    def _first_order(self, rule: Mapping[str, Any], client: str) -> tuple[str, int]:
        """The first order of a client, and what is left of all it paid before; none where it has none, or earns none.

        It is the first that the client pays when nothing is left of all it paid before.
        """
        is_kept = rule.get("taken_back") == "false"
        facts = [
            paid
            for paid in self.twin.paid
            if paid.client_id == client and names(rule, paid.category) and not (is_kept and paid.is_late_refund)
        ]
        first, since, left, before = "", "", 0, 0
        for month in sorted({paid.month for paid in facts}):
            seen = [paid for paid in facts if paid.month == month]
            left += sum(paid.value for paid in seen if paid.goes_back)
            before = left if month == self.month else before
            if left <= 0:
                first, since = self._first_of([paid for paid in seen if not paid.goes_back]), month
            came_in = sum(paid.value for paid in seen if not paid.goes_back)
            left += max(came_in, 0) if is_kept else came_in  # what is kept is so, whatever a later month gives back
            if left <= 0 and month < self.month:
                first = ""
        of_first = [paid for paid in facts if paid.order == first and paid.month >= since]
        return ("" if any(not paid.earns for paid in of_first) else first), before

    @staticmethod
    def _first_of(seen: Sequence[Paid]) -> str:
        """The order that is paid first of those that a month left something of; none where it gave back all it paid."""
        by_order: dict[str, int] = defaultdict(int)
        for paid in seen:
            by_order[paid.order] += paid.value
        days = {order: min(paid.day for paid in seen if paid.order == order and paid.value > 0)
                for order, value in by_order.items() if value > 0}  # fmt: skip
        return min(days, key=lambda order: (days[order], order)) if sum(by_order.values()) > 0 else ""

    def _paid_on(self, order: str, rule: Mapping[str, Any], line_ids: Sequence[str]) -> int:
        """What these lines pay on an order for what a rule names."""
        named = (each for each in line_ids if names(rule, self._as_sale(each)["category"]))
        return sum(self.values[each] for each in named if self._order(each) == order)

    def _order(self, line_id: str) -> str:
        return self.orders.get(line_id) or str(self.by_id[line_id]["invoice_id"])

    def _year(self, rule: Mapping[str, Any], line: Line) -> int:
        if rule["plan"] != "retention":
            return 1
        return year_of_life(self.owners[line["client_id"]]["claimed_on"], line["paid_on"])

    def _measure(self, partner: str, part: Part, rule: Mapping[str, Any]) -> int:
        """What picks the tier: of late lines by the terms of their payment that month, with what settled of it since."""
        if part.late_of:
            return self.twin.measure(partner, rule["measure"], part.late_of, AskedOf(with_late=True))
        return self.twin.measure(partner, rule["measure"], self.month)

    def _goals(self, partner: str, name: str, rule: Mapping[str, Any], month: str) -> dict[str, int]:
        """The goals a month earns, by key: of those once in life, none that an earlier month has."""
        is_left = rule.get("taken_back") == "true"
        measure = self.twin.measure(partner, rule["measure"], month, AskedOf(left=is_left, kept=not is_left))
        figures = {
            self._key_of_goal(figure, rule): (plans.figure_of(figure, rule["measure"]), money(pays))
            for figure, pays in rule.get("goals", {}).items()
            if month <= rule.get("by", "9")
        }
        figures |= {
            until: (plans.figure_of(said["reaches"], rule["measure"]), money(said["pays"]))
            for until, said in rule.get("checkpoints", {}).items()
            if month <= until
        }
        reached = {key: pays for key, (figure, pays) in figures.items() if figure <= measure}
        if rule.get("repeat") == "every_month":
            return dict(list(reached.items())[-1:])
        before = self._before(partner, name, month)
        return {key: pays for key, pays in reached.items() if not before[key]}

    def _before(self, partner: str, name: str, month: str) -> dict[str, int]:
        """What a rule earned a partner in earlier months, by key, less what was taken back of it."""
        before: dict[str, int] = defaultdict(int)
        for group, kept in self.twin.kept.items():
            if (group.partner, group.rule) == (partner, name) and group.month < month:
                before[group.key] += kept.minor - kept.taken
        return before

    def _beside_lines(self, partner: str, part: Part, name: str, rule: Mapping[str, Any]) -> Earning | None:
        """A fee each month, or once; a fee by the number of clients; a gift, once."""
        if rule.get("paid") == "upfront":
            return plans.fee(Fraction(money(rule["pays"]))) if self._is_first(partner, name) else None
        if "pays" in rule:
            return plans.fee(part.share * money(rule["pays"]))
        measure = self.twin.measure(partner, rule["measure"], self.month)
        if rule["plan"] == "gift":
            is_reached = plans.figure_of(rule["reaches"], rule["measure"]) <= measure
            is_given = is_reached and self._is_first(partner, name)
            return plans.reached({rule["gift"]: money(rule["worth"])}) if is_given else None
        fees = [part.share * money(pays) for clients, pays in rule["by_clients"].items() if int(clients) <= measure]
        return plans.fee(fees[-1]) if fees[-1] else None

    def _is_first(self, partner: str, name: str) -> bool:
        """Whether a rule that earns once does so now: it is remembered, whatever becomes of the month later."""
        known = (partner, name) in self.twin.earned_once
        self.twin.earned_once.add((partner, name))
        return not known

    @staticmethod
    def _key_of_goal(figure: str, rule: Mapping[str, Any]) -> str:
        """What a goal is remembered by: 1000.00, or 3 where clients are counted."""
        found = plans.figure_of(figure, rule["measure"])
        return str(found) if plans.counts_clients(rule["measure"]) else f"{found / 100:.2f}"

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

    def _people(self, partner: str) -> dict[str, list[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        day = last_day(self.month)
        for row in self.twin.history.employees:
            if row["partner_id"] == partner and row["from"] <= day <= (row.get("until") or "9"):
                found[row["role"]].add(row["person_id"])
        return {role: sorted(people) for role, people in found.items()}

    def _value_of_sale(self, line_id: str) -> int:
        return self.twin.sales[line_id].value

    def _keep(self, partner: str, rule: str, to: str, earning: Earning, base: Callable[[str], int]) -> None:
        twin = self.twin
        for key, exact in earning.keys.items():
            kept = twin.kept.setdefault(Group(self.month, partner, rule, to, key), Kept())
            kept.exact += exact
            kept.minor += earning.minors[key]
        for of_line in earning.lines:
            if of_line.line_id in twin.sales:
                group = Group(self.month, partner, rule, to, of_line.key)
                twin.sales[of_line.line_id].earned.append((group, of_line.exact, base(of_line.line_id)))

    def _limit(self, partner: str, terms: TermsNow, past: Past) -> None:
        """Keep the limits of the month; they are asked once it is known what goes back."""
        for part in terms.parts:
            if not part.only_lines:
                rules = list(part.block["earn"].items())
                days = {"part_of_month": part.share}
                past.limits = [(name, {**rule, **days}) for name, rule in rules if rule["plan"] in plans.LIMITS]
                goals = ((name, rule) for name, rule in rules if rule["plan"] == "milestone")
                past.goals = [(name, rule) for name, rule in goals if rule.get("taken_back") == "true"]
