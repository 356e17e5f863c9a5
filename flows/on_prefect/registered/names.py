"""Names: what a run is called before it starts. Registered together with the deployments.

Prefect names a run at random when it is made, and looks at the flow's own name for it when its process begins. So an
automation names it as soon as the server says that it is scheduled: the server asks itself, by a block that sends.
"""

from base64 import b64encode

from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.client.orchestration import SyncPrefectClient
from prefect.events.actions import SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL
from prefect.types import SecretDict

AUTOMATION = "settlement: a run is named by its month"
BLOCK = "settlement-names"
NO_CSRF_PROTECTION = 422  # what the server answers to who asks for a token it does not want

WORDS = {
    "settle-month": "settle",
    "settle-partners": "partners",
    "approve-month": "approve",
    "preview-month": "preview",
    "reissue-documents": "reissue",
    "verify-archive": "verify-archive",
    "doctor": "doctor",
}
"""What the name of a deployment's runs begins with, as its flow names them when it starts."""

# A run that started before has its name from its flow.
NAME = (
    "{% set asked = flow_run.parameters %}"
    "{% if flow_run.run_count %}{{ flow_run.name }}{% else %}"
    f"{{{{ {WORDS}.get(deployment.name, deployment.name) }}}}"
    "{% if asked.period %}-{{ asked.period }}{% elif deployment.name == 'settle-month' %}-last-month{% endif %}"
    "{% if asked.dry_run %}-dry-run{% endif %}"
    "{% endif %}"
)


def naming(client: SyncPrefectClient) -> list[AutomationCore]:
    """The automation that names runs; none, and no earlier one any more, where the server wants a CSRF token."""
    if _wants_token(client):
        for known in client.read_automations_by_name(AUTOMATION):
            client.delete_automation(known.id)
        return []
    block = block_that_names().save(BLOCK, overwrite=True)
    ours = {"prefect.resource.role": "tag", "prefect.resource.id": "prefect.tag.settlement"}
    automation = AutomationCore(
        name=AUTOMATION,
        description="Without it, a run has a name made up by Prefect until its process has begun.",
        trigger=EventTrigger(
            # The clock's runs are made without an event; the first of theirs says that they are pending, or late.
            expect={f"prefect.flow-run.{state}" for state in ("Scheduled", "Pending", "Late")},
            match=ResourceSpecification.model_validate({"prefect.resource.id": ["prefect.flow-run.*"]}),
            match_related=ResourceSpecification.model_validate(ours),
            for_each={"prefect.resource.id"},
            posture=Posture.Reactive,
            threshold=1,
        ),
        actions=[SendNotification(block_document_id=block, subject="{{ flow_run.id }}", body=NAME)],
    )
    return [automation]


def block_that_names() -> CustomWebhookNotificationBlock:
    """The block that sends a run's name to the server: the subject is the run, the body its name."""
    password = PREFECT_API_AUTH_STRING.value()
    secret = {"password": b64encode(password.encode()).decode()} if password else {}
    return CustomWebhookNotificationBlock(
        name=BLOCK,
        url=f"{PREFECT_API_URL.value()}/flow_runs/{{{{subject}}}}",
        method="PATCH",
        json_data={"name": "{{body}}"},
        headers={"Authorization": "Basic {{password}}"} if password else None,
        secrets=SecretDict(secret),
    )


def _wants_token(client: SyncPrefectClient) -> bool:
    try:
        client.request("GET", "/csrf-token", params={"client": BLOCK})
    except PrefectHTTPStatusError as refused:
        if refused.response.status_code != NO_CSRF_PROTECTION:
            raise
        return False
    return True
