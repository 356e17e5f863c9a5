"""The archive on S3: an object is created on the condition that there is none, whatever happens to the answer."""

import random
import secrets
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import mktime_tz, parsedate_tz
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypedDict, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.exceptions import ConnectionError as NoConnectionError

from models.canonical import sha256
from models.errors import NotStored, StoreUnreachable, UnsafeStore, WrongUse
from rules.archive.layout import safe_key
from tasks.clock import utc_text
from tasks.settings import Settings
from tasks.storage import CALLS_AT_A_TIME, Kept, Store, Stored
from tasks.storage.create_once import same_or_refused

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.literals import ObjectLockModeType

P = ParamSpec("P")
R = TypeVar("R")

PROBES = ".probe/"  # objects the probe makes and removes; never part of the archive
ATTEMPTS = 12  # of a call that the store does not answer: of 1 000 000 where two in five break, 17 break so often
CONFLICTS = 5  # of two writes of one object that are waited for
LONGEST_PAUSE = 5.0  # seconds between two attempts
READ_SECONDS = 60  # that an answer may take
LINK_SECONDS = (
    7 * 24 * 60 * 60
)  # the longest a signed link may live; it ends with the credentials, where they end sooner

LOCKS: "dict[str, ObjectLockModeType]" = {"compliance": "COMPLIANCE", "governance": "GOVERNANCE"}

BUSY = {"InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout", "500", "502", "503", "504"}
ABSENT = {"NoSuchKey", "404", "NotFound"}
CREDENTIALS = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
ADVICE = {
    "NoSuchBucket": "there is no such bucket. Create it, or correct SETTLE_ARCHIVE_URL",
    "InvalidAccessKeyId": f"the store does not know this access key. {CREDENTIALS}",
    "SignatureDoesNotMatch": f"the secret key does not belong to the access key. {CREDENTIALS}",
    "AccessDenied": f"these credentials may not do that. {CREDENTIALS}, or give them the right to list, get and put",
    "403": f"these credentials may not do that. {CREDENTIALS}, or give them the right to list, get and put",
    "PermanentRedirect": "the bucket is in another region. Set SETTLE_S3_REGION",
    "301": "the bucket is in another region. Set SETTLE_S3_REGION",
    "AuthorizationHeaderMalformed": "the bucket is in another region. Set SETTLE_S3_REGION",
    "RequestTimeTooSkewed": "the clock of this machine is wrong. Set it",
    "NotImplemented": "the store cannot create an object on the condition that there is none. Use another store",
}


class Lock(TypedDict, total=False):
    """How an object is locked, as boto3 names it."""

    ObjectLockMode: "ObjectLockModeType"
    ObjectLockRetainUntilDate: datetime


def connect(settings: Settings, attempts: int = 5) -> "S3Client":
    """A client for as many threads as like. Credentials come the usual AWS ways."""
    config = Config(
        retries={"mode": "standard", "total_max_attempts": attempts},
        connect_timeout=5,
        read_timeout=READ_SECONDS,
        max_pool_connections=CALLS_AT_A_TIME,
        # We send SHA-256 with every object and hash what we read: no second kind of checksum is needed.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        signature_version="s3v4",  # without it, links are signed in a way that most stores no longer take
        s3={"addressing_style": "path" if settings.s3_endpoint else "auto"},
    )
    try:
        session = boto3.session.Session(region_name=settings.s3_region)
        return session.client("s3", endpoint_url=settings.s3_endpoint or None, config=config)
    except (BotoCoreError, ValueError) as error:
        raise WrongUse(f"S3 cannot be used: {error}. Check SETTLE_S3_ENDPOINT and the AWS_ variables.") from error


def patiently(method: "Callable[Concatenate[S3Store, P], R]") -> "Callable[Concatenate[S3Store, P], R]":
    """Let a method be tried again where the store did not answer.

    boto3 tries nothing again itself: it stops doing so for all calls once many have failed, and a close that asks for
    thousands of objects would never end where two calls in five are broken. Each method may be repeated: it reads, or
    creates once.
    """

    @wraps(method)
    def again(self: "S3Store", /, *given: P.args, **named: P.kwargs) -> R:
        for attempt in range(ATTEMPTS - 1):
            try:
                return method(self, *given, **named)
            except StoreUnreachable:
                time.sleep(random.uniform(0.5, 1) * min(LONGEST_PAUSE, 0.1 * 2**attempt))  # noqa: S311 (no secret)
        return method(self, *given, **named)

    return again


class S3Store(Store):
    """Create-once storage in a bucket, under a prefix."""

    def __init__(self, bucket: str, prefix: str, client: "S3Client", lock: str = "") -> None:
        """`lock` is blank, or a mode and years: what is stored is locked so."""
        self.url = f"s3://{bucket}/{prefix}".rstrip("/")
        self._bucket, self._client, self._lock = bucket, client, lock
        self._prefix = f"{prefix}/" if prefix else ""

    def parent(self) -> "S3Store | None":
        """The store one folder up, if the bucket does not end here."""
        if not self._prefix:
            return None
        return S3Store(self._bucket, self._prefix.rstrip("/").rpartition("/")[0], self._client, self._lock)

    def put_once(self, key: str, data: bytes) -> Stored:
        wanted = Stored(safe_key(key), sha256(data), len(data))
        if self._create(key, data, wanted.sha256):
            return wanted
        return same_or_refused(self.find(key), wanted, self.url)

    def read_unchecked(self, key: str) -> bytes:
        return self._read(safe_key(key))

    @patiently
    def _read(self, key: str) -> bytes:
        with self._in_plain_words(key):
            body = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)["Body"]
        try:
            with body:
                return body.read()
        except (IncompleteReadError, HTTPClientError) as error:
            raise StoreUnreachable(f"{self.url} cut {key} short, each of {ATTEMPTS} times: {error}") from error

    @patiently
    def find(self, key: str) -> Stored | None:
        try:
            with self._in_plain_words(safe_key(key)):
                head = self._client.head_object(Bucket=self._bucket, Key=self._prefix + key, ChecksumMode="ENABLED")
            checksum = head.get("ChecksumSHA256", "")
            if checksum and "-" not in checksum:  # with a dash it is a checksum of the checksums of parts
                return Stored(key, b64decode(checksum).hex(), head["ContentLength"])
            data = self.read_unchecked(key)
        except NotStored:
            return None
        return Stored(key, sha256(data), len(data))

    @patiently
    def kept(self, key: str) -> Kept:
        with self._in_plain_words(safe_key(key)):
            head = self._client.head_object(Bucket=self._bucket, Key=self._prefix + key)
        until = head.get("ObjectLockRetainUntilDate")
        version = head.get("VersionId", "")
        return Kept(
            version="" if version == "null" else version,
            mode=head.get("ObjectLockMode", ""),
            until="" if until is None else f"{until.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        )

    def keys(self, prefix: str) -> Iterator[str]:
        yield from self._keys(prefix)

    @patiently
    def _keys(self, prefix: str) -> list[str]:
        with self._in_plain_words(f"the list of {prefix or 'everything'}"):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix
            )
            found = [item["Key"].removeprefix(self._prefix) for page in pages for item in page.get("Contents", [])]
        # Not every server lists in the order that S3 promises: SeaweedFS puts `a/b` before `a.b`.
        return sorted(key for key in found if not key.startswith(PROBES))

    @patiently
    def names(self, prefix: str) -> list[str]:
        found = []
        with self._in_plain_words(f"the folders of {prefix}"):
            for page in self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix, Delimiter="/"
            ):
                found += [each["Prefix"] for each in page.get("CommonPrefixes", [])]
                found += [each["Key"] for each in page.get("Contents", [])]
        return sorted(each.removeprefix(self._prefix + prefix) for each in found)

    @patiently
    def clock(self) -> str | None:
        with self._in_plain_words("its time"):
            answer = self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix + PROBES, MaxKeys=1)
        said = parsedate_tz(answer["ResponseMetadata"]["HTTPHeaders"].get("date", ""))
        return utc_text(mktime_tz(said)) if said else None

    def link(self, key: str) -> str | None:
        where = {"Bucket": self._bucket, "Key": self._prefix + safe_key(key)}
        with self._in_plain_words(key):
            return self._client.generate_presigned_url("get_object", Params=where, ExpiresIn=LINK_SECONDS)

    def probe(self) -> None:
        key = PROBES + secrets.token_hex(16)
        # Whether it says that it created the first does not matter: an answer that was lost on the way makes its own
        # repeat find the key taken.
        self._create(key, b"first", sha256(b"first"))
        try:
            created_again = self._create(key, b"second", sha256(b"second"))
            held = self._read(key)
        finally:
            # Credentials that may not delete are the better ones for an archive: then the probe stays, unlisted.
            with suppress(ClientError, BotoCoreError):
                self._client.delete_object(Bucket=self._bucket, Key=self._prefix + key)
        if created_again or held != b"first":
            raise UnsafeStore(
                f"{self.url} at {self._endpoint} overwrote an object that it was asked to create only if there was "
                "none (If-None-Match: *). An archive there would not be safe: use a store that keeps this condition."
            )

    @property
    def _endpoint(self) -> str:
        return self._client.meta.endpoint_url

    @patiently
    def _create(self, key: str, data: bytes, digest: str) -> bool:
        """Create the object, whose SHA-256 is `digest`. False where the key is taken, maybe by an own try."""
        checksum = b64encode(bytes.fromhex(digest)).decode()
        for attempt in range(CONFLICTS):
            with self._in_plain_words(key):
                try:
                    self._client.put_object(
                        Bucket=self._bucket,
                        Key=self._prefix + key,
                        Body=data,
                        IfNoneMatch="*",
                        ChecksumAlgorithm="SHA256",
                        ChecksumSHA256=checksum,
                        **({} if key.startswith(PROBES) else self._locked()),
                    )
                except ClientError as error:
                    if _code(error) in {"PreconditionFailed", "412"}:
                        return False
                    if _code(error) not in {"ConditionalRequestConflict", "OperationAborted", "409"}:
                        raise
                else:
                    return True
            # Another write of this key is under way: its end decides.
            time.sleep(0.1 * 2**attempt)
        raise UnsafeStore(
            f"{self.url} at {self._endpoint} said {CONFLICTS} times that {key} is being written. Run again."
        )

    def _locked(self) -> "Lock":
        """The words of a request that lock what it stores."""
        if not self._lock:
            return {}
        mode, _, years = self._lock.partition(":")
        today = datetime.now(UTC)
        last = today.replace(year=today.year + int(years), day=min(today.day, 28))
        return {"ObjectLockMode": LOCKS[mode], "ObjectLockRetainUntilDate": last}

    @contextmanager
    def _in_plain_words(self, what: str) -> Iterator[None]:
        where = f"{self.url} at {self._endpoint} cannot be used for {what}"
        try:
            yield
        except ClientError as error:
            code = _code(error)
            if code in ABSENT:
                raise NotStored(f"{self.url} holds no {what}.") from error
            kind = StoreUnreachable if code in BUSY else UnsafeStore
            raise kind(f"{where}: {ADVICE.get(code, error)} ({code}).") from error
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise UnsafeStore(f"{where}: there are no credentials. {CREDENTIALS}.") from error
        except (NoConnectionError, HTTPClientError) as error:
            raise StoreUnreachable(f"{where}: it cannot be reached. Check SETTLE_S3_ENDPOINT ({error}).") from error
        except BotoCoreError as error:
            raise UnsafeStore(f"{where}: {error}. Check SETTLE_ARCHIVE_URL and the AWS_ variables.") from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
