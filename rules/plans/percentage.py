"""Percentage: a flat share of what clients paid for some categories or products."""

from typing import ClassVar, Literal

from rules.earning.flat_rate import FlatRate
from rules.plan import Cut
from rules.programme.written import percent_text


class Percentage(FlatRate):
    """Earns `rate` on the base of what it names, whatever the volume.

    A base of 84 444.44 at 50 % earns 42 222.22.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: percentage, categories: [software], rate: 50%}",
        "{plan: percentage, categories: [software], products: [TEL-PBX], rate: 7.5%}",
        "{plan: percentage, categories: others, rate: 3%}",
    )

    plan: Literal["percentage"]

    def cut(self) -> Cut:
        return Cut(lines=self.lines)

    def words(self, currency: str) -> str:
        return f"{percent_text(self.rate)} % of {self.lines.words}"
