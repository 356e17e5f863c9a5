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
from flows.deciding import approve_draft, programme_name, show_draft
from flows.documenting import WORKERS, archive_documents
from flows.office import Office
from flows.result import Ending, Figures, MonthResult
from models.errors import SettlementError
from models.period import PATTERN, Period, Version
from rules.archive.layout import period_folder
from rules.programme.file import parse_programme
from tasks.clock import now, today
from tasks.close import close
from tasks.facts.approved import approved_month, missing_partners, seal_of, the_approved_month
from tasks.facts.lease import lease
from tasks.proof.reconcile import must_agree
from tasks.settings import read_settings
from tasks.vendor.folder import read_programme_text

log = logging.getLogger("settle")


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
    period: Annotated[str, Field(pattern=f"^$|{PATTERN}")] = "",
    partners: tuple[str, ...] = (),
    dry_run: bool = False,
    empty: bool = False,
) -> State[MonthResult]:
    """Settle one month of the vendor that SETTLE_VENDOR names: billing in, archived statements out.

    Run it again after whatever stopped it: what is done stays done, only the rest is redone.

    Args:
        period: The month, as 2026-10. Blank: the month before this one.
        partners: Only these partners' documents, of a month that is approved. None: everybody's.
        dry_run: Show the draft and its changes; write nothing.
        empty: The month may be without a new billing line.
    """
    log.setLevel(logging.INFO)
    try:
        office = Office.open(read_settings())
        month = Period.parse(period) if period else last_month(office)
        result = settle_month(month, office, partners, dry_run=dry_run, empty=empty)
    except SettlementError as error:
        log.error("%s: %s", type(error).__name__, error)  # noqa: TRY400, the sentence is for a person to act on
        return Failed(name=type(error).__name__, message=str(error), data=error)
    publish(result)
    if result.ending is Ending.INCOMPLETE:
        return Failed(name=result.ending.title, message=result.headline(), data=SettlementError(result.headline()))
    return Completed(name=result.ending.title, message=result.headline(), data=result)


def exit_code(state: State[Any]) -> int:
    """The exit code the command line ends with, from the state a flow run ended in."""
    for ending in Ending:
        if state.name == ending.title:
            return ending.exit_code
    return next((kind.exit_code for kind in SettlementError.__subclasses__() if kind.__name__ == state.name), 1)


def last_month(office: Office) -> Period:
    """The month that was over most recently, by the vendor's clock."""
    programme = parse_programme(read_programme_text(office.vendor_folder))
    return Period.of(today(office.settings, programme.zone)).previous()


def settle_month(
    month: Period, office: Office, partners: Sequence[str] = (), *, dry_run: bool = False, empty: bool = False
) -> MonthResult:
    """Take a month as far as it can go now, and say how it ended. Raises SettlementError where a person must act.

    `empty`: the month may be without a new billing line.
    """
    if dry_run:
        if office.database.exists():
            must_agree(office.database, office.store)
        return show_draft(month, office)
    office.database.prepare()
    with lease(office.database, programme_name(office), office.settings.lease_seconds) as epoch:
        if seal_of(office.database, Version(month)):
            return _result(month, office, Ending.CLOSED_BEFORE)
        office.store.probe()
        must_agree(office.database, office.store)

        if approved_month(office.database, Version(month)) is None:
            waiting = approve_draft(month, office, epoch, may_be_empty=empty)
            if waiting:
                return waiting

        failed = archive_documents(month, office, epoch, partners)
        if missing := missing_partners(office.database, the_approved_month(office.database, Version(month))):
            return _result(month, office, Ending.INCOMPLETE, failed, missing)

        close(Version(month), office.database, office.store, epoch, now(office.settings))
        return _result(month, office, Ending.CLOSED)


def _result(
    month: Period,
    office: Office,
    ending: Ending,
    failed: Mapping[str, str] | None = None,
    missing: Sequence[str] = (),
) -> MonthResult:
    facts = the_approved_month(office.database, Version(month))
    return MonthResult(
        period=month,
        ending=ending,
        figures=Figures.of_facts(facts),
        draft_digest=facts.draft_digest,
        archive=f"{office.store.url}/{period_folder(facts.programme, facts.version)}",
        failed=failed or {},
        missing=missing,
    )
