"""What the archive in a directory promises beyond what every store does: killed, out of space, without hard links."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from models.canonical import sha256
from models.errors import StoredDifferently, UnsafeStore
from tasks.storage.directory import DirectoryStore

OBJECTS = 24
WRITER = f"""
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tasks.storage.directory import DirectoryStore

store = DirectoryStore(Path(sys.argv[1]))
with ThreadPoolExecutor(2) as writers:
    list(writers.map(lambda n: store.put_once(f"large/{{n:02}}", bytes([n]) * 4_000_000), range({OBJECTS})))
"""


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "archive")


@pytest.mark.slow
def test_a_writer_killed_at_any_moment_leaves_only_whole_objects_and_a_rerun_completes(store: DirectoryStore) -> None:
    incoming = store.folder / ".incoming"
    torn = 0
    for _ in range(6):
        before = set(os.listdir(incoming)) if incoming.exists() else set()
        with subprocess.Popen([sys.executable, "-c", WRITER, str(store.folder)]) as writer:
            while writer.poll() is None and not (incoming.exists() and set(os.listdir(incoming)) - before):
                time.sleep(0.0005)
            writer.send_signal(signal.SIGKILL)
        torn += len(set(os.listdir(incoming)) - before)
        for key in store.keys(""):
            assert store.read_unchecked(key) == bytes([int(key.removeprefix("large/"))]) * 4_000_000
    assert torn > 0, "no writer was killed in the middle of a write: the test proved nothing"

    subprocess.run([sys.executable, "-c", WRITER, str(store.folder)], check=True)
    assert list(store.keys("")) == [f"large/{n:02}" for n in range(OBJECTS)]
    assert store.read_unchecked("large/23") == b"\x17" * 4_000_000


def test_leftovers_of_the_dead_are_removed_and_those_of_the_living_stay(store: DirectoryStore) -> None:
    store.put_once("a/b", b"hello")
    old, young = store.folder / ".incoming" / "old", store.folder / ".incoming" / "young"
    for leftover in (old, young):
        leftover.write_bytes(b"hel")
    two_days_ago = time.time() - 2 * 24 * 60 * 60
    os.utime(old, (two_days_ago, two_days_ago))

    store.probe()

    assert os.listdir(store.folder / ".incoming") == ["young"]
    assert list(store.keys("")) == ["a/b"]


def test_a_writer_whose_file_was_taken_for_a_leftover_archives_nothing(
    store: DirectoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def woken_after_two_days(source: Path, target: Path) -> None:
        source.unlink()
        link(source, target)

    monkeypatch.setattr(os, "link", woken_after_two_days)
    with pytest.raises(UnsafeStore, match=r"No such file"):
        store.put_once("a/b", b"hello")
    assert list(store.keys("")) == []


def test_a_file_system_without_hard_links_is_refused(store: DirectoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_link(source: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted", str(source), None, str(target))

    monkeypatch.setattr(os, "link", no_link)
    for use in (store.probe, lambda: store.put_once("a/b", b"hello")):
        with pytest.raises(UnsafeStore, match=r"without hard links"):
            use()
    assert list(store.keys("")) == []
    assert os.listdir(store.folder / ".incoming") == []


def test_a_file_system_that_lets_a_file_be_replaced_is_refused(
    store: DirectoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", os.rename)
    with pytest.raises(UnsafeStore, match=r"let a second file take the name of the first"):
        store.probe()


def test_a_full_disk_is_said_in_plain_words_and_leaves_nothing(
    store: DirectoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put_once("a/first", b"hello")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnsafeStore, match=r"a/b: No space left on device\. Check the folder"):
        store.put_once("a/b", b"hello")
    assert list(store.keys("")) == ["a/first"]
    assert os.listdir(store.folder / ".incoming") == []


def test_the_bytes_and_every_name_above_them_reach_the_disk(
    store: DirectoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: flushed.append(os.fstat(descriptor).st_ino))

    def inode(name: str) -> int:
        return (store.folder / name).stat().st_ino

    store.put_once("a/b/c", b"hello")
    names = ["..", ".", "a", "a/b", "a/b/c"]
    assert [name for name in names if inode(name) not in flushed] == []
    assert flushed.index(inode("a/b/c")) < len(flushed) - 1  # the bytes first, then the name
    assert flushed[-1] == inode("a/b")

    # A run that finds the object of a killed one can not know whether its name was flushed.
    flushed.clear()
    DirectoryStore(store.folder).put_once("a/b/c", b"hello")
    assert {inode("."), inode("a"), inode("a/b")} <= set(flushed)


def test_a_half_written_object_of_another_tool_is_not_taken_for_ours(store: DirectoryStore) -> None:
    (store.folder / "a").mkdir(parents=True)
    (store.folder / "a" / "b").write_bytes(b"hel")
    with pytest.raises(StoredDifferently, match=r"3 bytes.*5 bytes"):
        store.put_once("a/b", b"hello")
    assert store.read_unchecked("a/b") == b"hel"


def test_a_key_taken_by_a_link_to_nowhere_is_refused(store: DirectoryStore) -> None:
    store.folder.mkdir()
    (store.folder / "a").symlink_to("nowhere")
    with pytest.raises(StoredDifferently, match=r"something that cannot be read"):
        store.put_once("a", b"hello")


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "archive").write_bytes(b"")
    store = DirectoryStore(tmp_path / "archive")
    for use in (store.probe, lambda: store.put_once("a/b", b"hello"), lambda: list(store.keys(""))):
        with pytest.raises(UnsafeStore, match=r"cannot be used"):
            use()


def test_reading_an_archive_that_is_not_there_does_not_make_it(store: DirectoryStore) -> None:
    assert store.find("a") is None
    assert list(store.keys("")) == []
    assert not store.folder.exists()


def test_the_digest_found_is_of_the_bytes_on_the_disk(store: DirectoryStore) -> None:
    store.put_once("a", b"hello")
    (store.folder / "a").write_bytes(b"hellx")
    assert store.find("a") == ("a", sha256(b"hellx"), 5)


@pytest.mark.parametrize("link", ["uis/2026-01", "uis/2026-01/v1/statement.json"])
def test_nothing_is_read_or_written_through_a_link_that_leads_outside(tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside"
    (outside / "v1").mkdir(parents=True)
    (outside / "v1/statement.json").write_bytes(b"forged")
    store = DirectoryStore(tmp_path / "archive")
    path = tmp_path / "archive" / link
    path.parent.mkdir(parents=True)
    path.symlink_to(outside / "v1/statement.json" if link.endswith(".json") else outside)
    with pytest.raises(UnsafeStore, match=r"leads outside the archive, to .*outside.* by a symbolic link"):
        store.read_unchecked("uis/2026-01/v1/statement.json")
    with pytest.raises(UnsafeStore, match="leads outside the archive"):
        store.put_once("uis/2026-01/v1/statement.json", b"ours")
    assert sorted(each.name for each in outside.rglob("*")) == ["statement.json", "v1"]


def test_an_archive_may_itself_lie_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "archive").symlink_to(tmp_path / "disk")
    store = DirectoryStore(tmp_path / "archive")
    store.put_once("uis/a", b"ours")
    assert store.read_unchecked("uis/a") == b"ours"


def test_a_link_to_another_folder_of_the_archive_is_followed(store: DirectoryStore) -> None:
    store.put_once("uis/2026-01/a", b"ours")
    (store.folder / "uis/newest").symlink_to("2026-01")
    assert store.read_unchecked("uis/newest/a") == b"ours"
