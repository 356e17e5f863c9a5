"""What a correction cites: the statement that holds for its month, by key and number, whichever version it is."""

import shutil
from pathlib import Path

import pytest

from engine.frames.parquet import frame_from
from flows.corrections.reconciling import accept as accept_rows
from flows.corrections.reconciling import reconciled
from flows.questions.explaining import approved_statement, explained
from flows.questions.following import followed
from models.errors import BadInput
from models.period import Period, Version
from rules.draft import inputs_of
from tasks.facts.approved import the_approved_month
from tasks.storage.directory import DirectoryStore
from tasks.verify import verify
from tests.attacks.forger import resealed, rewrite
from tests.flows.corrections.restated_january import JANUARY, statement, written
from tests.flows.corrections.test_refunds import sale
from tests.made.closing import close_months
from tests.made.vendors import office, write_csv

MARCH = Period(2026, 3)


def test_what_is_given_back_after_a_restatement_cites_the_version_it_takes_back_from(done: Path) -> None:
    (entry,) = statement(done, "a", "2026-03/v1").corrections
    assert (entry.kind, entry.cites, entry.of_number) == ("clawback", "a/2026-01/v2", "2026-000004")
    summary = statement(done, "a", "2026-03/v1").summary
    assert [each.cites for each in summary.entries if each.kind == "clawback"] == [("a/2026-01/v2",)]


def test_the_difference_cites_the_statement_that_the_later_version_stands_beside(done: Path) -> None:
    (entry,) = statement(done, "a", "2026-02/v1").corrections
    assert (entry.kind, entry.cites, entry.of_number) == ("restatement", "a/2026-01/v1", "2026-000001")


def test_what_a_month_leaves_of_its_corrections_says_what_they_cite(done: Path) -> None:
    there = office(done / "home", done / "vendor")
    facts = the_approved_month(there.database, Version(MARCH))
    assert "corrections.parquet" in inputs_of(facts.draft)
    left = frame_from(there.store.get(*facts.input("corrections.parquet")))
    assert left.select("corrects", "cites", "minor").rows() == [("2026-01", "a/2026-01/v2", -60_00)]


def test_explain_names_the_statement_and_follows_the_refund_to_that_version(done: Path) -> None:
    there = office(done / "home", done / "vendor")
    lines = list(explained(approved_statement(there, "a", MARCH), None))
    assert "  software, client C1: -60.00 (exactly -60.000000); it corrects 2026-000004, a/2026-01/v2" in lines
    assert next(iter(followed(there, "a", MARCH, "L5"))) == "Line L1 of 2026-01: statement 2026-000004, a/2026-01/v2"


def test_the_page_names_the_statement_that_a_correction_is_of(done: Path) -> None:
    page = (done / "home/archive/test-partners/2026-03/v1/statements/a/statement.html").read_text()
    assert "statement 2026-000004 a/2026-01/v2" in page


def test_a_source_that_changed_is_compared_with_what_the_later_version_says(done: Path, tmp_path: Path) -> None:
    shutil.copytree(done / "home", tmp_path / "home")
    vendor = Path(shutil.copytree(done / "vendor", tmp_path / "vendor"))
    lines = [
        sale("L1", 1000, "2026-01-10"),
        sale("L2", 400, "2026-01-11", client_id="C2"),
        sale("L3", 300, "2026-01-12", client_id="C3"),
    ]
    write_csv(vendor / "billing/2026-01.csv", lines)
    there = office(tmp_path / "home", vendor)
    found = reconciled(there, JANUARY)
    # 500.00 at the 12 % of v2 were 60.00; 400.00 are 48.00, and not the 40.00 of v1.
    assert list(found.words())[1:] == [
        "  changed L2: amount_minor was '50000', is '40000'",
        "  a-1: was 60.00, would be 48.00; open -12.00",
    ]
    assert accept_rows(found, there, "olga", vendor / "adjustments.csv") == 1
    assert (vendor / "adjustments.csv").read_text().splitlines()[1].endswith(",olga,a-1/2026-01/v2")
    write_csv(vendor / "billing/2026-04.csv", [sale("L6", 100, "2026-04-10")])
    april = close_months(tmp_path / "home", vendor, "2026-04")["2026-04"]
    (entry,) = april["a-1"].corrections
    assert (entry.cites, entry.of_number, entry.commission_minor) == ("a-1/2026-01/v2", "2026-000005", -12_00)


def test_a_row_by_hand_that_cites_what_was_never_issued_stops_the_month(tmp_path: Path) -> None:
    vendor = written(tmp_path / "vendor")
    close_months(tmp_path / "home", vendor, "2026-01")
    row = {"adjustment_id": "A1", "partner_id": "a", "posted_on": "2026-02-01", "amount_minor": 10_00,
           "why": "a fair", "evidence": "", "who": "olga", "cites": "a/2026-02/v1"}  # fmt: skip
    write_csv(vendor / "adjustments.csv", [row])
    with pytest.raises(BadInput, match=r"adjustment A1 cites a/2026-02/v1, and no such .*: a/2026-01/v1\. Cite one"):
        close_months(tmp_path / "home", vendor, "2026-02")
    write_csv(vendor / "adjustments.csv", [{**row, "cites": "a/2026-01/v1"}])
    february = close_months(tmp_path / "home", vendor, "2026-02")["2026-02"]
    (entry,) = february["a"].corrections
    assert (entry.cites, entry.of_number) == ("a/2026-01/v1", "2026-000001")


def test_verify_finds_a_correction_that_cites_another_version(done: Path, tmp_path: Path) -> None:
    archive = Path(shutil.copytree(done / "home/archive", tmp_path / "archive"))
    path = archive / "test-partners/2026-03/v1/statements/a/statement.json"
    data = path.read_bytes()
    rewrite(path, data.replace(b'"cites":"a/2026-01/v2"', b'"cites":"a/2026-01/v1"'))
    resealed(archive / "test-partners")
    words = [each.words for each in verify(DirectoryStore(archive)).findings if each.severity == "error"]
    assert (
        "what clawback L5 cites: ('a/2026-01/v1', '2026-000004'), and ('a/2026-01/v2', '2026-000004') follows from the "
        "rest"
    ) in words
