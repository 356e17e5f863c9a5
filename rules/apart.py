"""Kept apart: marketing funds, gifts and credit, and what goes to persons. Valued and shown, never in a payout."""

from collections.abc import Iterable, Mapping, Sequence

from models.errors import BadInput
from models.money import major
from models.statement import Apart, Spent
from models.vendor import Spending
from rules.commission import Accrued
from rules.plan import To

KEPT_APART = (To.FUND, To.CREDIT, To.PERSON)

Openings = Mapping[str, Mapping[str, int]]
"""By partner: fund, credit or person -> what it stands at, in minor units."""


def apart(accrued: Iterable[Accrued], opening: Mapping[str, int], spending: Sequence[Spending]) -> tuple[Apart, ...]:
    """Return what one partner's fund, credit and persons stand at: opening + earned - spent = closing.

    Only a fund is spent from; gifts, credit and what persons are owed is handed out outside this month's payout.
    """
    earned: dict[To, int] = {}
    for each in accrued:
        if each.to in KEPT_APART:
            earned[each.to] = earned.get(each.to, 0) + each.commission_minor
    found = []
    for to in KEPT_APART:
        spent = tuple(
            Spent(
                entry_id=entry.entry_id,
                spent_on=entry.spent_on.isoformat(),
                activity=entry.activity,
                claims=entry.claims,
                amount_minor=entry.amount_minor,
            )
            for entry in (spending if to is To.FUND else ())
        )
        before, new = opening.get(to.value, 0), earned.get(to, 0)
        spent_minor = sum(entry.amount_minor for entry in spent)
        if before or spent or to in earned:
            found.append(
                Apart(
                    of=to.value,
                    opening_minor=before,
                    earned_minor=new,
                    spent_minor=spent_minor,
                    closing_minor=before + new - spent_minor,
                    spent=spent,
                )
            )
    return tuple(found)


def must_cover(funds: Mapping[str, tuple[Apart, ...]], currency: str) -> None:
    """Raise BadInput naming every partner whose agreed activities cost more than its marketing fund holds."""
    problems = [
        f"partner {partner_id}: {', '.join(entry.entry_id for entry in fund.spent)} spend "
        f"{major(fund.spent_minor, currency)}, but the fund holds "
        f"{major(fund.opening_minor + fund.earned_minor, currency)}"
        for partner_id, kept in sorted(funds.items())
        for fund in kept
        if fund.of == To.FUND and fund.spent and fund.closing_minor < 0
    ]
    if problems:
        raise BadInput(
            "spending.csv takes more from a marketing fund than it holds:\n  " + "\n  ".join(problems) + "\n"
            "Move an entry to a later month, or lower it."
        )
