"""Terms of refunds: what a contract may say otherwise of sales that are given back in a later month. In kopecks."""

from pathlib import Path
from typing import Any

import pytest

from tests.histories.by_engine import DraftedMonth, Engine
from tests.histories.history import History, months_from, refund, sale
from tests.vendors import claim, partner

HEADING = """\
programme: terms
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: gross
refunds: {refunds}
plans:
"""


def lived(folder: Path, plans: str, *lines: dict[str, Any], **others: Any) -> list[DraftedMonth]:
    """The months of partner P, whose plan is `ten`, and its clients C1 and C2: two, unless said otherwise."""
    refunds = others.pop("refunds", "original_rate")
    given: dict[str, Any] = {
        "partners": [partner("P", plan="ten")],
        "claims": [claim(client, "P", claimed_on="2025-12-01") for client in ("C1", "C2")],
        "months": months_from("2026-01", others.pop("count", 2)),
    }
    programme = HEADING.format(refunds=refunds) + plans
    return list(Engine(History(programme=programme, lines=lines, **(given | others)), folder).settle_all().values())


def earned(month: DraftedMonth) -> dict[str, int]:
    """What each rule earned of the month's own, whomever it was for."""
    found: dict[str, int] = {}
    for row in month.frame("earned.parquet").iter_rows(named=True):
        found[row["rule"]] = found.get(row["rule"], 0) + row["minor"]
    return {rule: minor for rule, minor in found.items() if minor}


def taken(month: DraftedMonth) -> dict[tuple[str, str, str], int]:
    """What is posted for earlier months: by rule, client or goal, and month."""
    rows = month.frame("corrections.parquet").iter_rows(named=True)
    return {(row["rule"], row["key"], row["corrects"]): row["minor"] for row in rows}


# The measure of the refund's month

TIERS = """\
  ten:
    from: 2026-01
    TERM
    earn:
      software: {plan: tiered, categories: [software], by: volume, measure: MEASURE, tiers: {0: 10%, 1000.00: 20%}}
    not_commissioned: {training: no}
"""
L1 = sale("L1", "C1", 500_00, "2026-01-10")


@pytest.mark.parametrize(
    ("term", "sold", "rate"),
    [
        ("", 1_000_00, 20),
        ("refunds_lower_the_measure: false", 1_000_00, 20),
        ("refunds_lower_the_measure: true", 1_000_00, 10),
        ("refunds_lower_the_measure: true", 1_499_99, 10),  # 999.99 are left
        ("refunds_lower_the_measure: true", 1_500_00, 20),
        ("refunds_lower_the_measure: true", 1_500_01, 20),
    ],
)
def test_a_term_says_whether_the_tier_of_the_refunds_month_sees_it(
    term: str, sold: int, rate: int, tmp_path: Path
) -> None:
    plan = TIERS.replace("TERM", term).replace("MEASURE", "all")
    lines = L1, refund("R1", L1, 500_00, "2026-02-10"), sale("L2", "C1", sold, "2026-02-11")
    january, february = lived(tmp_path, plan, *lines)
    assert earned(january) == {"software": 50_00}
    assert earned(february) == {"software": round(sold * rate / 100)}
    assert taken(february) == {("software", "C1", "2026-01"): -50_00}


def test_a_window_sees_it_from_the_month_that_takes_it_back(tmp_path: Path) -> None:
    # January 500.00; February 400.00 less 500.00; March 600.00: 500.00 - 100.00 + 600.00 = 1 000.00 in three months.
    plan = TIERS.replace("TERM", "refunds_lower_the_measure: true").replace("MEASURE", "{window: 3 months}")
    lines = (
        L1, refund("R1", L1, 500_00, "2026-02-10"), sale("L2", "C1", 400_00, "2026-02-11"),
        sale("L3", "C1", 600_00, "2026-03-11"),
    )  # fmt: skip
    *_, march = lived(tmp_path, plan, *lines, count=3)
    assert earned(march) == {"software": 120_00}
    *_, march = lived(tmp_path / "less", plan, *lines[:-1], sale("L3", "C1", 599_99, "2026-03-11"), count=3)
    assert earned(march) == {"software": 60_00}


def test_it_sees_what_is_given_back_of_an_excluded_sale_that_it_had_counted(tmp_path: Path) -> None:
    plan = TIERS.replace("TERM", "refunds_lower_the_measure: true").replace("MEASURE", "all")
    course = sale("L1", "C1", 500_00, "2026-01-10", category="training")
    lines = course, refund("R1", course, 500_00, "2026-02-10"), sale("L2", "C1", 1_000_00, "2026-02-11")
    _, february = lived(tmp_path, plan, *lines)
    assert earned(february) == {"software": 100_00}


def test_only_the_partner_whose_terms_say_so_is_measured_less(tmp_path: Path) -> None:
    plan = TIERS.replace("TERM", "refunds_lower_the_measure: true") + TIERS.replace("  ten:", "  other:").replace(
        "TERM", ""
    )
    theirs = sale("M1", "C2", 500_00, "2026-01-10")
    lines = (
        L1, refund("R1", L1, 500_00, "2026-02-10"), sale("L2", "C1", 1_000_00, "2026-02-11"),
        theirs, refund("R2", theirs, 500_00, "2026-02-10"), sale("M2", "C2", 1_000_00, "2026-02-11"),
    )  # fmt: skip
    _, february = lived(
        tmp_path, plan.replace("MEASURE", "all"), *lines,
        partners=[partner("P", plan="ten"), partner("Q", plan="other")],
        claims=[claim("C1", "P", claimed_on="2025-12-01"), claim("C2", "Q", claimed_on="2025-12-01")],
    )  # fmt: skip
    assert {who: body["rules"][0]["commission_minor"] for who, body in february.statements.items()} == {
        "P": 100_00,
        "Q": 200_00,
    }
