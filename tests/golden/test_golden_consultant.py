"""Two golden months of examples/consultant.yaml: serving a client beside its acquirer, trainings, and an observer.

VAT is 22 % of telephony, so 122.00 paid is a base of 100.00; software is exempt.

January. P-1 brought C1 and C2, P-2 brought C3, P-3 brought C4. P-2 serves C1 from the 10th until the 20th, and C4.
  P-1: software C1 10 000.01 (9th) + 20 000.05 (10th) + 5 000.00 (20th) + 1 000.00 (21st) = 36 000.06, C2 7 000.00
       43 000.06 x 40 % = 17 200.024, rounded 17 200.02; C1 14 400.024, C2 2 800.00: it loses nothing to who serves C1
       telephony 3 000.00 (3 660.00 with VAT) x 10 % = 300.00
       17 200.02 + 300.00 = 17 500.02 to pay
  P-2: software C3 4 000.00 x 40 % = 1 600.00
       service: C1 on its first day 20 000.05 and its last 5 000.00, not the day before, nor after, nor telephony:
                25 000.05; C4 6 000.00; 31 000.05 x 10 % = 3 100.005, rounded away from zero 3 100.01
                C1 2 500.005: 2 500.00 and the missing kopeck, 2 500.01; C4 600.00
       trainings: 30 000.00 x 20 % = 6 000.00 and 12 345.67 x 20 % = 2 469.134: it owes 8 469.134, rounded 8 469.13
       1 600.00 + 3 100.01 - 8 469.13 = -3 769.12, carried
  P-3: C4 paid 6 000.00 for software and 1 000.00 for hardware (1 220.00 with VAT): 7 000.00 counted, nothing earned

February. P-2 serves C4 still; the training of 30 000.00 did not take place.
  P-1: software C1 5 000.00 x 40 % = 2 000.00, below 3 000.00: carried
  P-2: software C3 4 000.00 x 40 % = 1 600.00
       service: C4 6 000.00 x 10 % = 600.00; C1 is served no more
       trainings: what was owed for the one that was cancelled comes back, 6 000.00
       8 200.00; with -3 769.12 carried 4 430.88: paid
  P-3: C4 paid 6 000.00, nothing earned
"""

import pytest

from tests.made.golden_months import Golden, bill, kopecks, settle_example
from tests.made.vendors import Row, claim, partner

VAT = {"vat_rate": "22"}
NO_VAT = {"vat_rate": "0"}


def training(event_id: str, day: str, worth: str = "", cancels: str = "") -> Row:
    return {
        "event_id": event_id,
        "client_id": "",
        "partner_id": "P-2",
        "kind": "training",
        "product_code": "",
        "occurred_on": day,
        "cancels_event_id": cancels,
        "amount_minor": str(kopecks(worth)) if worth else "",
    }


PARTNERS = [
    partner("P-1", plan="integrator"),
    partner("P-2", plan="consultant"),
    partner("P-3", plan="observer"),
]
CLAIMS = [claim("C1", "P-1"), claim("C2", "P-1"), claim("C3", "P-2"), claim("C4", "P-3")]
ASSIGNMENTS = [
    {"assignment_id": "A-1", "client_id": "C1", "partner_id": "P-2", "from": "2026-01-10", "until": "2026-01-20"},
    {"assignment_id": "A-2", "client_id": "C4", "partner_id": "P-2", "from": "2026-01", "until": ""},
]
EVENTS = [
    training("E-1", "2026-01-12", "30 000.00"),
    training("E-2", "2026-01-26", "12 345.67"),
    training("E-3", "2026-02-03", cancels="E-1"),
]
BILLING = {
    "2026-01": [
        bill("J1", "C1", "software", "10 000.01", "2026-01-09", **NO_VAT),
        bill("J2", "C1", "software", "20 000.05", "2026-01-10", **NO_VAT),
        bill("J3", "C1", "software", "5 000.00", "2026-01-20", **NO_VAT),
        bill("J4", "C1", "software", "1 000.00", "2026-01-21", **NO_VAT),
        bill("J5", "C1", "telephony", "3 660.00", "2026-01-15", **VAT),
        bill("J6", "C2", "software", "7 000.00", "2026-01-15", **NO_VAT),
        bill("J7", "C3", "software", "4 000.00", "2026-01-16", **NO_VAT),
        bill("J8", "C4", "software", "6 000.00", "2026-01-31", **NO_VAT),
        bill("J9", "C4", "hardware", "1 220.00", "2026-01-31", **VAT),
    ],
    "2026-02": [
        bill("F1", "C1", "software", "5 000.00", "2026-02-10", **NO_VAT),
        bill("F2", "C3", "software", "4 000.00", "2026-02-10", **NO_VAT),
        bill("F3", "C4", "software", "6 000.00", "2026-02-28", **NO_VAT),
    ],
}


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    return settle_example(
        tmp_path_factory.mktemp("consultant"),
        "consultant",
        partners=PARTNERS,
        claims=CLAIMS,
        billing=BILLING,
        tables={"assignments.csv": ASSIGNMENTS, "events.csv": EVENTS},
    )


def test_who_brought_a_client_earns_the_same_whoever_serves_it(months: Golden) -> None:
    assert months.figures("P-1", "2026-01", "software") == ("43 000.06", "17200.024000", "17 200.02")
    assert months.shares("P-1", "2026-01", "software") == {"C1": "14 400.02", "C2": "2 800.00"}
    assert months.figures("P-1", "2026-01", "telephony") == ("3 000.00", "300.000000", "300.00")


def test_a_consultant_earns_from_the_first_to_the_last_day_of_its_assignment(months: Golden) -> None:
    assert months.figures("P-2", "2026-01", "service") == ("31 000.05", "3100.005000", "3 100.01")
    assert months.shares("P-2", "2026-01", "service") == {"C1": "2 500.01", "C4": "600.00"}
    assert months.shares("P-2", "2026-02", "service") == {"C4": "600.00"}


def test_serving_names_the_assignment_and_the_payments_behind_it(months: Golden) -> None:
    clients = months.rule("P-2", "2026-01", "service")["clients"]
    assert [(client["client_id"], client["claim_id"], client["lines"]) for client in clients] == [
        ("C1", "A-1", 2),
        ("C4", "A-2", 1),
    ]
    payments = months.statement("P-2", "2026-01")["payments"]
    assert {(payment["rule"], payment["line_id"]) for payment in payments} == {
        ("service", "J2"),
        ("service", "J3"),
        ("service", "J8"),
        ("software", "J7"),
    }


def test_a_client_the_consultant_brought_itself_earns_as_an_acquirers_does(months: Golden) -> None:
    assert months.figures("P-2", "2026-01", "software") == ("4 000.00", "1600.000000", "1 600.00")
    assert months.shares("P-2", "2026-01", "software") == {"C3": "1 600.00"}


def test_a_consultant_owes_the_vendors_share_of_its_trainings(months: Golden) -> None:
    assert months.figures("P-2", "2026-01", "trainings").exact == "-8469.134000"
    assert months.shares("P-2", "2026-01", "trainings") == {"E-1": "-6 000.00", "E-2": "-2 469.13"}


def test_a_cancelled_training_gives_back_what_was_owed_for_it(months: Golden) -> None:
    assert months.shares("P-2", "2026-02", "trainings") == {"E-3": "6 000.00"}


def test_an_observer_sees_its_clients_and_is_paid_nothing(months: Golden) -> None:
    assert months.figures("P-3", "2026-01", "clients") == ("7 000.00", "0.000000", "0.00")
    assert months.shares("P-3", "2026-01", "clients") == {"C4": "0.00"}
    assert months.rule("P-3", "2026-01", "clients")["to"] == "nobody"
    assert months.box("P-3", "2026-01") == ("0.00", "0.00", "0.00", "0.00")


def test_what_the_trainings_cost_is_carried_until_it_is_earned(months: Golden) -> None:
    assert months.box("P-1", "2026-01") == ("0.00", "17 500.02", "17 500.02", "0.00")
    assert months.box("P-1", "2026-02") == ("0.00", "2 000.00", "0.00", "2 000.00")
    assert months.box("P-2", "2026-01") == ("0.00", "-3 769.12", "0.00", "-3 769.12")
    assert months.box("P-2", "2026-02") == ("-3 769.12", "8 200.00", "4 430.88", "0.00")


def test_the_totals_of_a_month_are_those_of_its_statements(months: Golden) -> None:
    assert months.totals("2026-01") == {
        ("P-1", "software"): (5, "43 000.06", "17 200.02"),
        ("P-1", "telephony"): (1, "3 000.00", "300.00"),
        ("P-2", "software"): (1, "4 000.00", "1 600.00"),
        ("P-2", "service"): (3, "31 000.05", "3 100.01"),
        ("P-2", "trainings"): (0, "0.00", "-8 469.13"),
        ("P-3", "clients"): (2, "7 000.00", "0.00"),
    }
