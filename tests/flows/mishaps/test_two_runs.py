"""Two runs of one programme: one settles, the other is told who does; a run taken for dead cannot write."""

import os
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from models.period import Period
from sample import make_sample
from tests.made.vendors import archived, digests
from tests.runs import exit_code, finished, started
from tests.waiting import Beside, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two") / "vendor"
    make_sample(folder, clients=60, partners=8, months=1, seed=5, starts=Period(2026, 1))
    return folder


def environment(home: Path) -> dict[str, str]:
    return {
        "SETTLE_HOME": str(home),
        "SETTLE_CLOCK": "2026-02-03T03:00:00Z",
        "SETTLE_BATCH": "1",
        "SETTLE_LEASE_SECONDS": "3600",  # however busy the machine is, who is alive is not taken for dead
    }


def count(home: Path, table: str) -> int:
    try:
        with sqlite3.connect(home / "settlement.db") as database:
            return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def stop_between_transactions(pid: int, home: Path) -> None:
    """Stop a process where it holds no lock of SQLite's: one stopped inside a transaction keeps it until it wakes."""
    for _ in range(200):
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.05)
        try:
            with sqlite3.connect(home / "settlement.db", timeout=0.2, isolation_level=None) as database:
                database.execute("BEGIN IMMEDIATE")
                database.execute("ROLLBACK")
        except sqlite3.OperationalError:
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.01)
        else:
            return
    pytest.fail("the run was inside a transaction each of 200 times it was stopped")


def test_of_two_runs_at_once_one_settles_and_the_other_is_told_who(vendor: Path, tmp_path: Path) -> None:
    home, run = tmp_path / "home", ["run", "2026-01", "--from", str(vendor)]
    first = started(run, environment(home), tmp_path / "first.log")
    wait_for(lambda: count(home, "lease") == 1, "the first run's lease", Beside(first, tmp_path / "first.log"))

    assert finished(run, environment(home), tmp_path / "second.log") == 3

    told = (tmp_path / "second.log").read_text()
    assert f"process {first.pid}," in told, told
    assert exit_code(first) == 0
    assert count(home, "approval") == 1


def test_a_stopped_holder_that_wakes_after_its_lease_was_taken_cannot_write(vendor: Path, tmp_path: Path) -> None:
    home, run = tmp_path / "home", ["run", "2026-01", "--from", str(vendor)]
    stopped = started(run, environment(home), tmp_path / "stopped.log")
    wait_for(lambda: count(home, "stored") > 0, "the first documents", Beside(stopped, tmp_path / "stopped.log"))
    stop_between_transactions(stopped.pid, home)
    assert finished(run, environment(home), tmp_path / "refused.log") == 3
    assert count(home, "seal") == 0

    with sqlite3.connect(home / "settlement.db") as database:  # it was silent for so long that it is taken for dead
        database.execute("UPDATE lease SET expires_at = 1")
    assert finished(run, environment(home), tmp_path / "taken.log") == 0
    archive, audit = digests(archived(home, "2026-01", "uis-partners")), count(home, "audit")

    os.kill(stopped.pid, signal.SIGCONT)
    assert exit_code(stopped) == 3, (tmp_path / "stopped.log").read_text()
    assert "LeaseLost" in (tmp_path / "stopped.log").read_text()
    assert digests(archived(home, "2026-01", "uis-partners")) == archive
    assert count(home, "audit") == audit
