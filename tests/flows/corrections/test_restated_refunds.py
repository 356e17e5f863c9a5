"""Refunds under `restate`: the month of the sale is worked out again without it, and the difference is posted now."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from engine.draft import draft
from models.period import Period
from tasks.gather import read_inputs
from tests.flows.corrections.test_refunds import Tried, sale
from tests.flows.months.test_worked_example import example
from tests.made.closing import close_months
from tests.made.vendors import archived, office

VOLUME = """\
    from: 2026-01
    earn:
      software: {plan: tiered, categories: [software], by: volume, measure: all, tiers: {0: 10%, 1000.00: 20%}}
"""


@pytest.fixture
def tried(tmp_path: Path) -> Tried:
    return Tried(tmp_path)


def test_a_refund_takes_back_what_the_month_earned_more_with_its_sale_in_it(tried: Tried) -> None:
    # 1 000.00 earn 20 %, 200.00; without L2 500.00 earn 10 %, 50.00. Its own 100.00 would be original_rate.
    lines = sale("L1", 500, "2026-01-10"), sale("L2", 500, "2026-01-11"), sale("L3", -500, "2026-02-10", "L2")
    assert tried(*lines, sale("L4", 100, "2026-02-11"), plan=VOLUME, refunds="restate") == [200, 10 - 150]
    (entry,) = tried.statements["2026-02"]["a"].corrections
    assert (entry.kind, entry.cites, entry.refund_id) == ("restatement", "a/2026-01/v1", "L3")
    assert (entry.earned, entry.left_minor, entry.commission_minor) == ("200.000000", 5_000, -15_000)
    kinds = [each.kind for each in tried.statements["2026-02"]["a"].summary.entries]
    assert kinds == ["opening", "commission", "restatement", "to_pay", "carried"]


def test_parts_add_up_to_the_whole_and_a_chargeback_that_is_won_puts_it_back(tried: Tried) -> None:
    lines = (
        sale("L1", 500, "2026-01-10"),
        sale("L2", 500, "2026-01-11"),
        sale("L3", -0.01, "2026-02-10", "L2"),  # 999.99 earn 10 %, 100.00: 100.00 less
        sale("L4", -499.99, "2026-03-10", "L2", kind="chargeback"),  # 500.00 earn 50.00: 50.00 less
        sale("L5", -500, "2026-04-10", "L1"),  # nothing is left of January
        sale("L6", 499.99, "2026-05-10", "L4", kind="chargeback_won"),  # 499.99 earn 50.00
        sale("L7", -1, "2026-05-11", "L1"),  # nothing is left of it
    )
    assert tried(*lines, plan=VOLUME, refunds="restate", months=5) == [200, -100, -50, -50, 50]
    outcomes = tried.outcomes("2026-05")
    assert (outcomes["clawback", ""], outcomes["rejected", "refunded already"]) == (1, 1)


def test_limits_of_the_month_hold_when_it_is_worked_out_again(tried: Tried) -> None:
    plan = VOLUME + "      ceiling: {plan: cap, at_most: 60.00}\n"
    lines = sale("L1", 500, "2026-01-10"), sale("L2", 500, "2026-01-11"), sale("L3", -500, "2026-02-10", "L2")
    assert tried(*lines, plan=plan, refunds="restate") == [60, -10]  # 50.00 are below the cap


def test_a_month_that_was_worked_out_again_once_always_is(tried: Tried) -> None:
    dated = "[{from: 2026-01, policy: restate}, {from: 2026-03, policy: original_rate}]"
    lines = (
        sale("L1", 500, "2026-01-10"),
        sale("L2", 500, "2026-01-11"),
        sale("L3", 100, "2026-02-09"),
        sale("L4", -500, "2026-02-10", "L2"),
        sale("L5", -500, "2026-03-10", "L1"),  # what it earned at 20 % is no more
        sale("L6", -100, "2026-03-11", "L3"),
    )
    assert tried(*lines, plan=VOLUME, refunds=dated, months=3) == [200, 10 - 150, -50 - 10]


def test_what_was_taken_one_by_one_before_is_counted(tried: Tried) -> None:
    dated = "[{from: 2026-01, policy: original_rate}, {from: 2026-03, policy: restate}]"
    lines = (
        sale("L1", 500, "2026-01-10"),
        sale("L2", 500, "2026-01-11"),
        sale("L3", -250, "2026-02-10", "L2"),  # at its 20 %
        sale("L4", -250, "2026-03-10", "L2"),  # 500.00 at 10 %: 50.00 stay of 200.00, of which 50.00 went
        sale("L5", -500, "2026-03-11", "L1"),
    )
    assert tried(*lines, plan=VOLUME, refunds=dated, months=3) == [200, -50, -150]


@pytest.mark.parametrize(
    ("by", "telephony", "net"), [("volume", -1_100_000, -1_366_665), ("graduated", -500_000, -966_665)]
)
def test_the_worked_example_comes_out_under_restate(by: str, telephony: int, net: int, tmp_path: Path) -> None:
    """REF-001 takes 11 000.00 by volume and 5 000.00 graduated; February is -13 666.65 and -9 666.65 then."""
    vendor = example(tmp_path / "vendor", by)
    file = vendor / "programme.yaml"
    file.write_text(file.read_text().replace("original_rate", "restate"))
    statements = close_months(tmp_path / "home", vendor, "2026-01", "2026-02")["2026-02"]
    partner, parent = statements["P-100"], statements["P-001"]
    of_telephony = [each for each in partner.corrections if each.rule == "telephony"]
    assert sum(each.commission_minor for each in of_telephony) == telephony
    assert partner.summary.commission_minor + partner.summary.corrections_minor == net
    # 5 % of what the junior gives back: of 36 000.00, of 30 000.00.
    assert parent.summary.corrections_minor == {"volume": -180_000, "graduated": -150_000}[by]


def test_the_ledger_keeps_what_is_restated_apart(tried: Tried) -> None:
    lines = sale("L1", 1000, "2026-01-10"), sale("L2", -500, "2026-02-10", "L1")
    tried(*lines, plan=VOLUME, refunds="restate")
    ledger = archived(tried.folder / "home", "2026-02") / "ledger.journal"
    assert "expenses:restatement:software  RUB -150.00" in ledger.read_text()
    if shutil.which("hledger"):
        subprocess.run(["hledger", "-f", str(ledger), "check", "--strict"], check=True)


def test_a_month_that_worked_out_another_again_is_itself_worked_out_from_its_archive(tried: Tried) -> None:
    lines = sale("L1", 1000, "2026-01-10"), sale("L2", -500, "2026-02-10", "L1"), sale("L3", -1, "2026-03-10", "L1")
    assert tried(*lines, plan=VOLUME, refunds="restate", months=3) == [200, -150, -0.1]
    store = office(tried.folder / "home", tried.folder / "vendor").store
    for month in (Period(2026, 2), Period(2026, 3)):
        again = draft(read_inputs(store, "test-partners", month))
        sealed = json.loads((archived(tried.folder / "home", str(month)) / "SEAL").read_text())
        assert again.digest == sealed["draft"]
