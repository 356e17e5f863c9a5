"""The sample vendor's events: what clients and partners did that earns without a payment, some of it taken back."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from models.events import EVENT_COLUMNS
from models.period import Period
from rules.plan import Plan
from rules.plans.pay_per_install import PayPerInstall
from rules.plans.training_share import TrainingShare
from sample.partners import Partner
from sample.vendor import Rows, Vendor


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
    happened = sorted((event for partner in vendor.partners for event in _events(vendor, partner, random)), key=_by_day)
    events = [event._replace(event_id=f"E-{number:06d}") for number, event in enumerate(happened, 1)]
    wrong = (event for period in vendor.periods for event in _wrong(events, period))
    return [EVENT_COLUMNS, *sorted((*events, *_cancelled(events, vendor.periods[-1]), *wrong), key=_by_day)]


def _by_day(event: Event) -> tuple[str, Event]:
    return event.occurred_on, event


def _events(vendor: Vendor, partner: Partner, random: Random) -> Iterator[Event]:
    """What happened, month by month, of each kind that a rule of the partner asks for in that month."""
    own = vendor.won_before(partner)
    turns = [*own[:1], *random.sample(own[1:], len(own[1:]))]
    each = max(1, len(turns) // 10)
    for number, period in enumerate(vendor.periods):
        for kind, plan in _kinds(vendor, partner.plan_in(period)).items():
            if isinstance(plan, TrainingShare):
                for _ in range(1 + len(own) // 50):
                    fee_minor = random.randint(20, 200) * 5_000
                    yield _event(kind, _day(period, random), partner_id=partner.partner_id, amount_minor=str(fee_minor))
                continue
            for client in turns[number * each : (number + 1) * each]:
                yield _event(kind, _day(period, random), client.client_id, product_code=_product(plan, random))
            for client in vendor.won_in(partner, period):
                yield _event(kind, str(client.claimed_on), client.client_id, product_code=_product(plan, random))


def _kinds(vendor: Vendor, plan_name: str) -> dict[str, Plan]:
    """The kinds of events a plan asks for, each with a rule that does."""
    return {kind: plan for _, plan in vendor.asked.rules(plan_name) for kind in plan.cut().events}


def _event(
    kind: str, day: str, client_id: str = "", *, partner_id: str = "", product_code: str = "", amount_minor: str = ""
) -> Event:
    return Event("", client_id, partner_id, kind, product_code, day, "", amount_minor)


def _day(period: Period, random: Random) -> str:
    return f"{period}-{random.randint(1, 28):02d}"


def _product(plan: Plan, random: Random) -> str:
    """What was installed: now and then something that no amount is agreed for."""
    if not isinstance(plan, PayPerInstall):
        return ""
    return random.choice([each.product_code for each in plan.products]) if random.randrange(20) else "SW-OTHER"


def _cancelled(events: Sequence[Event], last: Period) -> Iterator[Event]:
    """One event in twenty is taken back: a few days later, or in the month after."""
    for number, event in enumerate(events[2::20]):
        day = date.fromisoformat(event.occurred_on)
        later = day + timedelta(days=30 if number % 2 == 0 else 3)
        if Period.of(later) > last:
            later = last.last_day
        yield event._replace(event_id=f"{event.event_id}-X", occurred_on=str(later), cancels_event_id=event.event_id)


def _wrong(events: Sequence[Event], period: Period) -> Iterator[Event]:
    """What somebody sent twice, with a day that does not exist, and of a kind that nobody agreed on."""
    sent = [event for event in events if event.occurred_on.startswith(str(period))][-3:]
    if not sent:
        return
    first, second, third = (sent * 3)[:3]
    yield first
    yield second._replace(event_id=f"{second.event_id}-D", occurred_on="2026-02-30")
    yield third._replace(event_id=f"{third.event_id}-K", kind="visit")
