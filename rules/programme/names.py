"""Names: what the vendor's tables name of the programme, and the programme does not have."""

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from typing import NamedTuple

from models.vendor import Assignment, Employee, Exclusion, Spending
from rules.plan import Plan, To
from rules.programme.file import Programme

SHOWN = 20


class Named(NamedTuple):
    """What in the vendor's tables names rules, roles, kinds of events and funds of the programme."""

    exclusions: Iterable[Exclusion] = ()
    employees: Iterable[Employee] = ()
    assignments: Iterable[Assignment] = ()
    spending: Iterable[Spending] = ()
    event_kinds: Iterable[tuple[str, str, int]] = ()  # each kind, with file and row of the first event that has it


def unknown_names(programme: Programme, named: Named) -> list[str]:
    """Return a sentence for each row that names a rule, a role, a kind or a fund that no block of any plan ever had.

    Such a row would change nothing, without a word: a client excluded from `sofware` is paid for.
    """
    rules = {name: way for blocks in programme.plans.values() for block in blocks for name, way in block.earn.items()}
    ways = [way for blocks in programme.plans.values() for block in blocks for way in block.earn.values()]
    found = [
        *_of_exclusions(named, rules),
        *_of_employees(named, ways),
        *_of_partners(named, ways),
        *_of_events(named, ways),
    ]
    more = len(found) - SHOWN
    return [*found[:SHOWN], f"+{more} more"] if more > 0 else found


def _of_exclusions(named: Named, rules: Collection[str]) -> Iterator[str]:
    for each in named.exclusions:
        if each.rule and each.rule not in rules:
            yield f"exclusions.csv: client {each.client_id}: there is no rule {each.rule!r} ({_there_are(rules)})"


def _of_employees(named: Named, ways: Iterable[Plan]) -> Iterator[str]:
    roles = {role for way in ways for role in way.cut().roles}
    for each in named.employees:
        if each.role not in roles:
            yield (
                f"employees.csv: {each.person_id} of partner {each.partner_id}: no rule pays the role {each.role!r} "
                f"({_there_are(roles)})"
            )


def _of_partners(named: Named, ways: Collection[Plan]) -> Iterator[str]:
    if not any(way.cut().served for way in ways):
        for assignment in named.assignments:
            yield (
                f"assignments.csv: partner {assignment.partner_id} serves client {assignment.client_id}, and no rule "
                f"pays for serving (plan: servicing)"
            )
    if not any(way.to is To.FUND for way in ways):
        for entry in named.spending:
            yield (
                f"spending.csv: entry {entry.entry_id} of partner {entry.partner_id}, and no rule fills a fund "
                f"(plan: marketing_fund)"
            )


def _of_events(named: Named, ways: Iterable[Plan]) -> Iterator[str]:
    kinds = {kind for way in ways for kind in way.cut().events}
    for kind, source, row in named.event_kinds:
        # What no rule pays for stays open and is shown so: a vendor may tell more than its programme asks.
        if kind not in kinds and (near := get_close_matches(kind, kinds, n=1)):
            yield f"{source} row {row}: no rule pays for an event of the kind {kind!r}: is {near[0]!r} meant?"


def _there_are(names: Collection[str]) -> str:
    return f"there are: {', '.join(sorted(names))}" if names else "there are none"
