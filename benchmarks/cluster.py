"""What a Dask cluster costs a month, and gives it: the same month without workers, with one, and with two.

    python -m benchmarks.cluster                        # 13 000 clients, 300 partners
    python -m benchmarks.cluster --clients 2600 --partners 60

Scheduler and workers are processes of this machine: two of them share the cores that one run used alone, so what this
shows is what the cluster costs. Ends with 1 where the archives are not the same to the byte.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.sample_month import asked_size, cpu_of_tree, plain_environment, sample_vendor, settle
from models.canonical import sha256

CLOCK = "2026-02-03T03:00:00Z"
REACHED = re.compile(r"Scheduler at:\s+(tcp://\S+)|Registered to:\s+(\S+)")


class Month(NamedTuple):
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
    asked = asked_size(__doc__)
    with sample_vendor(asked) as folder:
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


def measured(folder: Path, workers: int) -> Month:
    """Settle the month with so many workers, in a home of its own."""
    home, settings = f"home-{workers}", {"SETTLE_CLOCK": CLOCK}
    with ExitStack() as stack:
        programs: list[Program] = []
        if workers:
            programs = [stack.enter_context(running(folder, "dask_scheduler", "--host", "127.0.0.1", "--port", "0"))]
            address = programs[0].address
            for _ in range(workers):
                programs.append(stack.enter_context(running(folder, "dask_worker", address, "--no-nanny")))
            settings["SETTLE_TASK_RUNNER"] = f"dask:{address}"
        run = settle(folder, home, settings)
        cpu = run.cpu + sum(cpu_of_tree(program.pid) for program in programs)
    archive = folder / home / "archive"
    files = {path.relative_to(archive).as_posix(): path for path in archive.rglob("*") if path.is_file()}
    stored = [path.stat().st_mtime for key, path in files.items() if "/statements/" in key]
    digests = {key: sha256(path.read_bytes()) for key, path in files.items()}
    return Month(cpu, run.wall, max(stored) - min(stored), digests)


@contextmanager
def running(folder: Path, program: str, *arguments: str) -> Iterator[Program]:
    """Run one of Dask's programs until the block ends."""
    command = [sys.executable, "-m", f"distributed.cli.{program}", *arguments, "--no-dashboard"]
    process = subprocess.Popen(
        command, env=plain_environment(), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
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


if __name__ == "__main__":
    main()
