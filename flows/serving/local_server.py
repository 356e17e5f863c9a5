"""A local Prefect server: the operators' page, the deployments of prefect.yaml and a worker, until Ctrl-C.

This is `make serve`, for one machine and one vendor. Where a Prefect server and workers run already it is not
needed: `prefect deploy --all` registers the same deployments there.
"""

import fcntl
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from flows.serving.child_processes import KeptRunning, kept_running, stop_marked, stop_on_signals
from flows.serving.file_server import serving_files
from models.errors import SettlementError, WrongUse
from tasks.settings import Settings, read_settings

ROOT = Path(__file__).parents[2]
HOST, POOL = "127.0.0.1", "settlement"  # the pool that prefect.yaml names
MARK = "SETTLE_SERVED_IN"  # in the environment of all that is started here, so that it is known again
PREFECT = (sys.executable, "-m", "prefect", "--no-prompt")
START_SECONDS = 600  # a server takes 10 to 45 s, on a busy machine many times that

# Settings of Prefect where the environment has none: it tells nobody outside this machine about itself, and remembers
# after a restart which run holds a place under a concurrency limit.
DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_V2_ENABLED": "false",  # it calls an analytics host even so
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    "PREFECT_WORKER_QUERY_SECONDS": "5",
    "PREFECT_CLIENT_MAX_RETRIES": "7",  # 4 minutes in all: a server that was killed is up again long before
}

READY = """
The Prefect page is at {page}
  vendor   {vendor}
  kept in  {home}

Last month is settled when the schedule in prefect.yaml says so. To settle a month now:
  on the page: Deployments, settle-month, Run, Custom run; write the month, as 2026-01; Submit
  in a shell:  PREFECT_API_URL={page}/api SETTLE_HOME={home} .venv/bin/settle run 2026-01 --from {vendor}
docs/operators.md says what to do when. Ctrl-C stops it all; what is settled stays settled.
"""


class CannotServe(SettlementError):
    """The server, the worker or a command of Prefect did not start, or ended by itself."""


def serve(settings: Settings) -> None:
    """Start server and worker, say where the page is, and stay until somebody stops it. Nothing is left running."""
    vendor, home = _vendor(settings), settings.home.absolute()
    log = home / "prefect" / "server.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with _served_once(home), ExitStack() as stack:
        # What a `make serve` left that was killed. Its runs first, while its server lives: they tell it that they end.
        stop_marked(f"{MARK}={home}", first="PREFECT__FLOW_RUN_ID")
        port = _free_port()
        page = f"http://{HOST}:{port}"
        files = stack.enter_context(serving_files(settings, port + 1))
        environment = _environment(page, vendor, home) | {"SETTLE_FILES_URL": files}
        without_newer_page(Path(environment["PREFECT_SERVER_UI_STATIC_DIRECTORY"]))
        print(f"Starting Prefect's server; what it says is in {log}", flush=True)
        command = [*PREFECT, "server", "start", "--host", HOST, "--port", page.rpartition(":")[2]]
        with log.open("ab") as output, kept_running(command, environment, ROOT, output.fileno()) as server:
            _wait_until_healthy(server, page, log)
            mark_lost_runs_crashed(page)
            print("Registering deployments and automations", flush=True)
            _run_to_its_end([sys.executable, "-m", "flows.on_prefect.register"], environment)
            with kept_running([*PREFECT, "worker", "start", "--pool", POOL], environment, ROOT) as worker:
                print(READY.format(page=page, vendor=vendor, home=home), flush=True)
                _keep_both(server, worker, page, log)


@contextmanager
def _served_once(home: Path) -> Iterator[None]:
    """Hold the home while the block runs: the system frees it when this process ends, however it ends."""
    with (home / "prefect" / "serve.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WrongUse(
                f"another `make serve` is at work for {home}. Stop that one, or set another SETTLE_HOME."
            ) from None
        yield


def _free_port() -> int:
    """Return the port PREFECT_PORT names (4200 by default). Raises WrongUse where it cannot be listened on."""
    text = os.environ.get("PREFECT_PORT") or "4200"
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65_536):
        raise WrongUse(f"PREFECT_PORT={text!r} is not a port: write a number from 1 to 65535, for example 4200.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(text)))
        except OSError as error:
            raise WrongUse(
                f"port {text} cannot be used ({error.strerror}): another program, or an earlier `make serve`, may "
                "have it. Stop that one, or choose another port: PREFECT_PORT=4201 make serve."
            ) from None
    return int(text)


def _vendor(settings: Settings) -> Path:
    if settings.vendor is None:
        raise WrongUse(
            "SETTLE_VENDOR is not set: it names the folder of the vendor whose months are settled. "
            "`make run` makes a sample vendor, and `make serve` takes it where you name none."
        )
    if not settings.vendor.is_dir():
        raise WrongUse(
            f"there is no folder {settings.vendor}: SETTLE_VENDOR names the vendor's folder. "
            "For a sample vendor, `make run` first: `make serve` takes it where you name none."
        )
    return settings.vendor.absolute()


def _environment(page: str, vendor: Path, home: Path) -> dict[str, str]:
    """The environment of server and worker, and so of every run: where the vendor is, and where things are kept."""
    ours = {
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_API_URL": f"{page}/api",
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home / "prefect" / "ui"),  # where the page's own files are put
        "PREFECT_UI_URL": page,  # where the links of notifications lead
        "SETTLE_VENDOR": str(vendor),
        "SETTLE_HOME": str(home),
        "PWD": str(ROOT),  # prefect.yaml says that runs happen here
        MARK: str(home),
    }
    return DEFAULTS | {"PREFECT_SERVER_UI_API_URL": f"{page}/api"} | os.environ | ours


def without_newer_page(files: Path) -> None:
    """Keep Prefect's newer page out of the folder its server puts its pages in: that page calls an analytics host.

    Prefect has no setting that takes it away: without this it stands under /v2/, and a banner leads there. The server
    serves no page whose files it cannot put there, and a link that leads nowhere is in their place.
    """
    files.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        (files / "v2").symlink_to("not-served")


def _wait_until_healthy(server: KeptRunning, page: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and not server.has_ended():
        try:
            with urllib.request.urlopen(f"{page}/api/health", timeout=5):  # noqa: S310, our own address
                return
        except OSError:  # not listening yet, or not yet well (an HTTP error is an OSError too)
            time.sleep(0.3)
    raise CannotServe(f"Prefect's server did not start. Why, is in {log}.")


def mark_lost_runs_crashed(page: str) -> None:
    """Mark as crashed the runs that a kill or a power cut ended: Prefect would show them running for ever.

    Call it before the worker starts: then no unfinished run of its pool can have a process.
    """
    of_our_pool = {"work_pools": {"name": {"any_": [POOL]}}}
    unfinished = {"flow_runs": {"state": {"type": {"any_": ["PENDING", "RUNNING", "CANCELLING"]}}}}
    crashed = {"type": "CRASHED", "message": "It was at work when it was killed. Retry goes on where it stopped."}
    for run in _post(page, "flow_runs/filter", of_our_pool | unfinished):
        _post(page, f"flow_runs/{run['id']}/set_state", {"state": crashed})


def _post(page: str, path: str, body: Mapping[str, Any]) -> Any:
    """Post to the server's API and return its answer. Raises CannotServe where there is none."""
    headers = {"Content-Type": "application/json"}
    if password := os.environ.get("PREFECT_API_AUTH_STRING"):
        headers["Authorization"] = f"Basic {b64encode(password.encode()).decode()}"
    request = urllib.request.Request(f"{page}/api/{path}", json.dumps(body).encode(), headers)  # noqa: S310, as above
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)
    except OSError as error:
        raise CannotServe(f"Prefect's server did not answer {path}: {error}.") from error


def _run_to_its_end(command: list[str], environment: Mapping[str, str]) -> None:
    """Run a command to its end. Raises CannotServe where it fails."""
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)  # noqa: S603, see above
    if done.returncode:
        raise CannotServe(f"{' '.join(command[1:])} failed:\n{(done.stdout + done.stderr).strip()}")


def _keep_both(server: KeptRunning, worker: KeptRunning, page: str, log: Path) -> None:
    """Never return: start the server and the worker again when they end by themselves.

    A run goes on while the server starts again: Prefect's client asks until it answers. A worker that is killed leaves
    its runs alive; those that died with it give no sign of life any more, and an automation says so.
    """
    while True:
        if server.revive():
            print("Prefect's server ended by itself; it is started again.", flush=True)
            _wait_until_healthy(server, page, log)
        if worker.revive():
            print("Prefect's worker ended by itself; it is started again.", flush=True)
        time.sleep(1)


def main() -> None:
    """Serve until a signal comes; a domain error is its message and its exit code."""
    stop_on_signals()
    try:
        serve(read_settings())
    except KeyboardInterrupt:
        print("Stopped. What is settled stays settled.", flush=True)
    except SettlementError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
