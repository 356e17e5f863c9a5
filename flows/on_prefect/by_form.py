"""What operators start by a form beside the month itself: partners again, a preview, documents again, two checks."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows.artifacts import escaped, publish
from flows.office import Office
from flows.on_prefect.approval import Answer, Decision, record_answer
from flows.on_prefect.month_field import Month, MonthOrBlank
from flows.questions.check_installation import check_installation
from flows.reissuing import must_be_approved, reissue
from flows.result import Ending, MonthResult
from flows.settle_month import settle_month
from models.errors import SettlementError, WrongUse
from models.money import counted
from models.period import Period
from rules.programme.file import parse_programme
from tasks.clock import today
from tasks.settings import read_settings
from tasks.storage.open import open_store
from tasks.vendor.programme_file import read_programme_text
from tasks.verify import verify

log = logging.getLogger("settle")


def _named(what: str) -> Callable[[], str]:
    """Return what names a run of a deployment: what it does, and its month where it has one."""

    def name() -> str:
        month = flow_run.parameters.get("period")
        return f"{what}-{month}" if month else what

    return name


@flow(name="settle-partners", flow_run_name=_named("partners"), persist_result=False)
def settle_partners(period: Month, partners: list[str]) -> State[Any]:
    """Make the documents of named partners, of a month that is approved and not closed.

    Args:
        period: The month, as 2026-10.
        partners: The partners' ids. Only what is missing of them is made.
    """

    def made() -> State[Any]:
        office, month = _office(), Period.parse(period)
        if not partners:
            raise WrongUse("no partner is named: write the ids of those whose documents are to be made.")
        must_be_approved(office, month)
        return _month_result(settle_month(month, office, partners))

    return _ended(made)


@flow(name="approve-month", flow_run_name=_named("approve"), persist_result=False)
def approve_month(
    period: Month,
    draft_digest: str,
    decision: Decision,
    name: str,
    comment: str = "",
    withhold: str = "",
    release: str = "",
) -> State[Any]:
    """Say yes or no to a draft whose run waits in a shell, or ended: a run that is Suspended asks by Resume.

    Args:
        period: The month, as 2026-10.
        draft_digest: The draft's digest, as the run's message has it; its first 12 digits are enough.
        decision: approve: the month is paid as this draft says, when it is run. reject: nothing is paid.
        name: Who decides. It stands on every statement and in the trail.
        comment: Why. To be given with a reject.
        withhold: Partners who are not paid for now, each as P-0001: why. A semicolon stands between two.
        release: Partners who are paid what was withheld of them. A comma stands between two.
    """

    def said() -> State[Any]:
        answer = Answer(decision, name.strip(), comment.strip(), draft_digest.strip(), (withhold, release))
        digest = record_answer(answer, Period.parse(period), _office())
        words = f"{answer.name} says {decision.value} to draft {digest} of {period}."
        return Completed(name="Recorded", message=f"{words} settle-month goes by it when it is run.")

    return _ended(said)


@flow(name="preview-month", flow_run_name=_named("preview"), persist_result=False)
def preview_month(period: MonthOrBlank = "") -> State[Any]:
    """Show what a month would pay as its data is now. Nothing is written.

    Args:
        period: The month, as 2026-10. Blank: this month, so far.
    """
    return _ended(lambda: _month_result(settle_month(_this_month(period), _office(), dry_run=True)))


@flow(name="reissue-documents", flow_run_name=_named("reissue"), persist_result=False)
def reissue_documents(period: Month, partners: tuple[str, ...] = ()) -> State[Any]:
    """Make the documents of approved statements again, into SETTLE_HOME/reissued. The archive stays as it is.

    Args:
        period: The month, as 2026-10.
        partners: Only these partners' ids. None: everybody's.
    """

    def made() -> State[Any]:
        folder, count = reissue(_office(), Period.parse(period), partners)
        return Completed(name="Reissued", message=f"The documents of {count} partners are in {folder}.")

    return _ended(made)


@flow(name="verify-archive", flow_run_name="verify-archive", persist_result=False)
def verify_archive() -> State[Any]:
    """Check the whole archive against its seals. Changes nothing."""

    def checked() -> State[Any]:
        settings = read_settings()
        report = verify(open_store(settings.archive, settings), progress=log.info)
        _publish_list("verify", [f"{each.severity}: {each.where}: {each.words}" for each in report.findings])
        months, files = counted(report.periods, "sealed month"), counted(report.files, "file")
        said = f"{months}, {files}, {counted(len(report.findings), 'finding')}"
        if report.holds:
            return Completed(name="Holds", message=f"The archive holds: {said}.")
        return _failed("DoesNotHold", f"The archive does not hold: {said}. See the artifact verify.")

    return _ended(checked)


@flow(name="doctor", flow_run_name="doctor", persist_result=False)
def doctor() -> State[Any]:
    """Check settings, database, archive and vendor folder. Changes nothing."""

    def checked() -> State[Any]:
        checks = list(check_installation(read_settings()))
        _publish_list("doctor", [f"{'ok' if check.passed else 'FAIL'}: {check.words}" for check in checks])
        if failed := [check.words for check in checks if not check.passed]:
            return _failed("Unwell", "\n".join(failed))
        return Completed(name="Well", message=f"All {len(checks)} checks passed.")

    return _ended(checked)


def _ended(work: Callable[[], State[Any]]) -> State[Any]:
    """Do the work; an error a person has to act on is the state's name and sentence, as in settle-month."""
    log.setLevel(logging.INFO)
    try:
        return work()
    except SettlementError as error:
        log.error("%s: %s", type(error).__name__, error)  # noqa: TRY400, the sentence is for a person to act on
        return Failed(name=type(error).__name__, message=str(error), data=error)


def _month_result(result: MonthResult) -> State[Any]:
    publish(result)
    if result.ending is Ending.INCOMPLETE:
        return _failed(result.ending.title, result.headline())
    return Completed(name=result.ending.title, message=result.headline())


def _failed(name: str, words: str) -> State[Any]:
    return Failed(name=name, message=words, data=SettlementError(words))


def _publish_list(key: str, lines: Sequence[str]) -> None:
    create_markdown_artifact(
        key=key, markdown="\n".join(f"- {escaped(line)}" for line in lines) or "Nothing was found."
    )


def _office() -> Office:
    return Office.open(read_settings())


def _this_month(period: str) -> Period:
    if period:
        return Period.parse(period)
    office = _office()
    return Period.of(today(office.settings, parse_programme(read_programme_text(office.vendor_folder)).zone))
