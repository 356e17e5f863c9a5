"""A run that is killed at any moment is finished by the next one, to the same archive, statements and postings.

12 moments here; `KILLS=30 pytest -s` is the thorough look, and prints how far the runs had come.
"""

import csv
import os
import random
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from models.period import Period
from sample import make_sample
from tasks.settings import Settings
from tasks.storage.open import open_store
from tests.made.vendors import digests, write_csv
from tests.runs import exit_code, finished, started
from tests.servers.dask import scheduling
from tests.servers.seaweedfs import SeaweedFS

pytestmark = [pytest.mark.slow, pytest.mark.long]

MOMENTS = int(os.environ.get("KILLS", "12"))
JANUARY, FEBRUARY = "2026-01", "2026-02"
CLOCK = "2026-03-03T03:00:00Z"


class Proof(NamedTuple):
    """What a month leaves behind: the archive's digests, and the rows that money is paid by."""

    archive: dict[str, str]
    statements: list[tuple[object, ...]]
    postings: list[tuple[object, ...]]


class Month(NamedTuple):
    """What is settled: a vendor's month, in a home that has closed those before it, or none yet."""

    vendor: Path
    period: str
    before: Path | None = None

    def new_home(self, home: Path) -> None:
        if self.before:
            shutil.copytree(self.before, home)


@pytest.fixture(scope="module")
def first_month(tmp_path_factory: pytest.TempPathFactory) -> Month:
    folder = tmp_path_factory.mktemp("kill") / "vendor"
    make_sample(folder, clients=60, partners=8, months=1, seed=3, starts=Period(2026, 1))
    return Month(folder, JANUARY)


@pytest.fixture(scope="module")
def corrected_month(tmp_path_factory: pytest.TempPathFactory) -> Month:
    """A February that restates January, gives back sales of it, gets a payment late, and puts an amount right by hand."""
    folder = tmp_path_factory.mktemp("kill-corrected")
    vendor, home = folder / "vendor", folder / "home"
    make_sample(vendor, clients=60, partners=8, months=2, seed=3, starts=Period(2026, 1))
    assert finished(["run", JANUARY, "--from", str(vendor)], environment(home), folder / "january.log") == 0
    with (vendor / "billing/2026-01.csv").open(encoding="utf-8", newline="") as file:
        sales = [row for row in csv.DictReader(file) if row["kind"] == "charge" and row["paid_on"]][:40]
    with (vendor / "billing/2026-02.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    columns = list(lines[0])
    booked = {"posted_on": "2026-02-20"}
    for number, sale in enumerate(sales):
        lines.append({**sale, **booked, "line_id": f"R-{number}", "kind": "credit_note", "refunds_line_id": sale["line_id"],
                      "amount_minor": f"-{int(sale['amount_minor']) // 2}", "vat_minor": ""} | {"vat_rate": "0"})  # fmt: skip
    lines.append({**sales[0], **booked, "line_id": "LATE-1"})
    write_csv(vendor / "billing/2026-02.csv", lines, columns)
    (vendor / "control.csv").unlink()
    by_hand = {"adjustment_id": "A1", "partner_id": "P-0001", "posted_on": "2026-02-20", "amount_minor": 12_345,
               "why": "agreed", "evidence": "", "who": "olga", "cites": "P-0001/2026-01/v1"}  # fmt: skip
    write_csv(vendor / "adjustments.csv", [by_hand])
    (folder / "right").mkdir()
    programme = (vendor / "programme.yaml").read_text(encoding="utf-8")
    assert "rate: 50%" in programme
    (folder / "right/programme.yaml").write_text(programme.replace("rate: 50%", "rate: 45%"), encoding="utf-8")
    restate = ["restate", JANUARY, "--with", str(folder / "right"), "--from", str(vendor), "--accept", "--by", "olga"]
    log = folder / "restate.log"
    assert finished([*restate, "--reason", "a wrong rate"], environment(home), log) == 0, log.read_text()
    return Month(vendor, FEBRUARY, home)


def rows(home: Path, table: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / "settlement.db") as database:
        return sorted(database.execute(f"SELECT * FROM {table}").fetchall())


def environment(home: Path, **others: str) -> dict[str, str]:
    return {
        "SETTLE_HOME": str(home),
        "SETTLE_CLOCK": CLOCK,
        "SETTLE_BATCH": "2",
        "SETTLE_LEASE_SECONDS": "3600",
    } | others


def stage(home: Path, period: str) -> str:
    """How far a run of a month has come, as its database says."""
    if not (home / "settlement.db").exists():
        return "no database"
    try:
        if _of(home, "seal", period):
            return "closed"
        if _of(home, "approval", period):
            return "some documents" if _of(home, "stored", period) else "approved"
    except sqlite3.OperationalError:
        return "no tables"
    return "open"


def _of(home: Path, table: str, period: str) -> list[tuple[object, ...]]:
    """The rows of a month: the period comes first in each of these tables."""
    return [row for row in rows(home, table) if row[0] == period]


class Moment(NamedTuple):
    """When to kill: so many seconds after the start, or after so many documents were recorded as stored."""

    seconds: float
    stored: int | None = None


def moments(whole: float, documents: int) -> Iterator[Moment]:
    """Random moments: half of them over the whole run, half from the approval on, where effects happen.

    These count documents: a run that is quicker than the first was would be over before its time had come.
    """
    chance = random.Random(20261121)
    for number in range(MOMENTS):
        if number % 2:
            yield Moment(chance.uniform(0, 0.1), chance.randrange(documents))
        else:
            yield Moment(chance.uniform(0, whole))


def until_stored(process: Any, home: Path, period: str, count: int) -> None:
    """Wait until the month is approved, and so many of its documents are recorded."""
    while process.is_alive() and stage(home, period) in ("no database", "no tables", "open"):
        time.sleep(0.005)
    while process.is_alive() and len(_of(home, "stored", period)) < count:
        time.sleep(0.005)


def killed_at(moment: Moment, month: Month, settings: dict[str, str], home: Path) -> str:
    """Kill a run at the moment and return how far it had come."""
    month.new_home(home)
    run = ["run", month.period, "--from", str(month.vendor)]
    process = started(run, settings, home.parent / f"{home.name}.log")
    if moment.stored is not None:
        until_stored(process, home, month.period, moment.stored)
    time.sleep(moment.seconds)
    process.kill()
    process.join()
    return stage(home, month.period)


def check_kills(
    month: Month,
    folder: Path,
    settings_of: Callable[[Path], dict[str, str]],
    archive_of: Callable[[Path], dict[str, str]],
) -> None:
    run = ["run", month.period, "--from", str(month.vendor)]
    undisturbed = folder / "undisturbed"
    month.new_home(undisturbed)
    finished(["--help"], {}, folder / "help.log")  # the first process pays for the imports
    before = time.monotonic()
    code = exit_code(started(run, settings_of(undisturbed), folder / "undisturbed.log"))
    whole = time.monotonic() - before
    assert code == 0, (folder / "undisturbed.log").read_text()
    expected = Proof(archive_of(undisturbed), rows(undisturbed, "statement"), rows(undisturbed, "posting"))
    assert len(expected.archive) > 20

    reached: Counter[str] = Counter()
    for number, moment in enumerate(moments(whole, len(_of(undisturbed, "stored", month.period)))):
        home = folder / f"killed-{number}"
        reached[killed_at(moment, month, settings_of(home), home)] += 1
        log = folder / f"again-{number}.log"
        assert finished(run, settings_of(home), log) == 0, log.read_text()
        found = Proof(archive_of(home), rows(home, "statement"), rows(home, "posting"))
        assert found == expected, f"killed {moment}, of {whole:.2f} s"
    print(f"{MOMENTS} kills in runs of {whole:.1f} s: {dict(reached)}")
    before_approval = reached["no database"] + reached["no tables"] + reached["open"]
    assert before_approval >= 2, reached
    assert reached["approved"] + reached["some documents"] >= 2, reached


def test_a_run_killed_at_random_moments_ends_as_if_undisturbed(corrected_month: Month, tmp_path: Path) -> None:
    def archive(home: Path) -> dict[str, str]:
        return {key: digest for key, digest in digests(home / "archive").items() if not key.startswith(".")}

    check_kills(corrected_month, tmp_path, environment, archive)
    corrections = [row for row in rows(tmp_path / "undisturbed", "correction") if row[0] == FEBRUARY]
    assert {row[3] for row in corrections} == {"clawback", "adjustment", "restatement"}
    assert len(list((tmp_path / "undisturbed/archive").glob("*/2026-01/v2/statements/*/statement.pdf"))) > 2


@pytest.fixture
def dask(tmp_path: Path, seaweedfs: SeaweedFS) -> Iterator[str]:
    """The address of a Dask cluster whose two workers know the bucket's keys."""
    with scheduling(tmp_path / "dask") as cluster, ExitStack() as stack:
        for name in ("one", "two"):
            stack.enter_context(cluster.worker(name, seaweedfs.environment()))
        yield cluster.address


def test_a_run_killed_at_random_moments_ends_as_if_undisturbed_on_s3_whoever_draws(
    first_month: Month,
    tmp_path: Path,
    seaweedfs: SeaweedFS,
    seaweedfs_bucket: str,
    dask: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in seaweedfs.environment().items():
        monkeypatch.setenv(name, value)

    def settings_of(home: Path) -> dict[str, str]:
        """Two of three runs have their documents drawn by the cluster, both before the kill and after."""
        number = home.name.removeprefix("killed-")
        by_workers = number.isdigit() and int(number) % 3
        return environment(
            home,
            SETTLE_ARCHIVE_URL=f"{seaweedfs_bucket}/{home.name}",
            SETTLE_TASK_RUNNER=f"dask:{dask}" if by_workers else "",
            **seaweedfs.environment(),
        )

    def archive(home: Path) -> dict[str, str]:
        store = open_store(f"{seaweedfs_bucket}/{home.name}", Settings())
        found = (store.find(key) for key in store.keys(""))
        return {stored.key: stored.sha256 for stored in found if stored}

    check_kills(first_month, tmp_path, settings_of, archive)
