"""The sample vendor's clients: what each buys, who brought it, and who claims to have done so.

A few partners bring very much and many bring little, so that every tier of the ladder is reached and
some commissions stay below the payout minimum. Names are invented.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from math import isqrt
from random import Random
from typing import NamedTuple

from models.period import Period
from sample.names import LOCALES, invented_name
from sample.partners import partner_id

_NOBODY = "P-0000"


class Product(NamedTuple):
    """Something on the bill; `share` is its part of the client's monthly bill, in percent of the client's size."""

    code: str
    category: str
    share: int


SUBSCRIPTION = Product("TEL-PBX", "telephony", 40)
PRODUCTS = (
    Product("TEL-TRAFFIC", "telephony", 70),
    Product("TEL-8800", "telephony", 50),
    Product("NUM-495", "numbers", 15),
    Product("NUM-MOBILE", "numbers", 10),
    Product("SW-CRM", "software", 25),
    Product("SW-TRACKING", "software", 30),
    Product("SW-SPEECH", "software", 15),
)
HARDWARE = Product("HW-PHONE", "hardware", 60)
EVERYTHING = (SUBSCRIPTION, *PRODUCTS, HARDWARE)


class Client(NamedTuple):
    """One client: what it buys, and the claim that will win it, if anybody claims it."""

    number: int
    name: str
    size_minor: int
    products: tuple[Product, ...]
    partner: int  # the position of the partner who brought it, from 0
    claimed_on: date | None  # None: nobody brought this client
    shows_all: bool = False  # enlarged, so that every rule of its partner's plan has something to earn on

    @property
    def client_id(self) -> str:
        return f"C-{self.number:06d}"


def make_clients(clients: int, partners: int, starts: Period, months: int, random: Random) -> list[Client]:
    """Invent the clients. 3 % are never claimed, 2 % are claimed within the sample's months, the rest before."""
    order = random.sample(range(clients), clients)
    unclaimed = max(1, clients * 3 // 100)
    new = max(months, clients * 2 // 100)
    claimed_on: dict[int, date | None] = dict.fromkeys(order[:unclaimed])
    for turn, position in enumerate(order[unclaimed : unclaimed + new]):
        claimed_on[position] = starts.plus(turn % months).first_day.replace(day=random.randint(10, 20))
    # The n-th partner brings 1 / n^1.5 of what the first brings, roughly.
    weights = list(accumulate(10**9 // isqrt((position + 3) ** 3) for position in range(partners)))
    made = []
    for position in range(clients):
        established = starts.first_day - timedelta(days=random.randint(60, 700))
        size = random.randint(20, 200) * random.randint(20, 200) * random.randint(20, 200) // 3
        products = (SUBSCRIPTION, *random.sample(PRODUCTS, random.randint(2, 5)))
        partner = random.choices(range(partners), cum_weights=weights)[0]
        name = invented_name(position, LOCALES[position % len(LOCALES)])
        made.append(Client(position + 1, name, size, products, partner, claimed_on.get(position, established)))
    return made


def claim_rows(clients: Sequence[Client], partners: int, starts: Period, random: Random) -> list[tuple[str, ...]]:
    """Return claims.csv, oldest first. 2 % of the clients are claimed again, by a partner who comes too late."""
    claimed = [(client.claimed_on, client) for client in clients if client.claimed_on]
    made = [(day, 0, client.client_id, partner_id(client.partner)) for day, client in claimed]
    again = random.sample(claimed, max(1, len(claimed) * 2 // 100)) if claimed and partners > 1 else []
    for turn, (day, client) in enumerate(again):
        rival = (client.partner + random.randint(1, partners - 1)) % partners
        # The first rival comes on the very same day: the order of the claims decides.
        later = day + timedelta(days=random.randint(1, 60) if turn else 0)
        made.append((later, 1, client.client_id, partner_id(rival)))
    # One client is claimed only by somebody who is no partner.
    strangers = [client for client in clients if not client.claimed_on][:1]
    made += [(starts.first_day, 1, client.client_id, _NOBODY) for client in strangers]
    rows: list[tuple[str, ...]] = [("claim_id", "client_id", "partner_id", "claimed_on", "channel", "evidence")]
    channels = ("deal", "link", "letter", "call")
    for number, (day, _, client_id, partner) in enumerate(sorted(made), 1):
        channel = channels[number % len(channels)]
        rows.append((f"K-{number:06d}", client_id, partner, str(day), channel, f"{channel} {partner}/{number}"))
    return rows
