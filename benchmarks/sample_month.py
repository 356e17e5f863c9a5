"""The month that benchmarks settle by the command line: a sample vendor, and what settling it costs."""

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psutil

PERIOD = "2026-01"
SETTLE = Path(sys.executable).with_name("settle")


class Cost(NamedTuple):
    """What a run took, in seconds."""

    cpu: float
    wall: float


def asked_size(description: str | None) -> argparse.Namespace:
    """Read how many clients and partners the month has: 13 000 and 300 where nothing is said."""
    return size_parser(description).parse_args()


def size_parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser of how many clients and partners the month has."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=13_000)
    parser.add_argument("--partners", type=int, default=300)
    return parser


@contextmanager
def sample_vendor(asked: argparse.Namespace) -> Iterator[Path]:
    """Make a sample vendor of that size, and yield the folder it is in, as `vendor`; the folder goes with the block."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        size = ["--clients", str(asked.clients), "--partners", str(asked.partners), "--months", "1"]
        subprocess.run([str(SETTLE), "sample", str(folder / "vendor"), *size], check=True, capture_output=True)
        yield folder


def settle(folder: Path, home: str, settings: Mapping[str, str]) -> Cost:
    """Settle the month in a home of its own."""
    used = plain_environment() | {"SETTLE_HOME": str(folder / home), "PREFECT_HOME": str(folder / "prefect")}
    command = [str(SETTLE), "run", PERIOD, "--from", str(folder / "vendor")]
    before, started = _cpu_of_children(), time.monotonic()
    subprocess.run(command, env={**used, **settings}, check=True, capture_output=True)
    return Cost(_cpu_of_children() - before, time.monotonic() - started)


def plain_environment() -> dict[str, str]:
    """Our environment without anybody's settings of Prefect or of settlements."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("SETTLE_", "PREFECT_"))}


def cpu_of_tree(pid: int) -> float:
    """Return the CPU seconds of a process, of the children it has seen end, and of all that live below it."""
    process = psutil.Process(pid)
    seconds = sum(process.cpu_times()[:4])
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it has ended since: the next reading has it with its parent
            seconds += sum(child.cpu_times()[:4])
    return float(seconds)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
