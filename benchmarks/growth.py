"""How the time and the memory of a month's steps grow: with its lines, and with the months that are closed.

    python -m benchmarks.growth                     # 66 000 lines, 3 times and 10 times as many
    python -m benchmarks.growth --times 1 3         # other sizes, in units of 66 000 lines
    python -m benchmarks.growth --months 12         # months 2 and 12 of 20 000 lines each instead; or 24
    python -m benchmarks.growth --json growth.json  # the readings and the exponents, beside the table

An exponent of 1 is growth in proportion; it is fitted to all readings by least squares of their logarithms. Ends with
1 where the step of a month, all steps together or the peak of memory grows with a larger exponent than 1.1.
"""

import argparse
import json
import math
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.draft import STEPS, measured
from benchmarks.make_vendors import SIZES, Size, make_vendor

CLIENTS = SIZES["month"].clients
PARTNERS = SIZES["month"].partners
AT_MOST = 1.1
LEAST_SECONDS = 0.5
"""A step that takes less at the smallest size says nothing of its growth: most of it is the same at every size."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", nargs="+", type=int, default=[1, 3, 10], help="Sizes, in units of 66 000 lines.")
    parser.add_argument("--months", type=int, choices=range(3, 25), metavar="MONTHS", help="Close so many months.")
    parser.add_argument("--vendors", type=Path, default=Path("var/vendors"), help="Where the vendors are kept.")
    parser.add_argument("--json", type=Path, help="Where to write the readings.")
    asked = parser.parse_args()
    asked.vendors.mkdir(parents=True, exist_ok=True)
    found = of_months(asked.vendors, asked.months) if asked.months else of_sizes(asked.vendors, asked.times)
    fitted = {} if asked.months else exponents(found)
    show(found, fitted)
    if asked.json:
        load = os.getloadavg()
        asked.json.write_text(json.dumps({"readings": found, "exponents": fitted, "load": load}, indent=1) + "\n")
    if too_steep := {name: value for name, value in fitted.items() if value > AT_MOST}:
        sys.exit(f"more than {AT_MOST}: {', '.join(f'{name} {value:.2f}' for name, value in too_steep.items())}")


def of_sizes(vendors: Path, times: Sequence[int]) -> dict[str, dict[str, float]]:
    """Return what a first month costs at each size, each in a process of its own."""
    found = {}
    for each in times:
        folder = vendors / ("month" if each == 1 else f"month-times-{each}")
        lines = make_vendor(folder, Size(CLIENTS * each, PARTNERS))
        with tempfile.TemporaryDirectory() as home:
            found[f"{lines} lines"] = measured(folder, Path(home), ["2026-01"])[-1] | {"lines": lines}
    return found


def of_months(vendors: Path, months: int) -> dict[str, dict[str, float]]:
    """Return what the second and the last of so many months cost, with all before them closed."""
    folder = vendors / "years-20k"
    make_vendor(folder, SIZES["years-20k"])
    periods = [f"{2026 + month // 12}-{month % 12 + 1:02}" for month in range(months)]
    with tempfile.TemporaryDirectory() as home:
        readings = measured(folder, Path(home), periods, close=True)
    return {f"month {number}": readings[number - 1] for number in (2, months)}


def exponents(found: dict[str, dict[str, float]]) -> dict[str, float]:
    """Return the fitted exponent of each step that takes long enough, of all of them, and of the peak of memory."""
    readings = [each | {"all steps": all_steps(each)} for each in found.values()]
    steps = [name for name in (*STEPS[1:], "all steps") if readings[0].get(name, 0) >= LEAST_SECONDS]
    lines = [each["lines"] for each in readings]
    return {name: exponent(lines, [each[name] for each in readings]) for name in (*steps, "peak MB")}


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Return b of cost = a * size^b, fitted by least squares of the logarithms.

    >>> round(exponent([1, 3, 10], [2.0, 6.0, 20.0]), 3), round(exponent([1, 2, 4], [1.0, 4.0, 16.0]), 3)
    (1.0, 2.0)
    """
    across, up = [math.log(size) for size in sizes], [math.log(cost) for cost in costs]
    middle, height = sum(across) / len(across), sum(up) / len(up)
    slope = sum((x - middle) * (y - height) for x, y in zip(across, up, strict=True))
    return slope / sum((x - middle) ** 2 for x in across)


def all_steps(reading: dict[str, float]) -> float:
    """Return the CPU seconds of all steps of a month, without the imports."""
    return sum(reading.get(step, 0) for step in STEPS[1:])


def show(found: dict[str, dict[str, float]], fitted: dict[str, float]) -> None:
    """Print a column for each reading, and the exponents."""
    print(f"{'CPU s':<16}" + "".join(f"{name:>16}" for name in found) + f"{'exponent':>10}")
    rows = [(step, [each.get(step, 0) for each in found.values()]) for step in STEPS]
    rows += [("all steps", [all_steps(each) for each in found.values()])]
    rows += [
        (name, [each.get(name, 0) for each in found.values()]) for name in ("peak MB", "read back MB", "ids before")
    ]
    for name, values in rows:
        last = f"{fitted[name]:.2f}" if name in fitted else ""
        print(f"{name:<16}" + "".join(f"{value:>16.2f}" for value in values) + f"{last:>10}")


if __name__ == "__main__":
    main()
