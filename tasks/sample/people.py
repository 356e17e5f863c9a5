"""The sample vendor's people: partners and their terms, clients, and who claims to have brought whom.

A few partners bring very much and many bring little, so that every tier of the ladder is reached and
some commissions stay below the payout minimum. Names are invented.
"""

from datetime import date, timedelta
from itertools import accumulate
from math import isqrt
from random import Random
from typing import NamedTuple

from models.period import Period


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


class Client(NamedTuple):
    """One client: what it buys, and the claim that will win it, if anybody claims it."""

    number: int
    name: str
    size_minor: int
    products: tuple[Product, ...]
    partner: int  # the position of the partner who brought it, from 0
    claimed_on: date | None  # None: nobody brought this client

    @property
    def client_id(self) -> str:
        return f"C-{self.number:06d}"


# Legal names that break careless programs: markup, quotes, commas, an apostrophe.
_HARD_NAMES = (
    ("Horns & Hooves <LLC>", "en"),
    ('ЗАО "Рога, копыта и сыновья"', "ru"),
    ("""O'Brien, "Fast" & Sons, Inc.""", "en"),
    ("Żółw i Syn, „Łącza” Sp. z o.o.", "pl"),
)
_NAMES = {
    "ru": ("ООО «{} {}»", "Северная Быстрая Ясная Медная Речная Тихая Верная Новая Горная Южная Лунная Звонкая",
           "Связь Линия Волна Сеть Станция Башня Антенна Частота Трубка Искра Мачта Орбита"),
    "pl": ("{} {} Sp. z o.o.", "Zielona Szybka Jasna Nowa Cicha Dobra Polna Leśna Morska Górska Srebrna Żółta",
           "Łączność Sieć Linia Fala Centrala Wieża Antena Iskra Rozmowa Strefa Orbita Kładka"),
    "en": ("{} {} Ltd", "Bright Quick North Clear Copper River Quiet Steady Amber Silver Orchard Granite",
           "Line Wave Tower Signal Relay Switch Beacon Dial Circuit Spark Bridge Exchange"),
}  # fmt: skip
_NOBODY = "P-0000"
_LOCALES = ("ru", "ru", "ru", "pl", "en")


def partner_id(position: int) -> str:
    """The id of the partner at this position, counted from 0."""
    return f"P-{position + 1:04d}"


def invented_name(position: int, locale: str) -> str:
    """Return a company's name, another one for each position."""
    shape, firsts, lasts = _NAMES[locale]
    first, last = firsts.split(), lasts.split()
    turn, rest = divmod(position, len(first) * len(last))
    name = shape.format(first[rest % len(first)], last[rest // len(first)])
    return f"{name} {turn + 1}" if turn else name


def partner_rows(partners: int, starts: Period) -> list[tuple[str, ...]]:
    """Return partners.csv: every third partner is an agent; two of them become integrators in the second month."""
    rows: list[tuple[str, ...]] = [("partner_id", "name", "plan", "from", "locale", "parent_id")]
    for position in range(partners):
        locale = _LOCALES[position % len(_LOCALES)]
        name = invented_name(position, locale)
        if position < len(_HARD_NAMES):
            name, locale = _HARD_NAMES[position]
        plan = "agent" if position % 3 == 1 else "integrator"
        parent = partner_id(position // 40) if position % 25 == 2 else ""
        rows.append((partner_id(position), name, plan, str(starts), locale, parent))
        if position in (1, 4):
            rows.append((partner_id(position), name, "integrator", str(starts.next()), locale, parent))
    return rows


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
        name = invented_name(position, _LOCALES[position % len(_LOCALES)])
        made.append(Client(position + 1, name, size, products, partner, claimed_on.get(position, established)))
    return made


def claim_rows(clients: list[Client], partners: int, starts: Period, random: Random) -> list[tuple[str, ...]]:
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
