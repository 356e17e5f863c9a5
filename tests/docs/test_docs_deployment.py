"""docs/deployment.md and its examples: every setting is one that is read, and every command one that exists."""

import configparser
import json
import re
import shlex
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import prefect
import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from prefect.settings import Settings as PrefectSettings
from prefect.settings.legacy import _get_settings_fields
from prefect.utilities.templating import apply_values

from flows.on_prefect.registered.credentials import CREDENTIALS
from tasks.settings import Settings

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/deployment.md"
EXAMPLES = ROOT / "docs/deploying"
UNITS = sorted(EXAMPLES.glob("*.service"))
COMPOSE: dict[str, Any] = yaml.safe_load((EXAMPLES / "compose.yaml").read_text(encoding="utf-8"))
# By flows.on_prefect.register, and by what Prefect encrypts blocks with.
READ_ELSEWHERE = {"SETTLE_CODE", "SETTLE_NOTIFY", "PREFECT_SERVER_ENCRYPTION_KEY"}
KNOWN = {*_get_settings_fields(PrefectSettings), *READ_ELSEWHERE} | {
    f"SETTLE_{name.upper()}" for name in Settings.model_fields
}


@pytest.mark.parametrize("file", [PAGE, EXAMPLES / "compose.yaml"], ids=lambda file: file.name)
def test_every_setting_that_is_named_is_one_that_is_read(file: Path) -> None:
    named = set(re.findall(r"\b(?:PREFECT|SETTLE)_[A-Z0-9_]+[A-Z0-9]\b", file.read_text(encoding="utf-8")))
    assert len(named) > 5
    assert named - KNOWN - {"PREFECT_AUTH"} == set()  # PREFECT_AUTH: of the example's own .env


def commands() -> list[list[str]]:
    found = [service["command"] for service in COMPOSE["services"].values() if "build" in service]
    for unit in UNITS:
        parsed = configparser.ConfigParser(interpolation=None)
        parsed.optionxform = str  # type: ignore[assignment, method-assign]  # systemd's keys have capitals
        parsed.read(unit, encoding="utf-8")
        assert parsed["Service"]["Restart"] == "always"
        found += [parsed["Service"][key] for key in ("ExecStartPre", "ExecStart") if key in parsed["Service"]]
    return [shlex.split(command) for command in found]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_of_the_examples_exists(command: list[str]) -> None:
    program = command[0].removeprefix("/opt/settlement/.venv/bin/")
    assert (ROOT / ".venv/bin" / program).exists() or program == "python"
    if command[1] == "-m":
        assert find_spec(command[2])


def test_the_server_of_the_example_has_a_password_and_tells_nobody_outside() -> None:
    server = COMPOSE["services"]["prefect"]
    assert server["environment"]["PREFECT_SERVER_API_AUTH_STRING"].startswith("${PREFECT_AUTH:?")
    assert server["environment"]["PREFECT_SERVER_CSRF_PROTECTION_ENABLED"] == "true"
    assert server["environment"]["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert server["ports"] == ["127.0.0.1:4200:4200"]


def test_no_password_stands_in_an_example() -> None:
    for file in EXAMPLES.iterdir():
        for line in file.read_text(encoding="utf-8").splitlines():
            if re.search(r"(?i)(password|secret|auth\w*):\s", line) and not line.lstrip().startswith(("#", "--")):
                assert "${" in line, f"{file.name}: {line}"


def test_every_example_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [file.name for file in EXAMPLES.iterdir() if f"(deploying/{file.name})" not in text] == []


POOLS = ("docker", "kubernetes")
PREFECTS_OWN = json.loads(
    (Path(prefect.__file__).parent / "server/api/collections_data/views/aggregate-worker-metadata.json").read_text()
)


@pytest.mark.parametrize("kind", POOLS)
def test_the_template_of_a_pool_says_what_prefects_own_of_that_type_says_and_no_more(kind: str) -> None:
    ours = json.loads((EXAMPLES / f"{kind}-pool.json").read_text(encoding="utf-8"))
    theirs = PREFECTS_OWN[f"prefect-{kind}"][kind]["default_base_job_configuration"]["job_configuration"]
    assert ours["job_configuration"].keys() <= theirs.keys()
    named = set(re.findall(r"{{ (\w+) }}", json.dumps(ours["job_configuration"])))
    assert named == ours["variables"]["properties"].keys()


@pytest.mark.parametrize("kind", POOLS)
def test_the_template_of_a_pool_is_rendered_with_the_variables_of_our_deployments(kind: str) -> None:
    ours = json.loads((EXAMPLES / f"{kind}-pool.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(ours["variables"])
    given = yaml.safe_load((ROOT / "prefect.yaml").read_text())["definitions"]["pool"]["job_variables"]
    defaults = {name: each["default"] for name, each in ours["variables"]["properties"].items() if "default" in each}
    values = defaults | {"env": defaults["env"] | given["env"], "name": "settle-2026-10", "command": "run it"}
    Draft202012Validator(ours["variables"]).validate(values)
    text = json.dumps(apply_values(ours["job_configuration"], values))
    assert set(re.findall(r"{{ ([\w.-]+) }}", text)) == {
        each.reference.strip("{} ") for each in CREDENTIALS if each.block_type == "secret"
    }
    assert {name for name in defaults["env"] if name.startswith(("PREFECT_", "SETTLE_"))} <= KNOWN


def test_every_block_is_documented_with_the_variable_it_becomes() -> None:
    page = (ROOT / "docs/deployment.md").read_text(encoding="utf-8")
    rows = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in page.splitlines()]
    said = [(row[0], row[1], row[3]) for row in rows if len(row) == 4 and row[1].startswith("settlement-")]
    types = {"secret": "Secret", "aws-credentials": "AWS Credentials"}
    assert said == [(types[each.block_type], each.block, each.variable) for each in CREDENTIALS]
