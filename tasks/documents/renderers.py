"""Renderers: processes that draw statements side by side, each with a typesetter of its own.

Python runs one thread at a time, and half of drawing a statement is Python's: threads would leave most cores idle. What
a typesetter remembers goes back to the machine with its process.
"""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from queue import LifoQueue
from types import TracebackType
from typing import NamedTuple

from models.formats import partner_named_in

log = logging.getLogger("settle")

ROOT = Path(__file__).parents[2]

STATEMENTS_PER_PROCESS = 500
"""So many statements, and a process is replaced: a start takes as long as drawing ten."""

TRIES = 2
"""Processes that a statement may end before its partner has failed: the first may have been taken for its memory."""


class Drawn(NamedTuple):
    """The files of one partner's statement by name, or why there are none, and what is to be said of them."""

    partner_id: str  # blank where the statement names none
    files: Mapping[str, bytes]
    failed: str = ""
    warnings: Sequence[str] = ()


class Renderers:
    """Up to `most` processes. Each is started when it is first needed, and all end with the block.

    A process ends by itself where this one is gone, whatever ended it.
    """

    def __init__(self, most: int) -> None:
        self._places: LifoQueue[_Process | None] = LifoQueue()
        self._running: set[_Process] = set()
        for _ in range(most):
            self._places.put(None)

    def __enter__(self) -> "Renderers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in tuple(self._running):
            process.end()

    def draw(self, data: bytes) -> Drawn:
        """Return what a statement is drawn as; `data` is its JSON as it was issued. Waits until a process is free.

        A process that ends while it draws is replaced, and the statement drawn again. Where that fails too, the
        partner has failed, with the reason: the others go on.
        """
        process = self._places.get()
        try:
            for _ in range(TRIES):
                process = process or self._start()
                answer = process.draw(data)
                if answer is not None and process.drawn < STATEMENTS_PER_PROCESS:
                    return answer
                ended, process = self._end(process), None
                if answer is not None:
                    return answer
                log.warning("the process that drew the statement of %s ended by %s", partner_named_in(data), ended)
            reason = (
                f"RendererEnded: each of {TRIES} processes that drew it ended, the last by {ended}. Where the machine "
                "ran out of memory, set SETTLE_RENDERERS lower. Run again."
            )
            return Drawn(partner_named_in(data), {}, reason)
        except BaseException:
            if process is not None:  # its answer, should it come, would be taken for the next one's
                self._end(process)
                process = None
            raise
        finally:
            self._places.put(process)

    def _start(self) -> "_Process":
        process = _Process()
        self._running.add(process)
        return process

    def _end(self, process: "_Process") -> str:
        self._running.discard(process)
        return process.end()


class _Process:
    """One process, and the line to it."""

    def __init__(self) -> None:
        # Not by multiprocessing, whose processes load the main module again: on Prefect that is all of Prefect.
        self._line, far = Pipe()
        command = [sys.executable, "-m", __name__, str(far.fileno())]
        self._process = subprocess.Popen(  # noqa: S603 (our own module, by our own Python)
            command, cwd=ROOT, pass_fds=[far.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        far.close()
        self.drawn = 0

    @property
    def pid(self) -> int:
        return self._process.pid

    def draw(self, data: bytes) -> Drawn | None:
        """Return what a statement is drawn as; None where the process is gone."""
        self.drawn += 1
        try:
            self._line.send_bytes(data)
            return Drawn(*self._line.recv())
        except (EOFError, OSError):
            return None

    def end(self) -> str:
        """End the process, and say what ended it."""
        code = self._process.poll()
        self._process.kill()
        self._process.wait()
        self._line.close()
        if code is None:
            code = self._process.returncode
        return f"signal {-code}" if code < 0 else f"exit code {code}"


def main() -> None:
    """Draw what comes over the line of this number, until it is closed."""
    from tasks.render import drawn

    # Ctrl-C goes to every process of a terminal: who started this one decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = Connection(int(sys.argv[1]))
    try:
        while True:
            line.send(tuple(drawn(line.recv_bytes())))
    except (EOFError, OSError):
        return


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    main()
