"""Patience: a run of a deployment waits where waiting helps, and its state says for what.

Prefect's own retries run a flow again whatever it failed for, and bad data stays bad. So what may pass (the network,
the store, a server that starts again) is tried again here, later and later; and a run that finds another at work waits
for it.
"""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State, StateType
from prefect.context import FlowRunContext

from models.errors import LeaseHeld, SettlementError

R = TypeVar("R")

log = logging.getLogger("settle")

WAITS = (15, 30, 60, 120, 240)  # seconds before each further try: eight minutes in all
LOOK_SECONDS = 15
LONGEST_SECONDS = 12 * 60 * 60  # for another run

WAITING_FOR_ANOTHER, TRYING_AGAIN, RUNNING = "WaitingForAnotherRun", "TryingAgain", "Running"

Tell = Callable[[str, str], None]
"""Say on the run's page how it is: the name of its state, and the sentence beside it."""


def tell_the_page(name: str, message: str) -> None:
    """Give the run at hand another name for its state. It is at work all the while, and gives signs of life."""
    context = FlowRunContext.get()
    assert context is not None, "only a flow run has a page"
    assert context.flow_run is not None, "only a flow run has a page"
    with get_client(sync_client=True) as client:
        state = State[object](type=StateType.RUNNING, name=name, message=message)
        client.set_flow_run_state(context.flow_run.id, state, force=True)


def patiently(work: Callable[[], R], tell: Tell = tell_the_page, wait: Callable[[float], None] = time.sleep) -> R:
    """Do the work, again where that may help. Raises what cannot pass, and what did not."""
    waits = list(WAITS)
    looks = LONGEST_SECONDS // LOOK_SECONDS
    told = RUNNING
    while True:
        try:
            result = work()
        except LeaseHeld as held:
            looks -= 1
            if looks < 0:
                raise
            if told != WAITING_FOR_ANOTHER:  # once, not every quarter of a minute
                log.warning("%s", held)
            tell(WAITING_FOR_ANOTHER, str(held))
            told = WAITING_FOR_ANOTHER
            wait(LOOK_SECONDS)
        except SettlementError as error:
            if not error.passes or not waits:
                raise
            seconds = waits.pop(0)
            words = f"{type(error).__name__}: {error} It is tried again in {seconds} s."
            log.warning(words)
            tell(TRYING_AGAIN, words)
            told = TRYING_AGAIN
            wait(seconds)
        else:
            if told != RUNNING:
                tell(RUNNING, "")
            return result
