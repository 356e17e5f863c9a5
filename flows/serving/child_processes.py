"""Child processes: started in a session of their own, ended together with the processes they started."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tasks.database.process import birth, has_ended

STOP_SECONDS = 20
"""How long a process may take to end when asked, before it is killed."""

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stop_on_signals() -> None:
    """Turn each signal that ends a program into a KeyboardInterrupt, so that `running` can end its process."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.default_int_handler)


class KeptRunning:
    """A command that is started again when it ends by itself, in a session of its own."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path, output: int | None = None
    ) -> None:
        self.command, self.environment, self.folder, self.output = command, environment, folder, output
        self._process = self._started()

    def _started(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603, our callers write the command
            self.command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=self.output,
            start_new_session=True,  # Ctrl-C reaches us alone, and we stop our processes in order
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def has_ended(self) -> bool:
        """Whether it ended, and nobody has started it again."""
        return self._process.poll() is not None

    def revive(self) -> bool:
        """Start it again where it has ended. Returns whether it had."""
        if not self.has_ended():
            return False
        self._process = self._started()
        return True

    def stop(self) -> None:
        """End what it started, and then itself."""
        # A flow run takes SIGINT for a KeyboardInterrupt: it frees its lease and tells Prefect, while its worker still
        # lives. A worker that is asked to end kills its flow runs, and Prefect would show them running for ever.
        _end_all(_descendants(self._process.pid), signal.SIGINT)
        _end_all([self._process.pid, *_descendants(self._process.pid)], signal.SIGTERM)
        self._process.wait()


@contextmanager
def kept_running(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, output: int | None = None
) -> Iterator[KeptRunning]:
    """Run a command while the block runs. After the block, the process and all it started have ended."""
    process = KeptRunning(command, environment, folder, output)
    try:
        yield process
    finally:
        for number in STOP_SIGNALS:  # a second Ctrl-C must not leave half of it running
            signal.signal(number, signal.SIG_IGN)
        process.stop()


def stop_marked(mark: str, first: str) -> None:
    """End every other process whose environment has `mark` (NAME=value); first those that have the variable `first`."""
    marked: dict[int, bool] = {}
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it has ended, or belongs to somebody else
            variables = path.read_bytes().split(b"\0")
            if mark.encode() in variables and path.parent.name != str(os.getpid()):
                marked[int(path.parent.name)] = any(each.startswith(f"{first}=".encode()) for each in variables)
    _end_all([pid for pid, is_first in marked.items() if is_first], signal.SIGINT)
    _end_all(marked, signal.SIGTERM)


def _end_all(pids: Iterable[int], request: signal.Signals) -> None:
    """Send processes this signal, and wait until they have ended; kill those that have not after STOP_SECONDS."""
    living = {pid: birth(pid) for pid in pids if not has_ended(pid, "")}
    for pid in living:
        _send(pid, request)
    deadline = time.monotonic() + STOP_SECONDS
    while living := {pid: born for pid, born in living.items() if not has_ended(pid, born)}:
        if time.monotonic() > deadline:
            for pid in living:
                _send(pid, signal.SIGKILL)
            return
        time.sleep(0.1)


def _descendants(pid: int) -> Iterator[int]:
    """The processes that a process started, and those that they started, whatever session they are in."""
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # the thread has ended
            for child in thread.read_text().split():
                yield int(child)
                yield from _descendants(int(child))


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # it has ended
        os.kill(pid, number)
