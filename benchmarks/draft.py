"""What a month costs up to its approval, without documents: CPU seconds by step, and the most memory.

    python -m benchmarks.draft                        # 66 000, 330 000 and 1 000 000 lines; a table
    python -m benchmarks.draft month million-3000     # some of the sizes of benchmarks.make_vendors
    python -m benchmarks.draft years-20k              # month 2 against month 24: what closed months cost the next

Each month that is shown is a process of its own, so its peak memory is its own. CPU is process time, of all
threads. The exponent says how a step grows with the lines: 1 is in proportion. In `years`, months are closed with
the statement's JSON alone.
"""

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.make_vendors import SIZES, make_vendor

CLOCK = "2030-01-01T00:00:00Z"
STEPS = (
    "imports", "vendor folder", "gather", "validate", "attribute", "events", "calculate", "digest", "store", "approve",
)  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", metavar="SIZE", default=["month", "large", "million"])
    parser.add_argument("--vendors", type=Path, default=Path("var/vendors"), help="Where the vendors are kept.")
    asked = parser.parse_args()
    found: dict[str, dict[str, float]] = {}
    for size in asked.sizes:
        folder = asked.vendors / size
        folder.parent.mkdir(parents=True, exist_ok=True)
        lines = make_vendor(folder, SIZES[size])
        with tempfile.TemporaryDirectory() as home:
            if SIZES[size].months == 1:
                found[size] = measured(folder, Path(home), ["2026-01"])[-1] | {"lines": lines}
            else:
                months = [f"{2026 + month // 12}-{month % 12 + 1:02}" for month in range(SIZES[size].months)]
                for period, batch in ((months[1], months[:2]), (months[-1], months[2:])):
                    found[f"{size} {period}"] = measured(folder, Path(home), batch, close=True)[-1]
    show(found)


def measured(
    vendor: Path, home: Path, periods: list[str], *, close: bool = False, commissions: Path | None = None
) -> list[dict[str, float]]:
    """Settle the months in a process each, and return what each step cost, and the peak memory in MB.

    A month whose `commissions` are to be written to a file ends with `calculate`.
    """
    results = []
    for period in periods:
        environment = {"SETTLE_VENDOR": str(vendor), "SETTLE_HOME": str(home), "SETTLE_CLOCK": CLOCK}
        environment["SETTLE_RENDERERS"] = (
            "0"  # where a month is closed its documents are JSON alone, made by the process
        )
        command = [sys.executable, "-m", "benchmarks.draft_of_one_month", period, *(["--close"] if close else [])]
        command += ["--commissions", str(commissions)] if commissions else []
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SETTLE_", "PREFECT_API"))}
        done = subprocess.run(command, env=kept | environment, check=True, stdout=subprocess.PIPE, text=True)
        results.append(json.loads(done.stdout.splitlines()[-1]))
    return results


def show(found: dict[str, dict[str, float]]) -> None:
    """Print a column for each size, and how each step grows from the first to the last."""
    names = list(found)
    print(f"{'CPU s':<22}" + "".join(f"{name:>22}" for name in names) + f"{'exponent':>10}")
    first, last = found[names[0]], found[names[-1]]
    growth = math.log(last["lines"] / first["lines"]) if "lines" in first and len(names) > 1 else 0
    for step in STEPS:
        exponent = ""
        if growth and first.get(step, 0) > 0.05:
            exponent = f"{math.log(last[step] / first[step]) / growth:.2f}"
        print(f"{step:<22}" + "".join(f"{found[name].get(step, 0):>22.2f}" for name in names) + f"{exponent:>10}")
    whole = [sum(found[name].get(step, 0) for step in STEPS[1:]) for name in names]
    print(f"{'all but imports':<22}" + "".join(f"{seconds:>22.2f}" for seconds in whole))
    for figure in ("wall s", "peak MB", "lock s", "read back MB", "ids before", "lines"):
        print(f"{figure:<22}" + "".join(f"{found[name].get(figure, 0):>22.1f}" for name in names))


class Meter:
    """CPU and wall seconds by step, and the high-water mark of memory."""

    def __init__(self) -> None:
        self.cpu: dict[str, float] = {}
        self.wall: dict[str, float] = {}

    def run(self, name: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a step, as `engine.draft` asks for it."""
        before, began = time.process_time(), time.monotonic()
        try:
            return function(*args, **kwargs)
        finally:
            self.wall[name] = self.wall.get(name, 0) + time.monotonic() - began
            self.cpu[name] = self.cpu.get(name, 0) + time.process_time() - before
            if os.environ.get("BENCHMARK_VERBOSE"):
                print(f"{name}: {self.cpu[name]:.2f} CPU s, peak {self.peak_mb:.0f} MB", file=sys.stderr)

    @property
    def wall_seconds(self) -> float:
        """Of all steps but the imports."""
        return sum(seconds for name, seconds in self.wall.items() if name != "imports")

    @property
    def peak_mb(self) -> float:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
