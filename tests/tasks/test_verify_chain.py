"""An auditor is told which seal was changed, which does not follow the one before it, and which month is missing."""

import shutil
from pathlib import Path

import pytest

from models.canonical import sha256
from rules.archive.layout import SEAL
from rules.archive.seal import Seal
from tasks.storage.directory import DirectoryStore
from tests.made.small_archive import findings, settle, verified


@pytest.fixture
def root(tmp_path: Path) -> Path:
    settle(DirectoryStore(tmp_path / "archive"))
    return tmp_path / "archive"


def edit_seal(folder: Path, **changes: object) -> tuple[str, str]:
    """Write other words into a SEAL, as well as a forger can; returns its digest before and after."""
    path = folder / "v1" / SEAL
    before = path.read_bytes()
    path.write_bytes(Seal.parse(before).model_copy(update=changes).to_bytes())
    return sha256(before), sha256(path.read_bytes())


def test_an_edited_seal_breaks_the_chain(root: Path) -> None:
    before, after = edit_seal(root / "uis/2026-01", code="another")
    assert findings(root) == [
        ("uis/2026-02/v1/SEAL", f"breaks the chain: it names {before} as the SEAL of 2026-01/v1, which is {after}")
    ]
    assert findings(root / "uis/2026-02")[0][1].startswith("breaks the chain")


def test_an_edited_seal_of_the_last_month_is_found_by_what_it_says(root: Path) -> None:
    folder = root / "uis/2026-03"
    edit_seal(folder, files=6)
    assert findings(root) == [("uis/2026-03/v1/SHA256SUMS", "lists 5 files, and SEAL counts 6")]
    edit_seal(folder, files=5, draft="0" * 64)
    ((where, words),) = findings(root)
    assert where == "uis/2026-03/v1/SEAL"
    assert words.startswith(f"names the draft {'0' * 64}, and draft.json was listed as ")


def test_a_seal_of_another_month_or_programme_is_found(root: Path) -> None:
    edit_seal(root / "uis/2026-03", period="2026-04", programme="other")
    assert findings(root) == [
        ("uis/2026-03/v1/SEAL", "is the seal of 2026-04/v1, and lies in the folder of 2026-03/v1"),
        ("uis/2026-03/v1/SEAL", "is a seal of programme other, and lies in the folder of uis"),
    ]


def test_a_seal_that_is_junk_is_found(root: Path) -> None:
    (root / "uis/2026-03/v1" / SEAL).write_bytes(b"junk")
    ((where, words),) = findings(root)
    assert where == "uis/2026-03/v1/SEAL"
    assert words.startswith("SEAL cannot be read")


def test_a_broken_chain_is_found(root: Path) -> None:
    edit_seal(root / "uis/2026-03", previous="f" * 64)
    ((where, words),) = findings(root)
    assert where == "uis/2026-03/v1/SEAL"
    assert words.startswith(f"breaks the chain: it names {'f' * 64} as the SEAL of 2026-02/v1, which is ")

    edit_seal(root / "uis/2026-03", previous="")
    assert findings(root) == [("uis/2026-03/v1/SEAL", "names no seal before it, and 2026-02/v1/SEAL is there")]


def test_a_removed_month_is_found(root: Path) -> None:
    shutil.rmtree(root / "uis/2026-02")
    missing = ("uis/2026-02", "is missing: the archive goes from 2026-01 to 2026-03")
    assert [finding for finding in findings(root) if "drafts" not in finding[1]] == [missing]
    assert not verified(root).holds


def test_a_removed_first_month_is_found(root: Path) -> None:
    february = Seal.parse((root / "uis/2026-02/v1" / SEAL).read_bytes())
    shutil.rmtree(root / "uis/2026-01")
    assert findings(root)[0] == (
        "uis/2026-02/v1/SEAL",
        f"names {february.previous} as the SEAL of 2026-01/v1, which is missing",
    )


def test_a_removed_seal_leaves_a_month_not_finished_and_the_next_one_unchained(root: Path) -> None:
    (root / "uis/2026-02/v1" / SEAL).unlink()
    found = verified(root)
    assert [(finding.severity, finding.where) for finding in found.findings] == [
        ("error", "uis/2026-02/v1"),
        ("error", "uis/2026-03/v1/SEAL"),
    ]
    assert found.findings[0].words.startswith("has SHA256SUMS and no SEAL: the seal was taken away, or a close was cut")


def test_a_removed_last_seal_is_found_as_long_as_its_list_of_files_is_there(root: Path) -> None:
    (root / "uis/2026-03/v1" / SEAL).unlink()
    assert [where for where, _ in findings(root)] == ["uis/2026-03/v1"]
    assert not verified(root).holds


def test_a_version_put_beside_an_old_month_is_found_since_the_chain_goes_on_from_the_first(root: Path) -> None:
    first = Seal.parse((root / "uis/2026-01/v1" / SEAL).read_bytes())
    shutil.copytree(root / "uis/2026-01/v1", root / "uis/2026-01/v2")
    forged = first.model_copy(update={"version": 2, "previous": first.digest})
    (root / "uis/2026-01/v2" / SEAL).write_bytes(forged.to_bytes())
    assert ("uis/2026-02/v1/SEAL", "names the SEAL before it that 2026-01/v2/SEAL names too: one of the two was put "
            "there afterwards") in findings(root)  # fmt: skip
    assert not verified(root).holds


def test_a_month_that_denies_the_one_before_it_is_found(root: Path) -> None:
    (root / "uis/2026-01/v1" / SEAL).unlink()
    edit_seal(root / "uis/2026-02", previous="")
    where, words = findings(root)[1]
    assert (where, words) == ("uis/2026-02/v1/SEAL", "names no seal before it, and the archive begins with 2026-01")
