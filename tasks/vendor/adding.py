"""Adding adjustments: rows are added to the vendor's adjustments.csv all at once or not at all."""

import csv
import fcntl
import io
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from models.errors import BadInput, WrongUse
from models.vendor import Adjustment
from tasks.sources.plain_files import is_there, must_be_plain, must_stay_in
from tasks.vendor.by_hand import ADJUSTMENT_COLUMNS, read_adjustments
from tasks.vendor.tables.small_file import decoded


def add_adjustments(file: Path, rows: Sequence[Adjustment], partners: Collection[str]) -> int:
    """Add the rows that the file does not have yet, and return how many.

    The file is read as a run reads it, before and after. It is replaced whole, so it is never seen half
    written, and whoever adds to it at the same time waits. Raises BadInput for a row that a run would refuse,
    and for an id that the file has with other words.
    """
    _must_be_readable(rows, partners)
    must_stay_in(file, file.name, file.parent)
    file = file.resolve()  # a link stays one: the file it leads to is replaced
    with _alone_in(file.parent):
        before = _bytes(file)
        known = {each.adjustment_id: each for each in _read(file.name, before, partners)} if before else {}
        if changed := [each for each in rows if known.get(each.adjustment_id, each) != each]:
            ids = ", ".join(each.adjustment_id for each in changed)
            raise BadInput(f"{file} has {ids} already, and it says something else: take an id of its own for each row.")
        new = [each for each in rows if each.adjustment_id not in known]
        if new:
            data = _with(before, new, file.name)
            _read(file.name, data, partners)
            _replace(file, data)
        return len(new)


def as_row(each: Adjustment) -> dict[str, str]:
    """An adjustment as a row of the file, by column."""
    said = each.model_dump(mode="json")
    return {column: str(said[column]) for column in ADJUSTMENT_COLUMNS}


def _must_be_readable(rows: Sequence[Adjustment], partners: Collection[str]) -> None:
    """Raise BadInput where the rows would not be read back as they are, before a file is looked at."""
    read = _read("what is to be added", _with(None, rows, ""), partners)
    if {each.adjustment_id: each for each in read} != {each.adjustment_id: each for each in rows}:
        raise BadInput("a text begins or ends with a space, which a table does not keep: write it without.")


def _read(name: str, data: bytes, partners: Collection[str]) -> tuple[Adjustment, ...]:
    read, _ = read_adjustments(name, data, partners)
    return read


def _with(before: bytes | None, rows: Sequence[Adjustment], name: str) -> bytes:
    """The table with the rows below it, in its own columns; columns it has not are added on the right."""
    text = decoded(before, name) if before else ""
    kept = [row for row in csv.reader(io.StringIO(text, newline="")) if any(row)]
    own = [column.strip() for column in kept[0]] if kept else []
    header = [*own, *(column for column in ADJUSTMENT_COLUMNS if column not in own)]
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n" if "\r\n" in text else "\n")
    writer.writerow(header)
    writer.writerows([*row, *[""] * (len(header) - len(own))] for row in kept[1:])
    writer.writerows([as_row(each).get(column, "") for column in header] for each in rows)
    return written.getvalue().encode()


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder: another that adds to a file in it waits until this one is done, or was killed."""
    try:
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise WrongUse(f"{folder} is no folder to write to: {error.strerror}.") from None
    try:
        fcntl.flock(place, fcntl.LOCK_EX)
        yield
    finally:
        os.close(place)


def _bytes(file: Path) -> bytes | None:
    if not is_there(file):
        return None
    must_be_plain(file, file.name, file.parent)
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from None


def _replace(file: Path, data: bytes) -> None:
    new = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with new.open("wb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
        if file.exists():
            new.chmod(file.stat().st_mode)
        new.replace(file)
        place = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(place)
        finally:
            os.close(place)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise WrongUse(f"{file} cannot be written: {error.strerror}. Nothing was added.") from None
