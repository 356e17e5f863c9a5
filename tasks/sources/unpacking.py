"""Unpacking: the bytes of one CSV file, plain or packed by gzip or zip, within the limits of what a table may be."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from models.errors import BadInput
from models.progress import read_bytes
from tasks.sources.file_kinds import LONGEST_MAGIC, no_text
from tasks.sources.limits import Unpacked

DAMAGED = (gzip.BadGzipFile, zipfile.BadZipFile, EOFError, zlib.error)
"""What is raised while the bytes are read, where they do not unpack."""


READ_AT_ONCE = 1 << 16


class _Counted(io.FileIO):
    """A file that says how much of it has been read, packed as it is."""

    def readinto(self, buffer: Any) -> int:
        count = super().readinto(buffer)
        read_bytes(count)
        return count


@contextmanager
def opened(path: Path, place: str) -> Iterator[BinaryIO]:
    """Give the bytes of the file, unpacked. Raises BadInput for what is no text by its first bytes."""
    with io.BufferedReader(_Counted(path), READ_AT_ONCE) as packed:
        size = path.stat().st_size
        if place.lower().endswith(".gz"):
            yield cast(BinaryIO, Unpacked(cast(BinaryIO, gzip.GzipFile(fileobj=packed)), place, size))
        elif place.lower().endswith(".zip"):
            with zipfile.ZipFile(packed) as archive, archive.open(_only_table(archive, place)) as stream:
                yield cast(BinaryIO, Unpacked(stream, place, size))
        else:
            if words := no_text(packed.peek(LONGEST_MAGIC)[:LONGEST_MAGIC]):
                raise BadInput(f"{place}: {words}")
            yield packed


def _only_table(archive: zipfile.ZipFile, place: str) -> str:
    names = [
        each.filename for each in archive.infolist() if not each.is_dir() and not each.filename.startswith("__MAC")
    ]
    if len(names) != 1 or not names[0].lower().endswith((".csv", ".txt", ".tsv")):
        inside = ", ".join(names[:5]) or "nothing"
        raise BadInput(f"{place} must hold one CSV file, and it holds {inside}: unpack it, and put the tables there.")
    return names[0]
