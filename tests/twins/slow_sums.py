"""What plans ask, answered slowly: from plain lists of lines, one line after another, without a frame."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from models.period import Period
from models.vendor import Assignment, Attribution, Employee, Exclusion
from rules.earning.measure import ALL, Measure
from rules.plan import ClientSums, Cut, EarnedAmount, EventSum, Person, Plan, Select, Sums

Line = Mapping[str, Any]


@dataclass(frozen=True)
class World:
    """Everything that happened up to a month, as one would write it down. Every partner is on the same plan."""

    month: Period
    earn: Mapping[str, Plan]
    not_commissioned: frozenset[str]
    lines: Sequence[Line]
    bonds: Mapping[str, Attribution]
    since: Mapping[str, date]  # partner -> the first day of its terms
    groups: Mapping[str, str]
    events: Sequence[Line]
    earned: Sequence[Line]  # what rules accrued in earlier months
    employees: Sequence[Employee]
    assignments: Sequence[Assignment]
    exclusions: Sequence[Exclusion]


def answer(world: World, partner_id: str, rule: str) -> Sums:
    """What the engine should say to one rule of one partner, before other rules and juniors are known."""
    cut = world.earn[rule].cut()
    first, last = world.since[partner_id], world.month.last_day
    return Sums(
        month=world.month,
        clients=tuple(clients(world, partner_id, rule, cut)) if cut.lines else (),
        measure=measured(world, partner_id, cut.measure) if cut.measure else 0,
        events=tuple(events(world, partner_id, rule, cut)),
        earned_before=tuple(earned_before(world, partner_id, rule, cut)) if cut.lifetime else (),
        own_before=own_before(world, partner_id, rule, cut) if cut.once or cut.lifetime else {},
        people=tuple(people(world, partner_id, cut)),
        days=(last - first).days + 1 if first > world.month.first_day else None,
    )


# ---------------------------------------------------------------------------------- what becomes of a line


def named_by(select: Select, line: Line) -> bool:
    return select.everything or line["product_code"] in select.products or line["category"] in select.categories


def rule_of(world: World, line: Line) -> str:
    """The rule that has a line: the product's, the category's, what no other names; else the first to look at it."""
    own = {name: plan.cut() for name, plan in world.earn.items()}
    takes = {name: cut.lines for name, cut in own.items() if cut.lines and cut.takes and not cut.served}
    looks = {name: cut.lines for name, cut in own.items() if cut.lines and not cut.takes and not cut.served}
    for name, lines in takes.items():
        if line["product_code"] in lines.products:
            return name
    if line["category"] in world.not_commissioned:
        return ""
    for name, lines in takes.items():
        if line["category"] in lines.categories:
            return name
    for name, lines in takes.items():
        if lines.others and (line["category"] or line["product_code"]):
            return name
    for part in ("products", "categories", "everything"):
        for name, lines in looks.items():
            is_named = {
                "products": line["product_code"] in lines.products,
                "categories": line["category"] in lines.categories,
                "everything": lines.everything and bool(line["category"] or line["product_code"]),
            }[part]
            if is_named:
                return name
    return ""


def excluded(world: World, line: Line, rule: str) -> bool:
    return any(
        each.client_id == line["client_id"]
        and each.rule in ("", rule)
        and (each.from_day is None or line["paid_on"] >= each.from_day)
        for each in world.exclusions
    )


def fate(world: World, line: Line) -> str:
    """`earns`; `kept out` by the plan, but measured; `too early` for claim or terms; `no rule` yet; or `waits`."""
    bond = world.bonds.get(line["client_id"])
    if line["paid_on"] is None or bond is None:
        return "waits"
    if line["paid_on"] < bond.claimed_on or line["paid_on"] < world.since[bond.partner_id]:
        return "too early"
    rule = rule_of(world, line)
    if excluded(world, line, rule) or (not rule and line["category"] in world.not_commissioned):
        return "kept out"
    return "earns" if rule else "no rule"


def paid_in(world: World, month: Period) -> list[Line]:
    return [line for line in world.lines if line["paid_on"] and Period.of(line["paid_on"]) == month]


def partner_of(world: World, line: Line) -> str:
    bond = world.bonds.get(line["client_id"])
    return bond.partner_id if bond else ""


# ---------------------------------------------------------------------------------- clients


def clients(world: World, partner_id: str, rule: str, cut: Cut) -> Iterator[ClientSums]:
    assert cut.lines
    mine = [line for line in paid_in(world, world.month) if looked_at(world, partner_id, rule, cut, line)]
    rows: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for line in mine:
        amount, before = line["amount_minor"], 0
        if cut.amount == "discount":
            discount = line["discount_minor"] or 0
            amount = -abs(discount) if amount < 0 else discount
        if cut.first_orders:
            amount, before = of_first_order(world, line, mine, cut.lines)
        asks_for_few = cut.first_orders or cut.amount == "discount"
        if amount or not asks_for_few or rule_of(world, line) == rule:  # a line that no other rule has is shown
            rows.setdefault((line["client_id"], year_of(world, line, cut)), []).append((amount, before))
    for (client_id, year), found in sorted(rows.items()):
        amounts, befores = zip(*found, strict=True)
        yield ClientSums(client_id, len(found), sum(amounts), year, max(befores))


def looked_at(world: World, partner_id: str, rule: str, cut: Cut, line: Line) -> bool:
    assert cut.lines
    if cut.served:
        serves = any(
            each.partner_id == partner_id
            and each.client_id == line["client_id"]
            and each.from_day <= line["paid_on"] <= (each.until or date.max)
            for each in world.assignments
        )
        waits = line["client_id"] in world.bonds and fate(world, line) in ("waits", "no rule")
        is_ours = serves and not waits and line["paid_on"] >= world.since[partner_id]
        return is_ours and named_by(cut.lines, line) and not excluded(world, line, rule)
    if partner_of(world, line) != partner_id or fate(world, line) != "earns":
        return False
    if cut.takes:
        return rule_of(world, line) == rule
    return named_by(cut.lines, line) and not excluded(world, line, rule)


def year_of(world: World, line: Line, cut: Cut) -> int:
    """One more than the birthdays its client has had. Who began on February 29th has them on March 1st."""
    if cut.year_since is None:
        return 0
    since, paid_on = world.bonds[line["client_id"]].claimed_on, line["paid_on"]
    if cut.year_since == "first_payment":
        since = min(payments_of(world, line["client_id"]), default=paid_on)
    return 1 + sum(bool(birthday(since, years) <= paid_on) for years in range(1, 50))


def payments_of(world: World, client_id: str) -> list[date]:
    """The days on which a client paid anything, whether it earns or not."""
    return [
        line["paid_on"]
        for line in world.lines
        if line["client_id"] == client_id and line["amount_minor"] > 0 and was_paid(world, line, world.month)
    ]


def was_paid(world: World, line: Line, until: Period) -> bool:
    """Whether a client that belongs to somebody had paid it by the end of a month."""
    return line["client_id"] in world.bonds and bool(line["paid_on"]) and Period.of(line["paid_on"]) <= until


def birthday(since: date, years: int) -> date:
    try:
        return since.replace(year=since.year + years)
    except ValueError:
        return date(since.year + years, 3, 1)


def of_first_order(world: World, line: Line, mine: Sequence[Line], select: Select) -> tuple[int, int]:
    """What a line adds to the first order its client ever paid and kept, and what that came to in earlier months."""
    of_client = [
        other
        for other in world.lines
        if other["client_id"] == line["client_id"] and named_by(select, other) and was_paid(world, other, world.month)
    ]
    before = [other for other in of_client if Period.of(other["paid_on"]) < world.month]
    before_minor = sum(other["amount_minor"] for other in before)
    if before_minor > 0:
        goes_on = order_of(line, world) == first_order(world, since_nothing_was_left(before))
        return (line["amount_minor"], before_minor) if goes_on else (0, 0)
    now = [other for other in of_client if Period.of(other["paid_on"]) == world.month]
    its = [other for other in mine if other["client_id"] == line["client_id"]]
    if sum(other["amount_minor"] for other in its) <= 0 or first_order(world, now) == "":
        return 0, 0
    orders: dict[str, list[Line]] = {}
    for other in its:
        orders.setdefault(order_of(other, world), []).append(other)
    kept = {order: lines for order, lines in orders.items() if sum(each["amount_minor"] for each in lines) > 0}
    first = min(kept, key=lambda order: (min(e["paid_on"] for e in kept[order] if e["amount_minor"] > 0), order))
    return (line["amount_minor"] if order_of(line, world) == first else 0), 0


def first_order(world: World, paid: Sequence[Line]) -> str | None:
    """The invoice of the first payment; blank where that earned nothing, None where nothing was paid."""
    payments = [
        (line["paid_on"], line["invoice_id"] if fate(world, line) in ("earns", "kept out") else "")
        for line in paid
        if line["amount_minor"] > 0
    ]
    return min(payments)[1] if payments else None


def since_nothing_was_left(paid: Sequence[Line]) -> Sequence[Line]:
    """The lines after the last month at whose end all that had been paid was given back; all where there is none."""
    for month in sorted({Period.of(line["paid_on"]) for line in paid}, reverse=True):
        if sum(line["amount_minor"] for line in paid if Period.of(line["paid_on"]) <= month) <= 0:
            return [line for line in paid if Period.of(line["paid_on"]) > month]
    return paid


def order_of(line: Line, world: World) -> str:
    """The invoice of a line; of a refund that of the line it gives back."""
    origins = [other["invoice_id"] for other in world.lines if other["line_id"] == line["refunds_line_id"]]
    return str(origins[0] if origins else line["invoice_id"])


# ---------------------------------------------------------------------------------- the measure


def measured(world: World, partner_id: str, measure: Measure) -> int:
    if measure.over == "consolidation_group" and partner_id in world.groups:
        group = [other for other in world.since if world.groups.get(other) == world.groups[partner_id]]
        return sum(measured_of(world, other, measure) for other in group)
    return measured_of(world, partner_id, measure)


def measured_of(world: World, partner_id: str, measure: Measure) -> int:
    first, last = measure.first_month(world.month).first_day, world.month.last_day
    mine = [
        line
        for line in world.lines
        if partner_of(world, line) == partner_id
        and (measure.categories == ALL or line["category"] in measure.categories)
    ]
    known = [line for line in mine if was_paid(world, line, world.month)]
    counted = [line for line in known if fate(world, line) in ("earns", "kept out", "no rule")]
    paid = [line for line in counted if first <= line["paid_on"]]
    if measure.of == "paid":
        return sum(line["amount_minor"] for line in paid)
    if measure.of == "billed":
        return sum(line["amount_minor"] for line in mine if first <= line["issued_on"] <= last)
    figure = 0
    for client_id in {line["client_id"] for line in mine}:
        if measure.of == "active_clients":
            figure += sum(line["amount_minor"] for line in paid if line["client_id"] == client_id) > 0
        else:
            days = first_payments([line for line in known if line["client_id"] == client_id])
            figure += bool(days) and min(days) >= first
    return figure


def first_payments(lines: Sequence[Line]) -> list[date]:
    """The day of the first payment of each month in which more was paid than given back."""
    months: dict[Period, list[Line]] = {}
    for line in lines:
        months.setdefault(Period.of(line["paid_on"]), []).append(line)
    kept = [mine for mine in months.values() if sum(line["amount_minor"] for line in mine) > 0]
    return [min(line["paid_on"] for line in mine if line["amount_minor"] > 0) for mine in kept]


# ---------------------------------------------------------------------------------- events, people, earlier months


def events(world: World, partner_id: str, rule: str, cut: Cut) -> Iterator[EventSum]:
    mine = sorted(
        (event for event in world.events if event["partner_id"] == partner_id), key=lambda event: event["event_id"]
    )
    for event in mine if cut.events else ():
        found = EventSum(
            event["event_id"],
            event["kind"],
            event["product_code"] or "",
            event["client_id"] or "",
            event["amount_minor"] or 0,
        )
        if event["cancels_event_id"]:
            before = [row for row in mine_before(world, partner_id, rule) if row["key"] == event["cancels_event_id"]]
            if before:
                yield replace(found, takes_back_minor=sum(row["minor"] for row in before))
        elif event["kind"] in cut.events and event["event_id"] not in [other["cancels_event_id"] for other in mine]:
            yield found


def mine_before(world: World, partner_id: str, rule: str) -> list[Line]:
    return [row for row in world.earned if row["partner_id"] == partner_id and row["rule"] == rule]


def own_before(world: World, partner_id: str, rule: str, cut: Cut) -> dict[str, int]:
    """By key; of a limit for life what is for no client has none."""
    found: dict[str, int] = {}
    for row in mine_before(world, partner_id, rule):
        key = "" if cut.lifetime and row["kind"] != "client" else row["key"]
        found[key] = found.get(key, 0) + row["minor"]
    return found


def earned_before(world: World, partner_id: str, rule: str, cut: Cut) -> Iterator[EarnedAmount]:
    found: dict[tuple[str, str, str], int] = {}
    for row in world.earned:
        asked = cut.earned == "all" or row["rule"] in (*cut.earned, rule)
        if row["partner_id"] == partner_id and row["to"] == "partner" and asked:
            key = (row["rule"], row["kind"], row["key"])
            found[key] = found.get(key, 0) + row["minor"]
    for (name, kind, key_of), minor in sorted(found.items()):
        yield EarnedAmount(name, key_of if kind == "client" else "", minor)


def people(world: World, partner_id: str, cut: Cut) -> Iterator[Person]:
    day = world.month.last_day
    for each in sorted(world.employees, key=lambda person: (person.role, person.person_id)):
        is_there = each.from_day <= day <= (each.until or date.max)
        if each.partner_id == partner_id and is_there and each.role in cut.roles:
            yield Person(each.person_id, each.name, each.role)
