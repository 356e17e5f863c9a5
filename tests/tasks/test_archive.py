"""Storing documents: what is stored is recorded, whatever becomes of the rest of the batch."""

from pathlib import Path

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

JANUARY = Period(2026, 1)


class Deaf(DirectoryStore):
    """A store that does not answer where a partner's page is to be stored."""

    def put_once(self, key: str, data: bytes) -> Stored:
        if "/bo/" in key and key.endswith(".html"):
            raise StoreUnreachable(f"{self.url} did not answer for {key}.")
        return super().put_once(key, data)


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
