"""Another machine: `settle` in a process with another clock, time zone, locale, umask and order of dictionaries."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import LONG

WORDS = "import os, sys; os.umask(0o077); sys.argv = ['settle', *sys.argv[1:]]; from cli.main import main; main()"
OTHERWISE = {
    "TZ": "Pacific/Kiritimati",  # 14 hours ahead
    "LC_ALL": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONHASHSEED": "4711",
    "POLARS_MAX_THREADS": "1",
}
LATER = {"FAKETIME": "+7000d", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1"}
"""Nineteen years from now, for all that asks the machine: Python, and the libraries in C and Rust."""


def settle_elsewhere(*arguments: str, settings: Mapping[str, str] | None = None) -> Any:
    """Run a command with --json on the other machine, and return its answer. Skips where its clock cannot be moved."""
    environment = {**os.environ, **OTHERWISE, **LATER, "LD_PRELOAD": str(_library()), **(settings or {})}
    command = [sys.executable, "-c", WORDS, *arguments, "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=10 * LONG)
    assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")
    return json.loads(done.stdout)["answer"]


def came_out_elsewhere(archive: Path) -> int:
    """Verify an archive alone on the other machine, and work each month out again; return how many there are.

    Whatever is not as it was sealed, to the byte, is a finding.
    """
    answer = settle_elsewhere("verify", "--recompute", archive.as_uri())
    assert answer["findings"] == []
    assert answer["holds"]
    return int(answer["months"])


def _library() -> Path:
    """What moves the clock of a process. It comes compiled for Linux."""
    found = importlib.util.find_spec("libfaketime")
    assert found is not None, "make install"
    assert found.origin is not None
    library = Path(found.origin).parent / "vendor/libfaketime/src/libfaketime.so.1"
    date = subprocess.run(
        ["date", "+%Y"], env={"LD_PRELOAD": str(library), **LATER}, capture_output=True, text=True, check=True
    )
    here = subprocess.run(["date", "+%Y"], capture_output=True, text=True, check=True)
    if date.stdout == here.stdout:
        pytest.skip(f"{library} does not move the clock of a process here")
    return library
