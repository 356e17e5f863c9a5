"""Summing: the engine's answer to what plans ask. The frame does the sums; the rules never see it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from rules.plan import ClientSums, Cut, EarnedBefore, EventSum, Person, Plan, Sums, To
from rules.terms import InForce
from tasks.asked import Asked
from tasks.client_sums import client_sums


def answers(
    lines: pl.DataFrame, served: pl.DataFrame, partners: Mapping[str, InForce], asked: Asked
) -> dict[str, dict[str, Sums]]:
    """Return the sums of every rule in force, by partner and rule.

    `lines` are those that settle, of these partners' clients; `served` those of the clients they serve,
    with the partner in `server_id`.
    """
    by_rule: dict[tuple[str, str], dict[tuple[str, int], list[ClientSums]]] = {}
    blocks = {part.key: part for partner in partners.values() for part in partner.parts}
    for key, part in sorted(blocks.items()):
        for rule, plan in part.block.earn.items():
            if plan.cut().lines:
                by_rule[key, rule] = client_sums(lines, served, part, rule, plan, asked)
    events = _events_by_partner(asked.events)
    before = _before(asked.past.earned)
    people = _people(asked)
    found: dict[str, dict[str, Sums]] = {}
    for partner_id, partner in partners.items():
        mine = found[partner_id] = {}
        for name, plan, part in partner.rules:
            cut, rule = plan.cut(), name.removesuffix(part.suffix)
            position = -1 if cut.served else partner.parts.index(part)
            mine[name] = Sums(
                month=asked.month,
                clients=tuple(by_rule.get((part.key, rule), {}).get((partner_id, position), ())),
                measure=asked.measures.of(partner_id, cut.measure, asked.month) if cut.measure else 0,
                events=_event_sums(events.get(partner_id), cut, before.get(partner_id, {}).get(rule, {})),
                earned_before=_earned_before(before.get(partner_id, {}), rule, plan) if cut.lifetime else (),
                own_before=_by_key(before.get(partner_id, {}).get(rule, {})) if cut.once else {},
                people=tuple(each for each in people.get(partner_id, ()) if each.role in cut.roles),
                days=part.days,
            )
    return found


def _events_by_partner(events: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in events.sort("event_id").iter_rows(named=True):
        found[str(row["partner_id"])].append(row)
    return found


def _event_sums(
    events: Sequence[Mapping[str, Any]] | None, cut: Cut, before: Mapping[tuple[str, str, str], int]
) -> tuple[EventSum, ...]:
    """Events of the kinds a rule asks for, without those cancelled in the same month; and what is taken back."""
    if not events or not cut.events:
        return ()
    cancelled = {event["cancels_event_id"] for event in events if event["cancels_event_id"]}
    earned = {key: minor for (_, kind, key), minor in before.items() if kind == "event"}
    found = []
    for event in events:
        cancels = str(event["cancels_event_id"] or "")
        if cancels:
            if cancels in earned:
                found.append(_event(event, takes_back_minor=earned[cancels]))
        elif event["kind"] in cut.events and event["event_id"] not in cancelled:
            found.append(_event(event))
    return tuple(found)


def _event(event: Mapping[str, Any], takes_back_minor: int | None = None) -> EventSum:
    return EventSum(
        event_id=event["event_id"],
        kind=event["kind"],
        product_code=event["product_code"] or "",
        client_id=event["client_id"] or "",
        amount_minor=event["amount_minor"] or 0,
        takes_back_minor=takes_back_minor,
    )


def _people(asked: Asked) -> dict[str, list[Person]]:
    """Everybody who is in a role on the month's last day."""
    found: dict[str, list[Person]] = defaultdict(list)
    for each in sorted(asked.employees, key=lambda person: (person.partner_id, person.role, person.person_id)):
        day = asked.month.last_day
        if each.from_day <= day and (each.until is None or each.until >= day):
            found[each.partner_id].append(Person(each.person_id, each.name, each.role))
    return found


Before = dict[tuple[str, str, str], int]  # (to, kind, key) -> minor units, over all earlier months


def _before(earned: pl.DataFrame) -> dict[str, dict[str, Before]]:
    keys = ["partner_id", "rule", "to", "kind", "key"]
    found: dict[str, dict[str, Before]] = defaultdict(lambda: defaultdict(dict))
    for partner_id, rule, to, kind, key, minor in (
        earned.group_by(keys).agg(pl.col("minor").sum()).sort(keys).iter_rows()
    ):
        found[partner_id][rule][to, kind, key] = minor
    return found


def _by_key(before: Before) -> dict[str, int]:
    return {key: minor for (_, _, key), minor in before.items()}


def _earned_before(before: Mapping[str, Before], limit: str, plan: Plan) -> tuple[EarnedBefore, ...]:
    """What the rules a limit looks at, and the limit itself, earned the partner in earlier months."""
    asked = plan.cut().earned
    return tuple(
        EarnedBefore(rule, key if kind == "client" else "", minor)
        for rule, parts in before.items()
        if asked == "all" or rule in (*asked, limit)
        for (to, kind, key), minor in parts.items()
        if to == To.PARTNER
    )
