"""The sample vendor's events: what clients and partners did that earns without a payment, some of it taken back."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from models.events import EVENT_COLUMNS
from models.period import Period
from rules.plan import Plan
from rules.plans.pay_per_install import PayPerInstall
from rules.plans.training_share import TrainingShare
from tasks.sample.clients import Client
from tasks.sample.partners import Partner
from tasks.sample.vendor import Rows, Vendor


class Event(NamedTuple):
    """One event. The fields are the columns of the file, in order."""

    event_id: str
    client_id: str
    partner_id: str
    kind: str
    product_code: str
    occurred_on: str
    cancels_event_id: str
    amount_minor: str


assert Event._fields == EVENT_COLUMNS


def event_rows(vendor: Vendor) -> Rows:
    """Return events.csv, oldest first: one in twenty is cancelled, and a few are wrong."""
    random = vendor.random("events")
    happened = sorted(
        event
        for partner in vendor.partners
        for kind, plan in _kinds(vendor, partner).items()
        for event in _events(vendor, partner, kind, plan, random)
    )
    events = [event._replace(event_id=f"E-{number:06d}") for number, (_, event) in enumerate(happened, 1)]
    written = [
        *events,
        *_cancelled(events, vendor.periods[-1]),
        *(event for period in vendor.periods for event in _dirt(events, period)),
    ]
    return [EVENT_COLUMNS, *sorted(written, key=lambda event: (event.occurred_on, event.event_id))]


def _kinds(vendor: Vendor, partner: Partner) -> dict[str, Plan]:
    """The kinds of events that any of the partner's rules ever asks for."""
    found: dict[str, Plan] = {}
    for signed in partner.terms:
        for _, plan in vendor.asked.rules(signed.plan):
            found |= dict.fromkeys(plan.cut().events, plan)
    return found


def _events(
    vendor: Vendor, partner: Partner, kind: str, plan: Plan, random: Random
) -> Iterator[tuple[str, Event]]:
    """What happened under one rule, month by month, while the partner has it; each with its day."""
    own = vendor.own_clients[partner.position]
    order = [*own[:1], *random.sample(own[1:], len(own[1:]))]
    each = max(1, len(order) // 10)
    for number, period in enumerate(vendor.periods):
        if not any(kind in rule.cut().events for rule in vendor.rules_of(partner, period).values()):
            continue
        if isinstance(plan, TrainingShare):
            for _ in range(1 + len(own) // 50):
                fee = str(random.randint(20, 200) * 5_000)
                yield _event(kind, _some_day(period, random), partner_id=partner.partner_id, amount_minor=fee)
            continue
        for client in order[number * each : (number + 1) * each]:
            yield _event(kind, _some_day(period, random), client, product_code=_product(plan, random))
        for client in _new_clients(vendor, partner, period):
            yield _event(kind, str(client.claimed_on), client, product_code=_product(plan, random))
