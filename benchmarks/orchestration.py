"""What Prefect costs a month: the same month settled plainly and on a server, CPU and wall seconds, memory, task runs.

    python -m benchmarks.orchestration                                 # 13 000 clients, 300 partners
    python -m benchmarks.orchestration --clients 87000 --partners 2000

The server is one of its own, on SQLite, as `make serve` starts it. Its share is what both together take more.
"""

import json
import os
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.sample_month import asked_size, sample_vendor, settle
from flows.serving.child_processes import kept_running
from flows.serving.local_server import DEFAULTS

TICKS = os.sysconf("SC_CLK_TCK")
PORT = 4299


class Server(NamedTuple):
    """A Prefect server: its API, and its process."""

    api: str
    pid: int

    def cpu(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def peak_mb(self) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024

    def task_runs(self) -> int:
        request = urllib.request.Request(f"{self.api}/task_runs/count", b"{}", {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(json.load(answer))


def main() -> None:
    """Measure and print."""
    with sample_vendor(asked_size(__doc__)) as folder:
        plain = settle(folder, "plain", {})
        print(f"plainly      {plain.cpu:>8.1f} CPU s {plain.wall:>8.1f} s", flush=True)
        with serving(folder) as server:
            before = server.cpu()
            seen = settle(folder, "seen", {"PREFECT_API_URL": server.api, **DEFAULTS})
            taken = server.cpu() - before
            print(f"on a server  {seen.cpu:>8.1f} CPU s {seen.wall:>8.1f} s")
            print(f"the server   {taken:>8.1f} CPU s, at most {server.peak_mb()} MB; {server.task_runs()} task runs")
        of_cpu, of_wall = 1 - plain.cpu / (seen.cpu + taken), 1 - plain.wall / seen.wall
        print(f"orchestration's share: {of_cpu:.0%} of CPU, {of_wall:.0%} of wall")


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Run a Prefect server until the block ends."""
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(PORT)]
    environment = (
        os.environ | DEFAULTS | {"PREFECT_HOME": str(folder / "prefect"), "PREFECT_SERVER_UI_ENABLED": "false"}
    )
    with (folder / "server.log").open("wb") as log, kept_running(command, environment, folder, log.fileno()) as server:
        api = f"http://127.0.0.1:{PORT}/api"
        while not _answers(f"{api}/health"):
            time.sleep(0.5)
        yield Server(api, server.pid)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except OSError:  # not listening yet, or not yet well
        return False


if __name__ == "__main__":
    main()
