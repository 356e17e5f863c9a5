"""Worlds: what may have happened up to a month for each plan to earn on, and what the engine makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from typing import Any

import polars as pl
import yaml
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from engine.accruals import accruals_of
from engine.calculate import juniors_below
from engine.closed_months.corrections import Corrected
from engine.frames.schemas import Bonds, EarnedAmounts, JudgedEvents, JudgedLines, MonthSums, of_types
from engine.frames.shards import Shards
from engine.inputs import Balances
from engine.lines.attribute import attribute, bonds_of
from engine.lines.contracts import Contracts
from engine.lines.returns import ReturnedSales, like_their_sales
from engine.lines.served import served_lines
from engine.settled_shard import Network, Statements, accrued_by, answered_lines
from engine.sums.answers import Answered
from engine.sums.client_sums import settled
from engine.sums.measures import Measures
from engine.sums.past import Past, month_sums
from engine.sums.sum_inputs import SumInputs
from models.period import Period
from models.vendor import Assignment, Attribution, Employee, Exclusion, Terms
from rules.earning.commission import Accrued
from rules.earning.measure import ALL, Measure
from rules.plan import Cut, Plan, Sums
from rules.programme.file import Programme, parse_programme
from rules.terms.groups import Groups
from rules.terms.in_force import InForce, in_force
from tests.made.plan_promises import Example
from tests.twins.slow_sums import World

JUDGED = of_types(JudgedLines)

MONTH = Period(2026, 2)
PARTNERS = {"P1": "2024-01-01", "P2": "2024-01-01", "P3": "2026-02-10"}  # P1 over P2 over P3
STARTS = Period(2024, 1)
GROUPS = {"P1": "holding", "P2": "holding"}
NOT_COMMISSIONED = "hardware"
CLIENTS = ["C1", "C2", "C3", "C4", "C5", "C6"]  # nobody brought C6
CLAIMED = ["2024-02-29", "2024-12-31", "2025-02-10", "2025-02-11"]
BEFORE = ["2024-12-30", "2025-02-28", "2025-03-01", "2025-09-15", "2026-01-05", "2026-01-20", "2026-01-31"]
DAYS = ["2026-02-01", "2026-02-09", "2026-02-10", "2026-02-11", "2026-02-14", "2026-02-27", "2026-02-28"]
AMOUNTS = [0, 1, 30_000_00, 99_999_99, 100_000_00, 250_000_00, 700_000_00, -30_000_00, -100_000_00]
HEADING = """\
programme: slow-partners
starts: 2024-01
currency: RUB
timezone: Europe/Moscow
base: gross
refunds: net_current
"""


# ---------------------------------------------------------------------------------- what may happen


@cache
def programme_of(text: str, named: tuple[str, ...]) -> Programme:
    """A programme with this rule, and with rules beside it that it may look at."""
    rule = yaml.load(text, Loader=yaml.BaseLoader)
    rate = rule["rate"] if rule["plan"] == "promo_code" else "90%"  # which corrects what earns at its own rate
    beside = {
        name: {"plan": "percentage", "products": [product], "rate": rate}
        for name, product in zip(named, ("SKU", "BESIDE"), strict=False)
    }
    block: dict[str, Any] = {"from": "2024-01", "earn": {"rule": rule, **beside}}
    if NOT_COMMISSIONED not in (rule.get("categories") or ()):
        block["not_commissioned"] = {NOT_COMMISSIONED: "sold at cost"}
    return parse_programme(HEADING + yaml.safe_dump({"plans": {"all": block}}, sort_keys=False))


def worlds(example: Example) -> SearchStrategy[World]:
    """What may have happened, with something in it for whatever the plan asks."""
    cut = example.plan.cut()
    named = named_by(example)
    block = programme_of(example.text, named).plans["all"][0]
    events = events_of(cut) if cut.events else st.just([])
    kept = {
        "lines": st.lists(lines_of(block.earn.values()), min_size=24, max_size=30).map(written_down),
        "bonds": bonds,
        "events": events,
        "earned": earned_of(example.plan, named) if cut.looks_back else st.just([]),
        "employees": employees_of(cut),
        "assignments": assignments if cut.served else st.just([]),
        "exclusions": exclusions if cut.lines else st.just([]),
    }
    return st.builds(
        World,
        month=st.just(MONTH),
        earn=st.just(block.earn),
        not_commissioned=st.just(frozenset(block.not_commissioned)),
        since=st.just({partner: date.fromisoformat(day) for partner, day in PARTNERS.items()}),
        groups=st.just(GROUPS),
        **kept,
    )


def lines_of(plans: Any) -> SearchStrategy[dict[str, Any]]:
    cuts = [plan.cut() for plan in plans]
    selects = [cut.lines for cut in cuts if cut.lines]
    measured = [cut.measure.categories for cut in cuts if cut.measure and cut.measure.categories != ALL]
    categories = {name for named in [*(each.categories for each in selects), *measured] for name in named}
    products = {name for each in selects for name in each.products}
    return st.fixed_dictionaries(
        {
            "client_id": st.sampled_from([*CLIENTS, *CLIENTS, None]),
            "invoice_id": st.sampled_from(["I1", "I2", "I3"]),
            "category": st.sampled_from([*3 * sorted(categories), NOT_COMMISSIONED, "training", None]),
            "product_code": st.sampled_from([None, "ELSE", *2 * sorted(products)]),
            "amount_minor": st.sampled_from(AMOUNTS) | st.integers(-50_000_00, 200_000_00),
            "issued_on": st.sampled_from([date.fromisoformat(day) for day in [*BEFORE, *2 * DAYS]]),
            "paid_after": st.sampled_from([0, 0, 0, 0, 1, 20, None]),
            "refunds": st.sampled_from([None, None, None, None, 1, 2, 5]),
            "discount_minor": st.none() | st.integers(0, 10_000_00),
        }
    )


def written_down(drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines with their ids. A refund names an earlier line, of the same client and product."""
    found: list[dict[str, Any]] = []
    for number, each in enumerate(drawn):
        line = {"line_id": f"L{number}", "refunds_line_id": None, **each}
        refunds, after = line.pop("refunds"), line.pop("paid_after")
        if refunds is not None and refunds <= len(found):
            other = found[-refunds]
            line |= {name: other[name] for name in ("client_id", "category", "product_code")}
            line |= {"refunds_line_id": other["line_id"], "amount_minor": -other["amount_minor"]}
        line["paid_on"] = None if after is None else line["issued_on"] + timedelta(days=after)
        found.append(line)
    return found


bond = st.tuples(st.sampled_from(["P1", "P1", "P2", "P3"]), st.sampled_from(CLAIMED))
bonds = st.fixed_dictionaries(dict.fromkeys(CLIENTS[:-1], bond)).map(
    lambda found: {
        client: Attribution(
            client_id=client, partner_id=partner, claim_id=f"K-{client}", claimed_on=date.fromisoformat(day)
        )
        for client, (partner, day) in found.items()
    }
)


def events_of(cut: Cut) -> SearchStrategy[list[dict[str, Any]]]:
    event = st.fixed_dictionaries(
        {
            "event_id": st.integers(0, 15).map(lambda number: f"E{number}"),
            "client_id": st.sampled_from(["C1", None]),
            "partner_id": st.sampled_from(list(PARTNERS)),
            "kind": st.sampled_from([*cut.events, *cut.events, "other"]),
            "product_code": st.sampled_from(["SW-CRM", "SW-SPEECH", None]),
            "occurred_on": st.just(MONTH.first_day),
            "cancels_event_id": st.none() | st.none() | st.integers(0, 25).map(lambda number: f"E{number}"),
            "amount_minor": st.none() | st.integers(0, 30_000_00),
        }
    )
    return st.lists(event, min_size=6, max_size=14, unique_by=lambda each: str(each["event_id"]))


def earned_of(plan: Plan, named: Sequence[str]) -> SearchStrategy[list[dict[str, Any]]]:
    """What the rule, and those it looks at, accrued in earlier months."""
    cut = plan.cut()
    goals = plan.earn(Sums(MONTH, measure=10**12))
    kind = "event" if cut.events else goals.shared_by if cut.once else "client"
    keys = (
        [f"E{number}" for number in range(12, 25)] if cut.events else [*goals.shares, ""] if cut.once else ["C1", "C2"]
    )
    row = st.fixed_dictionaries(
        {
            "month": st.sampled_from(["2025-12", "2026-01"]),
            "partner_id": st.sampled_from(list(PARTNERS)),
            "rule": st.sampled_from(["rule", "rule", *named]),
            "to": st.sampled_from(["partner", "partner", "fund"]) if cut.lifetime else st.just(plan.to.value),
            "kind": st.just(kind),
            "key": st.sampled_from(keys),
            "minor": st.sampled_from(AMOUNTS) | st.integers(-1_000_00, 400_000_00),
        }
    )
    return st.lists(row, min_size=10, max_size=20)


def employees_of(cut: Cut) -> SearchStrategy[list[Employee]]:
    if not cut.roles:
        return st.just([])
    person = st.builds(
        Employee,
        partner_id=st.sampled_from(list(PARTNERS)),
        person_id=st.sampled_from(["W1", "W2", "W3"]),
        name=st.just("Somebody"),
        role=st.sampled_from([*cut.roles, "director"]),
        from_day=st.sampled_from([date(2025, 1, 1), date(2026, 2, 28), date(2026, 3, 1)]),
        until=st.sampled_from([None, None, date(2026, 2, 27), date(2026, 2, 28)]),
    )
    return st.lists(person, min_size=3, max_size=9, unique_by=lambda each: (each.partner_id, each.person_id, each.role))


assignments = st.lists(
    st.builds(
        Assignment,
        assignment_id=st.just("A"),
        client_id=st.sampled_from(CLIENTS),
        partner_id=st.sampled_from(list(PARTNERS)),
        from_day=st.sampled_from([date(2025, 1, 1), date(2026, 2, 10)]),
        until=st.sampled_from([None, date(2026, 2, 13), date(2026, 2, 14)]),
    ),
    min_size=4,
    max_size=8,
    unique_by=lambda each: (each.client_id, each.partner_id),
)
exclusions = st.lists(
    st.builds(
        Exclusion,
        client_id=st.sampled_from(CLIENTS),
        rule=st.sampled_from(["", "rule"]),
        reason=st.just("our own company"),
        from_day=st.sampled_from([None, date(2026, 2, 10)]),
    ),
    max_size=3,
    unique_by=lambda each: (each.client_id, each.rule),
)


# ---------------------------------------------------------------------------------- what the engine makes of it


def terms_of(programme: Programme) -> dict[str, InForce]:
    above = {"P2": "P1", "P3": "P2"}
    rows = [
        Terms(partner_id=who, name=who, plan="all", from_day=date.fromisoformat(day), parent_id=above.get(who, ""))
        for who, day in PARTNERS.items()
    ]
    return in_force(rows, programme, MONTH)


def judged(lines: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """The lines as each month saw them: unpaid in the month they were billed in, and paid in that of the payment."""
    seen = []
    for line in lines:
        issued, paid = Period.of(line["issued_on"]), line["paid_on"] and Period.of(line["paid_on"])
        if paid != issued:
            seen.append({**line, "paid_on": None, "seen_in": str(issued)})
        if paid:
            seen.append({**line, "seen_in": str(paid)})
    rows = [
        {**dict.fromkeys(JUDGED), "posted_on": each["paid_on"], "currency": "RUB", "reasons": [], **each}
        for each in seen
        if each["seen_in"] <= str(MONTH)
    ]
    return pl.DataFrame(rows, schema={**JUDGED, "seen_in": pl.String()}, orient="row")


@dataclass(frozen=True, eq=False)
class ByEngine:
    """What the engine makes of a world, shard by shard."""

    contracts: Contracts
    answered: tuple[Answered, ...]  # by shard
    accrued: tuple[dict[str, tuple[Accrued, ...]], ...]  # by shard, then by partner
    figures: dict[str, int]  # each partner's measure

    def by_partner(self) -> dict[str, tuple[Accrued, ...]]:
        """What every rule accrued to each partner."""
        return {partner: found for shard in self.accrued for partner, found in shard.items()}

    def accruals(self) -> pl.DataFrame:
        """What each line earned, of all shards: `Accruals`."""
        pairs = zip(self.accrued, self.answered, strict=True)
        return pl.concat([accruals_of(accrued, self.contracts.partners, answered) for accrued, answered in pairs])


def named_by(example: Example) -> tuple[str, ...]:
    """The rules beside the example's own that its plan looks at."""
    cut = example.plan.cut()
    return cut.earned if cut.earned and cut.earned != ALL else ("beside",)


def exact(row: Mapping[str, Any]) -> Fraction:
    """What a row of `Accruals` says that its line earned."""
    return int(row["base_minor"]) * Fraction(int(row["rate_num"]), int(row["rate_den"]))


def groups_of(world: World) -> Groups:
    rows = (
        Terms(partner_id=who, name=who, plan="p", from_day=date(2024, 1, 1), consolidation_group=group)
        for who, group in world.groups.items()
    )
    return Groups.of(rows)


def by_engine(world: World, programme: Programme, measure: Measure | None, lines_at_once: int) -> ByEngine:
    """Settle a world with shards of so many lines, each of which comes to its shard in pieces of as many."""
    contracts = Contracts(MONTH, programme, terms_of(programme), world.assignments, world.exclusions)
    invoices = {line["line_id"]: line["invoice_id"] for line in world.lines}
    given_back = pl.col("refunds_line_id").replace_strict(invoices, default=None, return_dtype=pl.String)
    lines = like_their_sales(judged(world.lines), ReturnedSales.none()).with_columns(of_invoice=given_back)
    attributed = attribute(lines, bonds_of(world.bonds.values()), contracts)
    months = attributed.partition_by("seen_in", as_dict=True, include_key=False)
    sums = {str(key[0]): month_sums(lines, Period.parse(str(key[0]))) for key, lines in months.items()}
    before = pl.concat([MonthSums.create_empty(), *(found for key, found in sums.items() if key != str(MONTH))])
    lines = months.get((str(MONTH),), attributed.drop("seen_in").clear())
    now = sums.get(str(MONTH), MonthSums.create_empty())
    asked = SumInputs(
        month=MONTH,
        sums=now,
        past=Past(before, pl.DataFrame(world.earned, schema=of_types(EarnedAmounts), orient="row")),
        measures=Measures(pl.concat([before, now]), groups_of(world), STARTS),
        events=pl.DataFrame(world.events, schema=of_types(JudgedEvents), orient="row"),
        employees=world.employees,
        assignments=world.assignments,
        exclusions=world.exclusions,
    )
    owned = lines.filter(pl.col("partner_id").is_not_null())
    counted = dict.fromkeys(contracts.partners, 0) | dict(owned.group_by("partner_id").len().iter_rows())
    shards = Shards.of(counted, lines_at_once)
    for piece in lines.iter_slices(lines_at_once):
        shards.add(piece.filter(pl.col("partner_id").is_not_null()), served=False)
        shards.add(served_lines(piece, contracts), served=True)
    common = Statements(contracts, Balances(), asked, Bonds.create_empty(), (), Corrected(), "")
    common = replace(common, network=Network(juniors_below(common, shards)))
    answered = tuple(answered_lines(each.partners, settled(each.brought), each.served, common) for each in shards)
    accrued = tuple(accrued_by(each, common) for each in answered)
    figures = {partner: asked.measures.of(partner, measure, MONTH) for partner in contracts.partners if measure}
    return ByEngine(contracts, answered, accrued, figures)
