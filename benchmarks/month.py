"""A month of 65 000 lines, 13 000 clients and 300 partners: seconds per step, peak memory, orchestration's share.

    python -m benchmarks.month                # prints a table
    python -m benchmarks.month --clients 1300 --partners 30

Each run is a process of its own, so its peak memory is its own. The month is settled plainly, and
again as a flow run on a Prefect server that this program starts; the ratio of the two is what
orchestration costs.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

STEP = re.compile(r"(?:^|- )(\w+): (\d+\.\d) s", re.MULTILINE)
PERIOD = "2026-01"
SETTLE = Path(sys.executable).with_name("settle")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=13_000)
    parser.add_argument("--partners", type=int, default=300)
    parser.add_argument("--prefect", metavar="URL", default="", help="API of a Prefect server to settle it on as well.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        vendor = Path(folder, "vendor")
        size: list[str] = ["--clients", str(asked.clients), "--partners", str(asked.partners), "--months", "1"]
        subprocess.run([str(SETTLE), "sample", str(vendor), *size], check=True, capture_output=True)
        _, plain = measure(vendor, Path(folder, "plain"), {"PREFECT_API_URL": ""})
        print(f"peak memory {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB")
        if asked.prefect:
            _, orchestrated = measure(vendor, Path(folder, "prefect"), {"PREFECT_API_URL": asked.prefect})
            print(f"orchestration's share: {1 - plain / orchestrated:.0%} of {orchestrated:.1f} s")


def measure(
    vendor: Path, home: Path, environment: dict[str, str], period: str = PERIOD
) -> tuple[dict[str, float], float]:
    """Settle the month, print the seconds of each step, and return them, and those of the whole."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SETTLE_")}
    command = [str(SETTLE), "run", period, "--from", str(vendor)]
    started = time.monotonic()
    done = subprocess.run(
        command, env=kept | {"SETTLE_HOME": str(home)} | environment, check=True, capture_output=True, text=True
    )
    whole = time.monotonic() - started
    steps: dict[str, float] = defaultdict(float)
    for name, seconds in STEP.findall(done.stderr):
        steps[name] += float(seconds)
    for name, seconds in steps.items():
        print(f"  {name:<12} {seconds:>7.1f} s")
    print(f"  {'whole':<12} {whole:>7.1f} s  (documents are made two batches at a time; their seconds are summed)")
    return steps, whole


if __name__ == "__main__":
    main()
