"""A disk that is full: said in one sentence, nothing is half stored, and with room again the month closes."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.made.tables import stored
from tests.made.vendors import digests, office, two_months
from tests.runs import exit_code, started

FULL_DATABASE = "Check the space that is left on its disk"
FULL_ARCHIVE = "its owner and rights, and the space left"

pytestmark = pytest.mark.slow


class Run(NamedTuple):
    """How a run ended, and what it printed."""

    code: int
    said: str


def run(folder: Path, largest_file: int | None = None) -> Run:
    """Settle January, where no file may be larger."""
    environment = {
        "SETTLE_HOME": str(folder / "home"),
        "SETTLE_VENDOR": str(folder / "vendor"),
        "SETTLE_CLOCK": "2026-12-03T03:00:00Z",
    }
    log = folder / "run.log"  # not on the small disk
    log.unlink(missing_ok=True)
    code = exit_code(started(["run", "2026-01"], environment, log, largest_file))
    return Run(code, log.read_text())


def test_a_limit_of_the_size_of_files_is_named_as_a_disk_without_room_and_without_it_the_month_closes_once(
    tmp_path: Path,
) -> None:
    vendor = two_months(tmp_path / "vendor", 200_00)
    for kib, name in ((16, "DatabaseUnavailable"), (64, "DatabaseUnavailable")):
        done = run(tmp_path, kib * 1024)
        assert (done.code, done.said.partition(":")[0].splitlines()[-1]) == (1, name), done.said
        assert FULL_DATABASE in done.said
        assert "Traceback" not in done.said
    assert run(tmp_path).code == 0
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
        if done.code == 0:
            break
        assert done.code == 1
        assert "Traceback" not in done.said
        words = [each for each in (FULL_DATABASE, FULL_ARCHIVE) if each in done.said]
        assert words, done.said
        said.update(words)
    assert said == {FULL_DATABASE, FULL_ARCHIVE}
    here = office(tmp_path / "home", vendor)
    assert [(row["period"], row["approved_by"]) for row in stored(here.database, "approval")] == [("2026-01", "system")]
    (tmp_path / "undisturbed").mkdir()
    (tmp_path / "undisturbed/vendor").symlink_to(vendor)
    assert run(tmp_path / "undisturbed").code == 0
    assert digests(tmp_path / "home/archive") == digests(tmp_path / "undisturbed/home/archive")
