"""Override: what a senior partner earns on its juniors' commission or base, level by level."""

from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from models.phrase import Phrase
from rules.plan import BY_JUNIOR, DEEPEST, Cut, Earned, Plan, Stage, Sums, Working
from rules.programme.written import Rate, percent_text


class Override(Plan):
    """Earns a rate on what each junior earned, or on what its clients paid, by how many levels it is below.

    At 5 % and 2 % of commission, a direct junior's 40 000.00 and the 10 000.00 of a junior of that one earn
    2 200.00. What a junior has to give back takes back its override.
    """

    stage: ClassVar[Stage] = Stage.NETWORK

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: override, of: commission, levels: [5%, 2%, 1%]}",
        "{plan: override, of: base, levels: [1%]}",
    )

    plan: Literal["override"]
    of: Literal["commission", "base"] = Field(
        description="`commission`: what the juniors’ own rules earned. `base`: what the juniors’ clients paid"
    )
    levels: Annotated[tuple[Rate, ...], Field(min_length=1, max_length=DEEPEST)] = Field(
        description="a rate for direct juniors, for their juniors, and so on; up to 10"
    )

    def cut(self) -> Cut:
        return Cut(juniors=len(self.levels))

    def earn(self, sums: Sums) -> Earned:
        working, shares = [], dict[str, Fraction]()
        for junior in sorted(sums.juniors, key=lambda junior: (junior.level, junior.partner_id)):
            if junior.level > len(self.levels):
                continue
            minor = junior.base_minor if self.of == "base" else junior.commission_minor
            place = Phrase.of("level {n}: {partner}", n=junior.level, partner=junior.partner_id)
            step = Working(minor, self.levels[junior.level - 1], phrase=place)
            working.append(step)
            shares[junior.partner_id] = shares.get(junior.partner_id, Fraction(0)) + step.exact
        return Earned(tuple(working), shares, BY_JUNIOR)

    def highest_rate(self) -> Fraction:
        return sum(self.levels, Fraction(0)) if self.of == "base" else Fraction(0)

    def words(self, currency: str) -> str:
        what = "what juniors’ clients pay" if self.of == "base" else "juniors’ commission"
        steps = ", ".join(f"{percent_text(rate)} % at level {level}" for level, rate in enumerate(self.levels, 1))
        return f"on {what}: {steps}"
