"""The sample vendor's list of people: who works for which partner, in the roles that some rule pays."""

from sample.names import person_name
from sample.partners import Partner
from sample.vendor import Rows, Vendor


def employee_rows(vendor: Vendor) -> Rows:
    """Return employees.csv: one or two people in a role; one partner in five has nobody; somebody leaves."""
    rows: Rows = [("partner_id", "person_id", "name", "role", "from", "until")]
    starts = vendor.periods[0]
    for partner in vendor.partners:
        if partner.position % 5 == 3:
            continue
        number = 0
        for place, role in enumerate(_roles(vendor, partner)):
            for turn in range(1 + (partner.position + place) % 2):
                leaves = partner.position % 10 == 0 and turn == 1
                name = person_name(partner.position + number, partner.locale)
                person_id = f"{partner.partner_id}.{number + 1}"
                until = str(starts.next()) if leaves else ""
                rows.append((partner.partner_id, person_id, name, role, str(starts), until))
                number += 1
    return rows


def _roles(vendor: Vendor, partner: Partner) -> list[str]:
    rules = [plan for signed in partner.terms for _, plan in vendor.asked.rules(signed.plan)]
    return list(dict.fromkeys(role for plan in rules for role in plan.cut().roles))
