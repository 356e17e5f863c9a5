"""What is registered on a Prefect server: deployments, their forms, where their code is, and the automation."""

from datetime import timedelta
from typing import Any

import pytest
import yaml
from prefect.server.events.schemas.automations import EventTrigger as ServerTrigger
from prefect.utilities.callables import parameter_schema
from prefect.utilities.importtools import import_object
from prefect.utilities.schema_tools import ValidationError, validate

from flows.on_prefect.register import PREFECT_YAML, ROOT, with_code
from flows.on_prefect.registered.automations import automations
from flows.settle_period import settle_period
from models.errors import WrongUse

CONTENT = yaml.safe_load(PREFECT_YAML.read_text(encoding="utf-8"))
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize("deployment", CONTENT["deployments"], ids=lambda deployment: deployment["name"])
def test_each_deployment_starts_a_flow_and_gives_signs_of_life(deployment: dict[str, Any]) -> None:
    assert import_object(str(ROOT / deployment["entrypoint"])).fn
    assert deployment["work_pool"]["job_variables"]["env"]["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"] == "30"
    assert "settlement" in deployment["tags"]


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "october", "2026-10 "])
def test_a_wrong_month_is_refused_at_its_field_in_words(month: str) -> None:
    schema = parameter_schema(settle_period).model_dump_for_openapi()
    with pytest.raises(ValidationError, match=r"field 'period'.*Write a month, as 2026-10"):
        validate({"period": month}, schema, raise_on_error=True)


@pytest.mark.parametrize("month", ["2026-12", ""])
def test_a_month_and_a_blank_are_taken(month: str) -> None:
    validate({"period": month}, parameter_schema(settle_period).model_dump_for_openapi(), raise_on_error=True)


def test_a_run_that_falls_silent_is_crashed_within_three_minutes_and_one_that_waits_is_not() -> None:
    (automation,) = automations()
    trigger: Any = automation.trigger
    assert trigger.after == {"prefect.flow-run.heartbeat"}
    as_server = ServerTrigger.model_validate(trigger.model_dump(mode="json"))
    states = ("Suspended", "Completed", "Closed", "Incomplete", "Rejected", "heartbeat")  # also those we name
    assert all(as_server.expects(f"prefect.flow-run.{state}") for state in states)
    assert as_server.expects("settlement.run.suspended")
    assert timedelta(seconds=90) < trigger.within < timedelta(minutes=3)


def test_workers_of_other_machines_take_the_code_from_a_commit() -> None:
    content = yaml.safe_load(with_code(PREFECT_YAML.read_text(), f"https://git.example.com/settlement.git@{COMMIT}"))
    assert content["pull"] == [
        {
            "prefect.deployments.steps.git_clone": {
                "id": "clone",
                "repository": "https://git.example.com/settlement.git",
                "commit_sha": COMMIT,
            }
        },
        {"prefect.deployments.steps.set_working_directory": {"directory": "{{ clone.directory }}"}},
    ]
    assert content["deployments"] == CONTENT["deployments"]


@pytest.mark.parametrize(
    "code", ["https://git.example.com/settlement.git", "https://git.example.com/s.git@main", COMMIT]
)
def test_code_without_a_whole_commit_is_refused(code: str) -> None:
    with pytest.raises(WrongUse, match="write the repository and a whole commit"):
        with_code("", code)
