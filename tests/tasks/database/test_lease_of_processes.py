"""The lease between real processes: raced for, killed, stopped and woken."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from models.errors import LeaseHeld
from models.rows import ProgrammeRow
from tasks.database.database import Database
from tasks.database.lease import holder, lease
from tests.made.tables import stored
from tests.waiting import LONG, wait_for

ROOT = Path(__file__).parents[3]
NOW = "2026-02-03T03:00:00Z"

RUN = """
import sys
from models.errors import SettlementError
from models.rows import ProgrammeRow
from tasks.database.database import Database
from tasks.database.lease import lease

url, seconds = sys.argv[1], int(sys.argv[2])
database = Database(url)
print("ready", flush=True)
sys.stdin.readline()
try:
    with lease(database, "uis", seconds) as epoch:
        print("holds", epoch.number, flush=True)
        sys.stdin.readline()
        with database.writing(epoch, "2026-02-03T03:00:00Z") as transaction:
            transaction.add(ProgrammeRow(digest="other", name="uis", text=""))
        print("wrote", flush=True)
except SettlementError as refused:
    print(type(refused).__name__, refused, flush=True)
"""


def another_run(database: Database, seconds: int = 60) -> "subprocess.Popen[str]":
    """A run in a process of its own, ready to ask for the lease as soon as it is told to go on."""
    command = [sys.executable, "-c", RUN, database.url.render_as_string(hide_password=False), str(seconds)]
    run = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert said(run) == "ready"
    return run


def go_on(run: "subprocess.Popen[str]") -> None:
    assert run.stdin
    run.stdin.write("\n")
    run.stdin.flush()


def said(run: "subprocess.Popen[str]") -> str:
    assert run.stdout
    return run.stdout.readline().strip()


@contextmanager
def ending(*runs: "subprocess.Popen[str]") -> Iterator[None]:
    """Let no process outlive its test."""
    try:
        yield
    finally:
        for run in runs:
            run.kill()
            run.communicate()


@pytest.mark.slow
def test_of_two_runs_that_start_at_once_exactly_one_holds_the_programme(database: Database) -> None:
    runs = [another_run(database) for _ in range(2)]
    with ending(*runs):
        for run in runs:
            go_on(run)
        refusal, won = sorted(said(run) for run in runs)
        assert won == "holds 1"
        assert refusal.startswith("LeaseHeld uis: another run is settling it: ")


@pytest.mark.slow
def test_a_killed_run_is_followed_at_once(database: Database) -> None:
    run = another_run(database, seconds=600)
    with ending(run):
        go_on(run)
        assert said(run) == "holds 1"
        with pytest.raises(LeaseHeld, match=f"process {run.pid}, since"), lease(database, "uis", 60):
            pass
        run.send_signal(signal.SIGKILL)
        # Not waited for: dead, though nobody has buried it yet.
        os.waitid(os.P_PID, run.pid, os.WEXITED | os.WNOWAIT)
        assert holder(database, "uis") is None
        with lease(database, "uis", 60) as epoch:
            assert epoch.number == 2


@pytest.mark.slow
def test_a_stopped_run_that_wakes_after_its_lease_was_taken_writes_nothing(database: Database) -> None:
    run = another_run(database, seconds=1)
    with ending(run):
        go_on(run)
        assert said(run) == "holds 1"
        run.send_signal(signal.SIGSTOP)
        wait_for(lambda: holder(database, "uis") is None, "the end of its lease")
        with lease(database, "uis", 60) as epoch:
            assert epoch.number == 2
            with database.writing(epoch, NOW) as transaction:
                transaction.add(ProgrammeRow(digest="ours", name="uis", text=""))
            run.send_signal(signal.SIGCONT)
            go_on(run)
            assert said(run).startswith("LeaseLost uis: this run (")
            assert run.wait(LONG) == 0
            # Its end freed nothing of ours either.
            held = holder(database, "uis")
            assert held is not None
            assert held.epoch == 2
    assert [row["digest"] for row in stored(database, "programme")] == ["ours"]
