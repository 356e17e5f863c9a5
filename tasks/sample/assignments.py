"""The sample vendor's assignments: clients served by a partner that did not bring them, and clients nobody brought."""

from tasks.sample.vendor import Rows, Vendor

SERVED = 20
"""One client in so many is served, and one in as many of those nobody brought."""


def assignment_rows(vendor: Vendor) -> Rows:
    """Return assignments.csv: in turn for each partner that is paid for serving; the first of each ends in a month."""
    rows: Rows = [("assignment_id", "client_id", "partner_id", "from", "until")]
    starts = vendor.periods[0]
    serving = [
        partner
        for partner in vendor.partners
        if any(plan.cut().served for _, plan in vendor.asked.rules(partner.plan_in(starts)))
    ]
    if not serving:
        return rows
    brought = [client for won in vendor.won.values() for client in won]
    unclaimed = [client for client in vendor.clients if not client.claimed_on]
    shown = [client for client in brought if client.shows_all]
    ordinary = [client for client in brought if not client.shows_all]
    each = len(serving) * 2
    random = vendor.random("assignments")
    chosen = [
        *shown,
        *random.sample(ordinary, min(len(ordinary), max(each, len(ordinary) // SERVED))),
        *random.sample(unclaimed, min(len(unclaimed), max(each, len(unclaimed) // 2))),
    ]
    for number, client in enumerate(chosen):
        # A partner does not serve what it brought itself: the next one does.
        partner = next(
            (each for each in serving[number % len(serving) :] + serving if each.position != client.partner), None
        )
        if partner is None:
            continue
        until = str(starts) if number % 7 == 3 else ""
        since = starts.next() if number % 5 == 4 else starts
        rows.append((f"A-{number + 1:05d}", client.client_id, partner.partner_id, str(since), until))
    return rows
