"""A real Dask cluster for the tests: a scheduler and workers, processes with working folders and homes of their own."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from distributed import Client

from tests.servers.prefect import clean_environment
from tests.servers.seaweedfs import UNTIL_STDIN_CLOSES
from tests.waiting import LONG, Beside, wait_for


class Scheduler(NamedTuple):
    """A scheduler, and where its workers live."""

    address: str
    folder: Path

    @contextmanager
    def worker(self, name: str, settings: Mapping[str, str]) -> "Iterator[Worker]":
        """Run a worker that knows nothing of ours but these settings, until the block ends."""
        home = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))
        options = ["--name", name, "--no-nanny", "--nthreads", "2", "--no-dashboard", "--local-directory", str(home)]
        with _running(["dask_worker", self.address, *options], home, settings) as (process, log):
            wait_for(lambda: "Registered to" in log.read_text(), f"worker {name}", Beside(process, log))
            yield Worker(process, log)

    def worked(self) -> dict[str, int]:
        """How many pieces of work each worker that lives has done, by name."""
        with Client(self.address) as client:
            found = client.run(lambda dask_worker: (dask_worker.name, dask_worker.state.executed_count))
        return dict(found.values())


class Worker(NamedTuple):
    """A worker of a scheduler. What it says goes to its log."""

    process: "subprocess.Popen[bytes]"
    log: Path

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=LONG)


@contextmanager
def scheduling(folder: Path) -> Iterator[Scheduler]:
    """Run a scheduler until the block ends."""
    folder.mkdir()
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    with _running(["dask_scheduler", *options], folder, {}) as (process, log):
        found = wait_for(
            lambda: re.search(r"Scheduler at:\s+(tcp://[\d.:]+)", log.read_text()),
            "the scheduler",
            Beside(process, log),
        )
        assert found is not None
        yield Scheduler(found[1], folder)


@contextmanager
def _running(
    command: list[str], folder: Path, settings: Mapping[str, str]
) -> "Iterator[tuple[subprocess.Popen[bytes], Path]]":
    """Run one of Dask's programs in a folder that is its home, too."""
    log = folder / f"{command[0]}.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                UNTIL_STDIN_CLOSES,
                sys.executable,
                "-m",
                f"distributed.cli.{command[0]}",
                *command[1:],
            ],
            env=clean_environment() | {"HOME": str(folder), "PYTHONUNBUFFERED": "1", **settings},
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
        )
        assert process.stdin is not None
        try:
            yield process, log
        finally:
            process.stdin.close()
            process.wait(timeout=LONG)
