"""A month with corrections of every kind: statement, totals.csv, database and ledger say the same, to the kopeck."""

import csv
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from models.statement import Statement
from tests.flows.corrections.test_refunds import HEADING, by_month, sale
from tests.made.closing import close_months
from tests.made.tables import stored
from tests.made.vendors import archived, claim, office, partner, write_csv, write_vendor

PLANS = """\
    from: 2026-01
    earn:
      software: {plan: percentage, categories: [software], rate: 10%}
      ceiling: {plan: cap, at_most: 150.00, rules: [software]}
      fund: {plan: marketing_fund, categories: [software], rate: 2%}
      sellers: {plan: employee_bonus, categories: [software], roles: {seller: 1%}, paid: to_person}
  senior:
    from: 2026-01
    earn:
      team: {plan: override, of: commission, levels: [10%]}
"""
LINES = (
    sale("L1", 2000, "2026-01-10", client_name="Romashka"),  # 200.00, capped at 150.00; 40.00 and 20.00 elsewhere
    sale("L2", -1000, "2026-02-10", "L1", kind="chargeback", client_name="Romashka"),
    sale("L3", 500, "2026-02-11", client_name="Romashka"),  # 50.00
    sale("L4", 1000, "2026-03-12", "L2", kind="chargeback_won", client_name="Romashka"),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corrected")
    vendor = write_vendor(
        folder / "vendor",
        programme=HEADING.format(refunds="original_rate") + PLANS,
        partners=[
            partner("a", parent_id="s", **{"from": "2025-12"}),
            partner("s", plan="senior", parent_id="", **{"from": "2025-12"}),
        ],
        claims=[claim("C1", "a", claimed_on="2025-12-01")],
        billing={f"{name}.csv": mine for name, mine in by_month(LINES).items()},
    )
    write_csv(
        vendor / "employees.csv",
        [{"partner_id": "a", "person_id": "E1", "name": "Anna", "role": "seller", "from": "2025-12-01"}],
    )
    return folder


@pytest.fixture(scope="module")
def months(home: Path) -> dict[str, dict[str, Statement]]:
    return close_months(home / "home", home / "vendor", "2026-01", "2026-02", "2026-03")


def box(statement: Statement) -> dict[str, int]:
    return {entry.kind.value: entry.amount_minor for entry in statement.summary.entries}


def test_the_box_of_a_statement_adds_up_from_opening_to_carried(months: dict[str, dict[str, Statement]]) -> None:
    # January 200.00 less 50.00 over the cap; half of it goes back, and then nothing is over the cap any more.
    assert box(months["2026-02"]["a"]) == {
        "opening": 0, "commission": 50_00, "clawback": -100_00, "limit": 50_00, "to_pay": 0, "carried": 0,
    }  # fmt: skip
    assert box(months["2026-03"]["a"]) == {
        "opening": 0, "commission": 0, "clawback": 100_00, "limit": -50_00, "to_pay": -50_00, "carried": 0,
    }  # fmt: skip
    assert [box(months[month]["s"])["clawback"] for month in ("2026-02", "2026-03")] == [-5_00, 5_00]


def test_what_went_elsewhere_goes_back_there(months: dict[str, dict[str, Statement]]) -> None:
    def stands(month: str) -> dict[str, tuple[int, int, int, int]]:
        return {
            kept.of: (kept.opening_minor, kept.earned_minor, kept.corrected_minor, kept.closing_minor)
            for kept in months[month]["a"].apart
        }

    assert stands("2026-02") == {"fund": (40_00, 10_00, -20_00, 30_00), "person": (20_00, 5_00, -10_00, 15_00)}
    assert stands("2026-03") == {"fund": (30_00, 0, 20_00, 50_00), "person": (15_00, 0, 10_00, 25_00)}


@pytest.mark.parametrize("month", ["2026-02", "2026-03"])
def test_totals_and_database_have_what_the_statements_say(
    month: str, home: Path, months: dict[str, dict[str, Statement]]
) -> None:
    said: Counter[tuple[str, ...]] = Counter()
    for partner_id, statement in months[month].items():
        for rule in statement.rules:
            said[partner_id, "accrual", rule.rule, rule.to] += rule.commission_minor
        for each in statement.corrections:
            said[partner_id, each.kind.value, each.rule, each.to] += each.commission_minor
        of_payout = {key: minor for key, minor in said.items() if (key[0], key[3]) == (partner_id, "partner")}
        summary = statement.summary
        assert sum(of_payout.values()) == summary.commission_minor + summary.corrections_minor
    with (archived(home / "home", month) / "totals.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert said == {
        (row["partner_id"], row["kind"], row["rule"], row["paid_to"]): int(row["commission_minor"]) for row in rows
    }
    database = office(home / "home", home / "vendor").database
    kept = [row for row in stored(database, "correction") if row["period"] == month]
    assert {key: minor for key, minor in said.items() if key[1] != "accrual"} == {
        (row["partner_id"], row["kind"], row["rule"], row["paid_to"]): row["commission_minor"] for row in kept
    }


@pytest.mark.parametrize("month", ["2026-02", "2026-03"])
def test_the_ledger_keeps_what_was_earned_and_what_was_taken_back_apart(
    month: str, home: Path, months: dict[str, dict[str, Statement]]
) -> None:
    database = office(home / "home", home / "vendor").database
    booked: Counter[str] = Counter()
    for row in stored(database, "posting"):
        if row["period"] == month and str(row["account"]).startswith("expenses:"):
            booked[str(row["account"])] += int(str(row["amount_minor"]))
    said: Counter[str] = Counter()
    for statement in months[month].values():
        for rule in statement.rules:
            said[f"expenses:commission:{rule.rule}"] += rule.commission_minor
        for each in statement.corrections:
            said[f"expenses:clawback:{each.rule}"] += each.commission_minor
    assert booked == {account: minor for account, minor in said.items() if minor}
    assert booked["expenses:clawback:software"] == (-100_00 if month == "2026-02" else 100_00)


@pytest.mark.skipif(not shutil.which("hledger"), reason="hledger is not installed: nothing to check with")
@pytest.mark.usefixtures("months")
@pytest.mark.parametrize("month", ["2026-02", "2026-03"])
def test_hledger_accepts_a_month_with_corrections(month: str, home: Path) -> None:
    journal = archived(home / "home", month) / "ledger.journal"
    assert "expenses:clawback:software" in journal.read_text()
    subprocess.run(["hledger", "-f", str(journal), "check", "--strict"], check=True)
