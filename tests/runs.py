"""Runs of `settle` as processes of their own: started fast, killed at will.

Their lines are judged plainly (`tests/made/plain_judge.py`): half of what a small month takes is Great Expectations,
which writes nothing, so that a kill, a stop or a full disk would hit it and not the work.
"""

import multiprocessing
import os
import resource
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.waiting import LONG

HEAVY = [
    "cli.main",
    "flows.settle_period",
    "expectations.billing_lines",
    "tasks.render",
    "tasks.storage.s3",
    "tests.made.plain_judge",
    "tests.runs",
]

_starter = multiprocessing.get_context("forkserver")
_starter.set_forkserver_preload(HEAVY)  # what a run imports is imported once, so a kill hits its work


def started(
    arguments: Sequence[str], environment: Mapping[str, str], log: Path, largest_file: int | None = None
) -> Any:
    """Start `settle` with these arguments in a process of its own; what it prints goes to `log`.

    `largest_file`: so many bytes a file of it may have, as `ulimit -f` says.
    """
    process = _starter.Process(target=_settle, args=(list(arguments), dict(environment), str(log), largest_file))
    process.start()
    return process


def finished(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> int:
    """Run `settle` to its end and return its exit code."""
    return exit_code(started(arguments, environment, log))


def exit_code(process: Any) -> int:
    """Wait until a run has ended, and return its exit code."""
    process.join(LONG)
    assert process.exitcode is not None, f"process {process.pid} did not end in {LONG} seconds"
    return int(process.exitcode)


def _settle(arguments: list[str], environment: dict[str, str], log: str, largest_file: int | None) -> None:
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdout, sys.stderr = os.fdopen(1, "w", buffering=1), os.fdopen(2, "w", buffering=1)
    os.environ.update(environment)
    sys.argv = ["settle", *arguments]
    from cli.main import main
    from tests.made.plain_judge import judge_plainly

    judge_plainly()
    if largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    main()
