"""Names of runs: what a run is called when it is submitted is what it calls itself when it starts."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
import yaml
from prefect.client.orchestration import get_client
from prefect.runtime import flow_run
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings
from prefect.utilities.importtools import import_object

from flows.on_prefect.register import PREFECT_YAML, ROOT
from flows.on_prefect.registered.automations import register_automations
from flows.on_prefect.registered.names import AUTOMATION, BLOCK, WORDS, block_that_names, naming
from tests.servers.prefect import ask
from tests.waiting import wait_for

DEPLOYMENTS = yaml.safe_load(PREFECT_YAML.read_text(encoding="utf-8"))["deployments"]
ENTRYPOINTS = {each["name"]: each["entrypoint"] for each in DEPLOYMENTS}

NAMES = [
    ("settle-month", {"period": "2026-10"}, "settle-2026-10"),
    ("settle-month", {"period": "2026-10", "dry_run": True}, "settle-2026-10-dry-run"),
    ("settle-partners", {"period": "2026-10", "partners": ["P-0001"]}, "partners-2026-10"),
    ("approve-month", {"period": "2026-10", "name": "anna"}, "approve-2026-10"),
    ("preview-month", {"period": "2026-10"}, "preview-2026-10"),
    ("preview-month", {"period": ""}, "preview"),
    ("reissue-documents", {"period": "2026-10"}, "reissue-2026-10"),
    ("verify-archive", {}, "verify-archive"),
    ("doctor", {}, "doctor"),
]


def own_name(deployment: str, parameters: dict[str, Any]) -> str:
    """What the flow of a deployment calls a run of these parameters when it starts."""
    name = import_object(str(ROOT / ENTRYPOINTS[deployment])).flow_run_name
    if isinstance(name, str):
        return name
    with patch.object(flow_run, "parameters", parameters, create=True):
        return str(name())


def test_every_deployment_has_a_word_for_its_runs() -> None:
    assert set(WORDS) == set(ENTRYPOINTS)


@pytest.mark.parametrize(("deployment", "parameters", "name"), NAMES)
def test_a_flow_calls_its_run_by_its_month(deployment: str, parameters: dict[str, Any], name: str) -> None:
    assert own_name(deployment, parameters) == name


@pytest.fixture(scope="module")
def named(prefect_server: str) -> Iterator[str]:
    """A server that names runs; nobody takes them, so none of them starts."""
    with temporary_settings({PREFECT_API_URL: prefect_server}):
        with get_client(sync_client=True) as client:
            register_automations(naming(client))
        yield prefect_server
        with get_client(sync_client=True) as client:
            for known in client.read_automations_by_name(AUTOMATION):
                client.delete_automation(known.id)


def made(api: str, deployment: str, parameters: dict[str, Any], state: dict[str, str] | None = None) -> str:
    """Make a run of a deployment as the form does, and return its id."""
    flow = ask(api, "flows/", {"name": "named"})["id"]
    found = ask(api, "deployments/", {"name": deployment, "flow_id": flow, "tags": ["settlement"]})["id"]
    wish = {"parameters": parameters} | ({"state": state} if state else {})
    return str(ask(api, f"deployments/{found}/create_flow_run", wish)["id"])


def name_of(api: str, run: str) -> str:
    return str(ask(api, f"flow_runs/{run}")["name"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("deployment", "parameters", "name"), [*NAMES, ("settle-month", {"period": ""}, "settle-last-month")]
)
def test_a_run_has_its_month_in_its_name_before_it_starts(
    named: str, deployment: str, parameters: dict[str, Any], name: str
) -> None:
    run = made(named, deployment, parameters)
    wait_for(lambda: name_of(named, run) == name, f"the name {name}")
    assert ask(named, f"flow_runs/{run}")["state"]["type"] == "SCHEDULED"


@pytest.mark.slow
def test_a_run_that_the_clock_made_is_named_when_it_is_taken_or_late(named: str) -> None:
    for state in ({"type": "PENDING"}, {"type": "SCHEDULED", "name": "Late"}):
        run = made(named, "settle-month", {"period": "2026-10"}, {"type": "SCHEDULED", "name": "Planned"})
        ask(named, f"flow_runs/{run}/set_state", {"state": state, "force": True})
        wait_for(lambda run=run: name_of(named, run) == "settle-2026-10", "the name")  # type: ignore[misc]


@pytest.mark.slow
def test_a_server_that_wants_a_token_of_who_changes_anything_names_no_run(named: str) -> None:
    """With CSRF protection the server refuses its own automation: none is registered, and an earlier one goes."""
    with get_client(sync_client=True) as client:
        assert len(client.read_automations_by_name(AUTOMATION)) == 1
        with patch("flows.on_prefect.registered.names._wants_token", return_value=True):
            assert naming(client) == []
        assert client.read_automations_by_name(AUTOMATION) == []
        register_automations(naming(client))


@pytest.mark.slow
def test_the_password_of_the_server_is_a_secret_of_the_block(named: str) -> None:
    with temporary_settings({PREFECT_API_AUTH_STRING: "admin:geheim"}):
        block = block_that_names()
    assert block.headers == {"Authorization": "Basic {{password}}"}
    assert block.secrets.get_secret_value() == {"password": "YWRtaW46Z2VoZWlt"}  # admin:geheim, in base64
    assert "YWRtaW46" not in repr(block)
    with get_client(sync_client=True) as client:
        kept = client.read_block_document_by_name(BLOCK, "custom-webhook")
        assert kept.data["url"] == f"{named}/flow_runs/{{{{subject}}}}"
