"""What a rich programme costs beside a simple one: the same two months, settled by both.

    python -m benchmarks.programmes
    python -m benchmarks.programmes --clients 13000 --partners 300

The simple programme pays everybody 10 % of everything; the rich one, `richest.yaml`, has every way of earning in
one plan. Both settle the same billing, events and people, turn by turn; what counts is the ratio, in CPU
seconds, of the whole second month, which has a month to look back to, and of its calculation alone.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

from benchmarks.month import settled
from benchmarks.sample_month import SETTLE

RICHEST = Path(__file__).with_name("richest.yaml")
SIMPLEST = "{plan: percentage, categories: others, rate: 10%}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=2_600)
    parser.add_argument("--partners", type=int, default=60)
    parser.add_argument("--turns", type=int, default=3)
    asked = parser.parse_args()
    size = ["--clients", str(asked.clients), "--partners", str(asked.partners), "--months", "2"]
    with tempfile.TemporaryDirectory() as folder:
        vendors = {name: Path(folder, name) for name in ("simplest", "richest")}
        for vendor in vendors.values():
            subprocess.run(
                [str(SETTLE), "sample", str(vendor), "--programme", str(RICHEST), *size],
                check=True,
                capture_output=True,
            )
        simplify(vendors["simplest"])
        whole: dict[str, list[float]] = {name: [] for name in vendors}
        calculated: dict[str, list[float]] = {name: [] for name in vendors}
        for turn in range(asked.turns):
            for name, vendor in vendors.items():
                home = Path(folder, f"{name}-{turn}")
                settled(vendor, home, {}, "2026-01")
                cost = settled(vendor, home, {}, "2026-02")
                whole[name].append(cost["whole"]["cpu"])
                calculated[name].append(sum(cost[step]["cpu"] for step in ("attribute", "events", "calculate")))
                print(
                    f"{name}, turn {turn + 1}: {whole[name][-1]:.1f} CPU s, of it {calculated[name][-1]:.1f} calculated"
                )
        for words, seconds_of in (("the whole month", whole), ("attribute and calculate", calculated)):
            ratio = min(seconds_of["richest"]) / min(seconds_of["simplest"])
            print(f"{words}: the richest programme costs {ratio:.2f} times the simplest")


def simplify(vendor: Path) -> None:
    """Leave one rule of the programme, 10 % of everything; without a fund nothing is spent from one."""
    programme = vendor / "programme.yaml"
    heading, _, rest = programme.read_text(encoding="utf-8").partition("    earn:\n")
    payout = rest[rest.index("    payout:") :]
    programme.write_text(f"{heading}    earn:\n      all: {SIMPLEST}\n{payout}", encoding="utf-8")
    (vendor / "spending.csv").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
