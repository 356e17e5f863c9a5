"""What the archive on S3 promises when the network and the server do not: lost answers, conflicts, wrong settings."""

import io
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from moto import mock_aws

from models.errors import StoredDifferently, UnsafeStore, WrongUse
from tasks.settings import Settings
from tasks.storage import Stored
from tasks.storage.open import open_store
from tasks.storage.s3 import S3Store

HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"  # sha256sum of hello


class Changed:
    """A client with some of its operations changed: each gets the true one and the arguments."""

    def __init__(self, client: Any, **operations: Any) -> None:
        self._client, self._operations = client, operations

    def __getattr__(self, name: str) -> Any:
        true = getattr(self._client, name)
        change = self._operations.get(name)
        return (lambda **arguments: change(true, **arguments)) if change else true


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "moto")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "moto")
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="archive")
        yield client


def store_on(client: Any, **operations: Any) -> S3Store:
    return S3Store("archive", "main", Changed(client, **operations))  # type: ignore[arg-type]


def failing(code: str, times: int = 1_000_000) -> Any:
    """An operation that answers with an error so many times, and then as it should."""
    left = [times]

    def operation(true: Any, **arguments: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise ClientError({"Error": {"Code": code, "Message": "as the server puts it"}}, "Operation")
        return true(**arguments)

    return operation


def twice(true: Any, **arguments: Any) -> Any:
    """The answer to the first request is lost, and the client sends it again."""
    true(**arguments)
    return true(**arguments)


def test_a_write_whose_answer_was_lost_is_a_success(client: Any) -> None:
    assert store_on(client, put_object=twice).put_once("a", b"hello") == Stored("a", HELLO, 5)


def test_a_write_whose_answer_was_lost_is_still_refused_where_other_bytes_were_first(client: Any) -> None:
    store_on(client).put_once("a", b"world")
    with pytest.raises(StoredDifferently):
        store_on(client, put_object=twice).put_once("a", b"hello")
    assert store_on(client).read_unchecked("a") == b"world"


def test_a_conflict_with_another_write_is_tried_again(client: Any) -> None:
    conflict = failing("ConditionalRequestConflict", times=4)
    assert store_on(client, put_object=conflict).put_once("a", b"hello") == Stored("a", HELLO, 5)


def test_a_conflict_that_does_not_end_is_said(client: Any) -> None:
    with pytest.raises(UnsafeStore, match=r"said 5 times that a is being written"):
        store_on(client, put_object=failing("ConditionalRequestConflict")).put_once("a", b"hello")


def test_the_server_is_given_the_digest_to_check_and_keep(client: Any) -> None:
    store_on(client).put_once("a", b"hello")
    head = client.head_object(Bucket="archive", Key="main/a", ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="


@pytest.mark.parametrize("remembered", [None, "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=-2"])
def test_a_store_that_remembers_no_whole_digest_is_read(client: Any, remembered: str | None) -> None:
    def head_object(true: Any, **arguments: Any) -> Any:
        return {**true(**arguments), "ChecksumSHA256": remembered or ""}

    store = store_on(client, head_object=head_object)
    client.put_object(Bucket="archive", Key="main/a", Body=b"hello")
    assert store.find("a") == Stored("a", HELLO, 5)
    assert store.put_once("a", b"hello") == Stored("a", HELLO, 5)
    with pytest.raises(StoredDifferently):
        store.put_once("a", b"world")


def cut_short(times: int) -> Any:
    """A download that breaks off after three bytes, so many times."""
    left = [times]

    def get_object(true: Any, **arguments: Any) -> Any:
        if not left[0]:
            return true(**arguments)
        left[0] -= 1
        return {"Body": StreamingBody(io.BytesIO(b"hel"), content_length=5)}

    return get_object


def test_a_download_cut_short_is_tried_again(client: Any) -> None:
    store_on(client).put_once("a", b"hello")
    assert store_on(client, get_object=cut_short(11)).read_unchecked("a") == b"hello"


def test_a_download_always_cut_short_is_never_taken_for_the_object(client: Any) -> None:
    store_on(client).put_once("a", b"hello")
    with pytest.raises(UnsafeStore, match=r"cut a short, each of 12 times"):
        store_on(client, get_object=cut_short(12)).read_unchecked("a")


def ignoring_the_condition(true: Any, **arguments: Any) -> Any:
    arguments.pop("IfNoneMatch")
    return true(**arguments)


def test_a_store_that_ignores_the_condition_is_refused(client: Any) -> None:
    with pytest.raises(UnsafeStore, match=r"s3://archive/main .* overwrote an object"):
        store_on(client, put_object=ignoring_the_condition).probe()
    assert "Contents" not in client.list_objects_v2(Bucket="archive")


def test_a_store_that_knows_no_conditions_is_refused(client: Any) -> None:
    with pytest.raises(UnsafeStore, match=r"cannot create an object on the condition that there is none"):
        store_on(client, put_object=failing("NotImplemented")).probe()


def test_credentials_that_may_not_delete_are_good_enough(client: Any) -> None:
    store = store_on(client, delete_object=failing("AccessDenied"))
    store.probe()
    assert client.list_objects_v2(Bucket="archive")["KeyCount"] == 1
    assert list(store.keys("")) == []


def test_a_missing_bucket_is_named(client: Any) -> None:
    store = open_store("s3://nowhere/main", Settings())
    for use in (store.probe, lambda: store.put_once("a", b"hello"), lambda: list(store.keys(""))):
        with pytest.raises(UnsafeStore, match=r"s3://nowhere/main at https://s3.* no such bucket. Create it"):
            use()


def test_a_bucket_that_cannot_be_is_refused(client: Any) -> None:
    with pytest.raises(UnsafeStore, match=r"Invalid bucket name.*SETTLE_ARCHIVE_URL"):
        open_store("s3://no such bucket/main", Settings()).probe()


def test_an_endpoint_that_is_no_url_is_refused() -> None:
    with pytest.raises(WrongUse, match=r"Invalid endpoint: localhost.*SETTLE_S3_ENDPOINT"):
        open_store("s3://archive/main", Settings(s3_endpoint="localhost"))


def test_missing_credentials_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(UnsafeStore, match=r"no credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        open_store("s3://archive/main", Settings()).probe()


def test_an_endpoint_nobody_listens_at_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda self, context: 0)
    with pytest.raises(
        UnsafeStore, match=r"http://127.0.0.1:9 cannot be used .* cannot be reached. Check SETTLE_S3_ENDPOINT"
    ):
        open_store("s3://archive/main", Settings(s3_endpoint="http://127.0.0.1:9")).probe()
