"""What people put right by hand: a sale looked up for a refund, and amounts given or taken, each once."""

from pathlib import Path

import pytest

from models.errors import BadInput
from tests.flows.corrections.test_refunds import Tried, sale
from tests.made.closing import close_months
from tests.made.vendors import claim, line, partner, write_csv, write_vendor


@pytest.fixture
def tried(tmp_path: Path) -> Tried:
    return Tried(tmp_path)


def adjustment(adjustment_id: str, amount_minor: int, day: str, **others: str) -> dict[str, object]:
    return {
        "adjustment_id": adjustment_id, "partner_id": "a", "posted_on": day, "amount_minor": amount_minor,
        "why": "a campaign that was agreed", "who": "olga", "evidence": "mail of 2026-01-15", "cites": "",
    } | others  # fmt: skip


def test_a_refund_that_names_no_sale_takes_back_what_was_looked_up_for_it(tried: Tried) -> None:
    lines = sale("L1", 1000, "2026-01-10"), sale("L2", -1000, "2026-02-10", "gone"), sale("L3", -10, "2026-02-11")
    found = [
        {"line_id": "L2", "sale_id": "L1", "who": "olga", "why": "the invoice was written anew"},
        {"line_id": "L3", "sale_id": "L9", "who": "olga", "why": "no such sale"},
    ]
    assert tried(*lines, tables={"matches.csv": found}) == [100, -100]
    assert tried.outcomes("2026-02") == {("clawback", ""): 1, ("open", "sale not known"): 1}


def test_an_adjustment_settles_once_in_the_first_open_month_and_says_why(tried: Tried) -> None:
    rows = [adjustment("A1", 500, "2026-01-20"), adjustment("A2", -200, "2026-02-28", cites="a/2026-01/v1")]
    lines = sale("L1", 1000, "2026-01-10"), sale("L2", 10, "2026-02-10"), sale("L3", 10, "2026-03-10")
    assert tried(*lines, tables={"adjustments.csv": rows}, months=3) == [105, -1, 1]
    (entry,) = tried.statements["2026-02"]["a"].corrections
    assert (entry.kind, entry.refund_id, entry.cites) == ("adjustment", "A2", "a/2026-01/v1")
    assert entry.words == "a campaign that was agreed (olga; mail of 2026-01-15)"
    kinds = [entry.kind for entry in tried.statements["2026-02"]["a"].summary.entries]
    assert kinds == ["opening", "commission", "adjustment", "to_pay", "carried"]


def test_no_limit_level_or_senior_sees_an_adjustment(tmp_path: Path) -> None:
    programme = """\
programme: test-partners
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: gross
plans:
  junior:
    from: 2026-01
    earn:
      software: {plan: percentage, categories: [software], rate: 10%}
      ceiling: {plan: cap, at_most: 100.00}
  senior: {from: 2026-01, earn: {team: {plan: override, of: commission, levels: [10%]}}}
"""
    vendor = write_vendor(
        tmp_path / "vendor",
        programme=programme,
        partners=[partner("a", plan="junior", parent_id="b"), partner("b", plan="senior", parent_id="")],
        claims=[claim("C1", "a")],
        billing={"2026-01.csv": [line("L1", "C1", 1000_00)]},
    )
    write_csv(vendor / "adjustments.csv", [adjustment("A1", 70_00, "2026-01-20")])
    statements = close_months(tmp_path / "home", vendor, "2026-01")["2026-01"]
    assert statements["a"].summary.to_pay_minor == 170_00
    assert statements["b"].summary.to_pay_minor == 10_00
    journal = (tmp_path / "home/archive/test-partners/2026-01/v1/ledger.journal").read_text()
    assert "expenses:adjustment  RUB 70.00" in journal


def test_an_adjustment_that_was_settled_and_says_something_else_now_stops_the_month(tmp_path: Path) -> None:
    vendor = write_vendor(
        tmp_path / "vendor",
        partners=[partner("a")],
        claims=[claim("C1", "a")],
        billing={"1.csv": [line("L1", "C1", 1)]},
    )
    write_csv(vendor / "adjustments.csv", [adjustment("A1", 70_00, "2026-01-20")])
    close_months(tmp_path / "home", vendor, "2026-01")
    write_csv(vendor / "adjustments.csv", [adjustment("A1", 90_00, "2026-01-20")])
    with pytest.raises(BadInput, match="adjustment A1: amount_minor is 9000, was 7000"):
        close_months(tmp_path / "home", vendor, "2026-02")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"amount_minor": "0"}, "amount_minor 0 is 0 or beyond"),
        ({"cites": "b/2026-01/v1"}, "cites 'b/2026-01/v1' is no statement of a: write for example a/2026"),
        ({"partner_id": "zed"}, "zed"),
        ({"why": ""}, "why"),
        ({"posted_on": "20.01.2026"}, "posted_on"),
    ],
)
def test_a_row_in_doubt_stops_the_month_with_its_place(tmp_path: Path, wrong: dict[str, str], words: str) -> None:
    vendor = write_vendor(
        tmp_path / "vendor",
        partners=[partner("a")],
        claims=[claim("C1", "a")],
        billing={"1.csv": [line("L1", "C1", 1)]},
    )
    write_csv(vendor / "adjustments.csv", [adjustment("A1", 70_00, "2026-01-20") | wrong])
    with pytest.raises(BadInput, match=r"adjustments\.csv") as refused:
        close_months(tmp_path / "home", vendor, "2026-01")
    assert "row 2" in str(refused.value)
    assert words in str(refused.value)
