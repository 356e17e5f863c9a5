"""The Prefect flow that settles one month: what the schedule and the Retry button start; `settle_month` tells it."""

import logging
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Cancelled, Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner

from flows.artifacts import publish
from flows.documenting import WORKERS
from flows.office import Office
from flows.on_prefect.approval import ask, is_deployed, take_answer
from flows.on_prefect.approval_page import publish_question
from flows.on_prefect.by_the_clock import wait_for_its_day
from flows.on_prefect.links import publish_links, publish_rejected_lines
from flows.on_prefect.month_field import MonthOrBlank
from flows.on_prefect.patience import patiently
from flows.on_prefect.programme_page import publish_programme
from flows.on_prefect.progress_bar import ProgressBar
from flows.result import Ending, MonthResult
from flows.settle_month import settle_month
from models.errors import CannotApprove, SettlementError
from models.period import Period
from models.progress import watching
from rules.programme.file import parse_programme
from tasks.clock import today
from tasks.settings import read_settings
from tasks.vendor.programme_file import read_programme_text

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
    period: MonthOrBlank = "",
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
        if is_deployed():
            wait_for_its_day(month, office)

        def settled() -> MonthResult | str:
            try:
                return ("" if dry_run else take_answer(month, office)) or settle_month(
                    month, office, partners, dry_run=dry_run, empty=empty
                )
            except CannotApprove:
                if not dry_run:
                    publish_rejected_lines(month, office)  # it may be for them that the month is stopped
                raise

        if is_deployed():
            with watching(ProgressBar(str(month))):
                result = patiently(settled)
        else:
            result = settled()
    except SettlementError as error:
        log.error("%s: %s", type(error).__name__, error)  # noqa: TRY400, the sentence is for a person to act on
        return Failed(name=type(error).__name__, message=str(error), data=error)
    if isinstance(result, str):
        return Cancelled(name="Rejected", message=result)
    publish(result)
    publish_links(result, office)
    asks = result.ending is Ending.WAITING and is_deployed()
    if asks:
        publish_question(result, office)
    if not dry_run:
        publish_programme(office)
    if asks:
        ask(result)
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
