"""Who is told of what: automations of a real Prefect server, and receivers on this machine."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.events.schemas.events import Event, Resource
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.on_prefect.registered.automations import register_automations
from flows.on_prefect.registered.notifications import PREFIX, block_of, keep_blocks, notifications, remove_others
from models.errors import WrongUse
from tests.servers.prefect import ask
from tests.servers.receiver import Receiver, mail_server, webhook
from tests.waiting import wait_for

SOON = timedelta(seconds=10)  # the shortest Prefect takes


@pytest.mark.parametrize("address", ["finance@example.com", "ftp://example.com", "slack"])
def test_an_address_nobody_can_be_told_at_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(WrongUse, match=r"SETTLE_NOTIFY: .* is no way to tell anybody") as error:
        block_of(address)
    assert "example.com/" not in str(error.value).partition("Write")[0]


def test_a_password_in_an_address_is_never_shown() -> None:
    for address in (
        "mailtos://u:geheim@smtp.example.com?from=a@example.com&to=b@example.com",
        "https://x.example/geheim",
    ):
        assert "geheim" not in repr(block_of(address))


def test_mail_is_sent_by_smtp() -> None:
    with mail_server() as mail:
        block: Any = block_of(f"mailto://127.0.0.1:{mail.port}?from=settlement@example.com&to=finance@example.com")
        block.notify("2026-01 waits", subject="settle-2026-01 waits for approval", _sync=True)
    (text,) = mail.received
    assert "To: finance@example.com" in text
    assert "Subject: settle-2026-01 waits for approval" in text


@pytest.fixture(scope="module")
def told(prefect_server: str) -> Iterator[tuple[str, Receiver]]:
    """A server whose notifications go to a receiver, the reminder after ten seconds."""
    with webhook() as receiver, temporary_settings({PREFECT_API_URL: prefect_server}):
        register_automations(notifications(keep_blocks([f"http://127.0.0.1:{receiver.port}/hook"]), SOON))
        yield prefect_server, receiver


def run_in(api: str, name: str, *states: dict[str, str], tags: tuple[str, ...] = ("settlement",)) -> str:
    """Make a run, bring it to each of the states, and return its id."""
    flow = ask(api, "flows/", {"name": "told"})["id"]
    made = ask(api, "flow_runs/", {"flow_id": flow, "name": name, "tags": tags, "state": {"type": "RUNNING"}})["id"]
    for state in states:
        ask(api, f"flow_runs/{made}/set_state", {"state": state, "force": True})
    return str(made)


def said(receiver: Receiver, name: str) -> list[str]:
    """The subjects of what was told of a run."""
    return [each["subject"] for each in receiver.received if each["subject"].startswith(name)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "state", "subject"),
    [
        ("fails", {"type": "FAILED", "name": "Incomplete"}, "fails: Incomplete"),
        ("verify", {"type": "FAILED", "name": "DoesNotHold"}, "verify: DoesNotHold"),
        ("dies", {"type": "CRASHED", "name": "Crashed"}, "dies: Crashed"),
        ("closes", {"type": "COMPLETED", "name": "Closed"}, "closes: Closed"),
    ],
)
def test_how_a_run_ended_is_told_with_its_message_and_a_link(
    told: tuple[str, Receiver], name: str, state: dict[str, str], subject: str
) -> None:
    api, receiver = told
    run = run_in(api, name, {**state, "message": f"why {name}"})
    wait_for(lambda: subject in said(receiver, name), subject)
    (message,) = (each for each in receiver.received if each["subject"] == subject)
    assert message["body"].startswith(f"why {name}\n")
    assert run in message["body"]


@pytest.mark.slow
def test_a_month_that_waits_is_told_of_and_again_when_nobody_answers(told: tuple[str, Receiver]) -> None:
    api, receiver = told
    run = run_in(api, "waits", {"type": "PAUSED", "name": "Suspended"})
    suspended(api, run)
    first, reminder = "waits waits for approval", "waits still waits for approval"
    wait_for(lambda: sorted(said(receiver, "waits")) == sorted([first, reminder]), reminder)


@pytest.mark.slow
def test_other_flows_and_months_that_were_closed_before_are_not_told_of(told: tuple[str, Receiver]) -> None:
    api, receiver = told
    run_in(api, "stranger", {"type": "FAILED", "name": "Failed"}, tags=())
    run_in(api, "before", {"type": "COMPLETED", "name": "ClosedBefore"})
    run_in(
        api, "last", {"type": "COMPLETED", "name": "Closed"}
    )  # the server tells in order: when it is told, they were not
    wait_for(lambda: said(receiver, "last"), "the last run's end")
    assert said(receiver, "stranger") == said(receiver, "before") == []


@pytest.mark.slow
def test_registering_twice_changes_nothing_and_with_nobody_to_tell_the_notifications_go(
    told: tuple[str, Receiver],
) -> None:
    with get_client(sync_client=True) as client:
        names = sorted(each.name for each in client.read_automations())
        register_automations(notifications(keep_blocks(["http://127.0.0.1:1/"]), SOON))
        assert sorted(each.name for each in client.read_automations()) == names
        remove_others(client, [])
        assert [each.name for each in client.read_automations() if each.name.startswith(PREFIX)] == []


def suspended(api: str, run: str) -> None:
    """Send the event that a run sends when it has let go of its process."""
    resource = Resource({"prefect.resource.id": f"prefect.flow-run.{run}"})
    event = Event(event="settlement.run.suspended", resource=resource)
    ask(api, "events", [event.model_dump(mode="json")])
