"""The slow twin of a programme's life: months settled one after the other, a dictionary per line, line by line.

Plain Python and exact fractions. It shares no code with the rooms, so the same mistake has to be made
twice to go unseen. What is taken back is worked out as the contract says it: each refund takes from each
client's amount of the month of its sale, cumulatively; limits and overrides of that month follow.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from tests.histories import twin_plans as plans
from tests.histories.history import Row, last_day, refund, won
from tests.histories.twin_given_back import GivenBack
from tests.histories.twin_life import Group, Kept, Life, Month, Past
from tests.histories.twin_plans import money


class Twin(Life):
    """A programme's life, settled month by month."""

    def settle_all(self) -> dict[str, Month]:
        for month in self.history.months:
            self.settle(month)
        return self.months

    def settle(self, month: str) -> Month:
        """Settle the next month."""
        self.before[month] = self.as_it_is()
        of = _OneMonth(self, month)
        of.decide()
        of.work_out_again()
        of.figure_goals_again()
        of.earn()
        of.take_back()
        of.figure_limits_again()
        of.override()
        of.adjust()
        of.balance()
        self.months[month] = of.result
        return of.result


class _OneMonth(GivenBack):
    """A month while it is settled."""

    def work_out_again(self) -> None:
        """Work out again each month whose sales are given back, where the contract says so, or did it once."""
        twin = self.twin
        sale_months = {twin.sales[sale_id].month for parts in self.returned.values() for sale_id in parts}
        again = sale_months if twin.policy(self.month) == "restate" else sale_months & twin.restated
        twin.returned |= self.returned
        for month in sorted(again):
            self._post_restated(month, self._worked_out(month))
        twin.restated |= again
        self.backs = [
            each for each in self.backs if each[0] not in self.returned or twin.sales[each[1]].month not in again
        ]

    def _worked_out(self, month: str) -> "Life":
        """A month as it would have been without all that later months took of its sales."""
        twin = self.twin
        life = twin.before[month].as_it_is()
        taken: dict[str, int] = defaultdict(int)
        for parts in twin.returned.values():
            for sale_id, minor in parts.items():
                if twin.sales[sale_id].month == month:
                    taken[sale_id] += minor
        sold = {line["line_id"]: line for line in twin.history.lines}
        life.put_in = tuple(
            refund(f"{sale_id} given back", sold[sale_id], minor, last_day(month))
            for sale_id, minor in sorted(taken.items())
            if minor > 0
        ) + tuple(self._won_again(sold, month, taken))
        of = _OneMonth(life, month)
        of.decide()
        of.work_out_again()
        of.figure_goals_again()
        of.earn()
        of.take_back()
        of.figure_limits_again()
        of.override()
        return life

    def _won_again(self, sold: Mapping[str, Row], month: str, taken: Mapping[str, int]) -> Iterator[Row]:
        """What came back of chargebacks that the month itself had lost."""
        twin, left = self.twin, {sale_id: -minor for sale_id, minor in taken.items()}
        by_chargeback: dict[tuple[str, str], int] = defaultdict(int)
        for refund_id, parts in twin.returned.items():
            line = sold[refund_id]
            if line["kind"] == "chargeback_won" and line["refunds_line_id"] not in twin.returned:
                for sale_id, minor in parts.items():
                    by_chargeback[line["refunds_line_id"], sale_id] -= minor
        for (chargeback, sale_id), minor in sorted(by_chargeback.items()):
            gives = min(minor, left.get(sale_id, 0))
            if gives > 0 and twin.sales[sale_id].month == month:
                left[sale_id] -= gives
                yield won(f"{chargeback} won", sold[chargeback], gives, last_day(month))

    def _post_restated(self, month: str, life: "Life") -> None:
        """Post what the month comes to more, or less, than it stood at; from now on it stands as it came to."""
        twin = self.twin
        now = {group: kept for group, kept in life.kept.items() if group.month == month}
        for group in {group for group in twin.kept if group.month == month} | now.keys():
            was = twin.kept.get(group, Kept())
            self._restate(group, now.get(group, Kept()).minor - (was.minor - was.taken))
            twin.kept[group] = now.get(group, Kept())
        for key in [key for key in {**twin.past, **life.past} if key[0] == month]:
            was_posted, is_posted = twin.past.get(key, Past()).posted, life.past.get(key, Past()).posted
            for name in {**was_posted, **is_posted}:
                changed = is_posted.get(name, 0) - was_posted.get(name, 0)
                self._restate(Group(month, key[1], name, "partner", ""), changed)
            twin.past[key] = life.past.get(key, Past())

    def _restate(self, group: Group, changed: int) -> None:
        if changed:
            self.result.restated[group] = changed

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
        yield from ((group.to, minor) for group, minor in result.restated.items() if group.partner == partner)
        yield from (("partner", minor) for (who, _), minor in result.adjusted.items() if who == partner)

    def _month_before(self) -> Month | None:
        return list(self.twin.months.values())[-1] if self.twin.months else None
