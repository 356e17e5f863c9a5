"""What a programme asks of a sample vendor: the plans to sign, and what there must be for each rule to earn."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from rules.plan import Cut, Plan, Stage
from rules.programme.blocks.plan_terms import PlanTerms
from rules.programme.file import Programme


@dataclass(frozen=True)
class Asked:
    """A programme, as those who invent a vendor for it look at it."""

    programme: Programme

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What partners.csv names: the ladders of levels, or the plans where there are none."""
        return tuple(self.programme.levels or self.programme.plans)

    @cached_property
    def special(self) -> tuple[str, ...]:
        """The plans beside a ladder that no level leads to: for special terms."""
        levels = [level for ladder in self.programme.levels.values() for level in ladder.levels]
        led_to = {level.plan for level in levels}
        return tuple(plan for plan in self.programme.plans if levels and plan not in led_to)

    def blocks(self, name: str) -> tuple[PlanTerms, ...]:
        """Every block that a plan has, or that the levels of a ladder lead to."""
        ladder = self.programme.levels.get(name)
        plans = dict.fromkeys(level.plan for level in ladder.levels) if ladder else (name,)
        return tuple(block for plan in plans for block in self.programme.plans[plan])

    def rules(self, name: str) -> Iterator[tuple[str, Plan]]:
        """The rules of those blocks, by their names."""
        for block in self.blocks(name):
            yield from block.earn.items()

    @cached_property
    def every_rule(self) -> tuple[tuple[str, Plan], ...]:
        return tuple(
            rule for blocks in self.programme.plans.values() for block in blocks for rule in block.earn.items()
        )

    @cached_property
    def leaders(self) -> tuple[str, ...]:
        """The plans that earn on partners below."""
        return tuple(name for name in self.names if any(plan.stage is Stage.NETWORK for _, plan in self.rules(name)))

    @property
    def has_codes(self) -> bool:
        """Whether it says who bears the discount of a promo code."""
        return any(plan.cut().amount == "discount" for _, plan in self.every_rule)

    @property
    def has_groups(self) -> bool:
        """Whether companies of one owner reach a level together."""
        return any(ladder.measure.over == "consolidation_group" for ladder in self.programme.levels.values())

    @cached_property
    def is_plain(self) -> bool:
        """Whether all it pays is a share of what clients paid: then every rule earns something anyway."""
        return all(_shares_what_was_paid(plan.cut()) for _, plan in self.every_rule)


def _shares_what_was_paid(cut: Cut) -> bool:
    return cut.lines is not None and cut.takes
