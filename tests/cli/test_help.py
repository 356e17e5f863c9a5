"""Asking for help: answered at once, without what only a settlement needs."""

import subprocess
import sys

import pytest

from tests.pages import ROOT

HELP = """
import sys
from cli.main import app
app([*sys.argv[1:], "--help"], standalone_mode=False)
print("loaded:", *{name.partition(".")[0] for name in sys.modules})
"""
HEAVY = {"great_expectations", "prefect", "polars", "sqlmodel", "sqlalchemy", "boto3", "typst"}
OURS = {"models", "rules", "engine", "expectations", "tasks", "flows", "sample"}
COMMANDS = ["", "run", "approve", "status", "explain", "verify", "doctor", "sample", "programme", "programme check"]


@pytest.mark.parametrize("command", COMMANDS)
def test_asking_for_help_loads_nothing_of_a_settlement(command: str) -> None:
    done = subprocess.run([sys.executable, "-c", HELP, *command.split()], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answer, _, loaded = done.stdout.partition("loaded: ")
    assert "Usage:" in answer
    assert not HEAVY & set(loaded.split())
    assert OURS & set(loaded.split()) == {"models"}  # the errors alone
