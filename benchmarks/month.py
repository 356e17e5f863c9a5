"""What each step of a whole month costs, from the vendor's files to the sealed archive, by SQLite and by PostgreSQL.

    python -m benchmarks.month                                     # 13 000 clients, 300 partners; SQLite
    python -m benchmarks.month --postgres                          # and once more on a PostgreSQL that it starts
    python -m benchmarks.month --clients 197000 --partners 20000   # 1 000 000 lines: ten minutes
    python -m benchmarks.month --json month.json                   # the readings, beside the table

Settled by `settle run`, each time in a process and a home of its own, documents and all. What Prefect adds to it is
shown by benchmarks.orchestration alone; the steps up to approval, larger and in one process, by benchmarks.draft.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from sqlalchemy import create_engine, make_url

from benchmarks.sample_month import PERIOD, cpu_of_tree, plain_environment, sample_vendor, size_parser
from tests.servers.postgres import serving_postgres

AT_MOST_CPU, AT_MOST_MB = 60, 600
"""The aim for 66 000 lines and 300 partners."""

STEPS = ("extract", "validate", "attribute", "events", "calculate", "approve", "documents", "close")
Cost = dict[str, dict[str, float]]


def main() -> None:
    """Measure and print."""
    parser = size_parser(__doc__)
    parser.add_argument("--postgres", action="store_true", help="Settle it on a PostgreSQL, too.")
    parser.add_argument("--json", type=Path, help="Where to write the readings.")
    asked = parser.parse_args()
    found: dict[str, Cost] = {}
    with sample_vendor(asked) as folder:
        found["SQLite"] = settled(folder / "vendor", folder / "sqlite", {})
        if asked.postgres:
            with postgres() as (url, server):
                before = cpu_of_tree(server)
                found["PostgreSQL"] = settled(folder / "vendor", folder / "postgresql", {"SETTLE_DATABASE_URL": url})
                found["PostgreSQL"]["whole"]["CPU s of the server"] = cpu_of_tree(server) - before
    print(f"{asked.clients} clients, {asked.partners} partners, load {os.getloadavg()[0]:.0f}")
    show(found)
    if asked.json:
        asked.json.write_text(json.dumps({"readings": found, "load": os.getloadavg()}, indent=1) + "\n")


def settled(vendor: Path, home: Path, settings: Mapping[str, str], period: str = PERIOD) -> Cost:
    """Settle a month in this home, and return CPU and wall seconds by step, and of the `whole`."""
    with TemporaryDirectory() as folder:
        cost = Path(folder, "cost.json")
        command = [sys.executable, "-m", "benchmarks.steps_of_a_run", str(cost), "run", period, "--from", str(vendor)]
        environment = plain_environment() | {"SETTLE_HOME": str(home), **settings}
        subprocess.run(command, env=environment, check=True, capture_output=True)
        read = json.loads(cost.read_text())
    return {**read["steps"], "whole": read["whole"]}


@contextmanager
def postgres() -> Iterator[tuple[str, int]]:
    """Run a PostgreSQL until the block ends; yield the URL of its database, and its process."""
    with serving_postgres() as server:
        engine = create_engine(make_url(server.url).set(drivername="postgresql+psycopg"))
        with engine.connect() as connection:
            backend = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            postmaster = psutil.Process(backend).ppid()
        engine.dispose()
        yield server.url, postmaster


def show(found: Mapping[str, Cost]) -> None:
    """Print a row for each step, CPU and wall seconds for each database, and what of it was beside the steps."""
    print(f"{'':<20}" + "".join(f"{f'{name}: CPU s':>20}{'wall s':>9}" for name in found))
    for step in STEPS:
        row("  " + step, [each.get(step, {"cpu": 0, "wall": 0}) for each in found.values()])
    row("beside the steps", [beside(each) for each in found.values()])
    row("whole", [each["whole"] for each in found.values()])
    for figure in ("CPU s of the server", "peak MB"):
        known = {name: each["whole"][figure] for name, each in found.items() if each["whole"].get(figure)}
        if known:
            print(f"{figure}: " + ", ".join(f"{name} {value:.1f}" for name, value in known.items()))
    print(f"the aim for 66 000 lines and 300 partners: {AT_MOST_CPU} CPU s, {AT_MOST_MB} MB")


def beside(cost: Cost) -> dict[str, float]:
    """What the whole took beyond its steps: imports, reading the vendor's tables, comparing facts."""
    return {
        unit: cost["whole"][unit] - sum(cost.get(step, {}).get(unit, 0) for step in STEPS) for unit in ("cpu", "wall")
    }


def row(name: str, costs: list[dict[str, float]]) -> None:
    """Print one row."""
    print(f"{name:<20}" + "".join(f"{each['cpu']:>20.1f}{each['wall']:>9.1f}" for each in costs))


if __name__ == "__main__":
    main()
