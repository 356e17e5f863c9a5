"""Approvers.csv: who may sign for a month, by which key, from when until when, up to what amount."""

from models.errors import BadInput, WrongUse
from models.vendor import Approver
from rules.programme.blocks.approval import person
from rules.programme.blocks.approvers import public_key
from tasks.vendor.tables import cells
from tasks.vendor.tables.table import Problem, Row, read_table

APPROVERS = "approvers.csv"


def read_approvers(name: str, data: bytes) -> tuple[Approver, ...]:
    """Return the rows of the table, by name, key and day. Raises BadInput naming every row that is wrong."""
    table = read_table(name, data, ("name", "key", "from"), ("until", "up_to_minor"))
    found: dict[Approver, int] = {}
    owners: dict[str, tuple[str, int]] = {}
    for row in table.rows:
        try:
            read = _approver(row)
            owner, first = owners.setdefault(read.key, (read.name, row.number))
            if owner != read.name:
                raise Problem(f"its key is {owner}'s in row {first}: each person has a key of their own")
            found.setdefault(read, row.number)
        except Problem as problem:
            table.wrong(row, problem)
    table.stop_if_wrong()
    return tuple(sorted(found, key=lambda each: (each.name, each.key, each.from_day)))


def _approver(row: Row) -> Approver:
    try:
        name, key = person(row.required("name")), public_key(row.required("key"))
    except (BadInput, WrongUse) as fault:
        raise Problem(str(fault)) from None
    since = cells.first_day(row)
    up_to_minor = cells.whole(row, "up_to_minor") if row.text["up_to_minor"] else None
    if up_to_minor is not None and up_to_minor < 0:
        raise Problem(f"up_to_minor {up_to_minor} is below 0: leave it blank for any amount")
    return Approver(name=name, key=key, from_day=since, until=cells.last_day(row, since), up_to_minor=up_to_minor)
