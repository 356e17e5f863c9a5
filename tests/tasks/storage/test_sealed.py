"""Sealed: the files of a closed month are what its seal vouches for, or they are not used."""

from pathlib import Path

import pytest

from models.errors import BadInput, ChangedInStore, NotStored
from models.period import Period, Version
from tasks.storage.directory import DirectoryStore
from tasks.storage.sealed import sealed_month
from tests.made.small_archive import settle

JANUARY, FEBRUARY = Version(Period(2026, 1)), Version(Period(2026, 2))
FOLDER = "uis/2026-01/v1"


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    store = DirectoryStore(tmp_path)
    settle(store)
    return store


def test_a_file_of_a_closed_month_is_read_as_it_was_sealed(store: DirectoryStore) -> None:
    month = sealed_month(store, FOLDER, JANUARY)

    assert month.read("statements/P-1/statement.json") == b"P-1 2026-01"
    assert sorted(month.digests) == [
        "draft.json",
        "inputs.json",
        "statements/P-1/statement.json",
        "statements/P-2/statement.json",
        "totals.csv",
    ]


@pytest.mark.parametrize("path", ["statements/P-1/statement.json", "draft.json"])
def test_a_file_that_was_changed_is_not_used(store: DirectoryStore, path: str) -> None:
    file = store.folder / FOLDER / path
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(ChangedInStore, match=f"{FOLDER}/{path} was changed after it was stored"):
        sealed_month(store, FOLDER, JANUARY).read(path)


def test_a_list_of_files_that_was_changed_is_not_used(store: DirectoryStore) -> None:
    sums = store.folder / FOLDER / "SHA256SUMS"
    sums.write_bytes(sums.read_bytes().replace(b"totals.csv", b"total.csv"))
    with pytest.raises(ChangedInStore, match=f"{FOLDER}/SHA256SUMS was changed"):
        sealed_month(store, FOLDER, JANUARY)


def test_the_seal_of_another_month_vouches_for_nothing(store: DirectoryStore) -> None:
    with pytest.raises(BadInput, match=f"{FOLDER}/SEAL is not the seal of 2026-02/v1: it closes 2026-01/v1"):
        sealed_month(store, FOLDER, FEBRUARY)


def test_a_month_without_a_seal_is_not_read(store: DirectoryStore) -> None:
    (store.folder / FOLDER / "SEAL").unlink()
    with pytest.raises(NotStored, match=f"{FOLDER}/SEAL"):
        sealed_month(store, FOLDER, JANUARY)


def test_a_file_that_is_not_listed_is_not_read_even_where_it_lies(store: DirectoryStore) -> None:
    (store.folder / FOLDER / "extra.json").write_bytes(b"{}")
    with pytest.raises(NotStored, match=r"lists no extra\.json"):
        sealed_month(store, FOLDER, JANUARY).read("extra.json")
