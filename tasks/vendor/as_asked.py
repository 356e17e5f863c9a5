"""What the billing was asked for: sources.yaml, and the queries and lookups it names, as read, without secrets."""

import re
from collections.abc import Sequence
from pathlib import Path

from tasks.sources import Source
from tasks.sources.files import FilesSource
from tasks.sources.sql.query import SqlSource

SOURCES = "sources.yaml"
CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")
"""Name and password in a URL: `scheme://name:password@host`."""

SECRET = re.compile(r"(?im)^(\s*\S*(?:password|secret|token|key)\S*\s*:\s*).+$")
"""The value of a key that is called so."""


def as_asked(folder: Path, written: str | None, sources: Sequence[Source]) -> dict[str, bytes]:
    """Return the files by name, for the archive."""
    files = {} if written is None else {SOURCES: without_secrets(written).encode()}
    for source in sources:
        if isinstance(source, SqlSource):
            files[source.name.replace("/", "-")] = (folder / source.name).read_bytes()
        if isinstance(source, SqlSource | FilesSource):
            for table in {each.table for each in source.block.lookup.values()}:
                if (folder / table).is_file():  # one that is missing is told by whoever looks something up in it
                    files[f"lookup-{table.replace('/', '-')}"] = (folder / table).read_bytes()
    return files


def without_secrets(text: str) -> str:
    """Return sources.yaml with `***` where a URL has a name and password, or a key is called a secret.

    >>> without_secrets("url: postgresql://reader:hunter2@billing/db")
    'url: postgresql://***@billing/db'
    """
    return SECRET.sub(r"\1***", CREDENTIALS.sub("***@", text))
