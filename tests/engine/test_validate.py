"""Validate: every line is judged, none is lost, and one that is in order is never held for another."""

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from engine.frames.schemas import JudgedLines, of_types
from engine.frames.snapshot import Snapshot
from expectations import billing_lines
from models.billing import RejectedRecord
from models.canonical import canonical_json
from models.errors import CannotApprove
from tests.made.received import Line, judged, line_ids, received

ROOT = Path(__file__, "../../..").resolve()

DIRTY: tuple[Line, ...] = (
    {"line_id": "A"},
    {"line_id": "B", "amount_minor": "300.00"},
    {"line_id": "A"},
    {"line_id": None, "paid_on": "soon"},
    {"line_id": "C", "kind": "credit_note"},
    {"line_id": "D"},
    {"line_id": "A", "client_id": "C-2"},
    {"line_id": "E", "currency": None, "invoice_id": None, "vat_rate": "x"},
    *({} for _ in range(20)),
)


def test_as_many_lines_go_out_as_came_in_and_in_the_same_order() -> None:
    lines = received(*DIRTY)

    valid = judged(lines, line_ids("D"), "net_of_vat")

    assert valid.lines.select("line_id", "client_id").equals(lines.select("line_id", "client_id"))
    assert Snapshot.of(lines).places is not None
    assert [Snapshot.of(lines).place(line) for line in range(28)] == lines.select("source", "row").rows()


def test_a_line_with_three_faults_has_three_reasons() -> None:
    valid = judged(received(*DIRTY), line_ids(), "net_of_vat")

    assert valid.lines["reasons"][7].to_list() == ["bad number", "no invoice", "unknown currency"]


def test_one_reason_found_by_two_checks_is_given_once() -> None:
    valid = judged(received({"paid_on": "soon", "issued_on": "later"}), line_ids(), "net_of_vat")

    assert valid.lines["reasons"].to_list() == [["bad date"]]
    assert valid.faults["check"].to_list() == ["issued_on_is_a_date", "paid_on_is_a_date"]


def test_the_judged_lines_have_the_columns_agreed_then_extras() -> None:
    valid = judged(received({"region": "north"}), line_ids(), "net_of_vat")

    assert valid.lines.schema == pl.Schema({**of_types(JudgedLines), "region": pl.String()})


def test_a_rejected_line_keeps_what_was_received_and_others_do_not() -> None:
    valid = judged(received({"paid_on": "soon", "client_id": None}, {}), line_ids(), "net_of_vat")

    kept, none = valid.lines["as_received"].to_list()
    assert none is None
    assert json.loads(kept)["paid_on"] == "soon"
    assert "client_id" not in json.loads(kept)
    assert kept == canonical_json(json.loads(kept)).decode().rstrip("\n")


def test_chunks_of_seven_lines_judge_as_one_chunk_does() -> None:
    whole = judged(received(*DIRTY), line_ids("D"), "net_of_vat")

    parts = judged(received(*DIRTY), line_ids("D"), "net_of_vat", lines_at_once=7)

    assert parts.lines.equals(whole.lines)
    assert parts.faults.equals(whole.faults)
    assert parts.result == whole.result
    assert parts.first_rejected == whole.first_rejected


def test_half_of_the_month_is_half_of_all_chunks_not_of_one() -> None:
    lines = received({"line_id": None}, {"line_id": None}, {}, {})

    assert judged(lines, line_ids(), "net_of_vat", lines_at_once=2).result["rejected"] == 2


def test_a_month_without_lines_is_judged_and_says_so() -> None:
    valid = judged(received(), line_ids(), "net_of_vat")

    assert (valid.lines.height, valid.first_rejected) == (0, ())
    assert valid.lines.columns == JudgedLines.column_names()
    of_lines = [entry for entry in valid.result["expectations"] if entry["name"] != "required_columns_are_present"]
    assert {(entry["evaluated"], entry["unexpected"], entry["success"]) for entry in of_lines} == {(0, 0, True)}


def test_the_archived_result_counts_and_explains_and_knows_no_clock() -> None:
    result = judged(received(*DIRTY), line_ids("D"), "net_of_vat").result

    assert result == judged(received(*DIRTY), line_ids("D"), "net_of_vat").result
    assert canonical_json(result) == canonical_json(json.loads(canonical_json(result)))
    assert {key: result[key] for key in ("suite", "base", "lines", "rejected")} == {
        "suite": "billing_lines",
        "base": "net_of_vat",
        "lines": 28,
        "rejected": 7,
    }
    assert next(entry for entry in result["expectations"] if entry["name"] == "amount_is_readable") == {
        "name": "amount_is_readable",
        "columns": ["amount_minor", "amount"],
        "severity": "warning",
        "reason": "bad number",
        "why": "An amount is a whole number of minor units, or decimal text that its currency can hold exactly.",
        "cost": "A guess is a wrong commission: 300.00 taken for minor units would earn on 3.00.",
        "evaluated": 28,
        "unexpected": 1,
        "success": False,
    }


def test_a_check_counts_the_lines_it_applies_to() -> None:
    result = judged(received(*DIRTY), line_ids(), "net_of_vat").result
    evaluated = {entry["name"]: entry["evaluated"] for entry in result["expectations"]}

    assert evaluated["required_columns_are_present"] == 12
    assert evaluated["credit_note_is_not_positive"] == 1
    assert evaluated["currency_is_given"] == 28
    assert evaluated["currency_is_known"] == 27


def test_people_are_shown_where_each_fault_is_and_what_was_there() -> None:
    valid = judged(received(*DIRTY), line_ids("D"), "net_of_vat")

    assert valid.first_rejected[:4] == (
        RejectedRecord("billing/january.csv", 2, "A", "line_id", "A", "contradiction"),
        RejectedRecord("billing/january.csv", 3, "B", "amount_minor", "300.00", "bad number"),
        RejectedRecord("billing/january.csv", 4, "A", "line_id", "A", "repeat"),
        RejectedRecord("billing/january.csv", 4, "A", "line_id", "A", "contradiction"),
    )
    assert len(valid.first_rejected) == 11
    assert valid.faults.height == 12  # one is of a line that was seen before: nobody has to mend it


def test_the_column_shown_is_the_one_that_was_given() -> None:
    bad: Line = {"amount_minor": None, "amount": "12,50"}

    valid = judged(received(bad, {}), line_ids(), "net_of_vat")

    assert valid.first_rejected[0][3:] == ("amount", "12,50", "bad number")


def test_a_check_that_cannot_be_made_is_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = billing_lines.CHECKS[-1]._replace(
        name="broken", arguments={"column": "no such column", "value_set": [True]}
    )
    monkeypatch.setattr(billing_lines, "CHECKS", (*billing_lines.CHECKS, broken))
    monkeypatch.setattr(billing_lines, "judging_of", billing_lines.judging_of.__wrapped__)

    with pytest.raises(CannotApprove, match=r"check broken could not be made.*\"no such column\"[^\n]*$"):
        judged(received({}), line_ids(), "net_of_vat")


JUDGE = """
import sys
import engine.lines.validate
assert not any(name.split(".")[0] in ("great_expectations", "pandas") for name in sys.modules), "imported too early"
from tests.made.received import judged, line_ids, received
valid = judged(received({}, {"paid_on": "soon"}), line_ids(), "net_of_vat")
assert "great_expectations" in sys.modules
assert valid.result["rejected"] == 1
"""


def test_great_expectations_is_imported_late_and_leaves_no_files_or_noise(tmp_path: Path) -> None:
    home, work, temporary = (tmp_path / name for name in ("home", "work", "temporary"))
    for folder in (home, work, temporary):
        folder.mkdir()
    environment = {
        **os.environ,
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "PREFECT_HOME": str(home / "prefect"),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }

    done = subprocess.run(
        [sys.executable, "-c", JUDGE],
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    left = [path for folder in (home, work, temporary) for path in folder.rglob("*") if path.is_file()]
    assert left == []
