"""The report of rejected lines: what is logged, what is in the file, and that neither claims more than it holds."""

import csv
import logging
from pathlib import Path

import pytest

from models.billing import RejectedRecord
from models.period import Period
from tasks.report import tell_rejected, write_rejected

JANUARY = Period(2026, 1)


def faults(count: int) -> list[RejectedRecord]:
    return [
        RejectedRecord("billing/2026-01.csv", row, f"L{row}", "paid_on", "soon", "bad date") for row in range(count)
    ]


def report_of(home: Path) -> Path:
    return home / "reports" / "2026-01-rejected.csv"


def test_the_report_has_every_fault_and_says_how_many_that_are(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert write_rejected(tmp_path, JANUARY, iter(faults(2))) == report_of(tmp_path)
    assert caplog.messages == [f"rejected: all 2 faults, with file, row and column, are in {report_of(tmp_path)}"]
    assert report_of(tmp_path).read_text().splitlines() == [
        "source,row,line_id,column,value,reason",
        "billing/2026-01.csv,0,L0,paid_on,soon,bad date",
        "billing/2026-01.csv,1,L1,paid_on,soon,bad date",
    ]


def test_a_draft_without_faults_leaves_no_report_not_even_an_earlier_draft_s(tmp_path: Path) -> None:
    assert write_rejected(tmp_path, JANUARY, []) is None
    write_rejected(tmp_path, JANUARY, faults(1))
    assert report_of(tmp_path).exists()
    assert write_rejected(tmp_path, JANUARY, []) is None
    assert not report_of(tmp_path).exists()


@pytest.mark.parametrize(
    ("kept", "total", "last"),
    [
        (3, 3, "rejected: billing/2026-01.csv row 2, line L2, paid_on 'soon': bad date"),
        (4, 4, "rejected: 1 more"),
        (1_000, 2_003, "rejected: 2 000 more"),
    ],
)
def test_three_faults_are_logged_and_the_others_are_counted(
    kept: int, total: int, last: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "settle")
    tell_rejected(faults(kept), total)
    assert len(caplog.messages) == min(total, 4)
    assert caplog.messages[-1] == last


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("L1\r", "L1\\r"),
        ("L1\nL2,9", "L1\\nL2,9"),
        ("\x1b[2J", "\\x1b[2J"),
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"),
        ("-70.00", "-70.00"),
        ("+1 250,5", "+1 250,5"),
        ("R" * 10_000, "R" * 60 + "...(10000 characters)"),
    ],
)
def test_whatever_a_cell_holds_the_report_reads_back_whole_and_is_safe_to_open(
    cell: str, shown: str, tmp_path: Path
) -> None:
    odd = RejectedRecord("billing/2026-01.csv", 7, cell, "amount", cell, "bad number")
    write_rejected(tmp_path, JANUARY, [odd, *faults(1)])
    with report_of(tmp_path).open(newline="", encoding="utf-8") as file:
        _, first, second = csv.reader(file)
    assert first == ["billing/2026-01.csv", "7", shown, "amount", shown, "bad number"]
    assert second[2] == "L0"
