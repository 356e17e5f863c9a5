"""A draft: extract, validate, attribute, calculate. Pure after extract: the same inputs give the same digest."""

from collections.abc import Mapping, Sequence

import polars as pl

from flows.draft_files import result_files
from flows.drafted import Drafted
from flows.office import Office
from models.billing import TEXT_COLUMNS, Outcome
from models.canonical import sha256
from models.events import EVENT_SCHEMA
from models.period import Period
from models.vendor import Attribution, ControlTotal, Spending, Tally
from rules.draft import Draft, document
from rules.lines.control import Received, disagreements, not_conserved
from rules.lines.reading import amount_minor_of
from rules.programme.changes import changes
from rules.programme.file import Programme, parse_programme
from rules.spent import too_much
from rules.terms import InForce, in_force
from tasks.asked import Asked
from tasks.attribute import attribute
from tasks.calculate import Balances, calculate, with_base
from tasks.code_version import code_version
from tasks.events import Events, decide_events, open_as_received
from tasks.extract import Extract, extract
from tasks.facts.history import History
from tasks.measures import Measures
from tasks.past import SPENDING, month_sums
from tasks.validate import validate
from tasks.vendor.folder import VendorFolder

SHOWN = 1_000
"""Rejected lines a run reports one by one; all of them are in the archive."""


NO_LINES = {name: pl.String() for name in (*TEXT_COLUMNS, "carried_from")}


def draft_month(month: Period, vendor: VendorFolder, programme: Programme, history: History, office: Office) -> Drafted:
    """Work out what is owed for a month. Writes nothing."""
    settings = office.settings
    groups = {terms.partner_id: terms.consolidation_group for terms in vendor.partners if terms.consolidation_group}
    partners = in_force(
        vendor.partners,
        programme,
        month,
        history.partners,
        history.owed,
        Measures(history.past.sums, groups).of,
    )
    carried = history.carried if history.carried is not None else pl.DataFrame(schema=NO_LINES)
    look_back = settings.look_back_months if settings.look_back_months is not None else vendor.look_back_months

    received = extract(month, programme.starts, vendor.sources, carried, history.settled_before, look_back)
    valid = validate(received.lines, history.settled_before, programme.base)
    attributed = attribute(
        valid.lines,
        vendor.claims,
        history.attributions,
        history.decided_claims,
        partners,
        programme,
        month,
        vendor.assignments,
        vendor.exclusions,
    )
    lines = with_base(attributed.lines, programme)
    sums = month_sums(lines, month)
    events = _events(month, vendor, programme, history, partners, attributed.by_client)
    asked = Asked(
        month=month,
        sums=sums,
        past=history.past,
        measures=Measures(pl.concat([history.past.sums, sums]), groups),
        events=events.frame.filter(pl.col("outcome") == Outcome.SETTLED.value),
        employees=vendor.employees,
        assignments=vendor.assignments,
        exclusions=vendor.exclusions,
    )
    spending = _spending_now(vendor.spending, history, month)
    balances = Balances(history.opening_minor, history.previous_statement, history.apart_minor)
    calculated = calculate(
        lines,
        attributed.by_client,
        partners,
        balances,
        programme,
        asked,
        spending,
        sha256(received.snapshot),
        settings.shards,
    )

    tallies = (*_tallies(lines), *received.other_month)
    unbalanced = _unbalanced(received, tallies, vendor.control, month)
    limit = programme.cost_at_most
    stopped, dear = ([], []) if limit is None else too_much(limit, calculated.accrued, programme.currency)
    control = "absent" if vendor.control is None else "disagrees" if unbalanced else "agrees"
    files = vendor.files | {"billing.parquet": received.snapshot} | history.past.files
    files |= result_files(lines, sums, events, calculated, valid)
    draft = Draft(
        period=month,
        programme=programme,
        statements=calculated.statements,
        claims=vendor.claims,
        attributions=attributed.new,
        rejected_claims=attributed.rejected,
        tallies=tallies,
        events=events.tallies,
        control=control,
        document=document(
            period=month,
            programme=programme,
            code=code_version(),
            files=files,
            tallies=tallies,
            events=events.tallies,
            control=control,
            attributions=attributed.new,
            rejected_claims=attributed.rejected,
            statements=calculated.statements,
        ),
        files=files,
    )
    return Drafted(
        draft=draft,
        warnings=(*vendor.warnings, *received.warnings, *_warnings(vendor, history, programme), *dear),
        rejected=(*valid.first_rejected(SHOWN), *events.rejected[:SHOWN]),
        last_commission_minor=history.last_commission_minor,
        unbalanced=(*unbalanced, *_lost_events(events), *stopped),
    )


def _events(
    month: Period,
    vendor: VendorFolder,
    programme: Programme,
    history: History,
    partners: Mapping[str, InForce],
    by_client: Mapping[str, Attribution],
) -> Events:
    """What becomes of the events: those just read, and those that were open a month ago."""
    before = [history.events[period] for period in sorted(history.events)]
    done = pl.col("outcome").is_in([Outcome.SETTLED.value, Outcome.FINAL.value])
    kinds = {
        partner_id: frozenset(kind for rule in partner.rules for kind in rule.plan.cut().events)
        for partner_id, partner in partners.items()
    }
    return decide_events(
        received=vendor.events,
        carried=open_as_received(before[-1] if before else pl.DataFrame(schema=EVENT_SCHEMA)),
        decided=pl.concat([pl.DataFrame(schema=EVENT_SCHEMA), *before]).filter(done),
        by_client=by_client,
        since={terms.partner_id: terms.from_day for terms in reversed(vendor.partners)},
        kinds=kinds,
        starts=programme.starts,
        month=month,
    )


def _spending_now(spending: Sequence[Spending], history: History, month: Period) -> list[Spending]:
    """The activities up to the month's end that no earlier month paid for."""
    done = set(history.past.earned.filter(pl.col("kind") == SPENDING)["key"])
    return [entry for entry in spending if entry.entry_id not in done and entry.spent_on <= month.last_day]


def _lost_events(events: Events) -> list[str]:
    """The law the draft breaks where an event has no outcome, or two."""
    counted = sum(tally.lines for tally in events.tallies)
    return [] if counted == events.seen else [f"events were lost: {events.seen} came in, {counted} have an outcome"]


def _tallies(lines: pl.DataFrame) -> list[Tally]:
    grouped = (
        lines.group_by("outcome", "reason", pl.col("currency").fill_null(""))
        .agg(pl.len().cast(pl.Int64).alias("lines"), pl.col("amount_minor").sum())
        .sort("outcome", "reason", "currency")
    )
    return [Tally(**row) for row in grouped.iter_rows(named=True)]


def _unbalanced(
    received: Extract, tallies: Sequence[Tally], control: Sequence[ControlTotal] | None, month: Period
) -> list[str]:
    """Laws the draft breaks: a line without an outcome, or a total the vendor counts differently."""
    counted = (
        received.lines.with_columns(amount_minor_of(), pl.col("currency").fill_null(""))
        .group_by("currency")
        .agg(pl.len().cast(pl.Int64).alias("lines"), pl.col("amount_minor").sum())
    )
    came_in = {currency: Received(lines, amount) for currency, lines, amount in counted.iter_rows()}
    kept = [tally for tally in tallies if tally.outcome != Outcome.OTHER_MONTH.value]
    found = [f"lines were lost: {words}" for words in not_conserved(came_in, kept)]
    return found + (disagreements(control, received.posted, month) if control is not None else [])


def _warnings(vendor: VendorFolder, history: History, programme: Programme) -> list[str]:
    found: list[str] = []
    if history.last_programme and history.last_programme != programme.text:
        before = parse_programme(history.last_programme)
        found += [f"programme.yaml changed: {words}" for words in changes(before, programme)]
    if vendor.control is None:
        found.append(
            "there is no control.csv: the vendor's own totals could not be compared, and the seal will say so."
        )
    return found
