"""What people put right by hand: which sale a refund gives back, and amounts that are given or taken."""

import re
from collections.abc import Collection

from models.errors import BadInput
from models.money import LARGEST_MINOR
from models.period import Period, Version
from models.value import Value
from models.vendor import Adjustment, Match
from tasks.vendor.people import Read, sorted_values, values
from tasks.vendor.tables import cells
from tasks.vendor.tables.table import Problem, Row, read_table

ADJUSTMENT_COLUMNS = (
    "adjustment_id", "partner_id", "posted_on", "amount_minor", "why", "evidence", "who", "cites",
)  # fmt: skip
SAID_COLUMNS = ("who", "why")
STATEMENT = r"[^/]+/[0-9]{4}-(0[1-9]|1[0-2])/v[1-9][0-9]*"


class Said(Value):
    """Who made a restatement, and why."""

    who: str
    why: str


def read_matches(name: str, data: bytes) -> Read[Match]:
    """Return which sale each refund gives back, by refund."""
    table = read_table(name, data, ("line_id", "sale_id", "who", "why"), ())

    def match(row: Row) -> Match:
        found = Match(**{column: cells.printable(row, column) for column in ("line_id", "sale_id", "who", "why")})
        if found.line_id == found.sale_id:
            raise Problem(f"line_id {found.line_id!r} and sale_id are one line: name the sale that it gives back")
        return found

    read, repeats = values(table, match, lambda each: each.line_id, "line_id")
    return sorted_values(table, read, repeats, lambda each: (each.line_id,))


def read_adjustments(name: str, data: bytes, partners: Collection[str]) -> Read[Adjustment]:
    """Return the amounts that are given or taken by hand, by day and id."""
    required = ("adjustment_id", "partner_id", "posted_on", "amount_minor", "why", "who")
    table = read_table(name, data, required, ("evidence", "cites"))

    def adjustment(row: Row) -> Adjustment:
        amount_minor = cells.whole(row, "amount_minor")
        if amount_minor == 0 or abs(amount_minor) > LARGEST_MINOR:
            raise Problem(
                f"amount_minor {amount_minor} is 0 or beyond {LARGEST_MINOR}: write what is given, or below 0 what is "
                f"taken"
            )
        partner_id, cites = cells.known_partner(row, partners), row.text["cites"]
        if cites and (not re.fullmatch(STATEMENT, cites) or cites.partition("/")[0] != partner_id):
            example = Version(Period(2026, 1)).of(partner_id)
            raise Problem(f"cites {cites!r} is no statement of {partner_id}: write for example {example}")
        return Adjustment(
            adjustment_id=cells.printable(row, "adjustment_id"),
            partner_id=partner_id,
            posted_on=cells.day(row, "posted_on"),
            amount_minor=amount_minor,
            why=cells.printable(row, "why"),
            evidence=row.text["evidence"],
            who=cells.printable(row, "who"),
            cites=cites,
        )

    read, repeats = values(table, adjustment, lambda each: each.adjustment_id, "adjustment_id")
    return sorted_values(table, read, repeats, lambda each: (each.posted_on, each.adjustment_id))


def read_said(name: str, data: bytes) -> tuple[str, str]:
    """Return who made a restatement, and why: the one row of the file. Raises BadInput."""
    table = read_table(name, data, SAID_COLUMNS, ())

    def said(row: Row) -> Said:
        return Said(who=cells.printable(row, "who"), why=cells.printable(row, "why"))

    read, repeats = values(table, said, lambda each: (each.who, each.why), "")
    rows, _ = sorted_values(table, read, repeats, lambda each: (each.who, each.why))
    if len(rows) != 1:
        raise BadInput(f"{name} has {len(rows)} rows: write one, who made the restatement and why.")
    return rows[0].who, rows[0].why
