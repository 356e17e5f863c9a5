"""What a statement says of a rule, in the partner's language: whose terms, which way, each step, what picked a tier."""

from dataclasses import dataclass

from babel import Locale

from models.older_terms import OlderTerms
from models.phrase import Phrase, PhraseValue
from models.statement import RuleAccrual, Step, TierReached
from tasks.documents.wording import Wording


@dataclass(frozen=True)
class RuleWords:
    """One language, and the digits of one currency."""

    words: Wording
    digits: int

    def rule(self, accrual: RuleAccrual) -> str:
        """Return what a rule is called: telephony, or telephony (terms of June 2025) where they are older."""
        older = ", ".join(map(self._terms, accrual.terms))
        return f"{accrual.name} ({older})" if older else accrual.name

    def _terms(self, terms: OlderTerms) -> str:
        match terms.kind:
            case "of_month":
                return self.words.text("terms_of", month=self.words.month(terms.value))
            case "paid_in":
                return self.words.text("terms_paid_in", month=self.words.month(terms.value))
            case "until":
                return self.words.text("terms_until", day=self.words.day(terms.value))
            case "of_plan":
                return f"{self.words.text('plan')} {terms.value}"

    def way(self, accrual: RuleAccrual) -> str:
        """Return which way of earning a rule is. One that has no words yet is called by its own name."""
        if accrual.by:
            return self.words.text(f"by.{accrual.by}")
        has_words = f"way.{accrual.plan}" in self.words.texts
        return self.words.text(f"way.{accrual.plan}") if has_words else accrual.plan.replace("_", " ")

    def phrase(self, phrase: Phrase) -> str:
        """Return what a plan says of a step. A phrase that has no translation yet stands in English."""
        pattern = self.words.texts.get(f"step.{phrase.pattern}", phrase.pattern)
        return pattern.format(**{name: self.value(value) for name, value in phrase.values.items()})

    def value(self, value: PhraseValue) -> str:
        """Return a value of a phrase, or a goal, as the language writes it; a name stands as it was given."""
        match value.kind:
            case "month":
                return self.words.month(value.text)
            case "amount":
                return self.words.exact(value.text, len(value.text.partition(".")[2]))
            case "count":
                return self.words.count(int(value.text))
            case _:
                return value.text

    def working(self, step: Step) -> str:
        """Return how a step is worked out: `3 × 500.00`, `10,000.00 × 15/31`."""
        times = [self.words.count(step.count)] if step.count != 1 else []
        rate = [self.words.rate(step.rate)] if step.rate != "100" else []
        return " × ".join([*times, self.words.money(step.base_minor, self.digits), *rate])

    def measured(self, tier: TierReached) -> str:
        """Return what picked a tier, and what it came to."""
        text, of = self.words.text, ", ".join(tier.measure_of)
        if tier.measure_of == ("all",):
            of = text("whole_bill") if tier.measured == "paid" else text("any_category")
        if tier.window_months is None:
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
