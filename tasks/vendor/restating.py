"""Restating: the files of a restatement are put into the vendor's folder, all at once or not at all."""

import csv
import io
import os
import shutil
from pathlib import Path

from models.errors import BadInput, WrongUse
from models.restated import AcceptedRestatement
from tasks.vendor.by_hand import SAID_COLUMNS
from tasks.vendor.folder import SAID, read_restatements


def add_restatement(vendor: Path, asked: AcceptedRestatement) -> bool:
    """Add a restatement, and return whether it was not there yet. Raises BadInput where another one is."""
    for there in read_restatements(vendor):
        if there.version == asked.version:
            if there == asked:
                return False
            raise BadInput(
                f"{there.folder} is there already, and it says something else: {there.made_by} made it "
                f"({there.reason}). Until a month settles it, it may be taken away."
            )
    folder = vendor / asked.folder
    new = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        folder.parent.mkdir(exist_ok=True)
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        for name, data in {**asked.files, SAID: _said(asked)}.items():
            with (new / name).open("wb") as opened:
                opened.write(data)
                opened.flush()
                os.fsync(opened.fileno())
        new.rename(folder)
    except OSError as error:
        shutil.rmtree(new, ignore_errors=True)
        raise WrongUse(f"{folder} cannot be written: {error.strerror}. Nothing was added.") from None
    return True


def _said(asked: AcceptedRestatement) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\n").writerows([SAID_COLUMNS, (asked.made_by, asked.reason)])
    return written.getvalue().encode()
