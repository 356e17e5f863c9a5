"""The sample vendor as it is invented: what its programme asks, its partners and clients, the months it bills."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from random import Random

from models.period import Period
from sample.asked import Asked
from sample.clients import Client, make_clients
from sample.partners import Partner, make_partners
from sample.showcase import with_showcases

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
    def won(self) -> dict[int, list[Client]]:
        """The clients that partners brought, by the position of the partner; showcases first."""
        found: dict[int, list[Client]] = defaultdict(list)
        for client in sorted(self.clients, key=lambda client: not client.shows_all):
            if client.claimed_on:
                found[client.partner].append(client)
        return found

    def won_before(self, partner: Partner) -> list[Client]:
        """The partner's clients of before the programme starts: all they pay is the partner's."""
        return [each for each in self.won[partner.position] if each.claimed_on and each.claimed_on < self.first_day]

    def won_in(self, partner: Partner, period: Period) -> list[Client]:
        """The partner's new clients of a month."""
        return [each for each in self.won[partner.position] if each.claimed_on and Period.of(each.claimed_on) == period]

    @property
    def first_day(self) -> date:
        return self.periods[0].first_day

    def random(self, what: str) -> Random:
        """Chances of its own for each table, so that one more row here changes nothing there."""
        return Random(f"{self.seed} {what}")


def invent(asked: Asked, clients: int, partners: int, months: int, seed: int, people: Random) -> Vendor:
    """Invent a vendor for a programme; the same arguments, the same vendor."""
    starts = asked.programme.starts
    made = make_clients(clients, partners, starts, months, people)
    signed = tuple(make_partners(asked, partners))
    if not asked.is_plain:
        made = with_showcases(made, asked, signed)
    return Vendor(asked, signed, tuple(made), tuple(starts.plus(number) for number in range(months)), seed)
