"""A closed month, worked out again from a copy of its archive alone: no database, and no vendor."""

import shutil
from pathlib import Path

from engine.draft import draft
from models.period import Period
from rules.archive.seal import Seal
from tasks.gather import read_inputs
from tasks.storage.directory import DirectoryStore
from tests.vendors import archived


def must_come_out_again(home: Path, programme: str, period: str) -> None:
    """The draft worked out from the archive is the one that was approved and sealed, to the byte."""
    copy = home.parent / f"archive-after-{period}"
    shutil.copytree(home / "archive", copy)
    again = draft(read_inputs(DirectoryStore(copy), programme, Period.parse(period)))
    folder = archived(home, period, programme)
    assert again.document == (folder / "draft.json").read_bytes()
    assert again.digest == Seal.parse((folder / "SEAL").read_bytes()).draft
    shutil.rmtree(copy)
