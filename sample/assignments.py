"""The sample vendor's assignments: clients served by a partner that did not bring them, and clients nobody brought."""

from sample.clients import Client
from sample.vendor import Rows, Vendor

SERVED = 20
"""One client in so many is served by somebody else than who brought it; of those nobody brought, every second is."""


def assignment_rows(vendor: Vendor) -> Rows:
    """Return assignments.csv, in turn for each partner that is paid for serving; one in seven holds for a month."""
    rows: Rows = [("assignment_id", "client_id", "partner_id", "from", "until")]
    starts = vendor.periods[0]
    serving = [
        partner
        for partner in vendor.partners
        if any(plan.cut().served for _, plan in vendor.asked.rules(partner.plan_in(starts)))
    ]
    for number, client in enumerate(_served(vendor, at_least=2 * len(serving)) if serving else ()):
        # A partner does not serve what it brought itself: the next one does.
        turns = [*serving[number % len(serving) :], *serving]
        partner = next((each for each in turns if each.position != client.partner or not client.claimed_on), None)
        if partner is None:
            continue
        since = str(starts.next() if number % 5 == 4 else starts)
        until = since if number % 7 == 3 else ""
        rows.append((f"A-{number + 1:05d}", client.client_id, partner.partner_id, since, until))
    return rows


def _served(vendor: Vendor, at_least: int) -> list[Client]:
    """Which clients are served: every showcase, and some of those somebody brought, and of those nobody did."""
    brought = [client for won in vendor.won.values() for client in won]
    ordinary = [client for client in brought if not client.shows_all]
    unclaimed = [client for client in vendor.clients if not client.claimed_on]
    random = vendor.random("assignments")
    return [
        *(client for client in brought if client.shows_all),
        *random.sample(ordinary, min(len(ordinary), max(at_least, len(ordinary) // SERVED))),
        *random.sample(unclaimed, min(len(unclaimed), max(at_least, len(unclaimed) // 2))),
    ]
