"""Child processes: started in a session of their own, ended together with the processes they started."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tasks.facts.process import birth, has_ended

STOP_SECONDS = 20
"""How long a process may take to end when asked, before it is killed."""

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stop_on_signals() -> None:
    """Turn each signal that ends a program into a KeyboardInterrupt, so that `running` can end its process."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.default_int_handler)


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, output: int | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a command while the block runs. After the block, the process and all it started have ended."""
    process = subprocess.Popen(  # noqa: S603, our callers write the command
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,  # Ctrl-C reaches us alone, and we stop our processes in order
    )
    try:
        yield process
    finally:
        for number in STOP_SIGNALS:  # a second Ctrl-C must not leave half of it running
            signal.signal(number, signal.SIG_IGN)
        _stop(process)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End what the process started, and then itself."""
    # A flow run takes SIGINT for a KeyboardInterrupt: it frees its lease and tells Prefect, while its worker still
    # lives. A worker that is asked to end kills its flow runs, and Prefect would show them running for ever.
    _end_all(_descendants(process.pid), signal.SIGINT)
    _end_all([process.pid, *_descendants(process.pid)], signal.SIGTERM)
    process.wait()


def _end_all(pids: Iterable[int], request: signal.Signals) -> None:
    """Send processes this signal, and wait until they have ended; kill those that have not after STOP_SECONDS."""
    living = {pid: birth(pid) for pid in pids}
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
