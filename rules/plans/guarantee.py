"""Guarantee: what rules earned in a month is topped up to a minimum."""

from typing import ClassVar, Literal

from pydantic import Field

from models.money import major
from models.phrase import Phrase
from rules.plan import Cut, Earned, Names, Plan, Stage, Sums, Working
from rules.programme.written import AmountMinor


class Guarantee(Plan):
    """Earns what the named rules' month lacks to the minimum, which is pro rata by days in a part of a month.

    With a minimum of 5 000.00, a month of 3 200.00 earns 1 800.00 more, and a month of 5 000.00 nothing.
    """

    stage: ClassVar[Stage] = Stage.LIMIT
    is_fee: ClassVar[bool] = True

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: guarantee, minimum: 5000.00}",
        "{plan: guarantee, minimum: 5000.00, rules: [software, telephony]}",
    )

    plan: Literal["guarantee"]
    minimum: AmountMinor = Field(description="what a month earns at least, by days in a part of a month")
    rules: Names | Literal["all"] = Field(
        "all",
        description="the rules whose earnings are topped up, or `all`, which is all but overrides; `all` when left out",
    )

    def cut(self) -> Cut:
        return Cut(earned=self.rules)

    def earn(self, sums: Sums) -> Earned:
        earned_minor = sum(amount.minor for amount in sums.earned)
        step = Phrase.of("minimum")
        if sums.days:
            step = Phrase.of("minimum, {days} of {all} days", days=sums.days, all=sums.month.last_day.day)
        minimum = Working(self.minimum, sums.part_of_month, phrase=step)
        if minimum.exact <= earned_minor:
            return Earned(())
        return Earned((minimum, Working(-earned_minor, phrase=Phrase.of("earned this month"))))

    def words(self, currency: str) -> str:
        what = "all rules" if self.rules == "all" else ", ".join(self.rules)
        return f"at least {major(self.minimum, currency)} a month, by days in a part of a month, from {what}"
