"""What only a real S3 server shows: refused credentials, missing buckets, many threads on one client."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from models.errors import StoredDifferently, UnsafeStore
from tasks.settings import Settings
from tasks.storage import Store
from tasks.storage.open import open_store
from tests.servers.seaweedfs import SeaweedFS

pytestmark = pytest.mark.slow

EVERY_USE: dict[str, Callable[[Store], object]] = {
    "probe": lambda store: store.probe(),
    "put_once": lambda store: store.put_once("a", b"hello"),
    "read": lambda store: store.read_unchecked("a"),
    "find": lambda store: store.find("a"),
    "keys": lambda store: list(store.keys("")),
}


@pytest.fixture
def store(seaweedfs: SeaweedFS, seaweedfs_bucket: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    for name, value in seaweedfs.environment().items():
        monkeypatch.setenv(name, value)
    return open_store(f"{seaweedfs_bucket}/main", Settings())


@pytest.mark.parametrize("use", EVERY_USE)
def test_a_wrong_secret_key_is_refused_in_plain_words(
    store: Store, seaweedfs: SeaweedFS, monkeypatch: pytest.MonkeyPatch, use: str
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not the secret")
    with pytest.raises(
        UnsafeStore, match=rf"{store.url} at {seaweedfs.endpoint} .* Set AWS_ACCESS_KEY_ID and AWS_SECRET"
    ):
        EVERY_USE[use](open_store(store.url, Settings()))


def test_an_unknown_access_key_is_refused_in_plain_words(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    with pytest.raises(UnsafeStore, match=r"does not know this access key"):
        open_store(store.url, Settings()).probe()


@pytest.mark.parametrize("use", ["probe", "put_once", "keys"])
def test_a_missing_bucket_is_named(store: Store, seaweedfs: SeaweedFS, use: str) -> None:
    with pytest.raises(UnsafeStore, match=rf"s3://nowhere/main at {seaweedfs.endpoint} .* no such bucket"):
        EVERY_USE[use](open_store("s3://nowhere/main", Settings()))


def test_an_object_changed_behind_our_back_is_noticed_by_its_digest(store: Store, seaweedfs: SeaweedFS) -> None:
    store.put_once("a", b"hello")
    bucket = store.url.split("/")[2]
    seaweedfs.client().put_object(Bucket=bucket, Key="main/a", Body=b"hellx")
    found = store.find("a")
    assert found is not None
    assert found.sha256 == "0b6179b38a9702b3e6b715188031623d09cdc4d173c6acfee273210ea281e1a8"  # sha256sum of hellx
    with pytest.raises(StoredDifferently):
        store.put_once("a", b"hello")


def test_sixteen_threads_share_one_store(store: Store) -> None:
    def put(number: int) -> str:
        return store.put_once(f"many/{number:03}", b"%d" % number * 5_000).key

    with ThreadPoolExecutor(16) as writers:
        stored = list(writers.map(put, range(200)))
        assert list(store.keys("many/")) == stored
        assert list(writers.map(store.read_unchecked, stored)) == [b"%d" % number * 5_000 for number in range(200)]
