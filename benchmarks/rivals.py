"""A month's commissions worked out by us, and by what somebody would take instead: CPU and wall seconds, memory.

    python -m benchmarks.rivals                            # 66 000 lines, 300 partners
    python -m benchmarks.rivals million ten-million        # other sizes of benchmarks.make_vendors
    python -m benchmarks.rivals --only duckdb pandas       # some of the rivals
    python -m benchmarks.rivals --json rivals.json         # the readings, beside the table

Rivals: kernels written by hand in Polars, DuckDB and pandas, and a loop over an ORM session (at 66 000 lines only). All
work out the commission of every partner from the same files, by `examples/uis.yaml`, without the lines that cannot be
read, are copies or contradict each other. Ends with 1 where a partner's commission differs from ours, and names the
first. A scan reads the needed columns alone. Each is a process of its own, so its memory is its own.

What a rival does not do: say what became of each line and why, share commissions over clients, name the lines and the
claim behind each, write statements. Our figures have all that in them.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.by_hand.__main__ import WAYS
from benchmarks.by_hand.contract import PERIOD
from benchmarks.draft import measured
from benchmarks.make_vendors import SIZES, make_vendor

SIZES_OF_LOOPS = ("month",)
OURS = "ours"
READING, WORKING_OUT = "read and leave out", "attribute and calculate"
STEPS_OF_OURS = {READING: ("vendor folder", "gather", "validate"), WORKING_OUT: ("attribute", "events", "calculate")}
AT_MOST = 3
"""Our attribute and calculate, in CPU seconds of DuckDB's."""


class Reading(NamedTuple):
    """What one way cost, and what it came to."""

    reading: float  # CPU s
    working_out: float  # CPU s
    wall: float
    peak_mb: float
    commissions: Mapping[str, int]  # kopecks by partner; nothing of a scan

    @property
    def cpu(self) -> float:
        return self.reading + self.working_out


def main() -> None:
    """Measure, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", metavar="SIZE", default=["month"])
    parser.add_argument("--only", nargs="+", choices=list(WAYS), default=list(WAYS), help="Which rivals; all of them.")
    parser.add_argument("--vendors", type=Path, default=Path("var/vendors"), help="Where the vendors are kept.")
    parser.add_argument("--json", type=Path, help="Where to write the readings.")
    asked = parser.parse_args()
    asked.vendors.mkdir(parents=True, exist_ok=True)
    written = {}
    for size in asked.sizes:
        vendor = asked.vendors / size
        lines = make_vendor(vendor, SIZES[size])
        found = readings_of(vendor, [name for name in asked.only if name != "orm" or size in SIZES_OF_LOOPS])
        load = os.getloadavg()
        print(f"{size}: {lines} lines, load {load[0]:.0f}")
        show(found)
        written[size] = {"lines": lines, "load": load, "readings": {name: told(each) for name, each in found.items()}}
    if asked.json:
        asked.json.write_text(json.dumps(written, indent=1) + "\n")


def readings_of(vendor: Path, rivals: Iterable[str]) -> dict[str, Reading]:
    """Return what each way cost, ours first. Ends the program where one comes to another commission than ours."""
    found = {OURS: our_own(vendor)}
    for name in rivals:
        found[name] = by_hand(name, vendor)
        differs = difference(found[OURS].commissions, found[name].commissions)
        if name != "scan" and differs:
            sys.exit(f"{name} differs from ours: {differs}")
    return found


def our_own(vendor: Path) -> Reading:
    """Work the month out as a run does, without storing or approving it."""
    with tempfile.TemporaryDirectory() as home:
        commissions = Path(home, "commissions.json")
        cost = measured(vendor, Path(home, "home"), [PERIOD], commissions=commissions)[-1]
        seconds = {name: sum(cost.get(step, 0) for step in steps) for name, steps in STEPS_OF_OURS.items()}
        earned = json.loads(commissions.read_text())
        return Reading(seconds[READING], seconds[WORKING_OUT], cost["wall s"], cost["peak MB"], earned)


def by_hand(name: str, vendor: Path) -> Reading:
    """Work the month out in a rival."""
    command = [sys.executable, "-m", "benchmarks.by_hand", name, str(vendor)]
    done = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    cost = done["figures"]
    return Reading(cost[READING], cost.get(WORKING_OUT, 0), cost["wall s"], cost["peak MB"], done["commissions"])


def difference(ours: Mapping[str, int], theirs: Mapping[str, int]) -> str:
    """Return the first partner whose commission is another, in words; nothing where all are equal.

    >>> difference({"P-0001": 100, "P-0002": 0}, {"P-0001": 100})
    ''
    >>> difference({"P-0001": 100}, {"P-0001": 101})
    'P-0001 earns 101 kopecks, by us 100'
    """
    for partner in sorted(ours.keys() | theirs.keys()):
        our, their = ours.get(partner, 0), theirs.get(partner, 0)
        if our != their:
            return f"{partner} earns {their} kopecks, by us {our}"
    return ""


def told(reading: Reading) -> dict[str, float]:
    """What the JSON has of a reading."""
    return {
        "read and leave out CPU s": reading.reading,
        "attribute and calculate CPU s": reading.working_out,
        "wall s": reading.wall,
        "peak MB": reading.peak_mb,
        "partners": len(reading.commissions),
        "commission_minor": sum(reading.commissions.values()),
    }


def show(found: Mapping[str, Reading]) -> None:
    """Print a row for each way, and how ours compares with DuckDB's kernel."""
    print(f"{'CPU s':<10}{READING:>20}{WORKING_OUT:>25}{'all':>9}{'wall s':>9}{'peak MB':>9}")
    for name, each in found.items():
        row = f"{name:<10}{each.reading:>20.2f}{each.working_out:>25.2f}{each.cpu:>9.2f}{each.wall:>9.2f}"
        print(f"{row}{each.peak_mb:>9.0f}")
    print("all came to the same commissions, to the kopeck")
    if "duckdb" in found:
        ratio = found[OURS].working_out / found["duckdb"].working_out
        whole = found[OURS].cpu / found["duckdb"].cpu
        aim = "met" if ratio <= AT_MOST else "missed"
        print(f"attribute and calculate: {ratio:.1f} times DuckDB's (aim: {AT_MOST}, {aim}); all: {whole:.1f} times")


if __name__ == "__main__":
    main()
