"""The slow twin's corrections: what refunds take back, and what limits and seniors make of it."""

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction

from tests.histories import twin_plans as plans
from tests.histories.twin_earned import EarnedNow
from tests.histories.twin_life import Correction, Group, Kept, Past
from tests.histories.twin_plans import Amount, half_away, percent


class GivenBack(EarnedNow):
    """A month that has taken back what refunds give back of earlier ones."""

    def take_back(self) -> None:
        twin = self.twin
        for line_id, sale_id, taken, left in self.backs:
            sale = twin.sales[sale_id]
            for group, exact, base in sale.earned:
                minor = -twin.kept[group].take(exact * sale.part_of(base, left, taken))
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
