"""docs/deployment.md and its examples: every setting is one that is read, and every command one that exists."""

import configparser
import re
import shlex
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.settings import Settings as PrefectSettings
from prefect.settings.legacy import _get_settings_fields

from tasks.settings import Settings

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/deployment.md"
EXAMPLES = ROOT / "docs/deploying"
UNITS = sorted(EXAMPLES.glob("*.service"))
COMPOSE: dict[str, Any] = yaml.safe_load((EXAMPLES / "compose.yaml").read_text(encoding="utf-8"))
READ_ELSEWHERE = {"SETTLE_CODE", "SETTLE_NOTIFY"}  # by flows.on_prefect.register
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
