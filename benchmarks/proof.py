"""What proving costs: the share of reconcile, evidence, proofs and signature in a month; and verification.

    python -m benchmarks.proof                              # 3 months of 300 partners and 13 000 clients
    python -m benchmarks.proof --partners 30 --clients 1300 --months 24

Makes a vendor, settles its months in one process with signed seals, and prints CPU seconds, those of child processes
(ssh-keygen) among them, of the last month; then of `settle verify` and of verify.py over all of them.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flows  # noqa: F401  (as in every run, before Polars is loaded: it sets the allocators up)
from flows.consent import deciding
from flows.office import Office
from flows.settle_month import settle_month
from models.period import Period
from tasks import close
from tasks.auditing import verify as alone
from tasks.proof import reconcile
from tasks.settings import Settings

PROVING: dict[str, tuple[Any, ...]] = {
    "must_agree": (reconcile,),
    "must_know_its_archive": (deciding,),
    "must_be_at_rest": (close,),
    "evidence": (close,),
    "sealed_facts": (close,),
    "sign": (close,),
}
"""What proving is, by name, and where it is called from."""

STARTS = Period(2026, 1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--partners", default="300")
    parser.add_argument("--clients", default="13000")
    parser.add_argument("--months", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settle = str(Path(sys.executable).with_name("settle"))
        size = ["--partners", asked.partners, "--clients", asked.clients, "--months", str(asked.months)]
        subprocess.run([settle, "sample", str(folder / "vendor"), *size], check=True, capture_output=True)
        key = folder / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        settings = Settings(home=folder / "home", vendor=folder / "vendor", seal_key=key, clock="2029-01-03T03:00:00Z")
        spent: dict[str, float] = {}
        for called, places in PROVING.items():
            for place in places:
                setattr(place, called, counted(getattr(place, called), called, spent))
        month = STARTS
        for _ in range(asked.months):
            spent.clear()
            before = cpu()
            settle_month(month, Office.open(settings))
            whole, month = cpu() - before, month.next()
        told(spent, whole)
        archive, signers = f"file://{folder}/home/archive", folder / "signers"
        signers.write_text(f"uis-partners {key.with_suffix('.pub').read_text()}")
        for words, command in (
            ("settle verify", [settle, "verify", archive, "--allowed-signers", str(signers)]),
            (
                "verify.py",
                [sys.executable, str(alone.__file__), f"{folder}/home/archive", "--allowed-signers", str(signers)],
            ),
        ):
            before = cpu()
            subprocess.run(command, check=True, capture_output=True)
            print(f"{words} of {asked.months} months: {cpu() - before:.1f} CPU s")


def told(spent: dict[str, float], whole: float) -> None:
    """Print what the last month spent on proving, and its share."""
    for called, seconds in spent.items():
        print(f"  {called:<24} {seconds:>7.2f} CPU s")
    print(f"  {'the whole month':<24} {whole:>7.2f} CPU s, of which proving {sum(spent.values()) / whole:.1%}")


def cpu() -> float:
    """CPU seconds of this process and of the children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def counted(function: Callable[..., Any], called: str, spent: dict[str, float]) -> Callable[..., Any]:
    """Return a function that adds to `spent` what each call of it costs."""

    def count(*given: Any, **named: Any) -> Any:
        before = cpu()
        try:
            found = function(*given, **named)
            return list(found) if called == "evidence" else found  # a generator works where it is read
        finally:
            spent[called] = spent.get(called, 0) + cpu() - before

    return count


if __name__ == "__main__":
    main()
