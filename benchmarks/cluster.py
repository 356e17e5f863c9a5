"""What a Dask cluster costs a month, and gives it: the same month without workers, with one, and with two.

    python -m benchmarks.cluster                        # 13 000 clients, 300 partners
    python -m benchmarks.cluster --clients 2600 --partners 60

Scheduler and workers are processes of this machine: two of them share the cores that one run used alone, so what this
shows is what the cluster costs. Ends with 1 where the archives are not the same to the byte.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil  # what distributed needs, too

from models.canonical import sha256

PERIOD, CLOCK = "2026-01", "2026-02-03T03:00:00Z"
SETTLE = Path(sys.executable).with_name("settle")
REACHED = re.compile(r"Scheduler at:\s+(tcp://\S+)|Registered to:\s+(\S+)")


class Cost(NamedTuple):
    """What a month took, and what it left."""

    cpu: float  # seconds, of the run and of all workers
    wall: float  # seconds, of the run
    documents: float  # seconds of it for documents
    archive: dict[str, str]  # digests by key


class Program(NamedTuple):
    """A scheduler or a worker, and the scheduler's address."""

    pid: int
    address: str


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=13_000)
    parser.add_argument("--partners", type=int, default=300)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = ["--clients", str(asked.clients), "--partners", str(asked.partners), "--months", "1"]
        subprocess.run([str(SETTLE), "sample", str(folder / "vendor"), *size], check=True, capture_output=True)
        print(f"{asked.partners} partners, load {os.getloadavg()[0]:.1f}")
        costs = [measured(folder, workers) for workers in (0, 1, 2)]
        for workers, cost in enumerate(costs):
            print(
                f"  {workers} workers: {cost.wall:>6.1f} s wall, documents {cost.documents:>6.1f} s, "
                f"{cost.cpu:>6.1f} CPU s, {len(cost.archive)} objects"
            )
    if any(cost.archive != costs[0].archive for cost in costs):
        raise SystemExit("the archives are not the same")
    print("  the archives are the same to the byte")


def measured(folder: Path, workers: int) -> Cost:
    """Settle the month with so many workers, in a home of its own."""
    home = folder / f"home-{workers}"
    used = {"SETTLE_HOME": str(home), "SETTLE_CLOCK": CLOCK}
    before = _cpu_of_children()
    with ExitStack() as stack:
        programs: list[Program] = []
        if workers:
            programs = [stack.enter_context(running(folder, "dask_scheduler", "--host", "127.0.0.1", "--port", "0"))]
            address = programs[0].address
            for _ in range(workers):
                programs.append(stack.enter_context(running(folder, "dask_worker", address, "--no-nanny")))
            used["SETTLE_TASK_RUNNER"] = f"dask:{address}"
        started = time.monotonic()
        command = [str(SETTLE), "run", PERIOD, "--from", str(folder / "vendor"), "-v"]
        subprocess.run(command, env=_environment() | used, check=True, capture_output=True)
        wall = time.monotonic() - started
        cpu = _cpu_of_children() - before + sum(cpu_of_tree(program.pid) for program in programs)
    archive = home / "archive"
    files = {path.relative_to(archive).as_posix(): path for path in archive.rglob("*") if path.is_file()}
    stored = [path.stat().st_mtime for key, path in files.items() if "/statements/" in key]
    digests = {key: sha256(path.read_bytes()) for key, path in files.items()}
    return Cost(cpu, wall, max(stored) - min(stored), digests)


@contextmanager
def running(folder: Path, program: str, *arguments: str) -> Iterator[Program]:
    """Run one of Dask's programs until the block ends."""
    command = [sys.executable, "-m", f"distributed.cli.{program}", *arguments, "--no-dashboard"]
    process = subprocess.Popen(
        command, env=_environment(), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if found := REACHED.search(line.decode()):
                break
        else:
            raise SystemExit(f"{program} ended before it was ready")
        yield Program(process.pid, found[1] or found[2])
    finally:
        process.terminate()
        process.stderr.read()
        process.wait()


def cpu_of_tree(pid: int) -> float:
    """Return the CPU seconds of a process that lives, and of all it started, which are gone with it."""
    process = psutil.Process(pid)
    return sum(sum(each.cpu_times()[:4]) for each in (process, *process.children(recursive=True)))


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("SETTLE_", "PREFECT_"))}


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
