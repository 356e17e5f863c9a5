"""What every store promises, on a directory, on moto and on a real S3 server alike."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from models.errors import BadInput, ChangedInStore, NotStored, StoredDifferently, WrongUse
from rules.archive.layout import safe_key
from tasks.clock import utc
from tasks.database.times import apart
from tasks.settings import Settings
from tasks.storage import Store, Stored
from tasks.storage.open import open_store

HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"  # sha256sum of hello
WORLD = "486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7"  # sha256sum of world


@pytest.fixture
def directory(tmp_path: Path) -> Store:
    return open_store(f"file://{tmp_path}/archive", Settings())


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "moto")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "moto")
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="archive")
        yield open_store("s3://archive/settlement/main", Settings())


@pytest.fixture
def real_s3(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Store:
    for name, value in request.getfixturevalue("seaweedfs").environment().items():
        monkeypatch.setenv(name, value)
    return open_store(f"{request.getfixturevalue('seaweedfs_bucket')}/settlement/main", Settings())


@pytest.fixture(params=["directory", "moto", pytest.param("real_s3", marks=pytest.mark.slow)])
def store(request: pytest.FixtureRequest) -> Store:
    chosen: Store = request.getfixturevalue(request.param)
    return chosen


# Moto is not for many at once: it drops an object's bytes while another call reads them.
raced = pytest.mark.parametrize("store", ["directory", pytest.param("real_s3", marks=pytest.mark.slow)], indirect=True)


def test_what_is_stored_is_named_by_key_digest_and_size(store: Store) -> None:
    assert store.put_once("uis/2026-01/v1/totals.csv", b"hello") == ("uis/2026-01/v1/totals.csv", HELLO, 5)


def test_what_was_stored_can_be_read_and_found(store: Store) -> None:
    store.put_once("a/b", b"hello")
    assert store.read_unchecked("a/b") == b"hello"
    assert store.find("a/b") == Stored("a/b", HELLO, 5)


def test_what_is_read_is_what_was_stored_by_its_recorded_digest(store: Store) -> None:
    store.put_once("a/b", b"hello")
    assert store.get("a/b", HELLO) == b"hello"


def test_bytes_that_are_not_the_recorded_ones_are_not_given_out(store: Store) -> None:
    store.put_once("a/b", b"world")
    with pytest.raises(ChangedInStore, match=rf"{store.url}/a/b .* is {WORLD}, and {HELLO} was recorded") as refused:
        store.get("a/b", HELLO)
    assert (refused.value.key, refused.value.recorded, refused.value.found) == ("a/b", HELLO, WORLD)
    assert "put back a copy" in str(refused.value)


def test_an_empty_object_is_an_object(store: Store) -> None:
    store.put_once("a/empty", b"")
    assert store.read_unchecked("a/empty") == b""
    assert list(store.keys("")) == ["a/empty"]


def test_storing_the_same_bytes_again_changes_nothing(store: Store) -> None:
    assert store.put_once("a/b", b"hello") == store.put_once("a/b", b"hello")


def test_other_bytes_under_a_taken_key_are_refused_and_the_first_stay(store: Store) -> None:
    store.put_once("a/b", b"hello")
    with pytest.raises(StoredDifferently, match=rf"a/b.*{HELLO}.*{WORLD}"):
        store.put_once("a/b", b"world")
    assert store.read_unchecked("a/b") == b"hello"


def test_what_is_not_there_is_not_found_and_cannot_be_read(store: Store) -> None:
    assert store.find("a/b") is None
    with pytest.raises(NotStored, match=r"a/b"):
        store.read_unchecked("a/b")
    with pytest.raises(NotStored, match=r"a/b"):
        store.get("a/b", HELLO)


def test_keys_come_sorted_and_only_those_under_the_prefix(store: Store) -> None:
    for key in ("p/b/x", "p/b.x", "p/b x", "p/b0", "p/a", "q/a", "p2/a", "p/ж"):
        store.put_once(key, b"hello")
    assert list(store.keys("p/")) == ["p/a", "p/b x", "p/b.x", "p/b/x", "p/b0", "p/ж"]
    assert list(store.keys("p/b")) == ["p/b x", "p/b.x", "p/b/x", "p/b0"]
    assert list(store.keys("p")) == ["p/a", "p/b x", "p/b.x", "p/b/x", "p/b0", "p/ж", "p2/a"]
    assert list(store.keys("r/")) == []


@raced
def test_of_eight_writers_of_one_key_one_wins_and_the_others_learn_it(store: Store) -> None:
    for round_number in range(3):
        start = Barrier(8)

        def write(content: bytes, key: str = f"race/{round_number}", start: Barrier = start) -> bytes | None:
            start.wait()
            try:
                store.put_once(key, content)
            except StoredDifferently:
                return None
            return content

        contents = [bytes([65 + writer]) * 100_000 for writer in range(8)]
        with ThreadPoolExecutor(8) as writers:
            winners = [content for content in writers.map(write, contents) if content is not None]
        assert winners == [store.read_unchecked(f"race/{round_number}")]


@raced
def test_eight_writers_of_the_same_bytes_all_succeed(store: Store) -> None:
    start = Barrier(8)

    def write(_: int) -> Stored:
        start.wait()
        return store.put_once("race/same", b"hello")

    with ThreadPoolExecutor(8) as writers:
        assert set(writers.map(write, range(8))) == {Stored("race/same", HELLO, 5)}


def test_a_store_that_keeps_its_word_passes_the_probe_and_keeps_nothing_of_it(store: Store) -> None:
    store.put_once("a/b", b"hello")
    store.probe()
    store.probe()
    assert list(store.keys("")) == ["a/b"]


def test_the_folder_above_can_be_opened(store: Store) -> None:
    store.put_once("a/b", b"hello")
    above = store.parent().parent()  # type: ignore[attr-defined]
    assert above.read_unchecked(f"{'/'.join(store.url.split('/')[-2:])}/a/b") == b"hello"


UNSAFE = [
    "",
    "/a",
    "a/",
    "a//b",
    "../a",
    "a/../b",
    "a/.",
    ".a",
    "a/.b",
    "a\\b",
    "a\nb",
    "a\0b",
    "a\x1b[2Jb",
    "a/\ud800",
]


def test_a_key_that_could_lead_elsewhere_is_refused(store: Store) -> None:
    for key in UNSAFE:
        for use in (store.read_unchecked, store.find, lambda key: store.put_once(key, b"hello")):
            with pytest.raises(BadInput, match=r"cannot be a key of the archive"):
                use(key)
    assert list(store.keys("")) == []


@settings(deadline=None)
@given(st.text())
def test_a_safe_key_stays_inside_its_folder(key: str) -> None:
    folder = Path("/archive")
    try:
        path = folder / safe_key(key)
    except BadInput:
        return
    assert path.is_relative_to(folder)
    assert path != folder
    assert str(path) == f"/archive/{key}"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "archive",
        "/srv/archive",
        "file://archive",
        "file:/srv",
        "s3://",
        "gs://bucket",
        "https://x/y",
        "file:///a%00",
    ],
)
def test_a_url_of_another_kind_is_refused_with_what_is_possible(url: str) -> None:
    with pytest.raises(WrongUse, match=r"file:///folder .* or s3://bucket/prefix"):
        open_store(url, Settings())


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("file:///srv/my archive/", "file:///srv/my archive"),
        ("file:///srv/my%20archive", "file:///srv/my archive"),
        ("file:///srv/архив#1?", "file:///srv/архив#1?"),
        ("s3://bucket", "s3://bucket"),
        ("s3://bucket/", "s3://bucket"),
        ("s3://bucket/a/b/", "s3://bucket/a/b"),
    ],
)
def test_a_url_is_read_with_its_slashes_and_escapes(written: str, meant: str) -> None:
    assert open_store(written, Settings()).url == meant


def test_two_prefixes_of_one_bucket_do_not_see_each_other(moto: Store) -> None:
    moto.put_once("a", b"hello")
    neighbour = open_store("s3://archive/settlement/main2", Settings())
    assert neighbour.find("a") is None
    assert list(neighbour.keys("")) == []
    assert list(open_store("s3://archive", Settings()).keys("")) == ["settlement/main/a"]


def test_an_s3_store_knows_where_its_bucket_ends(moto: Store) -> None:
    assert open_store("s3://archive", Settings()).parent() is None  # type: ignore[attr-defined]


def test_the_folders_right_below_a_prefix_are_named(store: Store) -> None:
    for key in ("uis/2026-01/v1/SEAL", "uis/2026-01/v2/SEAL", "uis/2026-02/v1/SEAL", "uis/inputs/a.csv", "uis/note"):
        store.put_once(key, b"hello")
    assert store.folders("uis/") == ["2026-01", "2026-02", "inputs"]
    assert store.folders("uis/2026-01/") == ["v1", "v2"]
    assert store.folders("nobody/") == []
    assert store.names("uis/") == ["2026-01/", "2026-02/", "inputs/", "note"]


def test_the_stores_own_clock_is_asked(store: Store) -> None:
    assert (shown := store.clock()) is not None
    assert not apart(shown, utc())
    assert list(store.keys("")) == []
