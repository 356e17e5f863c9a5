"""A golden quarter of examples/uis.yaml: two sister companies on the volume ladder, and an agent on the graduated one.

VAT is 22 % of telephony, numbers and hardware, so 122.00 paid is a base of 100.00; software is exempt.

January. The two companies' clients paid, without VAT, for telephony and numbers:
  P-1: C1 70 000.00 (85 400.00 with VAT), C2 9 999.99 (12 199.99 with 2 200.00 of VAT); P-2: C3 20 000.00 (24 400.00)
  70 000.00 + 9 999.99 + 20 000.00 = 99 999.99, one kopeck below 100 000.00: 8 %
  P-1: 79 999.99 x 8 % = 6 399.9992, rounded 6 400.00; C1 5 600.00, C2 799.9992: 799.99 and the missing kopeck, 800.00
       software 20 000.00 x 50 % = 10 000.00; in all 16 400.00, paid. Hardware earns nothing: sold at cost
       at 10 % it would have been 79 999.99 x 2 % = 1 599.9998 more, 1 600.00
  P-2: 20 000.00 x 8 % = 1 600.00, below 5 000.00: carried
  P-3: software 40 000.00 x 50 % = 20 000.00. Its whole bill is 40 000.00 + hardware 20 000.00 + telephony 40 000.00
       = 100 000.00; telephony is the part from 60 000.00 to 100 000.00: 40 000.00 x 8 % = 3 200.00. In all 23 200.00

February. C2 pays one kopeck more: 10 000.00 (12 200.00 with VAT), and the companies reach 100 000.00: 10 %
  P-1: 80 000.00 x 10 % = 8 000.00 (C1 7 000.00, C2 1 000.00)
       software 20 000.00 x 50 % = 10 000.00; 5 000.00 of January's are given back, and take 2 500.00 back
       8 000.00 + 10 000.00 - 2 500.00 = 15 500.00, paid
  P-2: 20 000.00 x 10 % = 2 000.00; with 1 600.00 carried 3 600.00: carried
  P-3: software 40 000.00 x 50 % = 20 000.00. The bill is 60 000.00 + telephony 90 000.00 = 150 000.00:
       60 000.00 to 100 000.00: 40 000.00 x 8 % = 3 200.00
       100 000.00 to 150 000.00: 50 000.00 x 10 % = 5 000.00; together 8 200.00. In all 28 200.00

March. C3 pays 220 000.00 (268 400.00): 80 000.00 + 220 000.00 = 300 000.00, the next bound: 12 %
  P-1: 80 000.00 x 12 % = 9 600.00; February's software, 20 000.00, is given back: -10 000.00; in all -400.00: carried
  P-2: 220 000.00 x 12 % = 26 400.00; with 3 600.00 carried 30 000.00: paid
  P-3: a ninth of February's telephony is given back, 12 200.00 of 109 800.00, which earned 8 200.00: -911.11, carried
"""

from pathlib import Path

import pytest

from tests.made.golden_months import Golden, bill, settle_example
from tests.made.vendors import claim, partner

VAT = {"vat_rate": "22"}
NO_VAT = {"vat_rate": "0"}

PARTNERS = [
    partner("P-1", consolidation_group="svyaz"),
    partner("P-2", consolidation_group="svyaz"),
    partner("P-3", plan="agent"),
]
CLAIMS = [claim("C1", "P-1"), claim("C2", "P-1"), claim("C3", "P-2"), claim("C4", "P-3")]
BILLING = {
    "2026-01": [
        bill("J1", "C1", "software", "20 000.00", "2026-01-12", **NO_VAT),
        bill("J2", "C1", "telephony", "85 400.00", "2026-01-12", **VAT),
        bill("J3", "C1", "hardware", "36 600.00", "2026-01-12", **VAT),
        bill("J4", "C2", "numbers", "12 199.99", "2026-01-15", **VAT),
        bill("J5", "C3", "telephony", "24 400.00", "2026-01-20", **VAT),
        bill("J6", "C4", "software", "40 000.00", "2026-01-21", **NO_VAT),
        bill("J7", "C4", "hardware", "24 400.00", "2026-01-21", **VAT),
        bill("J8", "C4", "telephony", "48 800.00", "2026-01-21", **VAT),
    ],
    "2026-02": [
        bill("F1", "C1", "software", "20 000.00", "2026-02-12", **NO_VAT),
        bill("F2", "C1", "software", "-5 000.00", "2026-02-13", refunds_line_id="J1", **NO_VAT),
        bill("F3", "C1", "telephony", "85 400.00", "2026-02-12", **VAT),
        bill("F4", "C2", "numbers", "12 200.00", "2026-02-15", **VAT),
        bill("F5", "C3", "telephony", "24 400.00", "2026-02-20", **VAT),
        bill("F6", "C4", "software", "40 000.00", "2026-02-21", **NO_VAT),
        bill("F7", "C4", "hardware", "24 400.00", "2026-02-21", **VAT),
        bill("F8", "C4", "telephony", "109 800.00", "2026-02-21", **VAT),
    ],
    "2026-03": [
        bill("M1", "C1", "software", "-20 000.00", "2026-03-03", refunds_line_id="F1", **NO_VAT),
        bill("M2", "C1", "telephony", "85 400.00", "2026-03-12", **VAT),
        bill("M3", "C2", "numbers", "12 200.00", "2026-03-15", **VAT),
        bill("M4", "C3", "telephony", "268 400.00", "2026-03-20", **VAT),
        bill("M5", "C4", "telephony", "-12 200.00", "2026-03-21", refunds_line_id="F8", **VAT),
    ],
}


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    folder: Path = tmp_path_factory.mktemp("uis")
    return settle_example(folder, "uis", partners=PARTNERS, claims=CLAIMS, billing=BILLING)


def test_one_kopeck_below_the_bound_the_lower_rate_applies(quarter: Golden) -> None:
    assert quarter.figures("P-1", "2026-01", "telephony") == ("79 999.99", "6399.999200", "6 400.00")
    assert quarter.shares("P-1", "2026-01", "telephony") == {"C1": "5 600.00", "C2": "800.00"}
    assert quarter.figures("P-2", "2026-01", "telephony") == ("20 000.00", "1600.000000", "1 600.00")
    for partner_id, gain_minor in (("P-1", 160_000), ("P-2", 40_000)):
        tier = quarter.rule(partner_id, "2026-01", "telephony")["tier"]
        assert (tier["position"], tier["rate"], tier["measure_minor"]) == (1, "8", 9_999_999)
        assert (tier["next"]["distance_minor"], tier["next"]["gain_minor"]) == (1, gain_minor)


def test_at_the_bound_the_rate_reached_applies_to_everything_of_both_companies(quarter: Golden) -> None:
    assert quarter.figures("P-1", "2026-02", "telephony") == ("80 000.00", "8000.000000", "8 000.00")
    assert quarter.shares("P-1", "2026-02", "telephony") == {"C1": "7 000.00", "C2": "1 000.00"}
    assert quarter.figures("P-2", "2026-02", "telephony") == ("20 000.00", "2000.000000", "2 000.00")
    assert quarter.figures("P-1", "2026-03", "telephony") == ("80 000.00", "9600.000000", "9 600.00")
    assert quarter.figures("P-2", "2026-03", "telephony") == ("220 000.00", "26400.000000", "26 400.00")


def test_half_of_software_is_earned_and_a_refund_takes_half_back(quarter: Golden) -> None:
    assert quarter.figures("P-1", "2026-01", "software") == ("20 000.00", "10000.000000", "10 000.00")
    assert quarter.figures("P-1", "2026-02", "software") == ("20 000.00", "10000.000000", "10 000.00")
    assert quarter.corrected("P-1", "2026-02") == {("clawback", "software", "C1"): "-2 500.00"}
    assert quarter.rules("P-1", "2026-03") == ["telephony"]
    assert quarter.corrected("P-1", "2026-03") == {("clawback", "software", "C1"): "-10 000.00"}


def test_the_agents_slices_each_earn_at_their_own_rate(quarter: Golden) -> None:
    def slices(period: str) -> list[tuple[int, str, int, str]]:
        steps = quarter.rule("P-3", period, "telephony")["steps"]
        return [(step["from_minor"], step["rate"], step["base_minor"], step["exact"]) for step in steps]

    assert slices("2026-01") == [(0, "8", 4_000_000, "3200.000000")]
    assert slices("2026-02") == [(0, "8", 4_000_000, "3200.000000"), (10_000_000, "10", 5_000_000, "5000.000000")]
    assert quarter.rules("P-3", "2026-03") == []
    assert quarter.corrected("P-3", "2026-03") == {("clawback", "telephony", "C4"): "-911.11"}
    assert quarter.figures("P-3", "2026-02", "telephony") == ("90 000.00", "8200.000000", "8 200.00")


def test_hardware_is_shown_with_the_contracts_reason_and_earns_nothing(quarter: Golden) -> None:
    (left_out,) = quarter.statement("P-1", "2026-01")["not_included"]
    assert (left_out["category"], left_out["note"], left_out["amount_minor"]) == ("hardware", "sold at cost", 3_660_000)
    assert quarter.rules("P-1", "2026-01") == ["software", "telephony"]


def test_a_balance_below_the_minimum_or_below_zero_is_carried_forward(quarter: Golden) -> None:
    boxes = {
        (partner_id, period): quarter.box(partner_id, period)
        for partner_id in ("P-1", "P-2", "P-3")
        for period in BILLING
    }
    assert boxes == {
        ("P-1", "2026-01"): ("0.00", "16 400.00", "16 400.00", "0.00"),
        ("P-1", "2026-02"): ("0.00", "18 000.00", "15 500.00", "0.00"),
        ("P-1", "2026-03"): ("0.00", "9 600.00", "0.00", "-400.00"),
        ("P-2", "2026-01"): ("0.00", "1 600.00", "0.00", "1 600.00"),
        ("P-2", "2026-02"): ("1 600.00", "2 000.00", "0.00", "3 600.00"),
        ("P-2", "2026-03"): ("3 600.00", "26 400.00", "30 000.00", "0.00"),
        ("P-3", "2026-01"): ("0.00", "23 200.00", "23 200.00", "0.00"),
        ("P-3", "2026-02"): ("0.00", "28 200.00", "28 200.00", "0.00"),
        ("P-3", "2026-03"): ("0.00", "0.00", "0.00", "-911.11"),
    }


def test_the_totals_of_a_month_are_those_of_its_statements(quarter: Golden) -> None:
    assert quarter.totals("2026-02") == {
        ("P-1", "software"): (1, "20 000.00", "10 000.00"),
        ("P-1", "telephony"): (2, "80 000.00", "8 000.00"),
        ("P-2", "telephony"): (1, "20 000.00", "2 000.00"),
        ("P-3", "software"): (1, "40 000.00", "20 000.00"),
        ("P-3", "telephony"): (1, "90 000.00", "8 200.00"),
    }
