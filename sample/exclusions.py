"""The sample vendor's exclusions: a client that one rule does not pay for, and one that none does."""

from sample.vendor import Rows, Vendor


def exclusion_rows(vendor: Vendor) -> Rows:
    """Return exclusions.csv: two ordinary clients of the largest partner, the second from the second month on."""
    rows: Rows = [("client_id", "rule", "reason", "from")]
    first = vendor.partners[0]
    ordinary = [client for client in vendor.won_before(first) if not client.shows_all]
    if vendor.asked.is_plain or len(ordinary) < 2:
        return rows
    rules = {name: plan.cut() for name, plan in vendor.asked.rules(first.plan_in(vendor.periods[0]))}
    looking_on = [name for name, cut in rules.items() if cut.lines and not cut.takes]
    on_lines = [name for name, cut in rules.items() if cut.lines]
    rule = next(iter([*looking_on, *on_lines]), "")
    rows.append((ordinary[0].client_id, rule, "bought before the programme", ""))
    rows.append((ordinary[1].client_id, "", "belongs to the partner itself", str(vendor.periods[0].next())))
    return rows
