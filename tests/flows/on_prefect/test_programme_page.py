"""The page of the programme: each month, whose turn it is, until when, what to do and where to look."""

from pathlib import Path

from prefect.settings import PREFECT_UI_URL, temporary_settings

from flows.on_prefect.programme_page import page
from flows.questions.month_status import month_statuses
from tests.made.vendors import office, settle, two_months

HEAD = ["Programme **test-partners**, as of 2026-12-03T03:00:00Z.", ""]
TABLE = ["", "| month | stands | to pay | look at |", "|:--|:--|--:|:--|"]
CLOSED = "| 2026-01 | closed | 100.00 RUB | |"


def rows(home: Path, vendor: Path, *shown: str) -> list[str]:
    """The lines of the page, with one space where there are several."""
    here = office(home, vendor)
    return [" ".join(line.split()) for line in page(here, month_statuses(here), shown)]


def test_the_page_says_of_every_month_where_it_stands_and_whose_turn_it_is_until_when(tmp_path: Path) -> None:
    vendor = two_months(tmp_path / "vendor", 200_00)
    home = tmp_path / "home"
    settle(home, vendor, "2026-01")
    coming = "**2026-02** is open: it is the program's turn, {}. Settle-month runs when the month is over."
    assert rows(home, vendor) == [*HEAD, coming.format("from 2026-03-03 on"), *TABLE, CLOSED]
    (vendor / "calendar.yaml").write_text("working_day: 3\n")  # 2026-03-01 is a Sunday
    assert rows(home, vendor) == [*HEAD, coming.format("from 2026-03-04 on"), *TABLE, CLOSED]
    (vendor / "calendar.yaml").write_text("working_day: 99\n")
    assert rows(home, vendor) == [*HEAD, coming.format("once calendar.yaml can be carried out"), *TABLE, CLOSED]
    settle(home, vendor, "2026-02", approval="on")
    assert rows(home, vendor) == [
        *HEAD,
        "**2026-02** is waiting: it is a person's turn, until 2026-12-17. Read approval, then press Resume on its run.",
        *TABLE,
        "| 2026-02 | waiting | not decided | |",
        CLOSED,
    ]


def test_what_there_is_of_a_month_on_the_server_is_linked_and_nothing_else(tmp_path: Path) -> None:
    vendor = two_months(tmp_path / "vendor", 200_00)
    settle(tmp_path / "home", vendor, "2026-01")
    with temporary_settings({PREFECT_UI_URL: "http://prefect.test:4200"}):
        closed = rows(tmp_path / "home", vendor, "documents-2026-01", "failed-2026-01", "documents-2026-02")[-1]
    link = "[documents](http://prefect.test:4200/artifacts/key/documents-2026-01)"
    assert closed == f"| 2026-01 | closed | 100.00 RUB | {link} |"
