"""A golden quarter of examples/uis-bounty.yaml: installs that earn and are cancelled, and a fund that is spent.

VAT is 22 % of telephony and numbers, so 122.00 paid is a base of 100.00; software is exempt.

January.
  P-1: C1 software 30 000.00 x 50 % = 15 000.00
       C1 telephony 50 000.00 (61 000.00 with VAT) + C2 numbers 10 000.00 (12 200.00) = 60 000.00 x 8 % = 4 800.00
       installs of SW-CRM at C1 and at C2, 2 x 2 000.00, and of SW-SPEECH at C2, 1 000.00: 5 000.00
       an install of HW-PHONE, for which no amount is agreed: 0.00
       15 000.00 + 4 800.00 + 5 000.00 = 24 800.00, paid
       fund: 2 % of 30 000.00 + 60 000.00 = 90 000.00 is 1 800.00 (C1 80 000.00: 1 600.00; C2 10 000.00: 200.00)
       a stand at a fair, 1 200.00: 0.00 + 1 800.00 - 1 200.00 = 600.00 stays in the fund
  P-2: C3 software 20 000.00 x 50 % = 10 000.00, telephony 10 000.00 (12 200.00) x 8 % = 800.00, one install 2 000.00:
       12 800.00, paid. No fund

February. P-1 is paid for the same again, 15 000.00 and 4 800.00.
       an install of SW-TRACKING at C1: 1 500.00; the install of SW-CRM at C2 is cancelled: -2 000.00; together -500.00
       another install is cancelled in its own month: neither counts
       15 000.00 + 4 800.00 - 500.00 = 19 300.00, paid
       fund: 600.00 + 1 800.00 - 2 400.00 for a leaflet = 0.00: spent to the kopeck
  P-2: nothing happened

March. C1 takes back January's software and pays nothing; C2 numbers 10 000.00
  P-1: 10 000.00 x 8 % = 800.00; what the software earned goes back, -15 000.00; in all -14 200.00: carried
       fund: 2 % of 10 000.00 is 200.00; what the software brought goes back, -600.00: it owes 400.00
"""

from pathlib import Path

import pytest

from models.errors import BadInput
from tests.made.golden_months import Golden, bill, kopecks, settle_example
from tests.made.vendors import Row, claim, partner

VAT = {"vat_rate": "22"}
NO_VAT = {"vat_rate": "0"}


def install(event_id: str, client_id: str, product_code: str, day: str, cancels: str = "") -> Row:
    return {
        "event_id": event_id,
        "client_id": client_id,
        "partner_id": "",
        "kind": "install",
        "product_code": product_code,
        "occurred_on": day,
        "cancels_event_id": cancels,
    }


def spent(entry_id: str, day: str, activity: str, amount: str, claims: str = "") -> Row:
    return {
        "entry_id": entry_id,
        "partner_id": "P-1",
        "spent_on": day,
        "activity": activity,
        "amount_minor": kopecks(amount),
        "claims": claims,
    }


PARTNERS = [partner("P-1"), partner("P-2", plan="agent")]
CLAIMS = [claim("C1", "P-1"), claim("C2", "P-1"), claim("C3", "P-2")]
BILLING = {
    "2026-01": [
        bill("J1", "C1", "software", "30 000.00", "2026-01-12", **NO_VAT),
        bill("J2", "C1", "telephony", "61 000.00", "2026-01-12", **VAT),
        bill("J3", "C2", "numbers", "12 200.00", "2026-01-15", **VAT),
        bill("J4", "C3", "software", "20 000.00", "2026-01-20", **NO_VAT),
        bill("J5", "C3", "telephony", "12 200.00", "2026-01-20", **VAT),
    ],
    "2026-02": [
        bill("F1", "C1", "software", "30 000.00", "2026-02-12", **NO_VAT),
        bill("F2", "C1", "telephony", "61 000.00", "2026-02-12", **VAT),
        bill("F3", "C2", "numbers", "12 200.00", "2026-02-15", **VAT),
    ],
    "2026-03": [
        bill("M1", "C1", "software", "-30 000.00", "2026-03-03", refunds_line_id="J1", **NO_VAT),
        bill("M2", "C2", "numbers", "12 200.00", "2026-03-15", **VAT),
    ],
}
EVENTS = [
    install("E-1", "C1", "SW-CRM", "2026-01-13"),
    install("E-2", "C2", "SW-CRM", "2026-01-16"),
    install("E-3", "C2", "SW-SPEECH", "2026-01-16"),
    install("E-4", "C1", "HW-PHONE", "2026-01-17"),
    install("E-5", "C3", "SW-CRM", "2026-01-21"),
    install("E-6", "C2", "SW-CRM", "2026-02-03", cancels="E-2"),
    install("E-7", "C1", "SW-TRACKING", "2026-02-04"),
    install("E-8", "C2", "SW-TRACKING", "2026-02-05"),
    install("E-9", "C2", "SW-TRACKING", "2026-02-06", cancels="E-8"),
]
SPENDING = [
    spent("A-1", "2026-01-25", "Stand at a fair", "1 200.00", claims="K-C2"),
    spent("A-2", "2026-02-10", "Leaflet", "2 400.00"),
]


def settled(folder: Path, spending: list[Row]) -> Golden:
    tables = {"events.csv": EVENTS, "spending.csv": spending}
    return settle_example(folder, "uis-bounty", partners=PARTNERS, claims=CLAIMS, billing=BILLING, tables=tables)


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    return settled(tmp_path_factory.mktemp("uis-bounty"), SPENDING)


def test_each_install_earns_what_its_product_does(quarter: Golden) -> None:
    installs = quarter.rule("P-1", "2026-01", "installs")
    assert [(step["words"], step["count"], step["base_minor"], step["exact"]) for step in installs["steps"]] == [
        ("install of HW-PHONE: no amount is agreed", 1, 0, "0.000000"),
        ("install of SW-CRM", 2, 200_000, "4000.000000"),
        ("install of SW-SPEECH", 1, 100_000, "1000.000000"),
    ]
    assert installs["commission_minor"] == 500_000
    assert quarter.shares("P-1", "2026-01", "installs") == {
        "E-1": "2 000.00",
        "E-2": "2 000.00",
        "E-3": "1 000.00",
        "E-4": "0.00",
    }
    assert quarter.shares("P-2", "2026-01", "installs") == {"E-5": "2 000.00"}


def test_a_cancelled_install_takes_back_what_it_earned_in_the_month_it_is_cancelled(quarter: Golden) -> None:
    assert quarter.shares("P-1", "2026-02", "installs") == {"E-6": "-2 000.00", "E-7": "1 500.00"}
    assert quarter.figures("P-1", "2026-02", "installs") == ("0.00", "-500.000000", "-500.00")


def test_the_shares_of_payments_are_earned_beside_the_bounties(quarter: Golden) -> None:
    assert quarter.figures("P-1", "2026-01", "software") == ("30 000.00", "15000.000000", "15 000.00")
    assert quarter.figures("P-1", "2026-01", "telephony") == ("60 000.00", "4800.000000", "4 800.00")
    assert quarter.figures("P-2", "2026-01", "software") == ("20 000.00", "10000.000000", "10 000.00")
    assert quarter.figures("P-2", "2026-01", "telephony") == ("10 000.00", "800.000000", "800.00")
    assert quarter.corrected("P-1", "2026-03") == {
        ("clawback", "software", "C1"): "-15 000.00",
        ("clawback", "fund", "C1"): "-600.00",
    }
    assert quarter.figures("P-1", "2026-03", "telephony") == ("10 000.00", "800.000000", "800.00")


def test_the_fund_fills_with_what_clients_pay_and_is_spent_on_what_was_agreed(quarter: Golden) -> None:
    assert quarter.figures("P-1", "2026-01", "fund") == ("90 000.00", "1800.000000", "1 800.00")
    assert quarter.shares("P-1", "2026-01", "fund") == {"C1": "1 600.00", "C2": "200.00"}
    assert quarter.shares("P-1", "2026-03", "fund") == {"C2": "200.00"}
    assert quarter.apart("P-1", "2026-01") == {"fund": ("0.00", "1 800.00", "1 200.00", "600.00")}
    assert quarter.apart("P-1", "2026-02") == {"fund": ("600.00", "1 800.00", "2 400.00", "0.00")}
    assert quarter.apart("P-1", "2026-03") == {"fund": ("0.00", "200.00", "0.00", "-400.00")}
    assert quarter.apart("P-2", "2026-01") == {}


def test_the_statement_names_the_activity_and_the_claim_it_brought(quarter: Golden) -> None:
    (fund,) = quarter.statement("P-1", "2026-01")["apart"]
    assert fund["spent"] == [
        {
            "entry_id": "A-1",
            "spent_on": "2026-01-25",
            "activity": "Stand at a fair",
            "claims": ["K-C2"],
            "amount_minor": 120_000,
        }
    ]


def test_the_fund_is_no_part_of_the_payout(quarter: Golden) -> None:
    assert quarter.box("P-1", "2026-01") == ("0.00", "24 800.00", "24 800.00", "0.00")
    assert quarter.box("P-1", "2026-02") == ("0.00", "19 300.00", "19 300.00", "0.00")
    assert quarter.box("P-1", "2026-03") == ("0.00", "800.00", "0.00", "-14 200.00")
    assert quarter.box("P-2", "2026-01") == ("0.00", "12 800.00", "12 800.00", "0.00")


def test_the_totals_of_a_month_are_those_of_its_statements(quarter: Golden) -> None:
    assert quarter.totals("2026-02") == {
        ("P-1", "software"): (1, "30 000.00", "15 000.00"),
        ("P-1", "telephony"): (2, "60 000.00", "4 800.00"),
        ("P-1", "installs"): (0, "0.00", "-500.00"),
        ("P-1", "fund"): (3, "90 000.00", "1 800.00"),
    }


def test_an_activity_that_costs_more_than_the_fund_holds_stops_the_month(tmp_path: Path) -> None:
    one_kopeck_more = [SPENDING[0], spent("A-2", "2026-02-10", "Leaflet", "2 400.01")]
    with pytest.raises(BadInput, match=r"A-2 spend 2 400\.01, but the fund holds 2 400\.00"):
        settled(tmp_path, one_kopeck_more)
