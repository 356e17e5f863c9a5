"""Answers: the sums that plans ask for. The frame does the sums; the rules never see it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from engine.sums.client_sums import CountedLines, counted_lines
from engine.sums.sum_inputs import SumInputs
from models.period import Period
from rules.earning.measure import AfterRefunds
from rules.plan import BY_JUNIOR, Cut, EarnedAmount, EventSum, Person, Plan, Sums, To
from rules.terms.in_force import InForce


@dataclass(frozen=True, eq=False)
class Answered:
    """The sums of every rule in force, by partner and rule (as the statement names it), and the lines they count."""

    sums: Mapping[str, Mapping[str, Sums]]
    lines: Mapping[tuple[str, str], CountedLines]  # by block and rule, as the programme file names them


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers plans, some partners at a time."""

    inputs: SumInputs

    def to(self, partners: Mapping[str, InForce], settled: pl.DataFrame, served: pl.DataFrame) -> Answered:
        """Return the sums of these partners, from the lines (PartnerLines) that settle and those they serve."""
        blocks = {part.key: part for partner in partners.values() for part in partner.parts}
        counted = {
            (key, rule): counted_lines(served if plan.cut().served else settled, part, rule, self.inputs)
            for key, part in sorted(blocks.items())
            for rule, plan in part.block.earn.items()
            if plan.cut().lines
        }
        by_client = {key: each.by_client() for key, each in counted.items()}
        found: dict[str, dict[str, Sums]] = {}
        for partner_id, partner in partners.items():
            found[partner_id] = {}
            for rule in partner.rules:
                cut, name = rule.way.cut(), rule.ref.name
                before = self._before.get(partner_id, {}) if cut.once or cut.events else {}
                stands = self._stands.get(partner_id, {}) if cut.once or cut.lifetime else {}
                part = None if cut.served else partner.parts.index(rule.part)
                found[partner_id][rule.name] = Sums(
                    month=self.inputs.month,
                    clients=tuple(by_client.get((rule.part.key, name), {}).get((partner_id, part), ())),
                    measure=self._measure(partner_id, cut, rule.part.late_of),
                    events=_event_sums(self._events.get(partner_id), cut, before.get(name, {})),
                    earned_before=_earned_before(stands, name, rule.way) if cut.lifetime else (),
                    own_before=_own_before(cut, before.get(name, {}), stands.get(name, {})),
                    people=tuple(each for each in self._people.get(partner_id, ()) if each.role in cut.roles),
                    days=rule.part.days,
                )
        return Answered(found, counted)

    def _measure(self, partner_id: str, cut: Cut, late_of: Period | None) -> int:
        month = self.inputs.month
        if late_of is not None and cut.measure:
            return self.inputs.measures.of_late(partner_id, cut.measure, late_of)
        return self.inputs.measures.of(partner_id, cut.measure, month, cut.after_refunds) if cut.measure else 0

    @cached_property
    def _events(self) -> dict[str, list[dict[str, Any]]]:
        return _events_by_partner(self.inputs.events)

    @cached_property
    def _before(self) -> "dict[str, dict[str, Before]]":
        return _before(self.inputs.past.earned)

    @cached_property
    def _stands(self) -> "dict[str, dict[str, Before]]":
        """The same with every correction of it: what limits for life look at."""
        if self.inputs.corrections.is_empty():
            return self._before
        return _before(pl.concat([self.inputs.past.earned, self.inputs.corrections]))

    @cached_property
    def _people(self) -> dict[str, list[Person]]:
        return _people(self.inputs)


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


def _people(asked: SumInputs) -> dict[str, list[Person]]:
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
        earned.group_by(keys).agg(pl.col("minor").cast(pl.Int128).sum()).sort(keys).iter_rows()
    ):
        found[partner_id][rule][to, kind, key] = minor
    return found


def _own_before(cut: Cut, before: Before, stands: Before) -> dict[str, int]:
    """What a rule that earns once, or a limit for life, accrued before: where it is taken back, what still stands."""
    if cut.lifetime:
        found: dict[str, int] = defaultdict(int)
        for (_, kind, key), minor in stands.items():
            found[key if kind == "client" else ""] += minor
        return dict(found)
    if not cut.once:
        return {}
    if cut.after_refunds is AfterRefunds.LEFT:
        return {key: minor for (_, _, key), minor in stands.items() if minor}
    return {key: minor for (_, _, key), minor in before.items()}


def _earned_before(before: Mapping[str, Before], limit: str, plan: Plan) -> tuple[EarnedAmount, ...]:
    """What the rules a limit looks at, and the limit itself, earned the partner in earlier months; no overrides."""
    asked = plan.cut().earned
    return tuple(
        EarnedAmount(rule, key if kind == "client" else "", minor)
        for rule, parts in before.items()
        if asked == "all" or rule in (*asked, limit)
        for (to, kind, key), minor in parts.items()
        if to == To.PARTNER and kind != BY_JUNIOR
    )
