"""Asking for help: answered at once, without what only a settlement needs."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import pytest
from typer.main import get_command

from cli.main import app
from tests.docs.pages import ROOT

HELP = """
import sys
from cli.main import app
app([*sys.argv[1:], "--help"], standalone_mode=False)
print("loaded:", *{name.partition(".")[0] for name in sys.modules})
"""
HEAVY = {"great_expectations", "prefect", "polars", "sqlmodel", "sqlalchemy", "boto3", "typst"}
OURS = {"models", "rules", "engine", "expectations", "tasks", "flows", "sample"}
COMMANDS = ["", "run", "approve", "status", "explain", "verify", "doctor", "sample", "programme", "programme check"]


@pytest.mark.parametrize("width", ["60", "80", "120"])
@pytest.mark.parametrize("group", ["", "programme"])
def test_no_line_of_a_list_of_commands_is_cut(group: str, width: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", *group.split()],
        cwd=ROOT, env={**os.environ, "COLUMNS": width, "TERMINAL_WIDTH": width}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    _, heading, commands = done.stdout.partition("Commands:")
    assert heading
    assert "..." not in commands


def commands_of(group: Any, name: str = "settle") -> Iterator[tuple[str, Any]]:
    yield name, group
    for sub, command in getattr(group, "commands", {}).items():
        yield from commands_of(command, f"{name} {sub}")


EVERY_COMMAND = dict(commands_of(get_command(app)))


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("name", EVERY_COMMAND)
def test_no_help_is_cut_and_every_command_has_the_options_of_all(name: str, width: int) -> None:
    command = EVERY_COMMAND[name]
    with command.make_context(
        name, ["--json"] if not hasattr(command, "commands") else [], resilient_parsing=True
    ) as context:
        context.terminal_width = context.max_content_width = width
        said = "".join(command.get_help(context).split())
    for parameter in command.params:
        if words := getattr(parameter, "help", None):
            assert "".join(words.split()) in said, f"{name}: {words}"
    if not hasattr(command, "commands"):
        assert {"--json", "--quiet", "-q", "--verbose", "-v"} <= {
            option for parameter in command.params for option in parameter.opts
        }


def test_the_version_is_told() -> None:
    done = subprocess.run([sys.executable, "-m", "cli.main", "--version"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"settle {version('partner-settlement')}\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_asking_for_help_loads_nothing_of_a_settlement(command: str) -> None:
    done = subprocess.run([sys.executable, "-c", HELP, *command.split()], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answer, _, loaded = done.stdout.partition("loaded: ")
    assert "Usage:" in answer
    assert not HEAVY & set(loaded.split())
    assert OURS & set(loaded.split()) == {"models"}  # the errors alone
