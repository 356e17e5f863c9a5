"""Balances beside the payout: a partner's marketing fund, gifts and credit, and what goes to persons."""

from collections.abc import Iterable, Mapping, Sequence

from models.errors import BadInput
from models.money import major
from models.statement import BalanceBesidePayout, FundActivity
from models.vendor import Spending
from rules.corrections.taken_back import Correction
from rules.earning.commission import Accrued
from rules.plan import To

BESIDE_PAYOUT = (To.FUND, To.CREDIT, To.PERSON)


def balances_beside_payout(
    accrued: Iterable[Accrued],
    opening_minor: Mapping[str, int],
    spending: Sequence[Spending],
    corrections: Sequence[Correction] = (),
) -> tuple[BalanceBesidePayout, ...]:
    """Return the balances of one partner's fund, credit and persons: opening + earned + corrected - spent = closing.

    `opening_minor` is what stood there before the month by `fund`, `credit` and `person`; `spending` is the partner's.
    Only a fund is spent from; gifts, credit and what persons are owed is handed out outside this month's payout.
    """
    earned_minor: dict[To, int] = {}
    for each in accrued:
        if each.to in BESIDE_PAYOUT:
            earned_minor[each.to] = earned_minor.get(each.to, 0) + each.commission_minor
    balances = []
    for to in BESIDE_PAYOUT:
        spent = tuple(
            FundActivity(
                entry_id=entry.entry_id,
                spent_on=entry.spent_on.isoformat(),
                activity=entry.activity,
                claims=entry.claims,
                amount_minor=entry.amount_minor,
            )
            for entry in (spending if to is To.FUND else ())
        )
        corrected_minor = sum(each.minor for each in corrections if each.earning.to == to)
        before_minor, new_minor = opening_minor.get(to.value, 0), earned_minor.get(to, 0)
        spent_minor = sum(entry.amount_minor for entry in spent)
        if before_minor or spent or corrected_minor or to in earned_minor:
            balances.append(
                BalanceBesidePayout(
                    of=to.value,
                    opening_minor=before_minor,
                    earned_minor=new_minor,
                    spent_minor=spent_minor,
                    closing_minor=before_minor + new_minor + corrected_minor - spent_minor,
                    spent=spent,
                    corrected_minor=corrected_minor,
                )
            )
    return tuple(balances)


def must_cover_spending(by_partner: Mapping[str, tuple[BalanceBesidePayout, ...]], currency: str) -> None:
    """Raise BadInput naming every partner whose agreed activities cost more than its marketing fund holds."""
    problems = [
        f"partner {partner_id}: {', '.join(entry.entry_id for entry in fund.spent)} spend "
        f"{major(fund.spent_minor, currency)}, but the fund holds "
        f"{major(fund.closing_minor + fund.spent_minor, currency)}"
        for partner_id, balances in sorted(by_partner.items())
        for fund in balances
        if fund.of == To.FUND and fund.spent and fund.closing_minor < 0
    ]
    if problems:
        raise BadInput(
            "spending.csv takes more from a marketing fund than it holds:\n  " + "\n  ".join(problems) + "\n"
            "Move an entry to a later month, or lower it."
        )
