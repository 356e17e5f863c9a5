"""A closed month is worked out again from its archive alone, and what was forged under new seals comes to light."""

import gzip
import json
import shutil
from pathlib import Path

import pytest

from models.canonical import canonical_json
from rules.archive.verification import Finding
from tasks.auditing import recompute as recomputing
from tasks.storage.directory import DirectoryStore
from tasks.verify import Asked, verify
from tests.attacks.forger import resealed, rewrite
from tests.flows.months.test_home_of_format_1 import unpacked_archive
from tests.made.vendors import archived, claim, line, partner, settle, write_vendor


@pytest.fixture(scope="module")
def two_months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two months")
    lines = {
        "2026-01.csv": [line("L-1", "C-1", 1_000_00), line("L-2", "C-2", 500_00, category="telephony")],
        "2026-02.csv": [
            line("L-3", "C-1", 70_00, issued_on="2026-02-03", paid_on="2026-02-04"),
            line("L-4", "C-9", 10_00, issued_on="2026-02-03", paid_on="2026-02-05"),
        ],
    }
    claims = [claim("C-1", "P-1"), claim("C-2", "P-2")]
    vendor = write_vendor(folder / "vendor", partners=[partner("P-1"), partner("P-2")], claims=claims, billing=lines)
    settle(folder / "home", vendor, "2026-01", "2026-02")
    return folder / "home"


@pytest.fixture
def home(two_months: Path, tmp_path: Path) -> Path:
    """The archive alone: no database, no vendor folder."""
    shutil.copytree(two_months / "archive", tmp_path / "archive")
    return tmp_path


def found(home: Path, below: str = "") -> list[Finding]:
    return list(verify(DirectoryStore(home / "archive" / below), asked=Asked(again=True)).findings)


@pytest.mark.parametrize("below", ["", "test-partners", "test-partners/2026-02"])
def test_a_month_comes_out_byte_for_byte_from_the_archive_alone(home: Path, below: str) -> None:
    told: list[str] = []
    report = verify(DirectoryStore(home / "archive" / below), told.append, asked=Asked(again=True))
    assert report.findings == ()
    assert told[-1].endswith("2026-02/v1: working it out again")


def test_without_being_asked_nothing_is_worked_out_again(home: Path) -> None:
    told: list[str] = []
    verify(DirectoryStore(home / "archive"), told.append)
    assert not [words for words in told if "again" in words]


def test_a_statement_edited_under_new_seals_is_not_what_comes_out(home: Path) -> None:
    path = archived(home, "2026-02") / "statements/P-1/statement.json"
    said = json.loads(path.read_text())
    said["partner"]["name"] = "Somebody else"
    rewrite(path, canonical_json(said))
    resealed(home / "archive/test-partners")
    assert (
        "error",
        "test-partners/2026-02/v1/statements/P-1/statement.json",
        "is not what comes out when the month is worked out again",
    ) in found(home)


def test_a_draft_edited_under_new_seals_is_not_what_comes_out(home: Path) -> None:
    path = archived(home, "2026-01") / "draft.json"
    said = json.loads(path.read_text())
    said["statements"][0]["to_pay_minor"] += 100_00
    rewrite(path, canonical_json(said))
    resealed(home / "archive/test-partners")
    assert (
        "error",
        "test-partners/2026-01/v1/draft.json",
        "worked out again, statements are not what was approved",
    ) in found(home)


def test_a_statement_removed_or_invented_under_new_seals_is_named(home: Path) -> None:
    statements = archived(home, "2026-02") / "statements"
    shutil.copytree(statements / "P-1", statements / "P-3")
    shutil.rmtree(statements / "P-2")
    resealed(home / "archive/test-partners")
    words = {finding.where.rpartition("v1/")[2]: finding.words for finding in found(home)}
    assert words["statements/P-2/statement.json"].startswith("is missing: SHA256SUMS does not list it")
    assert words["statements/P-3/statement.json"].startswith("does not come out")


def test_an_input_that_is_gone_is_said_and_no_traceback(home: Path) -> None:
    draft = json.loads((archived(home, "2026-02") / "draft.json").read_text())
    (home / "archive/test-partners/inputs" / draft["inputs"]["billing.parquet"]).unlink()
    last = found(home)[-1]
    assert (last.severity, last.where) == ("error", "test-partners/2026-02/v1")
    assert last.words.startswith("cannot be worked out again: ")


def test_under_other_code_figures_are_compared_and_the_rest_is_a_warning(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recomputing, "code_version", lambda: "9.0.0+000000000000")
    assert found(home) == []  # nothing is written otherwise, so nothing is said
    path = archived(home, "2026-01") / "statements/P-1/statement.json"
    said = json.loads(path.read_text())
    rewrite(path, canonical_json(said | {"plan": "as an older version wrote it"}))
    resealed(home / "archive/test-partners")
    about = [each for each in found(home) if each.where.endswith("P-1/statement.json") and "again" in each.words]
    assert [each.severity for each in about] == ["warning"]
    draft = archived(home, "2026-01") / "draft.json"
    rewritten = json.loads(draft.read_text())
    rewritten["statements"][0]["commission_minor"] += 1
    rewrite(draft, canonical_json(rewritten))
    resealed(home / "archive/test-partners")
    assert "error" in [each.severity for each in found(home) if each.where.endswith("draft.json")]


def test_a_month_that_kept_too_little_is_a_warning(tmp_path: Path) -> None:
    report = verify(DirectoryStore(unpacked_archive(tmp_path)), asked=Asked(again=True))
    assert report.holds
    assert {(each.severity, each.where) for each in report.findings if "worked out again" in each.words} == {
        ("warning", "uis-bounty/2026-01/v1"),
        ("warning", "uis-bounty/2026-02/v1"),
    }


def repacked(path: Path, was: bytes, now: bytes) -> None:
    text = gzip.decompress(path.read_bytes())
    assert was in text
    rewrite(path, gzip.compress(text.replace(was, now), mtime=0))


def test_lines_claims_and_copies_of_results_forged_under_new_seals_do_not_come_out(home: Path) -> None:
    month = archived(home, "2026-01")
    repacked(month / "received.csv.gz", b"INV-L-2", b"INV-L-9")
    repacked(month / "claims.csv.gz", b"K-C-2,C-2,P-2", b"K-C-2,C-2,P-1")
    rewrite(month / "lines.parquet", (archived(home, "2026-02") / "lines.parquet").read_bytes())
    resealed(home / "archive/test-partners")
    words = [(each.where.rpartition("/")[2], each.words) for each in found(home) if "2026-01" in each.where]
    assert ("lines.parquet", "is not what comes out when the month is worked out again") in words
    assert ("received.csv.gz", "does not hold the lines that come out, and those of other months") in words
    forged, gone = "K-C-2 C-2 P-1 accepted", "K-C-2 C-2 P-2 accepted"
    assert ("claims.csv.gz", f"{forged} is there, and does not come out when the month is worked out again") in words
    assert ("claims.csv.gz", f"{gone} comes out, and is not there when the month is worked out again") in words


def paper(home: Path) -> Path:
    return archived(home, "2026-02") / "statements/P-1/statement.pdf"


def test_paper_of_another_statement_or_none_under_new_seals_is_named(home: Path) -> None:
    other = archived(home, "2026-02") / "statements/P-2/statement.pdf"
    rewrite(paper(home), other.read_bytes())
    resealed(home / "archive/test-partners")
    words = [each.words for each in found(home) if each.where.endswith("P-1/statement.pdf")]
    assert words[0].startswith("is not drawn as this version draws it")
    assert [each for each in words if each.startswith("does not show the SHA-256 of its statement.json")]
    rewrite(paper(home), b"no paper")
    resealed(home / "archive/test-partners")
    assert [each.words[:22] for each in found(home) if each.where.endswith("P-1/statement.pdf")][1:] == [
        "cannot be read as PDF:"
    ]
    paper(home).unlink()
    resealed(home / "archive/test-partners")
    assert [each.words for each in found(home) if each.where.endswith("P-1/statement.pdf")] == [
        "is missing: every statement has one"
    ]


def test_under_other_code_the_text_of_the_paper_is_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recomputing, "code_version", lambda: "9.0.0+000000000000")
    assert found(home) == []
    rewrite(paper(home), (archived(home, "2026-01") / "statements/P-1/statement.pdf").read_bytes())
    resealed(home / "archive/test-partners")
    assert {each.severity for each in found(home) if each.where.endswith("P-1/statement.pdf")} == {"error"}
