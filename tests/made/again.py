"""A closed month, worked out again from a copy of its archive alone: no database, and no vendor."""

import shutil
from pathlib import Path

from tasks.storage.directory import DirectoryStore
from tasks.verify import Asked, verify


def must_come_out_again(home: Path, months: int) -> None:
    """Every month of the archive is as it was sealed, and comes out again to the byte."""
    copy = home.parent / "archive-alone"
    shutil.copytree(home / "archive", copy)
    report = verify(DirectoryStore(copy), asked=Asked(again=True))
    assert report.findings == ()
    assert report.periods == months
    shutil.rmtree(copy)
