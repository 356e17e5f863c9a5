"""Late lines: paid in a closed month, settled now, by the terms of the one or of the other. In kopecks."""

from pathlib import Path

import pytest

from tests.engine.closed_months.test_terms_of_refunds import earned, lived, taken
from tests.histories.by_engine import DraftedMonth
from tests.histories.history import refund, sale
from tests.made.vendors import partner

NOW, THEN = "month_that_settles", "month_of_payment"
RATES = """\
  ten:
    - {from: 2026-01, earn: {software: {plan: percentage, categories: [software], rate: 10%}}}
    - {from: 2026-02, TERM, earn: {software: {plan: percentage, categories: [software], rate: 15%}}}
"""
LATE = sale("L1", "C1", 1_000_00, "2026-01-31", posted_on="2026-02-02")
OF_FEBRUARY = sale("L2", "C1", 100_00, "2026-02-03")


def with_term(plans: str, term: str) -> str:
    return plans.replace(", TERM", f", late_lines: {term}" if term else "")


def late(month: DraftedMonth) -> dict[str, bool]:
    return dict(month.frame("lines.parquet").select("line_id", "late").iter_rows())


@pytest.mark.parametrize(("term", "rate"), [("", 15), (NOW, 15), (THEN, 10)])
def test_a_term_chooses_the_rate_of_the_month_of_payment_and_it_is_late_either_way(
    term: str, rate: int, tmp_path: Path
) -> None:
    _, february = lived(tmp_path, with_term(RATES, term), LATE, OF_FEBRUARY)
    assert sum(earned(february).values()) == 1_000 * rate + 15_00
    assert late(february) == {"L1": True, "L2": False}


def test_what_was_paid_in_the_month_that_settles_earns_by_its_own_terms_though_it_was_posted_before(
    tmp_path: Path,
) -> None:
    early = sale("L1", "C1", 1_000_00, "2026-02-01", posted_on="2026-01-31")
    made = lived(tmp_path, with_term(RATES, THEN), early, OF_FEBRUARY)
    assert [sum(earned(month).values()) for month in made] == [100_00, 15_00]  # January settled it: it was in its books


def test_the_statement_names_the_terms_and_what_it_earned_goes_back_at_that_rate(tmp_path: Path) -> None:
    lines = LATE, OF_FEBRUARY, refund("R1", LATE, 500_00, "2026-03-10")
    _, february, march = lived(tmp_path, with_term(RATES, THEN), *lines, count=3)
    named = {rule["rule"]: rule["terms"] for rule in february.statements["P"]["rules"]}
    assert named == {"software": [], "software@paid-2026-01": [{"kind": "paid_in", "value": "2026-01"}]}
    assert taken(march) == {("software", "C1", "2026-02"): -50_00}


TIERS = """\
  ten:
    from: 2026-01
    late_lines: month_of_payment
    earn:
      software: {plan: tiered, categories: [software], by: BY, measure: MEASURE, tiers: {0: 10%, 1000.00: 20%}}
"""


def tiers(by: str, measure: str = "all") -> str:
    return TIERS.replace("BY", by).replace("MEASURE", measure)


@pytest.mark.parametrize(
    ("january", "late_minor", "rate"), [(600_00, 399_99, 10), (600_00, 400_00, 20), (2_000_00, 1_00, 20)]
)
def test_the_tier_is_the_one_that_the_month_of_payment_reaches_with_its_late_lines(
    january: int, late_minor: int, rate: int, tmp_path: Path
) -> None:
    lines = (
        sale("L0", "C1", january, "2026-01-10"),
        sale("L1", "C1", late_minor, "2026-01-31", posted_on="2026-02-02"),
    )
    _, february = lived(tmp_path, tiers("volume"), *lines)
    assert earned(february) == {"software": round(late_minor * rate / 100)}


def test_late_lines_of_one_month_lie_on_top_of_each_other_in_a_graduated_ladder(tmp_path: Path) -> None:
    # January 800.00; 300.00 in February, 200.00 of it at 10 %, the rest at 20 %; 100.00 in March, all at 20 %.
    lines = (
        sale("L0", "C1", 800_00, "2026-01-10"),
        sale("L1", "C1", 300_00, "2026-01-31", posted_on="2026-02-02"),
        sale("L2", "C2", 100_00, "2026-01-30", posted_on="2026-03-02"),
        sale("L3", "C2", 100_00, "2026-03-02"),
    )
    made = lived(tmp_path, tiers("graduated"), *lines, count=3)
    assert [earned(month) for month in made] == [
        {"software": 80_00}, {"software": 40_00}, {"software": 20_00 + 10_00},
    ]  # fmt: skip


def test_a_line_that_waited_open_is_not_late_and_earns_by_the_month_that_settles(tmp_path: Path) -> None:
    plans = """\
  ten:
    - {from: 2026-01, late_lines: month_of_payment, earn: {software: {plan: percentage, categories: [software], rate: 10%}}}
    - {from: 2026-02, late_lines: month_of_payment, earn: {rest: {plan: percentage, categories: others, rate: 15%}}}
"""
    waits = sale("L1", "C1", 1_000_00, "2026-01-10", category="extra")
    part = refund("R1", waits, 400_00, "2026-02-11")
    _, february = lived(tmp_path, plans, waits, part, OF_FEBRUARY)
    assert earned(february) == {"rest": 90_00 + 15_00}
    assert late(february)["L1"] is False


LEVELS = """\
  low: {from: 2026-01, late_lines: month_of_payment, earn: {software: {plan: percentage, categories: [software], rate: 10%}}}
  high: {from: 2026-01, late_lines: month_of_payment, earn: {software: {plan: percentage, categories: [software], rate: 20%}}}
levels:
  rungs: {measure: all, levels: {Low: {reaches: 0, plan: low}, High: {reaches: 1000, plan: high}}}
"""


def test_it_earns_on_the_level_of_the_month_of_payment(tmp_path: Path) -> None:
    # 1 000.00 of January give the level in February; what was paid in January earned on the level below.
    lines = (
        sale("L0", "C1", 1_000_00, "2026-01-10"),
        sale("L1", "C1", 500_00, "2026-01-31", posted_on="2026-02-02"),
        sale("L2", "C1", 100_00, "2026-02-03"),
    )
    _, february = lived(tmp_path, LEVELS, *lines, partners=[partner("P", plan="rungs")])
    assert sum(earned(february).values()) == 50_00 + 20_00


def test_a_plan_that_was_changed_since_is_that_of_the_month_of_payment(tmp_path: Path) -> None:
    plans = """\
  ten: {from: 2026-01, earn: {software: {plan: percentage, categories: [software], rate: 10%}, floor: {plan: guarantee, minimum: 1.00}}}
  new: {from: 2026-01, late_lines: month_of_payment, earn: {all: {plan: percentage, categories: [software], rate: 30%}}}
"""
    rows = [partner("P", plan="ten"), partner("P", plan="new", **{"from": "2026-02"})]
    _, february = lived(tmp_path, plans, LATE, OF_FEBRUARY, partners=rows)
    assert earned(february) == {"software": 100_00, "all": 30_00}  # no second guarantee of January


def test_a_late_sale_and_what_is_given_back_of_it_in_the_same_month_are_netted_by_its_terms(tmp_path: Path) -> None:
    _, february = lived(tmp_path, with_term(RATES, THEN), LATE, refund("R1", LATE, 400_00, "2026-02-20"))
    assert earned(february) == {"software": 60_00}


def test_what_was_paid_before_the_programme_started_earns_by_the_month_that_settles(tmp_path: Path) -> None:
    before = sale("L1", "C1", 1_000_00, "2025-12-31", posted_on="2026-02-02")
    rows = [partner("P", plan="ten", **{"from": "2025-12"})]
    _, february = lived(tmp_path, with_term(RATES, THEN), before, partners=rows)
    assert earned(february) == {"software": 150_00}
