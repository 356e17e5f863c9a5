"""Waiting in tests: by asking, for as long as a busy machine needs, and no longer than what is waited for lives."""

import multiprocessing.process
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest

SOON, SELDOM = 0.05, 1.0  # seconds from an answer to the next question
LONG = 900  # seconds; a server that is up in 20 on a quiet machine has taken more than 180 on one with a load of 25

T = TypeVar("T")


class Beside(NamedTuple):
    """A process that works beside the test, and the file that what it says goes to."""

    process: "subprocess.Popen[Any] | multiprocessing.process.BaseProcess"
    log: Path

    def code(self) -> int | None:
        """Its exit code; None while it lives."""
        if isinstance(self.process, subprocess.Popen):
            return self.process.poll()
        return self.process.exitcode

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else "(it said nothing)"


def wait_for(found: Callable[[], T], what: str, beside: Beside | None = None, seconds: float = LONG) -> T:
    """Ask again and again, until there is an answer that holds.

    Fails at once, with the end of its log, when the process that was to bring it about has ended without. What is dear
    to ask, as a server of Prefect is with 25 ms of work for each answer, is asked less often: it may spend 1/40 on us.
    """
    deadline = time.monotonic() + seconds
    asked = time.monotonic()
    while not (answer := found()):
        took = time.monotonic() - asked
        if beside and (code := beside.code()) is not None:
            if answer := found():  # it was the last thing it did
                return answer
            pytest.fail(f"{what}: the process ended first, with code {code}. It said:\n{beside.said()}")
        if time.monotonic() > deadline:
            pytest.fail(f"{what}: not within {seconds:.0f} s" + (f". It said:\n{beside.said()}" if beside else ""))
        time.sleep(min(max(SOON, 40 * took), SELDOM))
        asked = time.monotonic()
    return answer
