"""The vendor's small tables: whom partners serve, who works for them, what is left out and what a fund paid for.

Each is optional. One row in doubt stops the month: whoever reads a statement must not guess which rows counted.
"""

from collections.abc import Callable, Collection, Hashable, Sequence
from datetime import date
from typing import TypeVar

from models.money import LARGEST_MINOR
from models.value import Value
from models.vendor import Assignment, Employee, Exclusion, Spending
from tasks.vendor.tables import cells
from tasks.vendor.tables.table import Problem, Row, Table, first_few, read_table

V = TypeVar("V", bound=Value)
D = TypeVar("D", Assignment, Employee)

Read = tuple[tuple[V, ...], tuple[str, ...]]
"""The values of a file, and warnings."""


def read_assignments(name: str, data: bytes, partners: Collection[str]) -> Read[Assignment]:
    """Return who serves which client from when, by client, partner and day."""
    table = read_table(name, data, ("client_id", "partner_id", "from"), ("until", "assignment_id"))

    def assignment(row: Row) -> Assignment:
        since = cells.first_day(row)
        words = [row.text[column] for column in ("client_id", "partner_id", "from", "until")]
        return Assignment(
            assignment_id=row.text["assignment_id"] or cells.derived_id(*words),
            client_id=cells.printable(row, "client_id"),
            partner_id=cells.known_partner(row, partners),
            from_day=since,
            until=cells.last_day(row, since),
        )

    read, repeats = values(table, assignment, lambda each: each.assignment_id, "assignment_id")
    _no_overlap(table, read, lambda each: f"partner {each.partner_id} serves client {each.client_id}")
    return sorted_values(table, read, repeats, lambda each: (each.client_id, each.partner_id, each.from_day))


def read_exclusions(name: str, data: bytes) -> Read[Exclusion]:
    """Return the clients that a rule, or every rule, does not pay for, by client and rule."""
    table = read_table(name, data, ("client_id", "reason"), ("rule", "from"))

    def exclusion(row: Row) -> Exclusion:
        return Exclusion(
            client_id=cells.printable(row, "client_id"),
            rule=row.text["rule"],
            reason=cells.printable(row, "reason"),
            from_day=cells.first_day(row) if row.text["from"] else None,
        )

    read, repeats = values(table, exclusion, lambda each: (each.client_id, each.rule), "client_id and rule")
    return sorted_values(table, read, repeats, lambda each: (each.client_id, each.rule))


def read_employees(name: str, data: bytes, partners: Collection[str]) -> Read[Employee]:
    """Return who works for which partner in which role, by partner, person, role and day."""
    table = read_table(name, data, ("partner_id", "person_id", "name", "role", "from"), ("until",))

    def employee(row: Row) -> Employee:
        since = cells.first_day(row)
        return Employee(
            partner_id=cells.known_partner(row, partners),
            person_id=cells.printable(row, "person_id"),
            name=cells.printable(row, "name"),
            role=cells.printable(row, "role"),
            from_day=since,
            until=cells.last_day(row, since),
        )

    def place(each: Employee) -> tuple[str, str, str, date]:
        return each.partner_id, each.person_id, each.role, each.from_day

    read, repeats = values(table, employee, place, "person_id, role and from")
    _no_overlap(table, read, lambda each: f"{each.person_id} is {each.role} of partner {each.partner_id}")
    return sorted_values(table, read, repeats, place)


def read_spending(name: str, data: bytes, partners: Collection[str]) -> Read[Spending]:
    """Return what the partners' marketing funds paid for, by partner, day and id."""
    table = read_table(name, data, ("entry_id", "partner_id", "spent_on", "activity", "amount_minor"), ("claims",))

    def spending(row: Row) -> Spending:
        amount_minor = cells.whole(row, "amount_minor")
        if not 0 < amount_minor <= LARGEST_MINOR:
            raise Problem(f"amount_minor {amount_minor} is not from 1 to {LARGEST_MINOR}: write what was spent")
        return Spending(
            entry_id=cells.printable(row, "entry_id"),
            partner_id=cells.known_partner(row, partners),
            spent_on=cells.day(row, "spent_on"),
            activity=cells.printable(row, "activity"),
            amount_minor=amount_minor,
            claims=cells.names(row, "claims"),
        )

    read, repeats = values(table, spending, lambda each: each.entry_id, "entry_id")
    return sorted_values(table, read, repeats, lambda each: (each.partner_id, each.spent_on, each.entry_id))


def values(
    table: Table, value: Callable[[Row], V], key: Callable[[V], Hashable], key_words: str
) -> tuple[list[tuple[Row, V]], list[str]]:
    """Return each row's value once, with its row, and a warning for each row that repeats another.

    Rows that have one key and say different things are a problem of the table.
    """
    first: dict[Hashable, tuple[Row, V]] = {}
    repeats: list[str] = []
    for row in table.rows:
        try:
            read = value(row)
        except Problem as problem:
            table.wrong(row, problem)
            continue
        before, earlier = first.setdefault(key(read), (row, read))
        if earlier != read:
            table.wrong(row, f"it has the {key_words} of row {before.number}, but says something else")
        elif before is not row:
            repeats.append(f"{table.name} row {row.number}: the same as row {before.number}, counted once.")
    return list(first.values()), repeats


def _no_overlap(table: Table, found: Sequence[tuple[Row, D]], words: Callable[[D], str]) -> None:
    """Note as wrong every row that says what another says of some of its days: those days would count twice."""
    last: dict[str, tuple[Row, D]] = {}
    for row, each in sorted(found, key=lambda item: item[1].from_day):
        said = words(each)
        if said in last:
            before, earlier = last[said]
            if earlier.until is None or each.from_day <= earlier.until:
                until = f" until {earlier.until}" if earlier.until else ""
                table.wrong(row, f"{said} in row {before.number} already, from {earlier.from_day}{until}")
        last[said] = (row, each)


def sorted_values(
    table: Table, read: Sequence[tuple[Row, V]], repeats: Sequence[str], order: Callable[[V], tuple[object, ...]]
) -> Read[V]:
    """Return the values in their order, and the table's warnings. Raises BadInput where anything is wrong."""
    table.stop_if_wrong()
    return tuple(sorted((value for _, value in read), key=order)), (*table.warnings, *first_few(repeats))
