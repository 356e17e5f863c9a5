"""Draft: a month worked out from its frozen inputs: judge, attribute, settle each line, sum, earn, state."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any, ParamSpec, TypeVar

import polars as pl

from engine.calculate import Calculated, calculate
from engine.closed_months.cancelled import cancelled_events
from engine.closed_months.corrections import GivenBackNow, Others, as_earned, corrections_of, with_posted
from engine.closed_months.earlier_terms import terms_before
from engine.closed_months.issued import Issued
from engine.closed_months.late_terms import late_months, with_terms_of_payment
from engine.closed_months.restating import netted, restatements
from engine.closed_months.versions import as_restated, as_they_stand, as_version, must_be_possible, posted_now
from engine.each import Each, one_by_one
from engine.frames.parquet import parquet_bytes
from engine.frames.snapshot import LINES_AT_ONCE
from engine.gate.gated import no_new_line, too_much_rejected
from engine.gate.unclaimed import unclaimed_lookalikes
from engine.inputs import CITED, MonthInputs
from engine.lines.attribute import bonds_of
from engine.lines.contracts import Contracts
from engine.lines.decided import DecidedMonth, ReceivedMonth, decide_lines
from engine.lines.events import DecidedEvents, decide_events
from engine.lines.faults import every_told, told
from engine.lines.returns import Giving, returned_sales
from engine.lines.validate import SHOWN, Judged, validate
from engine.settled_shard import Statements
from engine.sums.past import SPENDING
from engine.sums.sum_inputs import SumInputs
from models.billing import Outcome, RejectedRecord
from models.canonical import canonical_json, canonical_json_of_results, sha256
from models.events import EventReason
from models.vendor import Adjustment, Attribution, RejectedClaim, Spending
from rules.attribution import attribute as attribute_clients
from rules.corrections.adjustments import corrections, due, must_be_issued
from rules.corrections.taken_back import Correction
from rules.draft import Draft, DraftFindings, file_key
from rules.earning.sales_cost import over_cost_at_most
from rules.lines.control import disagreements, not_conserved
from rules.lines.events import Standing
from rules.lines.totals_rows import totals_rows
from rules.lines.unpaid_kinds import unpaid_kinds
from rules.terms.in_force import in_force

P = ParamSpec("P")
R = TypeVar("R")

Run = Callable[..., Any]
"""How a step is run: `run(name, function, *arguments)` returns what the function does. A flow shows it as a task."""

LINES, STATEMENTS, EXPECTATIONS = "lines.parquet", "statements.parquet", "expectations.json"
SUMS, EARNED, ACCRUALS = "sums.parquet", "earned.parquet", "accruals.parquet"
SETTLED, CARRIED, REJECTED = "settled.parquet", "carried.parquet", "rejected.parquet"
RETURNS, CORRECTIONS, ADJUSTMENTS = "returns.parquet", "corrections.parquet", "adjustments.json"
EVENTS, EVENT_EXPECTATIONS = "events.parquet", "event_expectations.json"
"""A draft's results by name."""

RESULTS = frozenset(
    {
        LINES, STATEMENTS, EXPECTATIONS, SUMS, EARNED, ACCRUALS, SETTLED, CARRIED, REJECTED, RETURNS, CORRECTIONS,
        ADJUSTMENTS, EVENTS, EVENT_EXPECTATIONS,
    }
)  # fmt: skip


def plainly(name: str, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a step as the function it is."""
    return function(*args, **kwargs)


def draft(
    inputs: MonthInputs, run: Run = plainly, lines_at_once: int = LINES_AT_ONCE, each: Each = one_by_one
) -> Draft:
    """Return what is owed for a month. The same inputs give the same draft; nothing else is read.

    `run` runs its steps, and `each` has its shards, of `lines_at_once` lines, worked out. Raises BadInput where the
    inputs cannot be settled; the message names everything that is wrong.
    """
    versions = {month: draft(version) for month, version in sorted(inputs.versions.items())}
    must_be_possible(inputs, versions)
    inputs = replace(inputs, earlier=as_restated(inputs.earlier, versions))
    contracts = contracts_of(inputs)
    known = {"rejected_before": inputs.earlier.rejected}
    judged = run("validate", validate, inputs.lines, inputs.earlier.settled, inputs.programme.base, **known)
    attributed = run("attribute", attribute_month, inputs, contracts, judged, lines_at_once)
    events = run("events", events_of, inputs, contracts, attributed.bonds)
    posted = posted_now(inputs, versions, earned_of)

    def calculated_by_shards() -> Calculated:
        made_from = statements_made_from(inputs, contracts, attributed, events, posted)
        return calculate(made_from, attributed.lines.shards, each)

    calculated = run("calculate", calculated_by_shards)
    made = replace(_stated(inputs, judged, attributed, events, calculated), versions=tuple(versions.values()))
    return made if inputs.restated_by is None else as_version(made, inputs, inputs.restated_by)


def earned_of(inputs: MonthInputs) -> bytes:
    """Return what a month's rules come to, `earned.parquet` of its draft."""
    return draft(inputs).results[EARNED]


def contracts_of(inputs: MonthInputs) -> Contracts:
    """Return the terms in force. Raises BadInput naming every partner that cannot be calculated."""
    vendor, earlier = inputs.vendor, inputs.earlier
    now = in_force(
        vendor.partners,
        inputs.programme,
        inputs.month,
        must_have=set(earlier.bonds["partner_id"].unique()),
        owed=earlier.balances.owed,
        measured=inputs.measures(earlier.past.sums).of,
    )
    partners = with_terms_of_payment(now, inputs, partial(late_months, inputs))
    return Contracts(inputs.month, inputs.programme, partners, vendor.assignments, vendor.exclusions)


@dataclass(frozen=True, eq=False)
class Attributed:
    """Whose the clients are, and what becomes of their lines."""

    new: tuple[Attribution, ...]
    rejected: tuple[RejectedClaim, ...]
    bonds: pl.DataFrame  # Bonds, born and new
    lines: DecidedMonth
    refused: tuple[RejectedRecord, ...]  # refunds of what was given back before


def attribute_month(inputs: MonthInputs, contracts: Contracts, judged: Judged, lines_at_once: int) -> Attributed:
    """Pick the winning claims known now, and decide the outcome of every line."""
    earlier = inputs.earlier
    waiting = [claim for claim in inputs.vendor.claims if claim.claim_id not in earlier.decided_claims]
    claimed = earlier.bonds.filter(pl.col("client_id").is_in([claim.client_id for claim in waiting]))
    born = {row["client_id"]: Attribution(**row) for row in claimed.iter_rows(named=True)}
    new, rejected = attribute_clients(waiting, born, inputs.month.last_day)
    bonds = pl.concat([earlier.bonds, bonds_of(new)])
    matches = {each.line_id: each.sale_id for each in inputs.vendor.matches}
    giving = Giving(inputs.month, inputs.programme.refunds_in(inputs.month), matches)
    returned = returned_sales(inputs.lines, judged.faults, earlier, giving)
    month = ReceivedMonth(inputs.lines, judged, bonds, returned, inputs.again, inputs.late_invoices)
    lines = decide_lines(month, contracts, lines_at_once)
    return Attributed(tuple(new), tuple(rejected), bonds, lines, returned.rejected)


def events_of(inputs: MonthInputs, contracts: Contracts, bonds: pl.DataFrame) -> DecidedEvents:
    """Decide what becomes of the events."""
    standing = Standing(
        bonds=bonds,
        since={terms.partner_id: terms.from_day for terms in reversed(inputs.vendor.partners)},
        kinds={
            partner_id: frozenset(kind for rule in partner.rules for kind in rule.way.cut().events)
            for partner_id, partner in contracts.partners.items()
        },
    )
    decided = inputs.earlier.decided_events
    made = decide_events(inputs.events, decided, standing, inputs.programme.starts, inputs.event_places)
    waiting = Counter(made.frame.filter(pl.col("reason") == EventReason.NO_RULE.value)["kind"].drop_nulls())
    if not waiting:  # most months: nobody's rules are looked through
        return made
    rules = [rule for partner in contracts.partners.values() for rule in partner.rules]
    paid = {kind: rule.ref.name for rule in rules for kind in rule.way.cut().events}
    return replace(made, unpaid=tuple(unpaid_kinds(waiting, paid)))


def statements_made_from(
    inputs: MonthInputs,
    contracts: Contracts,
    attributed: Attributed,
    events: DecidedEvents,
    posted_for_versions: Sequence[Correction] = (),
) -> Statements:
    """Return what every partner's statement is made from."""
    past, sums = inputs.earlier.past, attributed.lines.sums
    adjustments = adjustments_of(inputs)
    if CITED in inputs.parts and any(each.cites for each in adjustments):  # earlier versions did not keep it
        must_be_issued(adjustments, Issued.of(inputs.earlier.cited).keys)
    by_hand = corrections(adjustments, inputs.month)
    stands = with_posted(inputs.earlier, posted_for_versions, inputs.month)
    clawbacks, took_nothing = attributed.lines.clawbacks, attributed.lines.took_nothing
    is_netted = netted(pl.concat([stands.returns, clawbacks, took_nothing]), inputs.programme)
    of_restated = pl.col("sale_month").is_in(list(inputs.restated)) & ~is_netted
    # What earned nothing may have been measured: a month without it is another.
    given_back = GivenBackNow(
        one_by_one=clawbacks.filter(~of_restated),
        again=pl.concat([clawbacks, took_nothing]).filter(of_restated),
        of_nothing=took_nothing.filter(~of_restated),
    )
    settled_events = events.frame.filter(pl.col("outcome") == Outcome.SETTLED.value)
    cancelled = cancelled_events(settled_events, past.earned, contracts)
    terms_in = terms_before(inputs, given_back, cancelled)
    to_work_out = replace(stands, returns=stands.returns.filter(~is_netted))
    restated = restatements(given_back.again, to_work_out, as_they_stand(inputs), earned_of)
    measures = inputs.measures(pl.concat([past.sums, sums]))
    others = Others([*posted_for_versions, *restated, *by_hand], cancelled)
    corrected = corrections_of(given_back, others, stands, terms_in, measures)
    posted = pl.concat([inputs.earlier.corrections, corrected.to_frame(inputs.month)])
    asked = SumInputs(
        month=inputs.month,
        sums=sums,
        past=past,
        measures=measures,
        corrections=as_earned(posted),
        given_back=attributed.lines.given_back,
        again=inputs.again,
        events=settled_events,
        employees=inputs.vendor.employees,
        assignments=inputs.vendor.assignments,
        exclusions=inputs.vendor.exclusions,
    )
    return Statements(
        contracts=contracts,
        balances=inputs.earlier.balances,
        asked=asked,
        bonds=attributed.bonds,
        spending=_spending_now(inputs),
        corrected=corrected,
        lines_digest=sha256(inputs.lines.data),
        held=inputs.held,
    )


def adjustments_of(inputs: MonthInputs) -> tuple[Adjustment, ...]:
    """Return the adjustments the month settles."""
    return due(inputs.vendor.adjustments, inputs.earlier.adjustments, inputs.month)


def _stated(
    inputs: MonthInputs, judged: Judged, attributed: Attributed, events: DecidedEvents, calculated: Calculated
) -> Draft:
    """Put the draft together, with what a person should know before saying yes to it."""
    lines, programme, vendor = attributed.lines, inputs.programme, inputs.vendor
    unbalanced = _unbalanced(inputs, lines)
    limit = programme.cost_at_most
    stopped, dear = ([], []) if limit is None else over_cost_at_most(limit, calculated.sales_costs, programme.currency)
    to_mend = told(judged.faults)
    rejected = (*judged.first_rejected, *attributed.refused[:SHOWN], *events.rejected[:SHOWN])
    findings = DraftFindings(
        changed=inputs.changed,
        warnings=(
            *inputs.warnings,
            *totals_rows(judged.first_rejected),
            *unclaimed_lookalikes(inputs.lines, attributed.bonds),
            *events.unpaid,
            *dear,
        ),
        rejected=rejected,
        faults=to_mend.height + len(attributed.refused) + len(events.rejected),
        stopped=(
            *unbalanced,
            *_lost_events(inputs, events),
            *too_much_rejected(judged, inputs),
            *inputs.stopped,
            *stopped,
        ),
        empty=tuple(no_new_line(judged, inputs)),
        every_rejected=lambda: chain(every_told(to_mend, inputs.lines), attributed.refused, events.rejected),
        last_commission_minor=inputs.earlier.balances.last_commission_minor,
    )
    return Draft(
        period=inputs.month,
        programme=programme,
        code=inputs.code,
        statements=calculated.statements,
        claims=vendor.claims,
        attributions=attributed.new,
        rejected_claims=attributed.rejected,
        tallies=(*lines.tallies, *inputs.lines_left),
        events=(*inputs.events_left, *events.tallies),
        control="absent" if vendor.control is None else "disagrees" if unbalanced else "agrees",
        inputs={name: file_key(name, data) for name, data in inputs.parts.items()},
        beside={name: file_key(name, data) for name, data in inputs.beside.items()},
        results=_results(judged, lines, events, calculated) | _settled_by_hand(inputs),
        findings=findings,
    )


def _results(judged: Judged, lines: DecidedMonth, events: DecidedEvents, calculated: Calculated) -> dict[str, bytes]:
    """What was worked out, by name."""
    of_events = {EVENTS: parquet_bytes(events.frame), EVENT_EXPECTATIONS: canonical_json_of_results(events.result)}
    return {
        LINES: lines.lines,
        STATEMENTS: calculated.bodies,
        EXPECTATIONS: canonical_json_of_results(judged.result),
        SUMS: parquet_bytes(lines.sums),
        EARNED: calculated.earned,
        ACCRUALS: calculated.accruals,
        SETTLED: lines.settled,
        CARRIED: lines.carried,
        REJECTED: parquet_bytes(judged.rejected),
        **(of_events if events.frame.height else {}),
        **({RETURNS: parquet_bytes(lines.returns)} if lines.returns.height else {}),
        **({CORRECTIONS: parquet_bytes(calculated.corrections)} if calculated.corrections.height else {}),
    }


def _settled_by_hand(inputs: MonthInputs) -> dict[str, bytes]:
    """The adjustments the month settles, for later months to know them again; nothing where there are none."""
    settled = [each.model_dump(mode="json") for each in adjustments_of(inputs)]
    return {ADJUSTMENTS: canonical_json(settled)} if settled else {}


def _unbalanced(inputs: MonthInputs, lines: DecidedMonth) -> list[str]:
    """Laws the draft breaks: a line without an outcome, or a total the vendor counts differently."""
    found = [f"lines were lost: {words}" for words in not_conserved(lines.received, lines.tallies)]
    control = inputs.vendor.control
    return found + (disagreements(control, lines.posted, inputs.month) if control is not None else [])


def _lost_events(inputs: MonthInputs, events: DecidedEvents) -> list[str]:
    """The law the draft breaks where an event has no outcome, or two."""
    seen, counted = inputs.events.height, sum(tally.lines for tally in events.tallies)
    return [] if counted == seen else [f"events were lost: {seen} came in, {counted} have an outcome"]


def _spending_now(inputs: MonthInputs) -> list[Spending]:
    """The activities up to the month's end that no earlier month paid for."""
    done = set(inputs.earlier.past.earned.filter(pl.col("kind") == SPENDING)["key"])
    return [
        entry
        for entry in inputs.vendor.spending
        if entry.entry_id not in done and entry.spent_on <= inputs.month.last_day
    ]
