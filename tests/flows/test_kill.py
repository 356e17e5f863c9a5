"""A run that is killed at any moment is finished by the next one, to the same archive, statements and postings."""

import random
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from models.period import Period
from tasks.sample import make_sample
from tasks.settings import Settings
from tasks.stores.open import open_store
from tests.runs import finished, started
from tests.servers.seaweedfs import SeaweedFS
from tests.vendors import digests

pytestmark = pytest.mark.slow

MOMENTS = 30
PERIOD = "2026-01"
CLOCK = "2026-02-03T03:00:00Z"


class Proof(NamedTuple):
    """What a month leaves behind: the archive's digests, and the rows that money is paid by."""

    archive: dict[str, str]
    statements: list[tuple[object, ...]]
    postings: list[tuple[object, ...]]


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kill") / "vendor"
    make_sample(folder, clients=80, partners=6, months=1, seed=3, starts=Period(2026, 1))
    return folder


def rows(home: Path, table: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / "settlement.db") as database:
        return sorted(database.execute(f"SELECT * FROM {table}").fetchall())


def environment(home: Path, **others: str) -> dict[str, str]:
    return {"SETTLE_HOME": str(home), "SETTLE_CLOCK": CLOCK, "SETTLE_BATCH": "2", "SETTLE_LEASE_SECONDS": "30"} | others


def killed_at(moment: float, vendor: Path, settings: dict[str, str], home: Path) -> str:
    """Kill a run after `moment` seconds and say how far the database had come."""
    process = started(["run", PERIOD, "--from", str(vendor)], settings, home.parent / f"{home.name}.log")
    time.sleep(moment)
    process.kill()
    process.join()
    if not (home / "settlement.db").exists():
        return "before the database"
    try:
        closed, approved = bool(rows(home, "seal")), bool(rows(home, "approval"))
    except sqlite3.OperationalError:
        return "before the tables"
    stored = len(rows(home, "stored"))
    return "closed" if closed else f"approved, {'some' if stored else 'no'} documents" if approved else "open"


def moments(whole: float) -> Iterator[float]:
    """Random moments, spread over the whole run."""
    chance = random.Random(20261121)
    for number in range(MOMENTS):
        yield whole * (number + chance.random()) / MOMENTS


def check_kills(vendor: Path, folder: Path, settings_of: object, archive_of: object) -> None:
    assert callable(settings_of)
    assert callable(archive_of)
    undisturbed = folder / "undisturbed"
    finished(["--help"], {}, folder / "help.log")  # the first process pays for the imports
    before = time.monotonic()
    assert finished(["run", PERIOD, "--from", str(vendor)], settings_of(undisturbed), folder / "undisturbed.log") == 0
    whole = time.monotonic() - before
    expected = Proof(archive_of(undisturbed), rows(undisturbed, "statement"), rows(undisturbed, "posting"))
    assert len(expected.archive) > 20
    reached: Counter[str] = Counter()
    for number, moment in enumerate(moments(whole)):
        home = folder / f"killed-{number}"
        reached[killed_at(moment, vendor, settings_of(home), home)] += 1
        log = folder / f"again-{number}.log"
        assert finished(["run", PERIOD, "--from", str(vendor)], settings_of(home), log) == 0, log.read_text()
        found = Proof(archive_of(home), rows(home, "statement"), rows(home, "posting"))
        assert found == expected, f"killed after {moment:.2f} s of {whole:.2f} s"
    print(f"{MOMENTS} kills over {whole:.1f} s: {dict(reached)}")
    assert len(reached) >= 3, f"the kills hit too few stages to prove anything: {reached}"


def test_a_run_killed_at_thirty_moments_ends_as_if_undisturbed(vendor: Path, tmp_path: Path) -> None:
    def archive(home: Path) -> dict[str, str]:
        return {key: digest for key, digest in digests(home / "archive").items() if not key.startswith(".")}

    check_kills(vendor, tmp_path, environment, archive)


def test_a_run_killed_at_thirty_moments_ends_as_if_undisturbed_on_s3(
    vendor: Path, tmp_path: Path, seaweedfs: SeaweedFS, seaweedfs_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in seaweedfs.environment().items():
        monkeypatch.setenv(name, value)

    def settings_of(home: Path) -> dict[str, str]:
        return environment(home, SETTLE_ARCHIVE_URL=f"{seaweedfs_bucket}/{home.name}", **seaweedfs.environment())

    def archive(home: Path) -> dict[str, str]:
        store = open_store(f"{seaweedfs_bucket}/{home.name}", Settings())
        found = (store.find(key) for key in store.keys(""))
        return {stored.key: stored.sha256 for stored in found if stored}

    check_kills(vendor, tmp_path, settings_of, archive)
