"""Opening the archive's store: which one it is, its URL says."""

from pathlib import Path
from urllib.parse import unquote

from models.errors import WrongUse
from rules.archive.layout import safe_key
from tasks.settings import Settings
from tasks.storage import Store
from tasks.storage.directory import DirectoryStore


def open_store(url: str, settings: Settings) -> Store:
    """Return the store at `file:///folder` or `s3://bucket/prefix`. Nothing is asked of it yet.

    >>> open_store("file:///srv/archive/", Settings()).url
    'file:///srv/archive'
    """
    scheme, _, rest = url.partition("://")
    folder = unquote(rest)
    if scheme == "file" and folder.startswith("/") and folder.isprintable():
        return DirectoryStore(Path(folder))
    if scheme == "s3" and rest.strip("/"):
        bucket, _, prefix = rest.partition("/")
        prefix = prefix.strip("/")
        from tasks.storage.s3 import S3Store, connect  # here, because a directory needs no boto3, which is slow to load

        return S3Store(bucket, safe_key(prefix) if prefix else "", connect(settings, attempts=1), settings.object_lock)
    raise WrongUse(
        f"{url!r} names no archive. Write file:///folder (three slashes: the folder's path begins with one) "
        "or s3://bucket/prefix."
    )
