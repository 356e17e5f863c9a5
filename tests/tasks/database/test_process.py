"""A process that has ended is known to have ended, also when its number has gone to another or nobody buried it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tasks.database.process import birth, has_ended, machine

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="this system does not tell a process's start"
)


def test_a_living_process_has_not_ended() -> None:
    assert not has_ended(os.getpid(), birth(os.getpid()))
    assert not has_ended(1, birth(1))


def test_a_process_that_is_gone_has_ended() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    born = birth(child.pid)
    child.wait()
    assert has_ended(child.pid, born)
    assert has_ended(child.pid, "")


@needs_proc
def test_a_process_whose_number_went_to_another_has_ended() -> None:
    assert has_ended(os.getpid(), birth(os.getpid()) + "0")
    assert has_ended(os.getpid(), "otherboot.1")


def test_where_no_birth_is_known_the_number_decides() -> None:
    assert not has_ended(os.getpid(), "")


@needs_proc
def test_a_process_that_ended_but_was_not_buried_has_ended() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert child.stdout
    born = birth(child.pid)
    child.stdout.read()  # ends with the process; nobody has waited for it yet
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert has_ended(child.pid, born)
    child.wait()


def test_a_machine_bears_its_name_and_is_always_the_same() -> None:
    assert machine() == machine()
    assert machine().startswith(os.uname().nodename)
