"""verify.py, as a stranger runs it: Python alone, a copy of the archive, and nothing of ours."""

import csv
import gzip
import io
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdf
import pytest

from models.canonical import canonical_json, sha256
from rules.archive import merkle
from rules.archive.seal import parse_sha256sums
from tasks.auditing import verify as verify_py
from tasks.auditing.figures import Figures
from tasks.storage.contents import programmes
from tasks.storage.directory import DirectoryStore
from tasks.verify import verify
from tests.attacks.forger import resealed, rewrite


@pytest.fixture
def root(three_months: Path, tmp_path: Path) -> Path:
    shutil.copytree(three_months, tmp_path / "archive")
    return tmp_path / "archive/test-partners"


def stranger(folder: Path, *arguments: str) -> tuple[int, list[str]]:
    """Run verify.py as it lies in the archive, in a Python that has nothing else."""
    script = next(folder.rglob("2026-01/v1/verify.py"))
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(script), str(folder), *arguments], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def errors_of_both(root: Path) -> list[str]:
    """What settle verify and verify.py have against an archive: they agree that it does not hold."""
    code, said = stranger(root)
    ours = verify(DirectoryStore(root))
    assert (code, ours.holds) == (1, False)
    figures = [f"{each.where}: {each.words}" for each in ours.findings if each.severity == "error"]
    theirs = [line.removeprefix("error: ") for line in said if line.startswith("error: ")]
    return [*figures, *theirs]


def test_an_archive_holds_from_its_root_and_from_its_programme(root: Path) -> None:
    for folder in (root.parent, root):
        code, said = stranger(folder)
        assert code == 0
        assert said[-1].startswith(f"{folder} holds: 3 sealed months, ")
    newest = sha256((root / "2026-03/v1/SEAL").read_bytes())
    assert stranger(root, "--head", newest) == (0, said[-1:])
    assert stranger(root, "--head", "0" * 64)[0] == 1


def test_a_statement_that_says_a_figure_twice_is_found_whichever_a_reader_takes(root: Path) -> None:
    path = root / "2026-03/v1/statements/P-1/statement.json"
    rewrite(path, path.read_bytes().replace(b'"to_pay_minor":', b'"to_pay_minor":1,"to_pay_minor":', 1))
    resealed(root)
    said = " ".join(errors_of_both(root))
    assert said.count("2026-03/v1/statements/P-1/statement.json: its bytes are canonical: False") == 2


def test_a_packed_table_that_would_fill_the_machine_is_a_finding(root: Path) -> None:
    file = root / "2026-03/v1/received.csv.gz"
    rewrite(file, gzip.compress(b"line_id\n" + bytes(150_000_000), 9))
    resealed(root)
    assert " ".join(errors_of_both(root)).count("it unpacks to more than 1") == 2


def test_both_verify_with_the_same_words_and_neither_needs_more_than_the_archive(root: Path) -> None:
    assert verify(DirectoryStore(root)).findings == ()
    code, said = stranger(root)
    assert (code, [each for each in said if each.startswith("error")]) == (0, [])


def rewritten(path: Path, change: Callable[[Any], None]) -> None:
    said = json.loads(path.read_bytes())
    change(said)
    rewrite(path, canonical_json(said))


def repacked(path: Path, change: Callable[[list[dict[str, str]]], object]) -> None:
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode())))
    change(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    rewrite(path, gzip.compress(text.getvalue().encode(), mtime=0))


def a_statement(root: Path, month: str = "2026-03", partner_id: str = "P-1") -> Path:
    return root / month / "v1/statements" / partner_id / "statement.json"


def seal_before(root: Path) -> bytes:
    return sha256((root / "2026-02/v1/SEAL").read_bytes()).encode()


FORGERIES: dict[str, tuple[Callable[[Path], None], str]] = {
    "more is paid than was owed": (
        lambda root: rewritten(a_statement(root), lambda said: said["summary"].update(to_pay_minor=99_999_900)),
        "to pay and carried forward|the entries come to",
    ),
    "an opening is not the closing before": (
        lambda root: rewritten(a_statement(root, "2026-02"), lambda said: said["summary"].update(opening_minor=5)),
        "it opens with: 5, and 0 follows|the entries come to",
    ),
    "a number is given twice": (
        lambda root: rewritten(a_statement(root), lambda said: said.update(number="2026-000001")),
        "its number: 2026-000001, and 2026-000005 follows",
    ),
    "the statement before is another": (
        lambda root: rewritten(a_statement(root), lambda said: said["digests"].update(previous_statement="0" * 64)),
        "the statement before: 0000",
    ),
    "a payment that no line is": (
        lambda root: rewritten(a_statement(root), lambda said: said["payments"][0].update(line_id="L-none")),
        "line L-none, which P-1 is paid for",
    ),
    "a line is settled a second time": (
        lambda root: repacked(
            root / "2026-03/v1/received.csv.gz",
            lambda rows: next(row for row in rows if row["outcome"] == "settled").update(line_id="L-1"),
        ),
        "line L-1 is settled again: 2026-01/v1 was done with it",
    ),
    "a line received is not counted": (
        lambda root: repacked(root / "2026-01/v1/received.csv.gz", lambda rows: rows.pop()),
        "lines other_month RUB .*: .5, 55000., and .4, 15000. follows",
    ),
    "a client is somebody else's": (
        lambda root: repacked(
            root / "2026-01/v1/claims.csv.gz", lambda rows: [row.update(partner_id="P-2") for row in rows] and None
        ),
        "claim K-C-1: .'P-2', 'C-1', '2026-01-01', 'accepted'., and .'P-1',",
    ),
    "the journal moves a kopeck": (
        lambda root: rewrite(
            root / "2026-03/v1/ledger.journal",
            (root / "2026-03/v1/ledger.journal").read_bytes().replace(b"RUB -12.50", b"RUB -12.51"),
        ),
        "sums to: -1, and 0 follows",
    ),
    "the totals are others": (
        lambda root: rewrite(
            root / "2026-03/v1/totals.csv",
            (root / "2026-03/v1/totals.csv").read_bytes().replace(b",1250,", b",1350,"),
        ),
        "P-1 accrual software partner: 1350, and 1250 follows",
    ),
    "the page shows another amount": (
        lambda root: rewrite(
            root / "2026-03/v1/statements/P-1/statement.html",
            (root / "2026-03/v1/statements/P-1/statement.html").read_bytes().replace(b"12.50", b"99.50"),
        ),
        "does not show its commission, 1250 minor units",
    ),
    "another approved it": (
        lambda root: rewritten(root / "2026-03/v1/SEAL", lambda said: said["approved"].update(by="cfo")),
        "approved",
    ),
    "a statement is missing whose partner is owed": (
        lambda root: shutil.rmtree(root / "2026-02/v1/statements/P-2"),
        "the partners: .'P-1'., and .'P-1', 'P-2'. follows",
    ),
    "an earlier month is sealed anew": (
        lambda root: rewritten(root / "2026-01/v1/expectations.json", lambda said: said.update(checked=0)),
        r"2026-02/v1/statements/P-1/statement.json: the SEAL before it: [0-9a-f]{64}, and [0-9a-f]{64} follows",
    ),
    "a statement does not name the seal before it": (
        lambda root: rewritten(a_statement(root), lambda said: said["digests"].update(previous_seal="")),
        "statements/P-1/statement.json: the SEAL before it: , and ",
    ),
    "a page names another seal before it": (
        lambda root: rewrite(
            root / "2026-03/v1/statements/P-1/statement.html",
            (root / "2026-03/v1/statements/P-1/statement.html").read_bytes().replace(seal_before(root), b"0" * 64),
        ),
        "statement.html: does not show the SEAL before it",
    ),
    "an entry of the trail is another": (
        lambda root: rewrite(
            root / "2026-02/v1/audit.jsonl.gz",
            gzip.compress(
                gzip.decompress((root / "2026-02/v1/audit.jsonl.gz").read_bytes()).replace(b'"system"', b'"nobody"')
            ),
        ),
        "bears",
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_was_forged_under_new_sums_and_seals_is_found_by_both(forgery: str, root: Path) -> None:
    forge, words = FORGERIES[forgery]
    forge(root)
    resealed(root)
    found = errors_of_both(root)
    assert len([each for each in found if re.search(words, each)]) >= 2, found


def test_every_line_received_is_in_a_list_that_anybody_can_add_up(root: Path) -> None:
    packed = gzip.decompress((root / "2026-01/v1/received.csv.gz").read_bytes()).decode()
    rows = list(csv.DictReader(io.StringIO(packed)))
    assert Counter((row["outcome"], row["line_id"]) for row in rows) == Counter(
        {
            ("settled", "L-1"): 1,
            ("settled", "L-2"): 1,
            ("open", "L-3"): 1,
            ("rejected", "L-4"): 1,
            **{("other_month", f"L-{number}"): 1 for number in (5, 6, 7, 8, 9)},
        }
    )
    control = json.loads((root / "2026-01/v1/control.json").read_bytes())
    assert control["received"] == {"RUB": {"lines": 9, "amount_minor": sum(int(row["amount_minor"]) for row in rows)}}


def test_the_archive_holds_the_claims_the_trail_and_who_said_yes(root: Path) -> None:
    claims = csv.DictReader(io.StringIO(gzip.decompress((root / "2026-01/v1/claims.csv.gz").read_bytes()).decode()))
    decided = [(row["claim_id"], row["partner_id"], row["outcome"]) for row in claims]
    assert decided == [("K-C-1", "P-1", "accepted"), ("K-C-2", "P-2", "accepted"), ("K-late", "P-2", "rejected")]
    heads = [json.loads((root / month / "v1/SEAL").read_bytes()) for month in ("2026-01", "2026-02", "2026-03")]
    assert [(seal["month"], seal["next"], seal["consents"]) for seal in heads] == [
        (1, "2026-02", []),
        (2, "2026-03", []),
        (3, "2026-04", []),
    ]
    assert heads[0]["approved"] == {"at": "2026-12-03T03:00:00Z", "by": "system"}
    assert [seal["statements"]["first"] for seal in heads] == ["2026-000001", "2026-000003", "2026-000005"]
    entries = [
        json.loads(line)
        for month in ("2026-01", "2026-02", "2026-03")
        for line in gzip.decompress((root / month / "v1/audit.jsonl.gz").read_bytes()).splitlines()
    ]
    assert [entry["seq"] for entry in entries] == list(range(1, heads[2]["audit"]["seq"] + 1))


def test_every_statement_names_the_seal_of_the_month_before(root: Path) -> None:
    for month, before in (("2026-02", "2026-01"), ("2026-03", "2026-02")):
        seal = sha256((root / before / "v1/SEAL").read_bytes())
        for partner_id in ("P-1", "P-2"):
            named = json.loads(a_statement(root, month, partner_id).read_bytes())["digests"]["previous_seal"]
            assert named == seal
            assert seal in a_statement(root, month, partner_id).with_suffix(".html").read_text()
            paper = pypdf.PdfReader(a_statement(root, month, partner_id).with_suffix(".pdf"))
            assert f"{seal[:16]}…" in "".join(page.extract_text() for page in paper.pages)
    for partner_id in ("P-1", "P-2"):
        assert json.loads(a_statement(root, "2026-01", partner_id).read_bytes())["digests"]["previous_seal"] == ""
        assert "The seal of the month before" not in a_statement(root, "2026-01").with_suffix(".html").read_text()


def test_a_statement_is_proved_to_be_in_a_seal_without_naming_another(root: Path) -> None:
    listed = parse_sha256sums((root / "2026-01/v1/SHA256SUMS").read_bytes())
    leaves = merkle.leaves(listed)
    assert list(leaves.values()) == verify_py.leaves(listed)
    sealed = json.loads((root / "2026-01/v1/SEAL").read_bytes())["statements"]["root"]
    for place, leaf in enumerate(leaves.values()):
        assert merkle.climbed(leaf, merkle.proof(list(leaves.values()), place)) == sealed
    assert merkle.climbed(sha256(b"another"), merkle.proof(list(leaves.values()), 0)) != sealed


@pytest.mark.parametrize("many", range(1, 18))
def test_every_leaf_of_every_tree_leads_to_its_root(many: int) -> None:
    leaves = [sha256(str(number).encode()) for number in range(many)]
    assert merkle.root(leaves) == verify_py.root(leaves)
    for place, leaf in enumerate(leaves):
        assert merkle.climbed(leaf, merkle.proof(leaves, place)) == merkle.root(leaves)


def test_a_tree_without_leaves_has_no_root() -> None:
    assert (merkle.root([]), verify_py.root([])) == ("", "")


def test_months_begun_in_the_middle_are_held_against_what_is_there(root: Path) -> None:
    assert verify(DirectoryStore(root / "2026-02")).holds
    (programme,) = programmes(DirectoryStore(root / "2026-03"))
    figures = Figures(programme)
    for version in programme.versions:
        figures.month(version)
    assert list(figures.findings()) == []


JUNK = {
    "nothing": b"",
    "no text": b"\x00\xff\xfe",
    "another JSON": b"[1]",
    "a packed file that is cut": gzip.compress(b"line_id\n" * 9)[:-9],
    "a packed file with a broken middle": b"\x1f\x8b\x08" + b"\x00" * 7 + b"\xff" * 40,
    "deep JSON": b"[" * 100_000,
}


@pytest.mark.parametrize("junk", JUNK)
def test_bytes_that_are_none_of_a_month_are_named_by_both_and_stop_nothing(junk: str, root: Path) -> None:
    month = root / "2026-02/v1"
    for path in sorted(path for path in month.rglob("*") if path.is_file() and path.name not in ("SEAL", "SHA256SUMS")):
        if path.suffix in (".pdf", ".parquet", ".py") or path.name in ("expectations.json", "draft.json"):
            continue
        was = path.read_bytes()
        rewrite(path, JUNK[junk])
        resealed(root)
        alone = verify_py.Archive(root)
        alone.verify()
        assert any(severity == "error" for severity, _, _ in alone.findings), path
        assert not verify(DirectoryStore(root)).holds, path
        rewrite(path, was)
    resealed(root)
    assert verify(DirectoryStore(root)).holds


def test_a_table_that_is_cut_in_a_row_is_said_in_words(root: Path) -> None:
    path = root / "2026-02/v1/totals.csv"
    rewrite(path, path.read_bytes()[:-20])
    resealed(root)
    cannot = "2026-02/v1: its totals cannot be checked: a file is missing, or not as a settlement writes it ("
    assert len([said for said in errors_of_both(root) if said.startswith(cannot)]) == 2
