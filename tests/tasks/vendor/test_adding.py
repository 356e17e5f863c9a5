"""Rows added to adjustments.csv: all or none, read as a run reads them, and never half a file."""

import os
import threading
from datetime import date
from pathlib import Path

import pytest

from models.errors import BadInput, WrongUse
from models.vendor import Adjustment
from tasks.vendor.adding import add_adjustments
from tasks.vendor.by_hand import read_adjustments

PARTNERS = ("ana", "bo")


def adjustment(adjustment_id: str, amount_minor: int = 5_000, **others: str) -> Adjustment:
    said = {"partner_id": "ana", "why": "a fair", "evidence": "mail", "who": "olga", "cites": ""} | others
    return Adjustment(adjustment_id=adjustment_id, posted_on=date(2026, 5, 1), amount_minor=amount_minor, **said)


def test_a_file_that_was_not_there_has_the_rows_with_a_header(tmp_path: Path) -> None:
    file = tmp_path / "adjustments.csv"
    assert add_adjustments(file, [adjustment("A1"), adjustment("A2", -1, why='so, "they" say')], PARTNERS) == 2
    assert file.read_text().splitlines() == [
        "adjustment_id,partner_id,posted_on,amount_minor,why,evidence,who,cites",
        "A1,ana,2026-05-01,5000,a fair,mail,olga,",
        'A2,ana,2026-05-01,-1,"so, ""they"" say",mail,olga,',
    ]
    assert os.listdir(tmp_path) == ["adjustments.csv"]


def test_rows_that_are_there_stay_as_they_are_and_the_same_row_is_added_once(tmp_path: Path) -> None:
    file = tmp_path / "adjustments.csv"
    # As people have it: a mark, other line ends, columns in another order and one of their own, no newline at the end.
    file.write_bytes(
        "\ufeffwho,adjustment_id,partner_id,posted_on,amount_minor,why,note\r\n"
        "petr,A0,bo,2026-04-01,-7,a mistake,mine".encode()
    )
    for added in (1, 0):
        assert add_adjustments(file, [adjustment("A1")], PARTNERS) == added
    assert file.read_bytes().decode() == (
        "who,adjustment_id,partner_id,posted_on,amount_minor,why,note,evidence,cites\r\n"
        "petr,A0,bo,2026-04-01,-7,a mistake,mine,,\r\n"
        "olga,A1,ana,2026-05-01,5000,a fair,,mail,\r\n"
    )


@pytest.mark.parametrize(
    ("others", "says"),
    [
        ({"partner_id": "cy"}, "partner_id 'cy' is no partner"),
        ({"why": " "}, "why is blank"),
        ({"who": "olga\nP9"}, "who"),
        ({"cites": "bo/2026-01/v1"}, "cites 'bo/2026-01/v1' is no statement of ana"),
        ({"evidence": "mail "}, "begins or ends with a space"),
    ],
)
def test_what_a_run_would_refuse_is_not_written(tmp_path: Path, others: dict[str, str], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        add_adjustments(tmp_path / "adjustments.csv", [adjustment("A1"), adjustment("A2", 1, **others)], PARTNERS)
    assert os.listdir(tmp_path) == []


def test_an_id_that_is_taken_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "adjustments.csv"
    add_adjustments(file, [adjustment("A1")], PARTNERS)
    before = file.read_bytes()
    with pytest.raises(BadInput, match=r"adjustments\.csv has A1 already, and it says something else"):
        add_adjustments(file, [adjustment("A2"), adjustment("A1", 5_001)], PARTNERS)
    assert file.read_bytes() == before


def test_nothing_is_added_to_a_file_that_no_run_would_read(tmp_path: Path) -> None:
    file = tmp_path / "adjustments.csv"
    file.write_text("adjustment_id,partner_id\nA0,ana\n")
    with pytest.raises(BadInput, match="posted_on"):
        add_adjustments(file, [adjustment("A1")], PARTNERS)
    assert file.read_text() == "adjustment_id,partner_id\nA0,ana\n"
    with pytest.raises(WrongUse, match="is no folder to write to"):
        add_adjustments(tmp_path / "none" / "adjustments.csv", [adjustment("A1")], PARTNERS)


def test_those_who_add_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "adjustments.csv"
    threads = [
        threading.Thread(target=add_adjustments, args=(file, [adjustment(f"A{number}")], PARTNERS))
        for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    read, _ = read_adjustments(file.name, file.read_bytes(), PARTNERS)
    assert {each.adjustment_id for each in read} == {f"A{number}" for number in range(12)}
    assert os.listdir(tmp_path) == ["adjustments.csv"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    real, link = tmp_path / "shared.csv", tmp_path / "adjustments.csv"
    add_adjustments(real, [adjustment("A1")], PARTNERS)
    link.symlink_to(real)
    add_adjustments(link, [adjustment("A2")], PARTNERS)
    assert link.is_symlink()
    assert len(read_adjustments("shared.csv", real.read_bytes(), PARTNERS)[0]) == 2
