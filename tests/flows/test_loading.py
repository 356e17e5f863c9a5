"""Loading: the checks of the lines are imported beside the reading of them, and nothing is lost where that fails."""

import subprocess
import sys

import pytest

from tests.docs.pages import ROOT

BESIDE = """
import sys, threading
{before}
from flows.loading import JUDGES, begin_loading
begin_loading()
{meanwhile}
import expectations.billing_lines as loaded
print(loaded.CHECKS[0].name, [each.name for each in threading.enumerate() if each is not threading.main_thread()])
"""


def run(meanwhile: str = "", before: str = "") -> subprocess.CompletedProcess[str]:
    script = [sys.executable, "-c", BESIDE.format(before=before, meanwhile=meanwhile)]
    return subprocess.run(script, cwd=ROOT, capture_output=True, text=True, timeout=600)


def test_whoever_needs_the_checks_waits_for_the_thread_that_loads_them() -> None:
    done = run("assert [each.name for each in threading.enumerate()][1:] == ['loading'] or JUDGES in sys.modules")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("required_columns_are_present")


def test_an_import_that_fails_is_told_by_the_step_that_needs_it_and_only_there() -> None:
    done = run(before="sys.modules['great_expectations'] = None")
    assert done.returncode == 1
    assert done.stderr.count("Traceback") == 1
    assert "great_expectations" in done.stderr


@pytest.mark.parametrize("ending", ["raise SystemExit(1)", "sys.exit(1)"])
def test_a_process_that_stops_meanwhile_ends_as_it_says(ending: str) -> None:
    done = run(ending)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
