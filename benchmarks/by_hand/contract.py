"""The contract of examples/uis.yaml by hand: what a partner's sums of one month come to, in whole kopecks.

Written without the product's rules, so that the two can be compared. Of what a month has, each rival sums its own
lines; this is the last step of them all, on one row a partner.
"""

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

PERIOD = "2026-01"
FIRST_DAY, LAST_DAY = date(2026, 1, 1), date(2026, 1, 31)
CURRENCY = "RUB"
KINDS = ("charge", "credit_note", "chargeback", "chargeback_won")
GIVE_BACK = ("credit_note", "chargeback")
"""Kinds whose amounts are not above 0."""

WHOLE = "[+-]?[0-9]{1,18}"
"""A whole number, as a regular expression of the whole text."""

NEEDED = (
    "line_id", "invoice_id", "client_id", "category", "amount_minor", "currency", "issued_on", "paid_on", "kind",
    "posted_on", "vat_minor", "vat_rate", "refunds_line_id",
)  # fmt: skip
"""The columns of a billing line that decide what it earns."""

SOFTWARE, TELEPHONY = ("software",), ("telephony", "numbers")
SOFTWARE_PERCENT = 50
TIERS = ((0, 8), (100_000_00, 10), (300_000_00, 12), (1_000_000_00, 15))
"""From so many kopecks on, so many percent."""


class Sums(NamedTuple):
    """What a partner's clients paid in the month, net of VAT and of what was given back, in kopecks."""

    partner_id: str
    software_minor: int
    telephony_minor: int  # telephony and numbers
    bill_minor: int  # everything, hardware too


class Terms(NamedTuple):
    """What a partner signed."""

    plan: str  # in force in the month
    first_day: date  # of its first terms
    group: str  # of partners of one owner; blank for none


def billing_of(vendor: Path) -> Path:
    """Return the month's billing lines."""
    return vendor / "billing" / f"{PERIOD}.parquet"


def terms_of(vendor: Path) -> dict[str, Terms]:
    """Return by partner what is in force in the month."""
    found: dict[str, Terms] = {}
    with (vendor / "partners.csv").open(encoding="utf-8", newline="") as file:
        for row in sorted(csv.DictReader(file), key=lambda row: row["from"]):
            if row["from"] <= PERIOD:
                known = found.get(row["partner_id"])
                first_day = known.first_day if known else date.fromisoformat(f"{row['from']}-01")
                found[row["partner_id"]] = Terms(row["plan"], first_day, row.get("consolidation_group", ""))
    return found


def commissions(sums: Iterable[Sums], terms: Mapping[str, Terms]) -> dict[str, int]:
    """Return the month's commission of each partner in kopecks; each rule is rounded once."""
    rows = list(sums)
    together: dict[str, int] = {}
    for each in rows:
        group = terms[each.partner_id].group
        together[group] = together.get(group, 0) + each.telephony_minor
    found = {}
    for each in rows:
        plan, _, group = terms[each.partner_id]
        if plan == "integrator":
            telephony = by_volume(each.telephony_minor, together[group] if group else each.telephony_minor)
        else:
            telephony = graduated(each.telephony_minor, each.bill_minor)
        found[each.partner_id] = rounded(SOFTWARE_PERCENT * each.software_minor) + rounded(telephony)
    return found


def by_volume(base_minor: int, measure_minor: int) -> int:
    """Return a hundred times the kopecks that a base earns at the rate the measure reaches.

    A base and measure of 300 000.00 earn 36 000.00.

    >>> by_volume(300_000_00, 300_000_00) // 100, by_volume(299_999_99, 299_999_99)
    (3600000, 299999990)
    """
    reached = max((percent for start, percent in TIERS if start <= measure_minor), default=TIERS[0][1])
    return base_minor * (reached if base_minor >= 0 else TIERS[0][1])


def graduated(base_minor: int, measure_minor: int) -> int:
    """Return a hundred times the kopecks that the last `base_minor` of the measure earn, each slice at its rate.

    The first 100 000.00 of 300 000.00 earn 8 000.00, the other 200 000.00 earn 20 000.00.

    >>> graduated(300_000_00, 300_000_00) // 100, graduated(200_000_00, 300_000_00) // 100
    (2800000, 2000000)
    """
    if base_minor <= 0:
        return base_minor * TIERS[0][1]
    return _up_to(measure_minor) - _up_to(measure_minor - base_minor)


def rounded(hundredfold: int) -> int:
    """Return the hundredth part, rounded to whole kopecks, halves away from zero.

    >>> rounded(250), rounded(-250), rounded(249)
    (3, -3, 2)
    """
    size = (abs(hundredfold) + 50) // 100
    return size if hundredfold >= 0 else -size


def _up_to(measure_minor: int) -> int:
    if measure_minor < 0:
        return measure_minor * TIERS[0][1]
    ends = [(start, percent, end) for (start, percent), (end, _) in pairwise((*TIERS, (measure_minor, 0)))]
    return sum((min(measure_minor, end) - start) * percent for start, percent, end in ends if measure_minor > start)
