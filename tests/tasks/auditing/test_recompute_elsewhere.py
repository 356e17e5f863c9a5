"""The same month on another machine: another clock, time zone, locale, umask and number of threads change no byte."""

import shutil
from pathlib import Path

from tests.elsewhere import came_out_elsewhere, settle_elsewhere
from tests.made.vendors import digests


def test_months_come_out_again_to_the_byte_on_another_machine_without_the_database(
    three_months: Path, tmp_path: Path
) -> None:
    shutil.copytree(three_months, tmp_path / "archive")
    assert came_out_elsewhere(tmp_path / "archive") == 3


def test_a_month_settled_on_another_machine_is_the_same_archive_to_the_byte(three_months: Path, tmp_path: Path) -> None:
    settings = {"SETTLE_HOME": str(tmp_path / "home"), "SETTLE_CLOCK": "2026-12-03T03:00:00Z", "SETTLE_SHARDS": "3"}
    vendor = str(three_months.parent.parent / "vendor")
    answer = settle_elsewhere("run", "2026-01..2026-03", "--from", vendor, settings=settings)
    assert len(answer["months"]) == 3
    assert digests(tmp_path / "home/archive") == digests(three_months)
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "home/archive").rglob("*")} == {0}
