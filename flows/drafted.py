"""A draft with what a person should know before saying yes to it."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.errors import CannotApprove
from models.money import major
from rules.draft import Draft
from tasks.validate import RejectedLine

CHANGES = 10
"""Partners a draft compares with last month, largest change first."""


@dataclass(frozen=True)
class Drafted:
    """A draft, and what a person should know before saying yes to it."""

    draft: Draft
    warnings: tuple[str, ...]
    rejected: tuple[RejectedLine, ...]
    last_commission_minor: Mapping[str, int]  # by partner, of the month before
    unbalanced: tuple[str, ...]  # why the month cannot be approved; empty when it can

    def must_balance(self) -> None:
        """Raise CannotApprove where lines are lost or the vendor's totals differ."""
        if self.unbalanced:
            raise CannotApprove(
                f"{self.draft.period} cannot be approved:\n  " + "\n  ".join(self.unbalanced) + "\n"
                "Nothing was settled. Correct the billing, control.csv or programme.yaml, and run the month again."
            )

    def changes(self) -> list[str]:
        """What differs most from the month before, in words: each partner's commission then and now."""
        now = {body.partner_id: body.summary.commission_minor for body in self.draft.statements}
        before = self.last_commission_minor
        moved = {partner: now.get(partner, 0) - before.get(partner, 0) for partner in now.keys() | before.keys()}
        largest = sorted((p for p in moved if moved[p]), key=lambda partner: (-abs(moved[partner]), partner))

        def money(minor: int) -> str:
            return major(minor, self.draft.programme.currency)

        return [
            f"{partner}: {money(before.get(partner, 0))} last month, {money(now.get(partner, 0))} now "
            f"({'+' if moved[partner] > 0 else ''}{money(moved[partner])})"
            for partner in largest[:CHANGES]
        ]
