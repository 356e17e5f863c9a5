"""`make serve` in a folder of its own, with a sample vendor: what the tests of the Prefect page start and ask.

Its flow runs judge lines plainly, as those of `tests/runs.py` do; those of `test_in_production.py` do as the product.
"""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copy
from typing import Any, NamedTuple

from models.period import Period
from sample import make_sample
from tests.servers.ports import free_port
from tests.servers.prefect import ROOT, Refused, ask, clean_environment
from tests.waiting import LONG, Beside, wait_for

SERVE = [sys.executable, "-m", "flows.serving.local_server"]
JUDGES_PLAINLY = """
import sys

if "prefect.engine" in sys.orig_argv:
    from tests.made.plain_judge import judge_plainly

    judge_plainly()
"""


class Served(NamedTuple):
    """A page that is served, and the folder everything of it is in."""

    process: "subprocess.Popen[bytes]"
    api: str
    folder: Path

    def deployment(self, name: str = "settle-period/settle-month") -> dict[str, Any]:
        found: dict[str, Any] = ask(self.api, f"deployments/name/{name}")
        return found

    def start(self, **parameters: Any) -> str:
        """Start a run by the form, and return its id."""
        start = f"deployments/{self.deployment()['id']}/create_flow_run"
        return str(ask(self.api, start, {"parameters": parameters})["id"])

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.folder / "home/settlement.db") as database:
            return database.execute(sql).fetchall()

    def said(self) -> str:
        return (self.folder / "serve.log").read_text()


def with_database(folder: Path, database: Path) -> None:
    """Let the server of a folder that is new begin with a database of Prefect: it starts in half the time."""
    home = folder / "home/prefect"
    home.mkdir(parents=True)
    copy(database, home)


def make_vendor(folder: Path, months: int = 2) -> None:
    make_sample(folder / "vendor", clients=60, partners=5, months=months, seed=5, starts=Period(2026, 1))


@contextmanager
def serving(folder: Path, port: int | None = None, **settings: str) -> Iterator[Served]:
    """Serve the vendor of the folder until the block ends. What each process does first is in its sitecustomize.py."""
    port = port or free_port()
    first = folder / "sitecustomize.py"
    if not first.exists():
        first.write_text(JUDGES_PLAINLY)
    environment = clean_environment() | {
        "PREFECT_PORT": str(port),
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "0.2",
        "PREFECT_WORKER_QUERY_SECONDS": "3",
        "PYTHONPATH": str(folder),
        "SETTLE_HOME": str(folder / "home"),
        "SETTLE_VENDOR": str(folder / "vendor"),
        **settings,
    }
    log = folder / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(SERVE, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        wait_for(lambda: "The Prefect page is at" in log.read_text(), "make serve", Beside(process, log))
        yield Served(process, f"http://127.0.0.1:{port}/api", folder)
    finally:
        process.terminate()
        process.wait(timeout=LONG)


def kill(*pids: int) -> None:
    """End processes as a power cut would."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def descendants(pid: int) -> Iterator[int]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                yield int(stat.parent.name)
                yield from descendants(int(stat.parent.name))


def command_of(pid: int) -> str:
    """The command line of a process; blank where it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def suspended(served: Served, run: str, not_state: str = "") -> dict[str, Any]:
    """Wait until a run waits for a person, and the form it waits with is there, and return its state."""

    def waits() -> dict[str, Any] | None:
        state: dict[str, Any] = ask(served.api, f"flow_runs/{run}")["state"]
        assert state["type"] not in ("FAILED", "CRASHED", "COMPLETED"), state
        is_asked = state["name"] == "Suspended" and state["id"] != not_state
        return state if is_asked and has_form(served, run, state) else None

    found = wait_for(waits, f"the question of {run}")
    assert found is not None
    # Where its process has not ended yet, the worker takes a run that is resumed a minute later.
    wait_for(lambda: not any("prefect.engine" in command_of(pid) for pid in descendants(served.process.pid)), "its end")
    return found


def has_form(served: Served, run: str, state: dict[str, Any]) -> bool:
    """Prefect keeps the form only after it has suspended the run, and until then refuses every answer."""
    try:
        ask(served.api, f"flow_runs/{run}/input/{state['state_details']['run_input_keyset']['schema']}")
    except Refused as refused:
        if refused.status != 404:
            raise
        return False
    return True


def answer(served: Served, run: str, **fields: str) -> dict[str, Any]:
    """Answer the form of a suspended run, as the page does."""
    found: dict[str, Any] = ask(served.api, f"flow_runs/{run}/resume", {"run_input": fields})
    return found


def accepted(served: Served, run: str, **fields: str) -> None:
    found = answer(served, run, **fields)
    assert found["status"] == "ACCEPT", found["details"]
