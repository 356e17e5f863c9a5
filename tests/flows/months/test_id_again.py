"""A payment under the id of one that a closed month decided is not lost: the month stops, or a person is warned."""

from pathlib import Path
from typing import Any

import pytest

from flows.result import Ending, MonthResult
from models.errors import CannotApprove
from tests.made.vendors import PROGRAMME, Row, claim, line, partner, settle, write_csv, write_vendor

ALLOWED = PROGRAMME.replace("plans:", "stop_when: {settled_again: allow}\nplans:")
JANUARY = [line("1", "C-1", 1_000_00), line("2", "C-1", 300_00)]
NUMBERED_AGAIN = [
    line("1", "C-1", 3_000_00, paid_on="2026-02-10"),
    line("2", "C-1", 200_00, paid_on="2026-02-12"),
    line("3", "C-1", 200_00, paid_on="2026-02-12"),
]


def after_january(folder: Path, programme: str = PROGRAMME) -> Path:
    vendor = write_vendor(
        folder / "vendor",
        programme=programme,
        partners=[partner("ana")],
        claims=[claim("C-1", "ana")],
        billing={"2026-01.csv": JANUARY},
    )
    settle(folder / "home", vendor, "2026-01")
    return vendor


def february(folder: Path, vendor: Path, *lines: Row) -> MonthResult:
    write_csv(vendor / "billing" / "2026-02.csv", lines, tuple(JANUARY[0]))
    (result,) = settle(folder / "home", vendor, "2026-02")
    return result


@pytest.mark.parametrize("january_is_read", [True, False])
def test_ids_that_begin_again_each_month_stop_the_second(tmp_path: Path, january_is_read: bool) -> None:
    vendor = after_january(tmp_path)
    if not january_is_read:
        (vendor / "billing" / "2026-01.csv").unlink()
    with pytest.raises(CannotApprove, match=r"2 of 3 lines booked in the month .*2026-02\.csv row 2, line_id '1'"):
        february(tmp_path, vendor, *NUMBERED_AGAIN)


def test_with_ids_of_their_own_all_three_earn(tmp_path: Path) -> None:
    """50 % of 3 400.00."""
    vendor = after_january(tmp_path)
    result = february(tmp_path, vendor, *({**each, "line_id": f"2-{each['line_id']}"} for each in NUMBERED_AGAIN))
    assert (result.ending, result.figures.commission_minor) == (Ending.CLOSED, 1_700_00)


def test_one_alone_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    vendor = after_january(tmp_path)
    result = february(tmp_path, vendor, NUMBERED_AGAIN[0], NUMBERED_AGAIN[2])
    assert (result.ending, result.figures.commission_minor) == (Ending.CLOSED, 100_00)
    assert "1 of 2 lines booked in the month have the id of a line that a closed month decided" in caplog.text


def test_lines_that_come_again_with_their_old_day_are_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    vendor = after_january(tmp_path)
    result = february(tmp_path, vendor, *JANUARY, NUMBERED_AGAIN[2])
    assert result.figures.commission_minor == 100_00
    assert "booked in the month have the id" not in caplog.text


def test_nor_are_those_of_which_the_books_alone_have_another_day(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    vendor = after_january(tmp_path)
    booked = [{**each, "posted_on": "2026-02-02"} for each in JANUARY]
    assert february(tmp_path, vendor, *booked, NUMBERED_AGAIN[2]).figures.commission_minor == 100_00
    assert "booked in the month have the id" not in caplog.text


@pytest.mark.parametrize("other", [{"amount_minor": 1}, {"paid_on": "2026-02-02"}, {"client_id": "C-2"}])
def test_one_that_says_anything_else_is_another_payment(tmp_path: Path, other: dict[str, Any]) -> None:
    vendor = after_january(tmp_path)
    booked = [{**each, "posted_on": "2026-02-02", **other} for each in JANUARY]
    with pytest.raises(CannotApprove, match=r"2 of 2 lines booked in the month .*and say something else"):
        february(tmp_path, vendor, *booked)


def test_the_programme_may_allow_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    vendor = after_january(tmp_path, ALLOWED)
    assert february(tmp_path, vendor, *NUMBERED_AGAIN).figures.commission_minor == 100_00
    assert "2 of 3 lines booked in the month" in caplog.text
