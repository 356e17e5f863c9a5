"""The sample vendor as it is invented: what its programme asks, its partners and clients, the months it bills."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from random import Random

from models.period import Period
from rules.plan import Plan
from tasks.sample.asked import Asked
from tasks.sample.clients import Client, make_clients
from tasks.sample.partners import Partner, make_partners
from tasks.sample.showcase import with_showcases

Rows = list[tuple[str, ...]]
"""A table of the vendor: its columns, then its records."""


@dataclass(frozen=True)
class Vendor:
    """Everything that was invented before anything is written."""

    asked: Asked
    partners: tuple[Partner, ...]
    clients: tuple[Client, ...]
    periods: tuple[Period, ...]
    seed: int

    @cached_property
    def own_clients(self) -> dict[int, list[Client]]:
        """The clients claimed before the programme starts, by the position of their partner; showcases first."""
        found: dict[int, list[Client]] = defaultdict(list)
        for client in sorted(self.clients, key=lambda client: not client.shows_all):
            if client.claimed_on and client.claimed_on < self.first_day:
                found[client.partner].append(client)
        return found

    @property
    def first_day(self) -> date:
        return self.periods[0].first_day

    def random(self, what: str) -> Random:
        """Chances of its own for each table, so that one more row here changes nothing there."""
        return Random(f"{self.seed} {what}")

    def rules_of(self, partner: Partner, period: Period) -> dict[str, Plan]:
        """The rules a partner has in a month; all of its ladder's where it has a ladder."""
        return dict(self.asked.rules(partner.plan_in(period)))


def invent(asked: Asked, clients: int, partners: int, months: int, seed: int, people: Random) -> Vendor:
    """Invent a vendor for a programme; the same arguments, the same vendor."""
    starts = asked.programme.starts
    made = make_clients(clients, partners, starts, months, people)
    signed = tuple(make_partners(asked, partners))
    if not asked.is_plain:
        made = with_showcases(made, asked, signed)
    return Vendor(asked, signed, tuple(made), tuple(starts.plus(number) for number in range(months)), seed)
