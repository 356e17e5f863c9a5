"""Automations: what Prefect's server does by itself when a run dies. Registered together with the deployments."""

from collections.abc import Iterable
from datetime import timedelta

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

HEARTBEAT = "prefect.flow-run.heartbeat"  # every PREFECT_FLOWS_HEARTBEAT_FREQUENCY seconds; prefect.yaml sets it
SUSPENDED = "settlement.run.suspended"  # our own: sent once more when a run that waits has let go of its process
SILENCE = timedelta(seconds=120)
"""How long a run may be silent: four heartbeats, and longer than Prefect's own server takes to start again."""

CRASHED = (
    "It was at work when it was killed: it has given no sign of life for 2 minutes. Retry goes on where it stopped."
)

# A run that waits for a person is suspended: it has no process, and must not be taken for dead. Nor must one that
# ended: every state has an event of its own name, as prefect.flow-run.Closed.
RESTS = (SUSPENDED, "prefect.flow-run.*")


def automations() -> Iterable[AutomationCore]:
    """The automations that ship with the deployments."""
    yield AutomationCore(
        name="settlement: a run that died is Crashed",
        description="Without it, a run whose process and worker are gone is shown as Running for ever.",
        trigger=EventTrigger(
            after={HEARTBEAT},
            expect=set(RESTS),  # a heartbeat is one of them
            match=ResourceSpecification.model_validate({"prefect.resource.id": ["prefect.flow-run.*"]}),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=SILENCE,
        ),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, name="Crashed", message=CRASHED)],
    )


def register_automations(wanted: Iterable[AutomationCore]) -> None:
    """Register each automation, or bring it up to date: known by its name, so that a second time changes nothing."""
    with get_client(sync_client=True) as client:
        for each in wanted:
            if known := client.read_automations_by_name(each.name):
                client.update_automation(known[0].id, each)
            else:
                client.create_automation(each)
