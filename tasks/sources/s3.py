"""Files in a bucket: which objects a glob names, and a copy of one to read."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from botocore.exceptions import BotoCoreError, ClientError

from models.errors import BadInput
from tasks.settings import Settings
from tasks.sources import SourceUnreachable
from tasks.storage.s3 import connect


def objects(pattern: str) -> list[str]:
    """Return the URLs of the objects that match `s3://bucket/folder/*.csv`; a `*` stays within its folder."""
    bucket, key_pattern = _parts(pattern)
    if not bucket or "**" in key_pattern:
        raise BadInput(f"{pattern}: write s3://bucket/folder/*.csv. In a bucket, `**` is not understood.")
    prefix = re.split(r"[*?\[]", key_pattern, maxsplit=1)[0]
    with _reachable(pattern):
        pages = connect(Settings()).get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    return [f"s3://{bucket}/{key}" for key in keys if _matches(key, key_pattern)]


@contextmanager
def copied(url: str) -> Iterator[Path]:
    """Give a local copy of the object, for as long as it is read."""
    bucket, key = _parts(url)
    with TemporaryDirectory(prefix="settle-") as folder:
        path = Path(folder) / "object"
        with _reachable(url):
            connect(Settings()).download_file(bucket, key, str(path))
        yield path


def _matches(key: str, pattern: str) -> bool:
    """As a directory's glob would: folders are no files, and a name that starts with a dot is hidden."""
    path = PurePosixPath("/" + key)
    # An absolute pattern must match a whole path, not only its end.
    return not key.endswith("/") and not path.name.startswith(".") and path.match("/" + pattern)


def _parts(url: str) -> tuple[str, str]:
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key


@contextmanager
def _reachable(url: str) -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise SourceUnreachable(
            f"{url} cannot be read: {error}. Check the bucket, SETTLE_S3_ENDPOINT and the AWS credentials."
        ) from None
