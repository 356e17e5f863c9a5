"""What a statement says of a rule, in the partner's language: whose terms, which way, each step, what picked a tier."""

import re
from dataclasses import dataclass
from functools import cache

from babel import Locale

from models.statement import RuleAccrual, Step, TierReached
from rules.measure import LIFETIME
from tasks.documents.wording import Wording, wording

_MONTH = re.compile(r"\d{4}-\d{2}")
_FIGURE = re.compile(r"\d+(\.\d+)?")


@dataclass(frozen=True)
class RuleWords:
    """One language, and the digits of one currency."""

    words: Wording
    digits: int

    def rule(self, name: str) -> str:
        """`telephony@2025-06` as telephony (terms of June 2025): a rule of older terms, or of another plan."""
        title, *parts = name.split("@")
        return f"{title} ({', '.join(map(self._terms, parts))})" if parts else title

    def _terms(self, part: str) -> str:
        if _MONTH.fullmatch(part):
            return self.words.text("terms_of", month=self.words.month(part))
        if part.startswith("until-"):
            return self.words.text("terms_until", day=self.words.day(part.removeprefix("until-")))
        return f"{self.words.text('plan')} {part}"

    def way(self, accrual: RuleAccrual) -> str:
        """Return which way of earning a rule is. One that has no words yet is called by its own name."""
        if accrual.by:
            return self.words.text(f"by.{accrual.by}")
        has_words = f"way.{accrual.plan}" in self.words.texts
        return self.words.text(f"way.{accrual.plan}") if has_words else accrual.plan.replace("_", " ")

    def step(self, said: str) -> str:
        """Return what a plan says of a step. What it says in words of its own stands as it wrote it."""
        for pattern, phrase in _phrases():
            if found := pattern.fullmatch(said):
                parts = {name: self.goal(part) if name == "goal" else part for name, part in found.groupdict().items()}
                return self.words.text(f"step.{phrase}", **parts)
        return said

    def working(self, step: Step) -> str:
        """Return how a step is worked out: `3 × 500.00`, `10,000.00 × 15/31`."""
        times = [self.words.count(step.count)] if step.count != 1 else []
        rate = [self.words.rate(step.rate)] if step.rate != "100" else []
        return " × ".join([*times, self.words.money(step.base_minor, self.digits), *rate])

    def goal(self, key: str) -> str:
        """Return what was reached: a month, an amount or a number; a thing is called by its name."""
        if _MONTH.fullmatch(key):
            return self.words.month(key)
        return self.words.exact(key, len(key.partition(".")[2])) if _FIGURE.fullmatch(key) else key

    def measured(self, tier: TierReached) -> str:
        """Return what picked a tier, and what it came to."""
        text, of = self.words.text, ", ".join(tier.measure_of)
        if tier.measure_of == ("all",):
            of = text("whole_bill") if tier.measured == "paid" else text("any_category")
        if tier.window_months == LIFETIME:
            of += " " + text("window_of_life")
        elif tier.window_months > 1:
            of += " " + text("window", months=self.words.count(tier.window_months))
        if tier.over == "consolidation_group":
            of += " " + text("in_group")
        came_to = self.figure(tier.measure_minor, counts(tier))
        return text(f"measured.{tier.measured}", categories=of, measure=came_to)

    def figure(self, figure: int, in_clients: bool) -> str:
        """Return what a measure came to: an amount, or a number of clients."""
        return self.words.count(figure) if in_clients else self.words.money(figure, self.digits)

    def bound(self, figure: int, in_clients: bool) -> str:
        """Return where a tier or a level starts, as it stands after `from`: an amount, or `20 clients`."""
        if not in_clients:
            return self.words.money(figure, self.digits)
        one = Locale.parse(self.words.locale).plural_form(figure) == "one"
        count = self.words.count(figure)
        return self.words.text("clients.one", count=count) if one else self.words.text("clients.other", count=count)


def counts(tier: TierReached) -> bool:
    """Whether a tier is picked by a number of clients, not by an amount of money."""
    return tier.measured in ("active_clients", "new_clients")


@cache
def _phrases() -> list[tuple[re.Pattern[str], str]]:
    """What plans say of their steps, as patterns, in the order of the wording file: `year {n}`."""
    phrases = [key.removeprefix("step.") for key in wording("en").texts if key.startswith("step.")]
    return [(re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(phrase))), phrase) for phrase in phrases]
