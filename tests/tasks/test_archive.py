"""Storing documents: what is stored is recorded, whatever becomes of the rest of the batch."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Lock

import pytest

from flows import documenting
from flows.settle_month import settle_month
from models.errors import StoreUnreachable
from models.period import Period, Version
from tasks.archive import archive
from tasks.storage import Stored
from tasks.storage.directory import DirectoryStore
from tests.made.tables import stored
from tests.made.vendors import claim, line, office, partner, write_vendor
from tests.waiting import LONG

JANUARY = Period(2026, 1)


class Deaf(DirectoryStore):
    """A store that does not answer where a partner's page is to be stored."""

    def put_once(self, key: str, data: bytes) -> Stored:
        if "/bo/" in key and key.endswith(".html"):
            raise StoreUnreachable(f"{self.url} did not answer for {key}.")
        return super().put_once(key, data)


class Counting(DirectoryStore):
    """A store that answers calls in groups of 32: fewer at a time would wait for ever, more are counted."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.group = Barrier(32, timeout=LONG)
        self.lock = Lock()
        self.now = self.most = 0

    def put_once(self, key: str, data: bytes) -> Stored:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.group.wait()
        with self.lock:
            self.now -= 1
        return Stored(key, "", 0)


def test_two_batches_together_make_32_calls_of_a_store_at_a_time(tmp_path: Path) -> None:
    batches = [{f"{each}-{number}": {"statement.json": b"{}"} for number in range(64)} for each in ("ana", "bo")]
    store = Counting(tmp_path)
    with ThreadPoolExecutor(2) as both:
        done = list(both.map(lambda batch: archive(store, "uis", Version(JANUARY), batch), batches))
    assert [len(each.stored) for each in done] == [64, 64]
    assert store.most == 32


def test_a_store_that_does_not_answer_for_one_keeps_what_it_took_of_the_others(tmp_path: Path) -> None:
    documents = {name: {"statement.json": b"{}", "statement.html": b"page"} for name in ("ana", "bo", "cy")}
    done = archive(Deaf(tmp_path), "uis", Version(JANUARY), documents)
    assert list(done.stored) == ["ana", "cy"]
    assert done.failed == {}
    assert "did not answer for uis/2026-01/v1/statements/bo/statement.html" in str(done.unreachable)


def test_what_was_stored_before_a_store_fell_silent_is_recorded_and_not_stored_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("ana", "bo", "cy")
    vendor = write_vendor(
        tmp_path / "vendor",
        partners=[partner(name) for name in names],
        claims=[claim(f"client of {name}", name) for name in names],
        billing={"2026-01.csv": [line(f"L-{name}", f"client of {name}", 100_000) for name in names]},
    )
    here = office(tmp_path / "home", vendor)
    deaf = Deaf(tmp_path / "home/archive")
    with monkeypatch.context() as silent:
        silent.setattr(documenting, "archive", lambda store, *given: archive(deaf, *given))
        with pytest.raises(StoreUnreachable):
            settle_month(JANUARY, here)
    assert {row["partner_id"] for row in stored(here.database, "stored")} == {"ana", "cy"}
    assert settle_month(JANUARY, here).ending.name == "CLOSED"
    archived = [row["subject"] for row in stored(here.database, "audit") if row["event"] == "statement.archived"]
    assert sorted(map(str, archived)) == [f"{name}/2026-01/v1" for name in names]
