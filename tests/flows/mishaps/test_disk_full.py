"""A disk that is full: said in one sentence, nothing is half stored, and with room again the month closes."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.made.tables import stored
from tests.made.vendors import digests, office, two_months
from tests.servers.prefect import clean_environment
from tests.waiting import LONG

SETTLE = f"exec {sys.executable} -c 'from cli.main import main; main()' run 2026-01"
FULL_DATABASE = "Check the space that is left on its disk"
FULL_ARCHIVE = "its owner and rights, and the space left"

pytestmark = pytest.mark.slow


def run(folder: Path, before: str = "") -> "subprocess.CompletedProcess[str]":
    """Settle January, after the shell did what it is told."""
    environment = clean_environment() | {
        "SETTLE_HOME": str(folder / "home"),
        "SETTLE_VENDOR": str(folder / "vendor"),
        "SETTLE_CLOCK": "2026-12-03T03:00:00Z",
    }
    return subprocess.run(
        ["bash", "-c", before + SETTLE], env=environment, capture_output=True, text=True, timeout=LONG, check=False
    )


def test_a_limit_of_the_size_of_files_is_named_as_a_disk_without_room_and_without_it_the_month_closes_once(
    tmp_path: Path,
) -> None:
    vendor = two_months(tmp_path / "vendor", 200_00)
    for kib, name in ((16, "DatabaseUnavailable"), (64, "DatabaseUnavailable")):
        done = run(tmp_path, f"ulimit -f {kib}; ")
        assert (done.returncode, done.stderr.partition(":")[0].splitlines()[-1]) == (1, name), done.stderr
        assert FULL_DATABASE in done.stderr
        assert "Traceback" not in done.stderr
    assert run(tmp_path).returncode == 0
    here = office(tmp_path / "home", vendor)
    assert [(row["period"], row["approved_by"]) for row in stored(here.database, "approval")] == [("2026-01", "system")]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[int], None]]:
    """A small disk under the home; called with another size, it has that much room."""
    home = tmp_path / "home"
    home.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(home)]
    if subprocess.run(mounted, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a disk")

    def resized(kib: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={kib}k", str(home)], check=True)

    yield resized
    subprocess.run(["umount", "--lazy", str(home)], check=True)


def test_a_disk_that_fills_anywhere_in_the_database_or_the_archive_is_named_and_with_room_the_month_closes_once(
    tmp_path: Path, disk: Callable[[int], None]
) -> None:
    vendor = two_months(tmp_path / "vendor", 200_00)
    said = set()
    for kib in range(64, 2048, 96):
        disk(kib)
        done = run(tmp_path)
        if done.returncode == 0:
            break
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        words = [each for each in (FULL_DATABASE, FULL_ARCHIVE) if each in done.stderr]
        assert words, done.stderr
        said.update(words)
    assert said == {FULL_DATABASE, FULL_ARCHIVE}
    here = office(tmp_path / "home", vendor)
    assert [(row["period"], row["approved_by"]) for row in stored(here.database, "approval")] == [("2026-01", "system")]
    (tmp_path / "undisturbed").mkdir()
    (tmp_path / "undisturbed/vendor").symlink_to(vendor)
    assert run(tmp_path / "undisturbed").returncode == 0
    assert digests(tmp_path / "home/archive") == digests(tmp_path / "undisturbed/home/archive")
