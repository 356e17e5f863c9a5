"""What the shared promises are tried on: every plan as its file shows it, and sums as an engine may give them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from models.period import Period
from rules.money import allocate, half_away
from rules.plan import ClientSums, Cut, Earned, EarnedAmount, EventSum, Junior, Person, Plan, Sums
from rules.plans import offered
from rules.programme.plan_page import signed
from rules.programme.yaml_text import parse_yaml

RUB_100_MILLION = 10_000_000_000
CLIENTS = ("C1", "C2", "C3", "C4", "C5")
PRODUCTS = ("SW-CRM", "SW-SPEECH", "TEL-PBX", "")

T = TypeVar("T")


class Example(NamedTuple):
    """One form of a plan: its name and number, how it is written, and what it is then."""

    id: str
    way: type[Plan]
    text: str
    written: Mapping[str, object]
    plan: Plan


def every_example() -> list[Example]:
    """Every form of every plan there is: a new file in rules/plans/ brings its own."""
    return [
        Example(f"{name}-{number}", way, text, read(text), plan)
        for name, way in offered().items()
        for number, (text, plan) in enumerate(zip(way.examples, signed(way), strict=True), 1)
    ]


def read(text: str) -> dict[str, object]:
    """A rule as the programme file's reader gives it: every scalar is text."""
    found = parse_yaml(text, "example").data
    assert isinstance(found, dict)
    return found


amounts = st.integers(-RUB_100_MILLION, RUB_100_MILLION) | st.integers(-1000, 1000)
payments = st.integers(1, RUB_100_MILLION)
months = st.sampled_from([Period(2026, 1), Period(2026, 2), Period(2026, 6), Period(2027, 3)])


def sums_for(plan: Plan) -> SearchStrategy[Sums]:
    """Any answer an engine may give to what the plan asks; what it does not ask stays empty."""
    cut = plan.cut()
    asked = {
        "month": months,
        "clients": clients_of(cut),
        "measure": measures_of(cut),
        "events": events_of(cut),
        "earned": _earned if cut.earned else None,
        "earned_before": _earned if cut.lifetime else None,
        "own_before": keys_of(plan) if cut.once else None,
        "juniors": juniors_of(cut) if cut.juniors else None,
        "people": people_of(cut) if cut.roles else None,
        "days": st.none() | st.integers(1, 27),
    }
    return st.builds(Sums, **{name: given for name, given in asked.items() if given is not None})


def clients_of(cut: Cut) -> SearchStrategy[tuple[ClientSums, ...]]:
    """What clients' lines come to: one row for each client, and for each year of its life where that is asked."""
    if cut.lines is None:
        return st.just(())
    years = st.integers(1, 5) if cut.year_since else st.just(0)
    rows = st.dictionaries(st.tuples(st.sampled_from(CLIENTS), years), st.tuples(st.integers(1, 3), amounts))
    return rows.map(
        lambda found: tuple(ClientSums(client, lines, base, year) for (client, year), (lines, base) in found.items())
    )


def measures_of(cut: Cut) -> SearchStrategy[int]:
    if cut.measure is None:
        return st.just(0)
    return st.integers(0, 100) if cut.measure.counts else amounts


def events_of(cut: Cut) -> SearchStrategy[tuple[EventSum, ...]]:
    """Events of the kinds it asks for, and cancellations of events that earned in earlier months."""
    if not cut.events:
        return st.just(())
    event = st.builds(
        EventSum,
        event_id=st.integers(0, 20).map(lambda number: f"E{number}"),
        kind=st.sampled_from(cut.events),
        product_code=st.sampled_from(PRODUCTS),
        client_id=st.sampled_from([*CLIENTS, ""]),
        amount_minor=st.integers(0, 10_000_000),
        takes_back_minor=st.none() | st.none() | st.integers(-10_000_000, 10_000_000),
    )
    return st.lists(event, max_size=6, unique_by=lambda each: each.event_id).map(tuple)


_earned = st.lists(
    st.builds(
        EarnedAmount,
        rule=st.sampled_from(["software", "telephony"]),
        key=st.sampled_from([*CLIENTS, ""]),
        minor=amounts,
    ),
    max_size=6,
).map(tuple)


def keys_of(plan: Plan) -> SearchStrategy[dict[str, int]]:
    """What the rule may have accrued before: for goals it could reach, or for nobody in particular."""
    reached = plan.earn(Sums(Period(2026, 1), measure=RUB_100_MILLION))
    return st.dictionaries(st.sampled_from([*reached.shares, ""]), payments, max_size=3)


def juniors_of(cut: Cut) -> SearchStrategy[tuple[Junior, ...]]:
    junior = st.builds(
        Junior,
        partner_id=st.sampled_from(["P1", "P2", "P3", "P4"]),
        level=st.integers(1, cut.juniors),
        base_minor=amounts,
        commission_minor=amounts,
    )
    return st.lists(junior, max_size=4, unique_by=lambda each: each.partner_id).map(tuple)


def people_of(cut: Cut) -> SearchStrategy[tuple[Person, ...]]:
    who = st.tuples(st.sampled_from(["W1", "W2", "W3"]), st.sampled_from(cut.roles))
    return st.lists(who, max_size=5, unique=True).map(
        lambda found: tuple(Person(person_id, person_id, role) for person_id, role in found)
    )


def shuffled(sums: Sums) -> SearchStrategy[Sums]:
    """The same sums in any order."""

    def some_order(rows: tuple[T, ...]) -> SearchStrategy[tuple[T, ...]]:
        return st.permutations(rows).map(tuple)

    before = st.permutations(list(sums.own_before.items())).map(dict)
    lists = ("clients", "events", "earned", "earned_before", "juniors", "people")
    orders: dict[str, SearchStrategy[Any]] = {name: some_order(getattr(sums, name)) for name in lists}
    return st.fixed_dictionaries({**orders, "own_before": before}).map(lambda found: replace(sums, **found))


def taken_part(sums: Sums, shared_by: str) -> set[str]:
    """Whom something earned can be for: clients, events, people or partners that were in the sums, and no other."""
    return {
        "": set[str](),
        "client": {each.client_id for each in sums.clients} | {each.key for each in sums.earned if each.key},
        "event": {each.event_id for each in sums.events},
        "person": {each.person_id for each in sums.people},
        "partner": {each.partner_id for each in sums.juniors},
    }[shared_by]


def rounded(earned: Earned) -> tuple[int, dict[str, int]]:
    """The total, rounded once, and the parts cut from it."""
    total = half_away(earned.exact)
    return total, {key: share.minor for key, share in allocate(total, earned.shares).items()} if earned.shares else {}


def is_exact(amounts: Iterable[object]) -> bool:
    """Whether these are exact numbers: whole ones, or fractions."""
    return all(type(amount) in (int, Fraction) for amount in amounts)
