"""The page of the programme: each month, whose turn it is and what to do."""

from pathlib import Path

from flows.on_prefect.programme_page import page
from tests.made.vendors import office, settle, two_months


def test_the_page_says_of_every_month_where_it_stands_and_whose_turn_it_is(tmp_path: Path) -> None:
    vendor = two_months(tmp_path / "vendor", 200_00)
    home = tmp_path / "home"
    settle(home, vendor, "2026-01")
    january = "| 2026-01 | closed | 100.00 RUB | nobody's | nothing: all is archived and sealed |"
    assert list(page(office(home, vendor))) == [
        "Programme **test-partners**, as of 2026-12-03T03:00:00Z.",
        "",
        "| month | stands | to pay | whose turn | what to do |",
        "|:--|:--|--:|:--|:--|",
        january,
        "| 2026-02 | open | | the program's | settle-month, when the month is over |",
    ]
    settle(home, vendor, "2026-02", approval="on")
    assert list(page(office(home, vendor)))[4:] == [
        "| 2026-02 | waiting | not decided | a person's | "
        "read the artifact approval of the month, and press Resume on its run |",
        january,
    ]
