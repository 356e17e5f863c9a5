"""An auditor is told which file of an archive is not what was sealed, and what is wrong with it."""

from pathlib import Path

import pytest

from models.canonical import sha256
from models.errors import NotStored, UnsafeStore
from rules.archive.layout import SHA256SUMS
from tasks.storage.directory import DirectoryStore
from tests.made.small_archive import TERMS, findings, settle, verified, verify


@pytest.fixture
def root(tmp_path: Path) -> Path:
    settle(DirectoryStore(tmp_path / "archive"))
    return tmp_path / "archive"


def test_a_flipped_byte_is_found(root: Path) -> None:
    path = root / "uis/2026-02/v1/statements/P-1/statement.json"
    path.write_bytes(b"Q-1 2026-02")
    assert findings(root) == [
        (
            "uis/2026-02/v1/statements/P-1/statement.json",
            f"was changed: its SHA-256 is {sha256(b'Q-1 2026-02')}, and was {sha256(b'P-1 2026-02')}",
        )
    ]
    assert not verified(root).holds


def test_swapped_statements_are_found_and_each_is_said_to_be_the_other(root: Path) -> None:
    folder = root / "uis/2026-02/v1/statements"
    (folder / "P-1").rename(folder / "P-0")
    (folder / "P-2").rename(folder / "P-1")
    (folder / "P-0").rename(folder / "P-2")
    (one, words_of_one), (two, words_of_two) = findings(root)
    assert one == "uis/2026-02/v1/statements/P-1/statement.json"
    assert words_of_one.endswith("(it holds the bytes of statements/P-2/statement.json)")
    assert two == "uis/2026-02/v1/statements/P-2/statement.json"
    assert words_of_two.endswith("(it holds the bytes of statements/P-1/statement.json)")


def test_a_missing_file_is_found(root: Path) -> None:
    (root / "uis/2026-01/v1/totals.csv").unlink()
    assert findings(root) == [("uis/2026-01/v1/totals.csv", "is missing: SHA256SUMS lists it")]


def test_an_extra_file_is_found(root: Path) -> None:
    (root / "uis/2026-01/v1/statements/P-3").mkdir()
    (root / "uis/2026-01/v1/statements/P-3/statement.json").write_bytes(b"me too")
    (root / "uis/2026-01/v1/.hidden").write_bytes(b"")
    assert findings(root) == [
        ("uis/2026-01/v1/.hidden", "is extra: SHA256SUMS does not list it"),
        ("uis/2026-01/v1/statements/P-3/statement.json", "is extra: SHA256SUMS does not list it"),
    ]


def test_an_extra_file_with_a_name_that_plays_tricks_is_shown_safely(root: Path) -> None:
    (root / "uis/2026-01/v1/\x1b[2Jall is well\n").write_bytes(b"")
    assert [where for where, _ in findings(root)] == [r"'uis/2026-01/v1/\x1b[2Jall is well\n'"]


def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_verified(root: Path) -> None:
    class Disk(DirectoryStore):
        def read_unchecked(self, key: str) -> bytes:
            if key.endswith("totals.csv"):
                raise UnsafeStore("Input/output error")
            if key.endswith("P-2/statement.json"):
                raise NotStored(key)
            return super().read_unchecked(key)

    found = verify(Disk(root / "uis"))
    assert [(finding.where, finding.words) for finding in found.findings][:2] == [
        ("2026-01/v1/statements/P-2/statement.json", "is missing"),
        ("2026-01/v1/totals.csv", "cannot be read: Input/output error"),
    ]
    assert (len(found.findings), found.files) == (6, 19)


def test_an_edited_list_is_found_even_where_the_file_was_edited_to_match(root: Path) -> None:
    folder = root / "uis/2026-02/v1"
    (folder / "totals.csv").write_bytes(b"more for me\n")
    edited = (
        (folder / SHA256SUMS).read_bytes().replace(sha256(b"partner_id\n").encode(), sha256(b"more for me\n").encode())
    )
    sealed = sha256((folder / SHA256SUMS).read_bytes())
    (folder / SHA256SUMS).write_bytes(edited)
    assert findings(root) == [
        ("uis/2026-02/v1/SHA256SUMS", f"was changed: its SHA-256 is {sha256(edited)}, and SEAL says {sealed}")
    ]


def test_a_list_that_lost_a_line_is_found(root: Path) -> None:
    path = root / "uis/2026-02/v1" / SHA256SUMS
    path.write_bytes(path.read_bytes().partition(b"\n")[2])
    first, *others = findings(root)
    assert first[0] == "uis/2026-02/v1/SHA256SUMS"
    assert others == [
        ("uis/2026-02/v1/SHA256SUMS", "lists 4 files, and SEAL counts 5"),
        ("uis/2026-02/v1/draft.json", "is extra: SHA256SUMS does not list it"),
    ]


def test_a_list_that_is_junk_or_gone_is_found(root: Path) -> None:
    path = root / "uis/2026-02/v1" / SHA256SUMS
    path.write_bytes(b"junk\n")
    ((where, words),) = findings(root)
    assert where == "uis/2026-02/v1/SHA256SUMS"
    assert words.startswith("was changed, so no file was compared with it: SHA256SUMS, line 1, is not 64")
    path.unlink()
    assert findings(root) == [("uis/2026-02/v1/SHA256SUMS", "is missing")]


def test_a_missing_input_is_found(root: Path) -> None:
    name = f"{sha256(b'lines of 2026-02')}.parquet"
    (root / "uis/inputs" / name).unlink()
    assert findings(root) == [(f"uis/inputs/{name}", "is missing: it is lines of 2026-02/v1")]
    assert findings(root / "uis/2026-02") == [(f"inputs/{name}", "is missing: it is lines of 2026-02/v1")]
    assert verified(root / "uis/2026-01").holds


def test_a_changed_input_is_found(root: Path) -> None:
    name = f"{sha256(TERMS)}.yaml"
    (root / "uis/inputs" / name).write_bytes(b"programme: ours\n")
    ((where, words),) = findings(root)
    assert where == f"uis/inputs/{name}"
    assert words == (
        f"was changed: its SHA-256 is {sha256(b'programme: ours' + bytes([10]))}, and its name says another. "
        "It is programme of 2026-01/v1, programme of 2026-02/v1, programme of 2026-03/v1"
    )


def test_inputs_that_no_file_names_are_found(root: Path) -> None:
    folder = root / "uis/2026-02/v1"
    (folder / "inputs.json").write_bytes(b'{"inputs": ["lines"]}')
    ((where, words),) = [found for found in findings(root) if found[0] != "uis/inputs"]
    assert (where, words[:11]) == ("uis/2026-02/v1/inputs.json", "was changed")

    (folder / "inputs.json").unlink()
    sums = (folder / SHA256SUMS).read_text().splitlines(keepends=True)
    (folder / SHA256SUMS).write_text("".join(line for line in sums if "inputs.json" not in line))
    assert ("uis/2026-02/v1/inputs.json", "does not say which inputs the month had") in findings(root)
