"""Approval on the Prefect page: a run that waits is suspended with a form, and goes on by what was answered there.

A suspended run has no process. Resume starts the flow again from its top, so the answer is taken first and recorded as
`settle approve` and `settle reject` record it; then the month is settled as ever, and finds the consent, or not.
"""

import logging
from enum import StrEnum
from typing import Any, NamedTuple, cast
from uuid import uuid4

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateDetails
from prefect.context import FlowRunContext
from prefect.events import emit_event
from prefect.exceptions import Pause
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput, delete_flow_run_input, read_flow_run_input
from pydantic import Field, create_model

from flows.consent.give_consent import record_consent
from flows.consent.withholding import withhold
from flows.office import Office
from flows.on_prefect.registered.automations import SUSPENDED
from flows.result import MonthResult
from models.errors import WrongUse
from models.period import Period
from rules.payout import HoldWord, words_of
from tasks.facts.consents import APPROVED, REJECTED, Consent

log = logging.getLogger("settle")

DIGITS = 64  # of a draft's digest, with which the key of a question begins
DAYS = 14
"""How long a run waits for an answer. Then it ends as Failed; Retry makes the draft again, and asks again."""


class Decision(StrEnum):
    """What a person decides about a draft."""

    APPROVE = "approve"
    REJECT = "reject"


class Answer(NamedTuple):
    """What a person answered: about which draft, and what is withheld and released, as the form has it."""

    decision: Decision
    name: str
    comment: str
    draft_digest: str
    words: tuple[str, str] = ("", "")


def is_deployed() -> bool:
    """Whether this is a run of a deployment: only such a run can be started again by Resume."""
    context = FlowRunContext.get()
    return bool(context and context.flow_run and context.flow_run.deployment_id)


def answer_form(period: Period, digest: str) -> type[RunInput]:
    """The form that Resume opens, for one draft."""
    fields: dict[str, Any] = {
        "decision": (
            Decision,
            Field(
                title="Decision", description="approve: the month is paid as this draft says. reject: nothing is paid."
            ),
        ),
        "name": (
            str,
            Field(
                title="Your name",
                min_length=1,
                description="Who decides. It stands on every statement and in the trail.",
            ),
        ),
        "comment": (
            str,
            Field(default="", title="Comment", description="Why. To be given with a reject; kept in the audit trail."),
        ),
        "withhold": (
            str,
            Field(
                default="",
                title="Withhold",
                description="Partners who are not paid for now, each as P-0001: why. A semicolon stands between two.",
            ),
        ),
        "release": (
            str,
            Field(
                default="",
                title="Release",
                description="Partners who are paid what was withheld of them. A comma stands between two.",
            ),
        ),
        "draft_digest": (
            str,
            Field(default=digest, title="Draft", description="The draft you have read. Leave it as it is."),
        ),
    }
    form: type[RunInput] = create_model("Approval", __base__=RunInput, **fields)
    form._description = (
        f"**{period}** waits for a person. Read `approval-{period}` under Artifacts first. "
        "If anything changed since, you are asked again."
    )
    return form


def ask(result: MonthResult) -> None:
    """Suspend the run until somebody answers the form. Does not return: the process is freed."""
    form = answer_form(result.period, result.draft_digest)
    try:
        # A key of its own for each question: the same draft may be asked about again, after a wrong answer.
        suspend_flow_run(form, timeout=DAYS * 86_400, key=f"{result.draft_digest}-{uuid4()}")
    except Pause:
        # Heartbeats go on until the flow is left: after the last of them the server has to hear once more of the rest.
        run = FlowRunContext.get()
        assert run is not None, "only a flow run is suspended"
        assert run.flow_run is not None, "only a flow run is suspended"
        emit_event(SUSPENDED, resource={"prefect.resource.id": f"prefect.flow-run.{run.flow_run.id}"})
        raise


def take_answer(month: Period, office: Office) -> str:
    """Record what was answered since the run was suspended. Returns why the month ends here, blank where it goes on."""
    asked = _last_question()
    if asked is None or not asked.run_input_keyset:
        return ""
    key = asked.run_input_keyset["response"]
    answer = cast(dict[str, str] | None, read_flow_run_input(key))
    if not answer:
        return ""
    # What was left as the form had it is not sent: no comment, and the draft that was asked about.
    said = Answer(
        decision=Decision(answer["decision"]),
        name=answer["name"].strip(),
        comment=answer.get("comment", "").strip(),
        draft_digest=(answer.get("draft_digest") or str(asked.pause_key)[:DIGITS]).strip(),
        words=(answer.get("withhold", ""), answer.get("release", "")),
    )
    rejected = False
    try:
        record_answer(said, month, office)
        rejected = said.decision is Decision.REJECT
    except WrongUse as error:
        log.error("%s's answer counts for nothing: %s", said.name or "somebody", error)  # noqa: TRY400, a person acts on it
    delete_flow_run_input(key)  # after it was recorded: what was answered counts once, also after a crash
    if rejected:
        return (
            f"{month} was rejected by {said.name}: {said.comment}. Nothing was paid. Mend it, then run the month again."
        )
    return ""


def record_answer(said: Answer, month: Period, office: Office) -> str:
    """Record what a person decided about a draft; return the digest it is about: another where payouts are withheld.

    Raises WrongUse where nobody is named, a reject has no comment, or the draft is not one to decide about.
    """
    if not said.name:
        raise WrongUse("nobody's name was given.")
    if said.decision is Decision.REJECT and not said.comment:
        raise WrongUse("a reject needs a comment: whoever mends it has to know why.")
    words = words_in(*said.words)
    if words and said.decision is Decision.REJECT:
        raise WrongUse("a reject pays nothing, so there is nothing to withhold or to release.")
    digest = withhold(office, month, said.draft_digest, words, said.name).draft_digest if words else said.draft_digest
    role = APPROVED if said.decision is Decision.APPROVE else REJECTED
    return record_consent(office, Consent(str(month), digest, said.name, role, said.comment))


def words_in(withheld: str, released: str) -> list[HoldWord]:
    """Return what the form says of payouts.

    >>> words_in("ana: a dispute; bo: no tax id", "cy")[1]
    HoldWord(partner_id='bo', word='held', reason='no tax id')
    """
    holds = (each.replace(":", "=", 1) for each in withheld.replace("\n", ";").split(";") if each.strip())
    return words_of(holds, (each.strip() for each in released.split(",") if each.strip()))


def _last_question() -> StateDetails | None:
    """What this run asked last; None where it has not asked."""
    context = FlowRunContext.get()
    if not is_deployed() or context is None or context.flow_run is None:
        return None
    with get_client(sync_client=True) as client:
        states = sorted(client.read_flow_run_states(context.flow_run.id), key=lambda state: state.timestamp)
    asked = [state.state_details for state in states if state.state_details.run_input_keyset]
    return asked[-1] if asked else None
