"""One `settle` command in a process of its own; writes what each of its steps cost, as JSON.

    python -m benchmarks.steps_of_a_run cost.json run 2026-01 --from var/vendors/month

CPU is of the process and of those it started; the peak of memory is of the process alone. Ends as the command does.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.sample_month import cpu_of_tree


def main() -> None:
    """Run the command, and write."""
    file, *arguments = sys.argv[1:]
    before, began = cpu(), time.monotonic()
    spans: list[tuple[str, float, float, float, float]] = []

    from cli.main import main as settle
    from tasks.step import Step

    timed = Step._timed

    def noted(step: Any, *given: Any, **named: Any) -> Any:
        cpu_before, started = cpu(), time.monotonic()
        try:
            return timed(step, *given, **named)
        finally:
            spans.append((step.name, cpu_before, cpu(), started, time.monotonic()))

    Step._timed = noted  # type: ignore[method-assign, assignment]
    sys.argv = ["settle", *arguments]
    try:
        settle()
    finally:
        whole = {"cpu": cpu() - before, "wall": time.monotonic() - began}
        whole["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        Path(file).write_text(json.dumps({"steps": costs(spans), "whole": whole}))


def costs(spans: list[tuple[str, float, float, float, float]]) -> dict[str, dict[str, float]]:
    """Return CPU and wall seconds by step: from the first beginning to the last end, as some run beside each other.

    A span is a name, CPU before and after, time before and after.

    >>> costs([("documents", 1.0, 4.0, 10.0, 12.0), ("documents", 2.0, 7.0, 11.0, 15.0)])
    {'documents': {'cpu': 6.0, 'wall': 5.0}}
    """
    names = dict.fromkeys(name for name, *_ in spans)
    found = {}
    for step in names:
        mine = [figures for name, *figures in spans if name == step]
        cpu_before, cpu_after, started, ended = zip(*mine, strict=True)
        found[step] = {"cpu": max(cpu_after) - min(cpu_before), "wall": max(ended) - min(started)}
    return found


def cpu() -> float:
    """CPU seconds of this process, and of all it started."""
    return cpu_of_tree(os.getpid())


if __name__ == "__main__":
    main()
