"""The cost of a month's sales: what everybody earned on each partner's, against the programme's `cost_at_most`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from rules.earning.commission import Accrued
from rules.plan import To
from rules.programme.cost import over_limit, over_limit_words
from rules.terms.network import brought_minor

COSTS_MONEY = {To.PARTNER, To.PERSON, To.FUND, To.CREDIT}


class SalesCost(NamedTuple):
    """What one partner's sales came to (net or gross, as the programme says), and what everybody earned on them."""

    base_minor: int
    cost_minor: int


@dataclass(frozen=True)
class CostsByPartner:
    """Base and cost of each partner's sales. Partners are added some at a time."""

    _base_minor: dict[str, int] = field(default_factory=dict)
    _cost_minor: Counter[str] = field(default_factory=Counter)

    def add(self, accrued: Mapping[str, Sequence[Accrued]]) -> None:
        """Add what some partners' rules accrued. An override counts for the junior it was earned on."""
        for partner_id, mine in accrued.items():
            self._base_minor[partner_id] = _base(mine)
            for each in mine:
                if each.to not in COSTS_MONEY:
                    continue
                for amount in each.amounts():
                    self._cost_minor[amount.key if each.earned.shared_by == "partner" else partner_id] += amount.minor

    def include(self, others: "CostsByPartner") -> None:
        """Add what other partners came to, and their seniors on them."""
        self._base_minor.update(others._base_minor)
        self._cost_minor.update(others._cost_minor)

    def by_partner(self) -> dict[str, SalesCost]:
        """Return base and cost of every partner that was added."""
        return {
            partner_id: SalesCost(base_minor, self._cost_minor[partner_id])
            for partner_id, base_minor in self._base_minor.items()
        }


def _base(accrued: Sequence[Accrued]) -> int:
    """Return the base, in minor units, of the lines a partner brought, and of those it served."""
    served = max((each.sums.base_minor for each in accrued if each.way.cut().served), default=0)
    return brought_minor(accrued) + served


def over_cost_at_most(
    limit: Fraction, by_partner: Mapping[str, SalesCost], currency: str
) -> tuple[list[str], list[str]]:
    """Return (why the month must not be approved, partners to look at), each a sentence, against `cost_at_most`.

    The month as a whole must keep the limit: a fee paid to a partner who sold nothing yet is above any share
    of its base, so a partner above it is named, and the month above it is stopped.
    """
    whole = SalesCost(
        sum(each.base_minor for each in by_partner.values()), sum(each.cost_minor for each in by_partner.values())
    )
    looked_at = [
        f"partner {partner_id} {over_limit_words(limit, each.base_minor, each.cost_minor, currency)}"
        for partner_id, each in sorted(by_partner.items())
        if over_limit(limit, each.base_minor, each.cost_minor)
    ]
    stopped = over_limit(limit, whole.base_minor, whole.cost_minor)
    return ([f"the month {over_limit_words(limit, *whole, currency)}"] if stopped else []), looked_at
