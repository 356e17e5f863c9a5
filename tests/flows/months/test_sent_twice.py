"""Two exports of the same payments: the month stops before each is paid twice. In kopecks."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from flows.result import Ending
from models.errors import CannotApprove
from tests.made.vendors import PROGRAMME, Row, claim, line, partner, settle, write_vendor

ALLOWED = PROGRAMME.replace("plans:", "stop_when: {sent_twice: allow}\nplans:")
PAYMENTS = [line(f"P-{number}", "C-1", number * 10_00) for number in range(1, 5)]  # 100.00


def numbered_anew(lines: Sequence[Row]) -> list[Row]:
    return [{**each, "line_id": f"B-{each['line_id']}", "invoice_id": "B"} for each in lines]


def commission(folder: Path, programme: str = PROGRAMME, **files: Sequence[Row]) -> int:
    """What January comes to for ana, who earns half, where its billing is in these files."""
    vendor = write_vendor(
        folder / "vendor",
        programme=programme,
        partners=[partner("ana")],
        claims=[claim("C-1", "ana")],
        billing={f"{name}.csv": lines for name, lines in files.items()},
    )
    (result,) = settle(folder / "home", vendor, "2026-01")
    assert result.ending is Ending.CLOSED
    return result.figures.commission_minor


def test_a_month_stops_where_more_than_half_of_a_file_is_in_another_one(tmp_path: Path) -> None:
    others = [line("X-1", "C-1", 1_00)]
    with pytest.raises(CannotApprove, match=r"3 of 4 lines of billing/bank\.csv and billing/books\.csv say the same"):
        commission(tmp_path, books=PAYMENTS, bank=[*numbered_anew(PAYMENTS[:3]), *others])


def test_half_of_it_is_chance(tmp_path: Path) -> None:
    others = [line("X-1", "C-1", 1_00), line("X-2", "C-1", 2_00)]
    assert commission(tmp_path, books=PAYMENTS, bank=[*numbered_anew(PAYMENTS[:2]), *others]) == 66_50


def test_copies_under_their_own_ids_are_none_and_count_once(tmp_path: Path) -> None:
    assert commission(tmp_path, books=PAYMENTS, bank=PAYMENTS) == 50_00


def test_a_file_of_copies_is_as_long_as_it_is(tmp_path: Path) -> None:
    two = numbered_anew(PAYMENTS[:2])  # of six lines of the file four are copies
    assert commission(tmp_path, books=PAYMENTS, copy=[*PAYMENTS, *two]) == 65_00


def test_one_file_may_say_a_thing_twice(tmp_path: Path) -> None:
    assert commission(tmp_path, books=[*PAYMENTS, *numbered_anew(PAYMENTS)]) == 100_00


def test_a_programme_may_allow_it(tmp_path: Path) -> None:
    assert commission(tmp_path, ALLOWED, books=PAYMENTS, bank=numbered_anew(PAYMENTS)) == 100_00


def test_other_days_are_other_payments(tmp_path: Path) -> None:
    next_day = [{**each, "paid_on": "2026-01-13"} for each in numbered_anew(PAYMENTS)]
    assert commission(tmp_path, books=PAYMENTS, bank=next_day) == 100_00
