"""Billing files of a month: their sizes and digests, kept with its draft, and which of its inputs differ by now."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from models.canonical import canonical_json, sha256

if TYPE_CHECKING:  # a month that is closed is compared where no billing is read
    from tasks.sources import Source

BILLING_FILES = "billing-files.json"
"""What it is called among what is kept beside a draft."""


def files_as_read(folder: Path, sources: "Iterable[Source]") -> dict[str, bytes]:
    """Return the size and SHA-256 of every billing file on disk, as one document; nothing where there is none."""
    from tasks.sources.files import FilesSource

    places = {place for source in sources if isinstance(source, FilesSource) for place in source.on_disk()}
    if not places:
        return {}
    found = {place: [(folder / place).stat().st_size, _digest(folder / place)] for place in sorted(places)}
    return {BILLING_FILES: canonical_json({"format": 1, "files": found})}


def differing(folder: Path, inputs: Mapping[str, str], billing: bytes | None) -> Iterator[str]:
    """Yield the names of the tables and billing files that differ from those a month was settled by, or are gone.

    `inputs` has the digests of the tables by name, `billing` what `files_as_read` gave. A table or file that was not
    there is none of the month's. One that is an Excel sheet now is not compared.
    """
    for name, digest in sorted(inputs.items()):
        path = folder / name
        if path.is_file() or not path.with_suffix(".xlsx").exists():
            if not path.is_file():
                yield f"{name} (gone)"
            elif sha256(path.read_bytes()) != digest:
                yield name
    for name, (size, digest) in json.loads(billing)["files"].items() if billing else ():
        path = folder / name
        if not path.is_file():
            yield f"{name} (gone)"
        elif path.stat().st_size != size or _digest(path) != digest:
            yield name


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
