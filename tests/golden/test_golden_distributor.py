"""A golden quarter of examples/distributor.yaml: a reward, a margin, a ceiling, and a bonus that is earned once.

VAT is 22 % of telephony and hardware, so 122.00 paid is a base of 100.00; software is exempt.

January.
  D-1: software C1 500 000.00 + C2 249 999.99 = 749 999.99 x 20 % = 149 999.998, rounded 150 000.00: exactly the ceiling
       C1 100 000.00; C2 49 999.998: 49 999.99 and the missing kopeck, 50 000.00
       hardware: D-1 paid 70 000.00 (85 400.00 with VAT) at 30 % off: 70 000.00 x 30/70 = 30 000.00, which it keeps:
       its client paid it 100 000.00
       telephony 180 000.00 (219 600.00): counted, earns nothing
       in all 749 999.99 + 70 000.00 + 180 000.00 = 999 999.99, one kopeck below the first goal: no bonus
       150 000.00 to pay
  D-2: software C3 20 000.00 x 10 % = 2 000.00, below 3 000.00: carried
       hardware 8 500.00 (10 370.00) at 15 % off: 8 500.00 x 15/85 = 1 500.00, kept

February.
  D-1: software C1 800 000.00 x 20 % = 160 000.00; above the ceiling of 150 000.00 by 10 000.00: -10 000.00
       hardware: C1 999.99 (1 219.99 with 220.00 of VAT) x 30/70 = 428.567142..., to the kopeck 428.57
                 C2 gives back a tenth of January's, 8 540.00 of 85 400.00, which earned 30 000.00: -3 000.00
       in all 999 999.99 + 800 000.00 + 999.99 = 1 800 999.98, above 1 000 000.00 for the first time: 20 000.00
       160 000.00 - 10 000.00 + 20 000.00 = 170 000.00 to pay
  D-2: software 20 000.00 x 10 % = 2 000.00; with 2 000.00 carried 4 000.00: paid

March.
  D-1: software C1 150 000.00 x 20 % = 30 000.00; below the ceiling. C2 gives 50 000.00 of January's back: -10 000.00
       January was at its ceiling and not above, so nothing of it comes back
       the goal of 1 000 000.00 has paid; 3 000 000.00 is not reached. 20 000.00 to pay
"""

import pytest

from tests.made.golden_months import Golden, bill, settle_example
from tests.made.vendors import claim, partner

VAT = {"vat_rate": "22"}
NO_VAT = {"vat_rate": "0"}

PARTNERS = [partner("D-1", plan="distributor"), partner("D-2", plan="dealer")]
CLAIMS = [claim("C1", "D-1"), claim("C2", "D-1"), claim("C3", "D-2")]
BILLING = {
    "2026-01": [
        bill("J1", "C1", "software", "500 000.00", "2026-01-12", **NO_VAT),
        bill("J2", "C2", "software", "249 999.99", "2026-01-13", **NO_VAT),
        bill("J3", "C2", "hardware", "85 400.00", "2026-01-14", **VAT),
        bill("J4", "C1", "telephony", "219 600.00", "2026-01-15", **VAT),
        bill("J5", "C3", "software", "20 000.00", "2026-01-16", **NO_VAT),
        bill("J6", "C3", "hardware", "10 370.00", "2026-01-16", **VAT),
    ],
    "2026-02": [
        bill("F1", "C1", "software", "800 000.00", "2026-02-12", **NO_VAT),
        bill("F2", "C2", "hardware", "-8 540.00", "2026-02-13", refunds_line_id="J3", **VAT),
        bill("F3", "C1", "hardware", "1 219.99", "2026-02-14", **VAT),
        bill("F4", "C3", "software", "20 000.00", "2026-02-16", **NO_VAT),
    ],
    "2026-03": [
        bill("M1", "C1", "software", "150 000.00", "2026-03-12", **NO_VAT),
        bill("M2", "C2", "software", "-50 000.00", "2026-03-13", refunds_line_id="J2", **NO_VAT),
    ],
}


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    folder = tmp_path_factory.mktemp("distributor")
    return settle_example(folder, "distributor", partners=PARTNERS, claims=CLAIMS, billing=BILLING)


def test_the_vendor_pays_a_reward_on_what_the_resellers_clients_pay(quarter: Golden) -> None:
    assert quarter.figures("D-1", "2026-01", "software") == ("749 999.99", "149999.998000", "150 000.00")
    assert quarter.shares("D-1", "2026-01", "software") == {"C1": "100 000.00", "C2": "50 000.00"}
    assert quarter.figures("D-1", "2026-03", "software") == ("150 000.00", "30000.000000", "30 000.00")
    assert quarter.corrected("D-1", "2026-03") == {("clawback", "software", "C2"): "-10 000.00"}
    assert quarter.figures("D-2", "2026-01", "software") == ("20 000.00", "2000.000000", "2 000.00")


def test_the_margin_is_shown_but_the_reseller_has_kept_it_already(quarter: Golden) -> None:
    assert quarter.figures("D-1", "2026-01", "hardware") == ("70 000.00", "30000.000000", "30 000.00")
    assert quarter.figures("D-2", "2026-01", "hardware") == ("8 500.00", "1500.000000", "1 500.00")
    hardware = quarter.rule("D-1", "2026-01", "hardware")
    assert (hardware["to"], hardware["steps"][0]["rate"]) == ("kept", "3/7")
    assert quarter.apart("D-1", "2026-01") == {}
    assert "hardware" not in (quarter.folder("2026-01") / "ledger.journal").read_text(encoding="utf-8")


def test_returned_hardware_takes_its_margin_back_to_the_kopeck(quarter: Golden) -> None:
    assert quarter.figures("D-1", "2026-02", "hardware") == ("999.99", "428.567143", "428.57")
    assert quarter.corrected("D-1", "2026-02") == {("clawback", "hardware", "C2"): "-3 000.00"}


def test_what_the_vendors_own_people_sell_is_counted_and_earns_nothing(quarter: Golden) -> None:
    assert quarter.figures("D-1", "2026-01", "telephony") == ("180 000.00", "0.000000", "0.00")
    assert quarter.rule("D-1", "2026-01", "telephony")["to"] == "nobody"


def test_nothing_is_taken_off_at_the_ceiling_and_everything_above_it_is(quarter: Golden) -> None:
    assert quarter.rules("D-1", "2026-01") == ["software", "hardware", "telephony"]
    ceiling = quarter.rule("D-1", "2026-02", "ceiling")
    assert [(step["words"], step["exact"]) for step in ceiling["steps"]] == [
        ("earned this month", "-160000.000000"),
        ("at most", "150000.000000"),
    ]
    assert quarter.figures("D-1", "2026-02", "ceiling").commission == "-10 000.00"
    assert quarter.shares("D-1", "2026-02", "ceiling") == {"C1": "-10 000.00"}
    assert "ceiling" not in quarter.rules("D-1", "2026-03")


def test_the_goal_pays_once_in_the_first_month_that_reaches_it(quarter: Golden) -> None:
    assert quarter.shares("D-1", "2026-02", "growth") == {"1000000.00": "20 000.00"}
    assert "growth" not in quarter.rules("D-1", "2026-03")


def test_only_rewards_and_the_bonus_are_paid_out(quarter: Golden) -> None:
    assert quarter.box("D-1", "2026-01") == ("0.00", "150 000.00", "150 000.00", "0.00")
    assert quarter.box("D-1", "2026-02") == ("0.00", "170 000.00", "170 000.00", "0.00")
    assert quarter.box("D-1", "2026-03") == ("0.00", "30 000.00", "20 000.00", "0.00")
    assert quarter.box("D-2", "2026-01") == ("0.00", "2 000.00", "0.00", "2 000.00")
    assert quarter.box("D-2", "2026-02") == ("2 000.00", "2 000.00", "4 000.00", "0.00")


def test_the_totals_of_a_month_are_those_of_its_statements(quarter: Golden) -> None:
    assert quarter.totals("2026-02") == {
        ("D-1", "software"): (1, "800 000.00", "160 000.00"),
        ("D-1", "hardware"): (1, "999.99", "428.57"),
        ("D-1", "ceiling"): (0, "0.00", "-10 000.00"),
        ("D-1", "growth"): (0, "0.00", "20 000.00"),
        ("D-2", "software"): (1, "20 000.00", "2 000.00"),
    }
