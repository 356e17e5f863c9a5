"""Settle one month: read the billing, work out what is owed, keep the proof.

Every entry point tells this story: the schedule, the Retry button, the command line, another machine.
Where a month stands is read from the facts, so it goes on from wherever it was stopped.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import Field

from flows.artifacts import publish
from flows.drafting import Drafted, draft_month
from flows.office import Office
from flows.result import Ending, Figures, MonthResult
from models.errors import CannotApprove, SettlementError, WrongUse
from models.period import PATTERN, Period
from rules.archive_layout import input_key, period_folder
from rules.draft import Draft, file_key
from rules.programme import Programme, parse_programme
from tasks.approve import approve, consented_by, propose
from tasks.archive import archive, record
from tasks.clock import now, today
from tasks.close import close, refuse_if_sealed
from tasks.facts import ApprovedMonth, approved_month, issued_statements, programme_of, seal_of, stored_keys
from tasks.history import History, read_history
from tasks.lease import Epoch, lease
from tasks.render import render
from tasks.report import tell_rejected, write_rejected
from tasks.settings import read_settings
from tasks.step import step
from tasks.vendor_folder import VendorFolder, read_vendor

log = logging.getLogger("settle")

LINES_PER_BATCH = 1_500  # a partner with more is a batch of its own
WORKERS = 2  # batches of documents made at a time: rendering keeps a core busy each


def run_name() -> str:
    """What the Prefect page calls a run: the month it settles, also where nobody named one."""
    asked = flow_run.parameters
    try:
        month = asked.get("period") or last_month(Office.open(read_settings()))
    except SettlementError:
        month = "last-month"  # the run itself will say what is wrong
    return f"settle-{month}{'-dry-run' if asked.get('dry_run') else ''}"


@flow(
    name="settle-period",
    flow_run_name=run_name,
    persist_result=False,
    task_runner=ThreadPoolTaskRunner(max_workers=WORKERS),  # type: ignore[arg-type]  # Prefect's own default is typed so
)
def settle_period(
    period: Annotated[str, Field(pattern=f"^$|{PATTERN}")] = "", partners: tuple[str, ...] = (), dry_run: bool = False
) -> State[MonthResult]:
    """Settle one month of the vendor that SETTLE_VENDOR names: billing in, archived statements out.

    Run it again after whatever stopped it: what is done stays done, only the rest is redone.

    Args:
        period: The month, as 2026-10. Blank: the month before this one.
        partners: Only these partners' documents, of a month that is approved. None: everybody's.
        dry_run: Show the draft and its changes; write nothing.
    """
    log.setLevel(logging.INFO)
    try:
        office = Office.open(read_settings())
        month = Period.parse(period) if period else last_month(office)
        result = settle_month(month, office, partners, dry_run=dry_run)
    except SettlementError as error:
        log.error("%s: %s", type(error).__name__, error)  # noqa: TRY400, the sentence is for a person to act on
        return Failed(name=type(error).__name__, message=str(error), data=error)
    publish(result)
    if result.ending is Ending.INCOMPLETE:
        return Failed(
            name=result.ending.title, message=result.headline(), data=SettlementError(result.headline())
        )
    return Completed(name=result.ending.title, message=result.headline(), data=result)


def exit_code(state: State[Any]) -> int:
    """The exit code the command line ends with, from the state a flow run ended in."""
    for ending in Ending:
        if state.name == ending.title:
            return ending.exit_code
    return next((kind.exit_code for kind in SettlementError.__subclasses__() if kind.__name__ == state.name), 1)


def last_month(office: Office) -> Period:
    """The month that was over most recently, by the vendor's clock."""
    programme = parse_programme(read_vendor(office.vendor_folder).programme_text)
    return Period.of(today(office.settings, programme.zone)).previous()


def settle_month(month: Period, office: Office, partners: Sequence[str] = (), *, dry_run: bool = False) -> MonthResult:
    """Take a month as far as it can go now, and say how it ended. Raises SettlementError where a person must act."""
    if dry_run:
        return _show_draft(month, office)
    office.database.prepare()
    office.store.probe()
    with lease(office.database, _programme_name(office), office.settings.lease_seconds) as epoch:
        facts = approved_month(office.database, month)
        if facts and seal_of(office.database, month):
            return _result(facts, office, Ending.CLOSED_BEFORE)

        if facts is None:
            drafted = _draft(month, office)
            drafted.must_balance()
            consent = _consent(drafted.draft, office)
            _keep_inputs(drafted.draft, office)
            if consent is None:
                propose(drafted.draft, office.database, epoch, now(office.settings))
                return _draft_result(drafted, office, Ending.WAITING)
            approve(drafted.draft, office.database, epoch, consent, now(office.settings))
            facts = _approved(month, office)

        failed = _archive_documents(facts, office, epoch, partners)
        if missing := _missing(facts, office):
            return _result(facts, office, Ending.INCOMPLETE, failed, missing)

        close(facts, office.database, office.store, epoch, now(office.settings))
        return _result(facts, office, Ending.CLOSED)


def _draft(month: Period, office: Office) -> Drafted:
    """The draft of a month that may become facts now."""
    vendor, programme, history = _inputs(month, office)
    if problem := _not_yet(month, programme, history, office):
        raise CannotApprove(problem)
    refuse_if_sealed(office.store, programme.programme, month)
    drafted = draft_month(month, vendor, programme, history, office)
    for warning in drafted.warnings:
        log.warning(warning)
    tell_rejected(drafted.rejected)
    write_rejected(office.settings.home, month, drafted.rejected)
    return drafted


def _show_draft(month: Period, office: Office) -> MonthResult:
    """The draft as a dry run shows it: nothing is written, not even a database."""
    vendor, programme, history = _inputs(month, office)
    drafted = draft_month(month, vendor, programme, history, office)
    tell_rejected(drafted.rejected)
    problem = _not_yet(month, programme, history, office)
    for warning in (*drafted.warnings, *drafted.unbalanced, *([problem] if problem else [])):
        log.warning(warning)
    return _draft_result(drafted, office, Ending.DRAFTED)


def _inputs(month: Period, office: Office) -> tuple[VendorFolder, Programme, History]:
    vendor = read_vendor(office.vendor_folder)
    programme = parse_programme(vendor.programme_text)
    if not office.database.exists():
        return vendor, programme, History()
    known = programme_of(office.database)
    if known not in (None, programme.programme):
        raise WrongUse(
            f"{office.vendor_folder}: programme.yaml names {programme.programme!r}, but this database belongs to "
            f"{known!r}: one database keeps one programme. Set SETTLE_HOME (or SETTLE_DATABASE_URL) for another."
        )
    return vendor, programme, read_history(office.database, office.store, programme.programme, month)


def _not_yet(month: Period, programme: Programme, history: History, office: Office) -> str | None:
    """Why a month must not be approved now, or None."""
    if month < programme.starts:
        raise WrongUse(f"{month}: the programme {programme.programme} starts in {programme.starts}.")
    next_month = history.closed[-1].next() if history.closed else programme.starts
    if month != next_month:
        return f"{month} cannot be approved yet: {next_month} comes first. Run settle run {next_month}..{month}."
    if today(office.settings, programme.zone) <= month.last_day:
        return f"{month} is not over yet: more payments can come until {month.last_day}. --dry-run shows it so far."
    return None


def _programme_name(office: Office) -> str:
    return programme_of(office.database) or parse_programme(read_vendor(office.vendor_folder).programme_text).programme


def _consent(draft: Draft, office: Office) -> str | None:
    """Who says yes to this draft: `system` where no person is asked."""
    return "system" if office.settings.approval == "off" else consented_by(office.database, draft.digest)


def _keep_inputs(draft: Draft, office: Office) -> None:
    """Store what the draft rests on under its digests, so that any machine can finish the month."""
    for name, data in draft.files.items():
        digest, _, extension = file_key(name, data).partition(".")
        office.store.put_once(input_key(draft.programme.programme, digest, extension), data)


def _approved(month: Period, office: Office) -> ApprovedMonth:
    facts = approved_month(office.database, month)
    assert facts is not None, f"{month} was approved in this run"
    return facts


def _archive_documents(facts: ApprovedMonth, office: Office, epoch: Epoch, only: Sequence[str]) -> dict[str, str]:
    """Make and store the documents that are missing, batch by batch. Returns the reason for each partner that failed."""
    if unknown := sorted(set(only) - facts.statements.keys()):
        raise WrongUse(f"{', '.join(unknown)}: no statement in {facts.period} is theirs. See settle status.")
    wanted = [partner for partner in _missing(facts, office) if not only or partner in only]
    batches = _batches(wanted, facts.lines, office.settings.batch)
    failed: dict[str, str] = {}
    done = 0
    for batch, problems in make_documents.for_each(batches, WORKERS, facts=facts, office=office, epoch=epoch):
        failed |= problems
        done += batch
        log.info("documents of %d of %d partners", done, len(wanted))
    for partner, reason in sorted(failed.items()):
        log.error("partner %s failed: %s", partner, reason)
    return failed


def _batches(partners: Sequence[str], lines: Mapping[str, int], most: int) -> list[list[str]]:
    """Cut partners into batches of like work, the heaviest first, so that no batch is waited for at the end."""
    batches: list[list[str]] = []
    room = 0
    for partner in sorted(partners, key=lambda partner: (-lines.get(partner, 0), partner)):
        room -= lines.get(partner, 0)
        if not batches or room < 0 or len(batches[-1]) == most:
            batches.append([])
            room = LINES_PER_BATCH - lines.get(partner, 0)
        batches[-1].append(partner)
    return batches


@step(name="documents")
def make_documents(
    partners: Sequence[str], facts: ApprovedMonth, office: Office, epoch: Epoch
) -> tuple[int, dict[str, str]]:
    """Render, store and record one batch of statements. Returns how many were tried, and who failed."""
    rendered = render(issued_statements(office.store, facts, partners))
    archived = archive(office.store, facts.programme, facts.period, rendered.documents)
    failed = {**rendered.failed, **archived.failed}
    record(office.database, epoch, now(office.settings), facts.period, archived.stored, failed)
    return len(partners), failed


def _missing(facts: ApprovedMonth, office: Office) -> list[str]:
    """Partners whose documents are not recorded as stored."""
    stored = {row.partner_id for row in stored_keys(office.database, facts.period)}
    return [partner for partner in facts.statements if partner not in stored]


def _result(
    facts: ApprovedMonth,
    office: Office,
    ending: Ending,
    failed: dict[str, str] | None = None,
    missing: Sequence[str] = (),
) -> MonthResult:
    return MonthResult(
        period=facts.period,
        ending=ending,
        figures=Figures.of_facts(facts),
        draft_digest=facts.draft_digest,
        archive=f"{office.store.url}/{period_folder(facts.programme, facts.period)}",
        failed=failed or {},
        missing=missing,
    )


def _draft_result(drafted: Drafted, office: Office, ending: Ending) -> MonthResult:
    draft = drafted.draft
    return MonthResult(
        period=draft.period,
        ending=ending,
        figures=Figures.of_draft(draft),
        draft_digest=draft.digest,
        archive=f"{office.store.url}/{period_folder(draft.programme.programme, draft.period)}",
        changes=drafted.changes(),
    )
