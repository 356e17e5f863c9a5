"""A disk that is full: said in one sentence, nothing is half stored, and with room again the month closes."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.prefect import clean_environment
from tests.tables import stored
from tests.vendors import office, two_months
from tests.waiting import LONG

SETTLE = f"exec {sys.executable} -c 'from cli.main import main; main()' run 2026-01"


def run_with_room(folder: Path, kib: int | None = None) -> "subprocess.CompletedProcess[str]":
    """Settle January where no file may become larger than so many KiB, as on a disk that has no more."""
    limit = f"ulimit -f {kib}; " if kib is not None else ""
    environment = clean_environment() | {
        "SETTLE_HOME": str(folder / "home"),
        "SETTLE_VENDOR": str(folder / "vendor"),
        "SETTLE_CLOCK": "2026-12-03T03:00:00Z",
    }
    return subprocess.run(
        ["bash", "-c", limit + SETTLE], env=environment, capture_output=True, text=True, timeout=LONG, check=False
    )


@pytest.mark.slow
def test_a_disk_that_has_no_room_for_the_database_or_the_archive_is_named_and_with_room_the_month_closes_once(
    tmp_path: Path,
) -> None:
    vendor = two_months(tmp_path / "vendor", 200_00)
    for kib, name in ((16, "DatabaseUnavailable"), (64, "DatabaseUnavailable")):
        done = run_with_room(tmp_path, kib)
        assert (done.returncode, done.stderr.partition(":")[0].splitlines()[-1]) == (1, name), done.stderr
        assert "Check the space that is left on its disk" in done.stderr
        assert "Traceback" not in done.stderr
    assert run_with_room(tmp_path).returncode == 0
    here = office(tmp_path / "home", vendor)
    assert [(row["period"], row["approved_by"]) for row in stored(here.database, "approval")] == [("2026-01", "system")]
