"""A real Prefect server for the tests, and what they ask it: started once, on a free port, gone when the tests are."""

import fcntl
import json
import os
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from flows.serving.local_server import DEFAULTS
from tests.servers.ports import free_port
from tests.servers.seaweedfs import UNTIL_STDIN_CLOSES
from tests.waiting import LONG, Beside, wait_for

ROOT = Path(__file__).parents[2]
DATABASE = "prefect.db"
FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


class Refused(Exception):
    """The server answered a request with an error."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(f"{status}: {words}")
        self.status = status


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory, prefect_database: Path) -> Iterator[str]:
    """The API's URL of a server that knows nothing yet."""
    home = tmp_path_factory.mktemp("prefect")
    copy(prefect_database, home)
    port = free_port()
    api = f"http://127.0.0.1:{port}/api"
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", UNTIL_STDIN_CLOSES, *command],
            env=clean_environment()
            | DEFAULTS
            | {
                "PREFECT_HOME": str(home),
                "PREFECT_SERVER_UI_ENABLED": "false",
                "PREFECT_UI_URL": api.removesuffix("/api"),  # where links in notifications lead
            },
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )
        assert process.stdin is not None
        try:
            wait_for(lambda: is_healthy(api), "Prefect's server", Beside(process, home / "server.log"))
            yield api
        finally:
            process.stdin.close()
            process.wait(timeout=LONG)


@pytest.fixture(scope="session")
def prefect_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prefect's database as its server makes it at a first start, most of which are these migrations.

    It is made once for all workers of the tests.
    """
    own = tmp_path_factory.getbasetemp()
    folder = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    made = folder / DATABASE
    with (folder / "prefect.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            made.write_bytes(_migrated())
    return made


def _migrated() -> bytes:
    """A database without runs, whole: also what its write-ahead log may still hold."""
    upgrade = [sys.executable, "-m", "prefect", "--no-prompt", "server", "database", "upgrade", "-y"]
    with TemporaryDirectory() as home:
        environment = clean_environment() | DEFAULTS | {"PREFECT_HOME": home}
        done = subprocess.run(upgrade, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        with closing(sqlite3.connect(Path(home) / DATABASE)) as database:
            return database.serialize()


def clean_environment() -> dict[str, str]:
    """Our environment without anybody's settings of Prefect or of settlements."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "SETTLE_"))}


def is_healthy(api: str) -> bool:
    try:
        with urllib.request.urlopen(f"{api}/health", timeout=5) as answer:
            return bool(json.load(answer))
    except OSError:  # not listening yet, or not yet well (an HTTP error is an OSError too)
        return False


def ask(api: str, path: str, body: Mapping[str, Any] | list[Any] | None = None) -> Any:
    """Ask the server: GET, or POST where there is a body. Raises Refused where it answers with an error."""
    data = None if body is None else json.dumps(body).encode()
    answer = _answered(urllib.request.Request(f"{api}/{path}", data, {"Content-Type": "application/json"}))
    return json.loads(answer) if answer else None


def delete(api: str, path: str) -> None:
    """Delete what the path names. Raises Refused where the server answers with an error."""
    _answered(urllib.request.Request(f"{api}/{path}", method="DELETE"))


def _answered(request: urllib.request.Request) -> bytes:
    """A server whose database is locked says 503, that it is busy: it is asked again, as Prefect's own client does."""
    deadline = time.monotonic() + LONG
    while True:
        try:
            with urllib.request.urlopen(request, timeout=LONG) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            if error.code != 503 or time.monotonic() > deadline:
                raise Refused(error.code, error.read().decode(errors="replace")) from error
            time.sleep(1)


def ended(api: str, run: str, not_state: str = "") -> dict[str, Any]:
    """Wait until a flow run has ended, in another state than `not_state` (an id), and return the state."""

    wait_for(lambda: is_over(api, run, not_state), f"the end of flow run {run}")
    found: dict[str, Any] = ask(api, f"flow_runs/{run}")["state"]
    return found


def is_over(api: str, run: str, not_state: str = "") -> bool:
    """Whether a flow run has ended, in another state than `not_state`."""
    state = ask(api, f"flow_runs/{run}")["state"]
    return state["type"] in FINAL and state["id"] != not_state


def begin_retry(api: str, run: str) -> str:
    """Do what the page's Retry button does, and return the id of the state the run was in."""
    before = str(ask(api, f"flow_runs/{run}")["state"]["id"])
    wish = {"type": "SCHEDULED", "name": "AwaitingRetry", "message": "Retry from the page"}
    assert ask(api, f"flow_runs/{run}/set_state", {"state": wish})["status"] == "ACCEPT"
    return before


def retry(api: str, run: str) -> dict[str, Any]:
    """Do what the page's Retry button does, and return the state the run ends in."""
    return ended(api, run, not_state=begin_retry(api, run))


def flow_runs(api: str, name: str) -> list[dict[str, Any]]:
    """The flow runs of this name, in the order they were started."""
    wanted = {"flow_runs": {"name": {"any_": [name]}}, "sort": "START_TIME_ASC"}
    found: list[dict[str, Any]] = ask(api, "flow_runs/filter", wanted)
    return found


def artifacts(api: str, run: str) -> dict[str, dict[str, Any]]:
    """The artifacts of a flow run by key, the newest of each."""
    wanted = {"artifacts": {"flow_run_id": {"any_": [run]}}, "sort": "UPDATED_DESC"}
    return {found["key"]: found for found in reversed(ask(api, "artifacts/filter", wanted))}
