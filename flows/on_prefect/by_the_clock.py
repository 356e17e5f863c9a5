"""By the clock: a run that a schedule started is put off until its month is due, and its state says until when and why.

The run has no process meanwhile: Prefect's server starts it again on that day, and it looks again. What a person starts
by the form is settled at once: whoever asks for a month means it.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.context import FlowRunContext
from prefect.events import emit_event
from prefect.exceptions import Pause
from prefect.states import Scheduled

from flows.office import Office
from flows.on_prefect.registered.automations import SUSPENDED
from models.period import Period
from rules.due import PutOff, put_off
from rules.programme.file import parse_programme
from tasks.clock import today
from tasks.vendor.calendar import read_calendar
from tasks.vendor.programme_file import read_programme_text


def wait_for_its_day(month: Period, office: Office) -> None:
    """Put the run at hand off where a schedule started it before the month is due: then it does not return."""
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    if run is None or not run.auto_scheduled:
        return
    zone = parse_programme(read_programme_text(office.vendor_folder)).zone
    if early := put_off(read_calendar(office.vendor_folder), month, today(office.settings, zone)):
        _put_off(run, month, early, zone)


def _put_off(run: FlowRun, month: Period, early: PutOff, zone: ZoneInfo) -> None:
    state: State[object] = Scheduled(
        scheduled_time=_same_time(run, early.until, zone), name=early.name, message=early.why
    )
    with get_client(sync_client=True) as client:
        # Named, because it may be the month before another month by then.
        client.update_flow_run(run.id, parameters=run.parameters | {"period": str(month)})
        client.set_flow_run_state(run.id, state, force=True)
    # Heartbeats go on until the flow is left: after the last of them the server has to hear once more of the rest.
    emit_event(SUSPENDED, resource={"prefect.resource.id": f"prefect.flow-run.{run.id}"})
    raise Pause(state=state)


def _same_time(run: FlowRun, day: date, zone: ZoneInfo) -> datetime:
    """The time of that day at which the schedule starts runs."""
    planned = run.expected_start_time
    assert planned is not None, "a schedule says when"
    return datetime.combine(day, planned.astimezone(zone).time(), zone)
