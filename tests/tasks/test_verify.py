"""An archive is verified whole or in part, on any store, and what could not be checked is said."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.canonical import canonical_json, sha256
from models.errors import UnsafeStore, WrongUse
from rules.archive.layout import input_key
from tasks.settings import Settings
from tasks.storage.directory import DirectoryStore
from tasks.storage.open import open_store
from tests.made.small_archive import findings, settle, verified, verify
from tests.servers.seaweedfs import SeaweedFS


@pytest.fixture
def root(tmp_path: Path) -> Path:
    settle(DirectoryStore(tmp_path / "archive"))
    return tmp_path / "archive"


def test_an_untouched_archive_holds(root: Path) -> None:
    found = verified(root)
    assert found.holds
    assert found.findings == ()
    assert (found.periods, found.files) == (3, 25)  # 3 x (5 files, SHA256SUMS, SEAL), 3 snapshots, 1 programme
    assert found.bytes == sum(path.stat().st_size for path in root.rglob("*") if path.is_file())


def test_a_programme_can_be_verified_on_its_own(root: Path) -> None:
    found = verified(root / "uis")
    assert (found.holds, found.findings, found.periods, found.files) == (True, (), 3, 25)


@pytest.mark.parametrize("month", ["2026-01", "2026-02", "2026-03"])
def test_a_month_can_be_verified_on_its_own(root: Path, month: str) -> None:
    found = verified(root / "uis" / month)
    assert (found.holds, found.findings, found.periods, found.files) == (True, (), 1, 9)


def test_each_programme_of_an_archive_is_verified(root: Path) -> None:
    settle(DirectoryStore(root), "other", ("2025-12", "2026-01"))
    assert verified(root).periods == 5
    (root / "other" / "2025-12" / "v1" / "totals.csv").write_bytes(b"")
    assert [where for where, _ in findings(root)] == ["other/2025-12/v1/totals.csv"]


def test_progress_is_told_month_by_month(root: Path) -> None:
    told: list[str] = []
    verify(DirectoryStore(root), told.append)
    assert told == [
        "uis/2026-01/v1: 7 files so far",
        "uis/2026-02/v1: 14 files so far",
        "uis/2026-03/v1: 21 files so far",
    ]


def test_a_month_under_way_is_a_warning_and_no_damage(root: Path) -> None:
    store = DirectoryStore(root)
    store.put_once("uis/2026-04/v1/statements/P-1/statement.json", b"P-1 2026-04")
    found = verified(root)
    assert found.findings == (("warning", "uis/2026-04/v1", "is not finished: it has no SEAL"),)
    assert (found.holds, found.periods) == (True, 3)
    assert verified(root / "uis/2026-04").findings[0] == ("warning", "2026-04/v1", "is not finished: it has no SEAL")


def test_inputs_of_drafts_never_approved_are_counted_and_no_damage(root: Path) -> None:
    store = DirectoryStore(root)
    store.put_once(input_key("uis", sha256(b"draft"), "parquet"), b"draft")
    store.put_once(input_key("uis", sha256(b"under way"), "parquet"), b"under way")
    under_way = canonical_json({"inputs": {"lines": f"{sha256(b'under way')}.parquet"}})
    store.put_once("uis/2026-04/v1/inputs.json", under_way)
    found = verified(root)
    assert found.holds
    assert found.findings[-1] == (
        "warning",
        "uis/inputs",
        "not referred to by any month: 1 (drafts never approved, reports of rejected lines)",
    )


def test_a_month_alone_says_what_it_could_not_check(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "uis/2026-02", tmp_path / "taken along/2026-02")
    found = verified(tmp_path / "taken along/2026-02")
    assert found.holds
    assert found.findings == (
        ("warning", "2026-02/v1/SEAL", "chain not checked: only this period was given"),
        ("warning", "inputs", "inputs not checked: only this period was given"),
    )


def test_a_month_in_a_folder_of_another_name_cannot_be_told_from_another_month(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "uis/2026-02", tmp_path / "february")
    with pytest.raises(WrongUse, match="february holds one month, and its name does not say which"):
        verified(tmp_path / "february")
    shutil.copytree(root / "uis/2026-02", tmp_path / "2026-05")
    assert findings(tmp_path / "2026-05")[0] == (
        "2026-05/v1/SEAL",
        "is the seal of 2026-02/v1, and lies in the folder of 2026-05/v1",
    )


def test_a_folder_that_is_no_archive_does_not_hold(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        assert findings(folder) == [(f"file://{folder}", "holds no month of any programme: check the URL")]
        assert not verified(folder).holds


def test_what_has_no_place_in_an_archive_is_pointed_out(root: Path) -> None:
    (root / "readme.txt").write_bytes(b"")
    (root / "uis/2026-01/notes.txt").write_bytes(b"")
    (root / "uis/2026-01/v0").mkdir()
    (root / "uis/2026-01/v0/SEAL").write_bytes(b"")
    found = verified(root)
    assert not found.holds
    assert [finding[1:] for finding in found.findings] == [
        ("readme.txt", "has no place in an archive"),
        ("uis/2026-01/notes.txt", "has no place in an archive"),
        ("uis/2026-01/v0/SEAL", "has no place in an archive"),
    ]


def test_a_file_among_the_inputs_that_is_named_as_no_input_is_pointed_out(root: Path) -> None:
    (root / "uis/inputs/evil.csv").write_bytes(b"")
    assert findings(root) == [("uis/inputs/evil.csv", "has no place in an archive: no input has such a name")]
    assert not verified(root).holds


def test_a_month_whose_surroundings_may_not_be_read_is_verified_alone(root: Path) -> None:
    class OneMonthOnly(DirectoryStore):
        def parent(self) -> DirectoryStore:
            return OneMonthOnly(self.folder.parent)

        def keys(self, prefix: str) -> Iterator[str]:
            if prefix.startswith("inputs"):
                raise UnsafeStore("AccessDenied")
            return super().keys(prefix)

        def read_unchecked(self, key: str) -> bytes:
            if key.startswith("2026-01"):
                raise UnsafeStore("AccessDenied")
            return super().read_unchecked(key)

    found = verify(OneMonthOnly(root / "uis/2026-02"))
    assert found.holds
    assert [finding.words for finding in found.findings] == [
        "chain not checked: only this period was given",
        "inputs not checked: only this period was given",
    ]


@pytest.mark.slow
def test_an_archive_on_a_real_s3_server_is_verified_like_any_other(
    seaweedfs: SeaweedFS, seaweedfs_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in seaweedfs.environment().items():
        monkeypatch.setenv(name, value)
    url = f"{seaweedfs_bucket}/kept/here"
    settle(open_store(url, Settings()))
    for part, periods, files in (("", 3, 25), ("/uis", 3, 25), ("/uis/2026-02", 1, 9)):
        found = verify(open_store(url + part, Settings()))
        assert (found.findings, found.periods, found.files) == ((), periods, files)

    key = "kept/here/uis/2026-02/v1/totals.csv"
    seaweedfs.client().put_object(Bucket=seaweedfs_bucket.removeprefix("s3://"), Key=key, Body=b"more for me\n")
    found = verify(open_store(url, Settings()))
    assert [(finding.severity, finding.where) for finding in found.findings] == [("error", "uis/2026-02/v1/totals.csv")]
