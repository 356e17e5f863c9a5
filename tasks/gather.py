"""Gather: everything a draft rests on, read once and frozen; and the same, read back from an archive."""

import json
from collections.abc import Callable, Mapping

from engine.closed_months.restating import months_to_restate
from engine.frames.parquet import frame_from, parquet_bytes
from engine.frames.schemas import ReceivedEvents
from engine.frames.snapshot import Snapshot
from engine.inputs import (
    BILLING,
    CITED,
    EVENTS_RECEIVED,
    MONTH,
    OTHER_MONTH,
    RESTATED,
    STANDING,
    Code,
    EarlierMonths,
    MonthInputs,
    Standing,
    month_json,
    with_holds,
)
from engine.lines.events import events_of_month
from engine.lines.sold import wanted_sales
from models.billing import NOT_KEPT
from models.errors import BadInput, InputsNotKept, WrongUse
from models.period import Period, Version
from models.restated import AcceptedRestatement, Restated
from models.vendor import Tally
from rules.archive.layout import DRAFT, Input, period_folder
from rules.corrections.adjustments import due
from rules.programme.file import Programme, parse_programme
from rules.programme.names import Named, unknown_names
from tasks.code_version import code_version, lock_digest
from tasks.extract import Window, extract
from tasks.facts.history import History
from tasks.facts.late_invoices import late_invoice_part
from tasks.facts.sold import sold_parts
from tasks.storage import Store
from tasks.storage.sealed import SealedMonth, sealed_month
from tasks.vendor.billing_files import files_as_read
from tasks.vendor.folder import PARTNERS, VendorFolder, read_tables
from tasks.vendor.programme_file import PROGRAMME
from tasks.vendor.tables.rows import read_partners

CONTROL = "control.json"


def gather(window: Window, vendor: VendorFolder, programme: Programme, history: History) -> MonthInputs:
    """Read the billing, and return it with all else the month's draft rests on. Writes nothing."""
    month = window.month
    if month < programme.starts:
        raise WrongUse(
            f"the programme starts in {programme.starts}: {month} is not settled. Name {programme.starts} or a later "
            f"month."
        )
    parts = {**vendor.files, **history.parts}
    parts[MONTH] = month_json(month, Code(code_version(), lock_digest()), window.look_back, history.balances)
    earlier = EarlierMonths.from_parts(parts)
    read = extract(window, vendor.sources, history.carried, earlier.settled)
    parts[BILLING] = read.lines.data
    versions = {}
    for accepted in vendor.restatements:
        if later := history.version_of(accepted, month, Code(code_version(), lock_digest())):
            parts |= {f"{_later(str(accepted.period))}{name}": data for name, data in later.items()}
            versions[str(accepted.period)] = later_inputs(accepted, later)
    parts |= late_invoice_part(read.lines, month, programme, history)
    if sold := sold_parts(wanted_sales(read.lines, earlier, _matched(vendor), versions), history):
        parts |= sold
        earlier = earlier.with_sales(parts)
    restated = {}
    for period in months_to_restate(earlier, asks=programme.refunds_in(month) == "restate"):
        own = history.inputs_of(period)
        parts |= {f"{_of(period)}{name}": data for name, data in own.items()}
        restated[period] = _from_parts(Period.parse(period), own, (), ())
    adjusted = {each.month_cited for each in due(vendor.tables.adjustments, earlier.adjustments, month) if each.cites}
    if corrected := {*earlier.sold["month"], *versions, *adjusted}:
        parts |= {CITED: history.cited_since(min(corrected)), **history.standing()}
        earlier = earlier.with_cited(parts)
    events = events_of_month(vendor.events, history.carried_events, earlier.decided_events, month)
    if events.looked_at.height:
        parts[EVENTS_RECEIVED] = parquet_bytes(events.looked_at)
    return MonthInputs(
        month=month,
        code=code_version(),
        programme=programme,
        vendor=vendor.tables,
        earlier=earlier,
        parts=parts,
        lines=read.lines,
        events=events.looked_at,
        lines_left=read.left,
        beside={OTHER_MONTH: read.other_month, **files_as_read(vendor.path, vendor.sources), **vendor.beside},
        events_left=events.left,
        restated=restated,
        versions=versions,
        standing=_standing(parts),
        event_places=events.places,
        warnings=(*vendor.warnings, *read.warnings),
    )


def _matched(vendor: VendorFolder) -> list[str]:
    """The sales that somebody looked up for refunds."""
    return [each.sale_id for each in vendor.tables.matches]


def read_inputs(store: Store, programme: str, month: Period) -> MonthInputs:
    """Return what a closed month's draft rested on, from its archive alone.

    Every byte is compared with its digest: the seal's, and each part's own. Raises ChangedInStore, NotStored; and
    InputsNotKept for a month that was closed before inputs were kept whole.
    """
    return read_inputs_of(store, programme, Version(month))


def read_inputs_of(store: Store, programme: str, version: Version) -> MonthInputs:
    """Return the same for any version of a closed month."""
    sealed = sealed_month(store, period_folder(programme, version), version)
    return inputs_in(sealed, version.period, lambda stored: store.get(*Input.named(programme, stored)))


def inputs_in(sealed: SealedMonth, month: Period, stored_as: Callable[[str], bytes]) -> MonthInputs:
    """Return what a sealed month's draft rested on; `stored_as` returns an input by the name it is stored by."""
    document = json.loads(sealed.read(DRAFT))
    if MONTH not in document["inputs"]:
        raise InputsNotKept(
            f"{sealed.store.url}/{sealed.folder} was closed by version {document['code']}, which did not keep "
            f"everything a draft rests on: its statements can be verified and explained, but not worked out again from "
            f"the archive."
        )
    parts = {name: stored_as(stored) for name, stored in document["inputs"].items()}
    control = json.loads(sealed.read(CONTROL))
    return _from_parts(month, parts, _left(control["outcomes"]), _left(control["events"]))


def inputs_of_draft(document: str, held: Mapping[str, str], stored_as: Callable[[str], bytes]) -> MonthInputs:
    """Return what a kept draft rests on, but for these payouts that are withheld."""
    said = json.loads(document)
    parts = {name: stored_as(stored) for name, stored in said["inputs"].items()}
    return _from_parts(Period.parse(said["period"]), with_holds(parts, held), (), ())


def later_inputs(accepted: AcceptedRestatement, parts: Mapping[str, bytes]) -> MonthInputs:
    """Return what a later version of a closed month rests on. Raises BadInput where tables name what no plan has."""
    inputs = _from_parts(accepted.period, parts, (), ())
    tables = inputs.vendor
    named = Named(tables.exclusions, tables.employees, tables.assignments, tables.spending, ())
    if unknown := unknown_names(inputs.programme, named):
        words = "\n  ".join(unknown)
        raise BadInput(f"{accepted.folder}: its tables name what its programme.yaml does not have:\n  {words}")
    return inputs


def _from_parts(
    month: Period, parts: Mapping[str, bytes], lines_left: tuple[Tally, ...], events_left: tuple[Tally, ...]
) -> MonthInputs:
    tables, _, _ = read_tables(parts)
    events = parts.get(EVENTS_RECEIVED)
    months, later = _months_under("of-", parts), _months_under("version-", parts)
    return MonthInputs(
        month=month,
        code=json.loads(parts[MONTH])["code"],
        programme=parse_programme(parts[PROGRAMME].decode("utf-8-sig")),
        vendor=tables,
        earlier=EarlierMonths.from_parts(parts),
        parts=parts,
        lines=Snapshot(parts[BILLING]),
        events=ReceivedEvents.create_empty() if events is None else ReceivedEvents.validate(frame_from(events)),
        lines_left=lines_left,
        events_left=events_left,
        restated={each: _from_parts(Period.parse(each), _parts_under(_of(each), parts), (), ()) for each in months},
        restated_by=Restated.model_validate_json(parts[RESTATED]) if RESTATED in parts else None,
        versions={each: _from_parts(Period.parse(each), _parts_under(_later(each), parts), (), ()) for each in later},
        standing=_standing(parts),
    )


def _standing(parts: Mapping[str, bytes]) -> dict[str, Standing]:
    """By what the terms of restated months stand."""
    found = {}
    for month in _months_under(STANDING, parts):
        said = _parts_under(f"{STANDING}{month}-", parts)
        partners, _ = read_partners(PARTNERS, said[PARTNERS])
        found[month] = Standing(parse_programme(said[PROGRAMME].decode("utf-8-sig")), partners)
    return found


def _of(period: str) -> str:
    """What the names of the parts begin with that a closed month is worked out again from."""
    return f"of-{period}-"


def _later(period: str) -> str:
    """What the names of the parts begin with that a later version of a closed month is worked out from."""
    return f"version-{period}-"


def _months_under(prefix: str, parts: Mapping[str, bytes]) -> list[str]:
    return sorted({name.removeprefix(prefix)[:7] for name in parts if name.startswith(prefix)})


def _parts_under(prefix: str, parts: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name.removeprefix(prefix): data for name, data in parts.items() if name.startswith(prefix)}


def _left(tallies: list[dict[str, str | int]]) -> tuple[Tally, ...]:
    found = (Tally.model_validate(tally) for tally in tallies)
    return tuple(tally for tally in found if tally.outcome in NOT_KEPT)
