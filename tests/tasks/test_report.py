"""The report of rejected lines: what is logged, what is in the file, and that neither claims more than it holds."""

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
        (10, 10, "rejected: billing/2026-01.csv row 9, line L9, paid_on 'soon': bad date"),
        (11, 11, "rejected: 1 more"),
        (1_000, 2_010, "rejected: 2 000 more"),
    ],
)
def test_ten_faults_are_logged_and_the_others_are_counted(
    kept: int, total: int, last: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "settle")
    tell_rejected(faults(kept), total)
    assert len(caplog.messages) == min(total, 11)
    assert caplog.messages[-1] == last
