"""Notifications: who is told that a month waits, failed, crashed or closed. Registered together with the deployments.

SETTLE_NOTIFY names the addresses, with blanks between. Each is kept as a block of Prefect, which shows none of its
secrets, and each notification is an automation of Prefect: both can be looked at, changed and switched off on the page.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from prefect.blocks.core import Block
from prefect.blocks.notifications import CustomWebhookNotificationBlock, SlackWebhook
from prefect.client.orchestration import SyncPrefectClient
from prefect.events.actions import SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.types import SecretDict
from pydantic import SecretStr

from flows.on_prefect.registered.automations import SUSPENDED
from models.errors import WrongUse

PREFIX = "settlement tells: "  # the names of its automations begin with it
BLOCK = "settlement-notify"
A_DAY = timedelta(days=1)

# Not every event of the run: a last heartbeat may come after it was suspended.
WAITS_NO_MORE = {
    f"prefect.flow-run.{state}"
    for state in ("Resuming", "Scheduled", "Pending", "Running", "Cancelling", "Cancelled", "Failed", "Crashed")
}

WEBHOOK = ("http://", "https://")
SLACK = ("https://hooks.slack.com/", "https://hooks.slack-gov.com/")
MAIL = ("mailto://", "mailtos://")

RUN = "{{ flow_run.name }}"
LINK = "{{ flow_run|ui_url }}"
STATE = f"{{{{ flow_run.state.message }}}}\n{LINK}"


def block_of(address: str) -> Block:
    """Return the block that sends to an address: a webhook gets `{"subject": ..., "body": ...}` as JSON."""
    if address.startswith(SLACK) or address.startswith(MAIL):
        # Prefect's block for Slack hands every other address to Apprise as it is, which knows e-mail; its own block for
        # e-mail is for one vendor.
        return SlackWebhook(url=SecretStr(address))
    if address.startswith(WEBHOOK):
        return CustomWebhookNotificationBlock(
            name=BLOCK,
            url="{{address}}",
            json_data={"subject": "{{subject}}", "body": "{{body}}"},
            secrets=SecretDict({"address": address}),
        )
    shown = address.partition(":")[0]  # the rest may hold a password
    raise WrongUse(
        f"SETTLE_NOTIFY: {shown!r} is no way to tell anybody. Write https://... (a webhook, or Slack's), or "
        "mailtos://user:password@smtp.example.com?from=settlement@example.com&to=finance@example.com."
    )


def notifications(blocks: Sequence[UUID], reminder: timedelta = A_DAY) -> Iterator[AutomationCore]:
    """The automations that tell the given blocks."""

    def told(name: str, trigger: EventTrigger, subject: str, body: str = STATE) -> AutomationCore:
        actions = [SendNotification(block_document_id=block, subject=subject, body=body) for block in blocks]
        return AutomationCore(name=PREFIX + name, trigger=trigger, actions=actions)

    waits = f"{RUN} waits for a person's yes or no: read the artifact approval, then press Resume.\n{LINK}"
    yield told("a month waits for approval", _happens(SUSPENDED), f"{RUN} waits for approval", waits)
    still = EventTrigger(
        after={SUSPENDED},
        expect=WAITS_NO_MORE,
        match=ResourceSpecification.model_validate({"prefect.resource.id": ["prefect.flow-run.*"]}),
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=reminder,
    )
    yield told("a month still waits", still, f"{RUN} still waits for approval", waits)
    # By type: a state's name says what failed, as Incomplete or DoesNotHold.
    yield told("a run failed", _ends("FAILED"), f"{RUN}: {{{{ flow_run.state.name }}}}")
    yield told("a run crashed", _ends("CRASHED"), f"{RUN}: Crashed")
    yield told("a month is closed", _ends("COMPLETED", "Closed"), f"{RUN}: Closed")


def _happens(event: str) -> EventTrigger:
    return EventTrigger(expect={event}, for_each={"prefect.resource.id"}, posture=Posture.Reactive, threshold=1)


def _ends(kind: str, name: str = "*") -> EventTrigger:
    """A run of our deployments comes to a state of this type, and of this name."""
    match = {"prefect.resource.id": ["prefect.flow-run.*"], "prefect.state-type": kind, "prefect.state-name": name}
    ours = {"prefect.resource.role": "tag", "prefect.resource.id": "prefect.tag.settlement"}
    return EventTrigger(
        expect={"prefect.flow-run.*"},
        match=ResourceSpecification.model_validate(match),
        match_related=ResourceSpecification.model_validate(ours),
        for_each={"prefect.resource.id"},
        posture=Posture.Reactive,
        threshold=1,
    )


def keep_blocks(addresses: Iterable[str]) -> list[UUID]:
    """Keep each address as a block, in place of what an earlier registering kept, and return their ids."""
    blocks = [block_of(address) for address in addresses]  # all of them first: a wrong one changes nothing
    found = (block.save(f"{BLOCK}-{number}", overwrite=True) for number, block in enumerate(blocks, start=1))
    return [identifier for identifier in found if isinstance(identifier, UUID)]


def remove_others(client: SyncPrefectClient, kept: Iterable[str]) -> None:
    """Remove notifications of earlier versions, or all where nobody is told any more."""
    names = {*kept}
    for known in client.read_automations():
        if known.name.startswith(PREFIX) and known.name not in names:
            client.delete_automation(known.id)
