"""Four golden months of examples/tiered-partnership.yaml: levels reached, kept by grace and lost, and what each pays.

T-1 and T-2 are a company and its sole proprietor, one consolidation group; T-2 starts on 15 January. T-4 is on special
terms, the plan `launch`, in February. VAT is 22 % of telephony, so 122.00 paid is a base of 100.00; software is exempt. A
refund lowers the month it is posted in: `refunds: net_current`.

January: everybody is Bronze.
  T-1: software C1 70 000.00 x 20 % = 14 000.00; fee 3 100.00; 17 100.00
  T-2: software C2 10 000.00 x 20 % = 2 000.00; telephony C2 20 000.00 (24 400.00) x 5 % = 1 000.00
       17 of 31 days: fee 3 100.00 x 17/31 = 1 700.00; floor 6 200.00 x 17/31 = 3 400.00, 3 000.00 earned: 400.00
       3 000.00 + 1 700.00 + 400.00 = 5 100.00
  T-3: software C3 99 999.99 x 20 % = 19 999.998, rounded 20 000.00; fee 3 100.00; 23 100.00
  T-4: software C4 200 000.00 x 20 % = 40 000.00, exactly the ceiling; fee 3 100.00; 43 100.00
  Three months came to: T-1 and T-2 70 000.00 + 30 000.00 = 100 000.00: Silver. T-3 99 999.99: one kopeck below.

February.
  T-1, Silver: software C1 9 999.99 x 25 % = 2 499.9975, rounded 2 500.00; fee 6 000.00; 8 500.00
  T-2, Silver: C2 gives 10 000.00 of software back: -10 000.00 x 25 % = -2 500.00; fee 6 000.00; 3 500.00, below
       5 000.00: carried
  T-3, Bronze: software C3 400 000.01 x 20 % = 80 000.002, rounded 80 000.00; ceiling 40 000.00: -40 000.00; fee 3 100.00
       growth: 99 999.99 + 400 000.01 = 500 000.00 since the start, past 250 000 and at 500 000: 5 000.00 + 15 000.00
       80 000.00 - 40 000.00 + 3 100.00 + 20 000.00 = 63 100.00
  T-4, launch: software C4 299 999.99 x 40 % = 119 999.996, rounded 120 000.00; no fee, bonus or ceiling
  Three months came to: T-1 and T-2 79 999.99 + 20 000.00 = 99 999.99: Silver by grace. T-3 500 000.00: Gold.
       T-4 200 000.00 + 299 999.99 = 499 999.99: one kopeck below Gold, so Silver.

March: software sold to new clients of a Silver partner earns 22 %.
  T-1, Silver by grace: C1 10 000.00 and C5, claimed on 28 February, 4 000.00: 14 000.00 x 25 % = 3 500.00
       C6, claimed on 1 March, 5 000.00 x 22 % = 1 100.00; fee 6 000.00, once; 10 600.00
  T-2, Silver by grace: C2 gives the telephony back: -20 000.00 x 8 % = -1 600.00; fee 6 000.00; 4 400.00
       with 3 500.00 carried 7 900.00: paid
  T-3, Gold: software C3 500 000.00 x 30 % = 150 000.00; ceiling 120 000.00: -30 000.00; fee 12 000.00; 132 000.00
       growth: both goals have paid
  T-4, Silver: software C4 100.00 x 25 % = 25.00; fee 6 000.00
       growth: 500 099.99 since the start; `launch` paid no bonus, so both goals do now: 20 000.00; 26 025.00
  Three months came to: T-1 and T-2 98 999.99 + 0.00: below Silver for the second month. T-3 1 000 000.00.
       T-4 500 099.99: Gold.

April.
  T-1, Bronze: software C1 10 000.00 + C6 5 000.00 = 15 000.00 x 20 % = 3 000.00; fee 3 100.00
       floor 6 200.00 - 3 000.00 = 3 200.00; 9 300.00
  T-2, Bronze: nothing sold; fee 3 100.00; floor 6 200.00; 9 300.00
  T-3, Gold: software C3 66 666.66 x 30 % = 19 999.998, rounded 20 000.00, exactly the floor: nothing is added
       fee 12 000.00; 32 000.00
  T-4, Gold: nothing sold; fee 12 000.00; floor 20 000.00; 32 000.00
"""

import pytest

from tests.made.golden_months import Golden, bill, roubles, settle_example
from tests.made.vendors import claim, partner

VAT = {"vat_rate": "22"}
NO_VAT = {"vat_rate": "0"}
GROUP = {"plan": "partnership", "consolidation_group": "G"}

PARTNERS = [
    partner("T-1", **GROUP),
    partner("T-2", **GROUP | {"from": "2026-01-15"}),
    partner("T-3", plan="partnership"),
    partner("T-4", plan="partnership"),
    partner("T-4", plan="launch", until="2026-02-28", **{"from": "2026-02"}),
]
CLAIMS = [
    claim("C1", "T-1"),
    claim("C2", "T-2"),
    claim("C3", "T-3"),
    claim("C4", "T-4"),
    claim("C5", "T-1", claimed_on="2026-02-28"),
    claim("C6", "T-1", claimed_on="2026-03-01"),
]
BILLING = {
    "2026-01": [
        bill("J1", "C1", "software", "70 000.00", "2026-01-12", **NO_VAT),
        bill("J2", "C2", "software", "10 000.00", "2026-01-20", **NO_VAT),
        bill("J3", "C2", "telephony", "24 400.00", "2026-01-20", **VAT),
        bill("J4", "C3", "software", "99 999.99", "2026-01-12", **NO_VAT),
        bill("J5", "C4", "software", "200 000.00", "2026-01-12", **NO_VAT),
    ],
    "2026-02": [
        bill("F1", "C1", "software", "9 999.99", "2026-02-12", **NO_VAT),
        bill("F2", "C2", "software", "-10 000.00", "2026-02-13", refunds_line_id="J2", **NO_VAT),
        bill("F3", "C3", "software", "400 000.01", "2026-02-12", **NO_VAT),
        bill("F4", "C4", "software", "299 999.99", "2026-02-28", **NO_VAT),
    ],
    "2026-03": [
        bill("M1", "C1", "software", "10 000.00", "2026-03-12", **NO_VAT),
        bill("M2", "C5", "software", "4 000.00", "2026-03-12", **NO_VAT),
        bill("M3", "C6", "software", "5 000.00", "2026-03-12", **NO_VAT),
        bill("M4", "C2", "telephony", "-24 400.00", "2026-03-13", refunds_line_id="J3", **VAT),
        bill("M5", "C3", "software", "500 000.00", "2026-03-12", **NO_VAT),
        bill("M6", "C4", "software", "100.00", "2026-03-01", **NO_VAT),
    ],
    "2026-04": [
        bill("A1", "C1", "software", "10 000.00", "2026-04-12", **NO_VAT),
        bill("A2", "C6", "software", "5 000.00", "2026-04-12", **NO_VAT),
        bill("A3", "C3", "software", "66 666.66", "2026-04-12", **NO_VAT),
    ],
}
MONTHS = list(BILLING)
PAID = {
    "T-1": ["17 100.00", "8 500.00", "10 600.00", "9 300.00"],
    "T-2": ["5 100.00", "0.00", "7 900.00", "9 300.00"],
    "T-3": ["23 100.00", "63 100.00", "132 000.00", "32 000.00"],
    "T-4": ["43 100.00", "120 000.00", "26 025.00", "32 000.00"],
}


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    folder = tmp_path_factory.mktemp("tiered-partnership")
    return settle_example(
        folder, "tiered-partnership", partners=PARTNERS, claims=CLAIMS, billing=BILLING, refunds="net_current"
    )


def level(months: Golden, partner_id: str, period: str) -> tuple[str, str, str, bool, str] | None:
    """Name, what three months came to, the month that reached it, whether grace keeps it, and the next level."""
    found = months.statement(partner_id, period)["level"]
    if found is None:
        return None
    name, measure, reached_in = found["name"], roubles(found["measure"]), found["reached_in"]
    return name, measure, reached_in, found["kept_by_grace"], found["next_name"]


def test_everybody_starts_on_the_lowest_level(months: Golden) -> None:
    for partner_id in ("T-1", "T-2", "T-3", "T-4"):
        assert level(months, partner_id, "2026-01") == ("Bronze", "0.00", "", False, "Silver")


def test_a_company_and_its_sole_proprietor_reach_a_level_together(months: Golden) -> None:
    for partner_id in ("T-1", "T-2"):
        assert level(months, partner_id, "2026-02") == ("Silver", "100 000.00", "2026-01", False, "Gold")


def test_one_kopeck_below_a_level_is_the_level_below(months: Golden) -> None:
    assert level(months, "T-3", "2026-02") == ("Bronze", "99 999.99", "", False, "Silver")
    assert level(months, "T-4", "2026-03") == ("Silver", "499 999.99", "2026-02", False, "Gold")


def test_a_level_is_kept_for_one_month_of_grace_and_then_lost(months: Golden) -> None:
    for partner_id in ("T-1", "T-2"):
        assert level(months, partner_id, "2026-03") == ("Silver", "99 999.99", "2026-01", True, "Gold")
        assert level(months, partner_id, "2026-04") == ("Bronze", "98 999.99", "", False, "Silver")
    assert [months.statement("T-1", month)["plan"] for month in MONTHS] == ["bronze", "silver", "silver", "bronze"]


def test_a_partner_may_rise_two_levels_at_once(months: Golden) -> None:
    assert level(months, "T-3", "2026-03") == ("Gold", "500 000.00", "2026-02", False, "")
    assert level(months, "T-3", "2026-04") == ("Gold", "1 000 000.00", "2026-03", False, "")
    assert level(months, "T-4", "2026-04") == ("Gold", "500 099.99", "2026-03", False, "")


def test_each_level_earns_its_own_rates(months: Golden) -> None:
    assert months.figures("T-1", "2026-01", "software") == ("70 000.00", "14000.000000", "14 000.00")
    assert months.figures("T-1", "2026-02", "software") == ("9 999.99", "2499.997500", "2 500.00")
    assert months.figures("T-1", "2026-04", "software") == ("15 000.00", "3000.000000", "3 000.00")
    assert months.shares("T-1", "2026-04", "software") == {"C1": "2 000.00", "C6": "1 000.00"}
    assert months.figures("T-3", "2026-03", "software") == ("500 000.00", "150000.000000", "150 000.00")


def test_a_refund_gives_back_at_the_rate_of_the_level_it_comes_in(months: Golden) -> None:
    assert months.figures("T-2", "2026-02", "software") == ("-10 000.00", "-2500.000000", "-2 500.00")
    assert months.figures("T-2", "2026-03", "telephony@2026-01") == ("-20 000.00", "-1600.000000", "-1 600.00")


def test_a_change_for_new_clients_leaves_the_others_their_rate(months: Golden) -> None:
    assert months.rules("T-1", "2026-03") == ["software", "fee", "software@2026-01"]
    assert months.figures("T-1", "2026-03", "software") == ("5 000.00", "1100.000000", "1 100.00")
    assert months.shares("T-1", "2026-03", "software") == {"C6": "1 100.00"}
    assert months.figures("T-1", "2026-03", "software@2026-01") == ("14 000.00", "3500.000000", "3 500.00")
    assert months.shares("T-1", "2026-03", "software@2026-01") == {"C1": "2 500.00", "C5": "1 000.00"}


def test_special_terms_hold_from_their_first_day_until_their_last(months: Golden) -> None:
    plans = [months.statement("T-4", month)["plan"] for month in MONTHS]
    assert plans == ["bronze", "launch", "silver", "gold"]
    assert level(months, "T-4", "2026-02") is None
    assert months.rules("T-4", "2026-02") == ["software"]
    assert months.figures("T-4", "2026-02", "software") == ("299 999.99", "119999.996000", "120 000.00")
    assert months.figures("T-4", "2026-03", "software@2026-01") == ("100.00", "25.000000", "25.00")


def test_the_first_month_pays_its_fee_and_its_minimum_by_days(months: Golden) -> None:
    (fee,) = months.rule("T-2", "2026-01", "fee")["steps"]
    assert (fee["words"], fee["rate"], fee["exact"]) == ("17 of 31 days", "17/31", "1700.000000")
    assert months.figures("T-2", "2026-01", "floor") == ("0.00", "400.000000", "400.00")
    assert months.figures("T-1", "2026-01", "fee").commission == "3 100.00"
    fees = [months.figures("T-3", month, "fee").commission for month in MONTHS]
    assert fees == ["3 100.00", "3 100.00", "12 000.00", "12 000.00"]


def test_a_month_below_the_guaranteed_minimum_is_topped_up(months: Golden) -> None:
    assert months.figures("T-1", "2026-04", "floor").commission == "3 200.00"
    assert months.figures("T-2", "2026-04", "floor").commission == "6 200.00"
    assert months.figures("T-4", "2026-04", "floor").commission == "20 000.00"
    assert months.figures("T-3", "2026-04", "software") == ("66 666.66", "19999.998000", "20 000.00")
    assert "floor" not in months.rules("T-3", "2026-04")


def test_only_what_is_above_the_ceiling_is_taken_off(months: Golden) -> None:
    assert months.figures("T-4", "2026-01", "software").commission == "40 000.00"
    assert "ceiling" not in months.rules("T-4", "2026-01")
    assert months.shares("T-3", "2026-02", "ceiling") == {"C3": "-40 000.00"}
    assert months.shares("T-3", "2026-03", "ceiling") == {"C3": "-30 000.00"}


def test_a_goal_pays_once_whatever_the_level(months: Golden) -> None:
    assert months.shares("T-3", "2026-02", "growth") == {"250000.00": "5 000.00", "500000.00": "15 000.00"}
    assert "growth" not in months.rules("T-3", "2026-03")
    assert "growth" not in months.rules("T-4", "2026-01")
    assert months.shares("T-4", "2026-03", "growth") == {"250000.00": "5 000.00", "500000.00": "15 000.00"}


def test_each_month_pays_what_its_level_promised(months: Golden) -> None:
    boxes = {(partner_id, month): months.box(partner_id, month) for partner_id in PAID for month in MONTHS}
    assert {partner_id: [boxes[partner_id, month].to_pay for month in MONTHS] for partner_id in PAID} == PAID
    carried = {key: box for key, box in boxes.items() if box.opening != "0.00" or box.carried != "0.00"}
    assert carried == {
        ("T-2", "2026-02"): ("0.00", "3 500.00", "0.00", "3 500.00"),
        ("T-2", "2026-03"): ("3 500.00", "4 400.00", "7 900.00", "0.00"),
    }


def test_the_totals_of_a_month_are_those_of_its_statements(months: Golden) -> None:
    assert months.totals("2026-03") == {
        ("T-1", "software"): (1, "5 000.00", "1 100.00"),
        ("T-1", "software@2026-01"): (2, "14 000.00", "3 500.00"),
        ("T-1", "fee"): (0, "0.00", "6 000.00"),
        ("T-2", "telephony@2026-01"): (1, "-20 000.00", "-1 600.00"),
        ("T-2", "fee"): (0, "0.00", "6 000.00"),
        ("T-3", "software"): (1, "500 000.00", "150 000.00"),
        ("T-3", "fee"): (0, "0.00", "12 000.00"),
        ("T-3", "ceiling"): (0, "0.00", "-30 000.00"),
        ("T-4", "software@2026-01"): (1, "100.00", "25.00"),
        ("T-4", "fee"): (0, "0.00", "6 000.00"),
        ("T-4", "growth"): (0, "0.00", "20 000.00"),
    }
