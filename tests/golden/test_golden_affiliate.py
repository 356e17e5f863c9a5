"""Two golden months of examples/affiliate.yaml: registrations, first sales, years of a client's life, promo codes.

Amounts are with VAT, as the programme says.

January.
  A-1 brought C1 on 2025-01-15, C2 on 2024-01-10, C3 on 2026-01-05, C4 on 2026-01-20.
    registrations: of C3, of C4, and of somebody who is no client yet: three, and from three on each pays 275.00: 825.00
    first_sale: C3's first order, 3 200.00, pays 500.00. C1 and C2 bought before 2026: excluded
    recurring: C1 pays 1 000.00 on 2026-01-14, the last day of its first year: 20 % is 200.00
               C1 pays 1 000.00 on 2026-01-15, the first day of its second: 30 % is 300.00
               C2 pays 3 000.00 in its third year: 10 % is 300.00
               C3 pays 3 200.00 and 1 000.00 in its first: 20 % of 4 200.00 is 840.00
               by year: 5 200.00 x 20 % = 1 040.00, 1 000.00 x 30 % = 300.00, 3 000.00 x 10 % = 300.00: 1 640.00
    C3's price was 4 000.00, the code took 800.00 off; both bear it: commission is on what was paid
    825.00 + 500.00 + 1 640.00 = 2 965.00, paid
  A-2 brought C5 on 2026-01-08.
    registrations: of C5, 100.00
    recurring: C5's price was 2 000.00, the code took 500.00 off: 10 % of 1 500.00 is 150.00
    codes: the blogger bears it: -90 % of 500.00 is -450.00. The vendor has 1 500.00 - 150.00 + 450.00 = 1 800.00,
           90 % of 2 000.00, as without the code
    100.00 + 150.00 - 450.00 = -200.00: carried

February.
  A-1 registrations: two, each pays 250.00: 500.00; C3's is cancelled and takes back January's 275.00: 225.00
    first_sale: C4's first order, 2 000.00, pays 500.00. C6's only order is given back in the same month: no sale
    recurring: C1 1 000.00 in its second year: 300.00; in their first C4 400.00, and C6 900.00 - 900.00: 0.00
               by year: 2 000.00 x 20 % = 400.00, 1 000.00 x 30 % = 300.00: 700.00
    C3 gives January's 1 000.00 back, which earned 20 %: -200.00
    225.00 + 500.00 + 700.00 - 200.00 = 1 225.00, paid
  A-2 recurring: 8 000.00 x 10 % = 800.00; with -200.00 carried 600.00: paid
"""

import pytest

from tests.made.golden_months import Golden, bill, kopecks, settle_example
from tests.made.vendors import Row, claim, partner


def registration(event_id: str, day: str, client_id: str = "", partner_id: str = "", cancels: str = "") -> Row:
    return {
        "event_id": event_id,
        "client_id": client_id,
        "partner_id": partner_id,
        "kind": "registration",
        "product_code": "",
        "occurred_on": day,
        "cancels_event_id": cancels,
    }


def code(name: str, discount: str) -> dict[str, str]:
    return {"promo_code": name, "discount_minor": str(kopecks(discount))}


PARTNERS = [partner("A-1", plan="affiliate", **{"from": "2024-01"}), partner("A-2", plan="blogger")]
CLAIMS = [
    claim("C1", "A-1", claimed_on="2025-01-15"),
    claim("C2", "A-1", claimed_on="2024-01-10"),
    claim("C3", "A-1", claimed_on="2026-01-05"),
    claim("C4", "A-1", claimed_on="2026-01-20"),
    claim("C5", "A-2", claimed_on="2026-01-08"),
    claim("C6", "A-1", claimed_on="2026-02-01"),
]
EXCLUSIONS = [
    {"client_id": "C1", "rule": "first_sale", "reason": "bought before the programme", "from": ""},
    {"client_id": "C2", "rule": "first_sale", "reason": "bought before the programme", "from": ""},
]
BILLING = {
    "2026-01": [
        bill("J1", "C1", "software", "1 000.00", "2026-01-14"),
        bill("J2", "C1", "software", "1 000.00", "2026-01-15"),
        bill("J3", "C2", "telephony", "3 000.00", "2026-01-12"),
        bill("J4", "C3", "software", "3 200.00", "2026-01-12", **code("AUTUMN20", "800.00")),
        bill("J5", "C3", "numbers", "1 000.00", "2026-01-25"),
        bill("J6", "C5", "software", "1 500.00", "2026-01-09", **code("BLOG25", "500.00")),
    ],
    "2026-02": [
        bill("F1", "C1", "software", "1 000.00", "2026-02-14"),
        bill("F2", "C3", "numbers", "-1 000.00", "2026-02-05", refunds_line_id="J5"),
        bill("F3", "C4", "telephony", "2 000.00", "2026-02-10"),
        bill("F4", "C6", "software", "900.00", "2026-02-05"),
        bill("F5", "C6", "software", "-900.00", "2026-02-20", refunds_line_id="F4"),
        bill("F6", "C5", "software", "8 000.00", "2026-02-09"),
    ],
}
EVENTS = [
    registration("R-1", "2026-01-05", client_id="C3"),
    registration("R-2", "2026-01-20", client_id="C4"),
    registration("R-3", "2026-01-22", partner_id="A-1"),
    registration("R-4", "2026-01-08", client_id="C5"),
    registration("R-5", "2026-02-03", client_id="C3", cancels="R-1"),
    registration("R-6", "2026-02-01", client_id="C6"),
    registration("R-7", "2026-02-11", partner_id="A-1"),
]


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    return settle_example(
        tmp_path_factory.mktemp("affiliate"),
        "affiliate",
        partners=PARTNERS,
        claims=CLAIMS,
        billing=BILLING,
        tables={"events.csv": EVENTS, "exclusions.csv": EXCLUSIONS},
    )


def test_the_amount_their_number_reaches_pays_for_all_registrations(months: Golden) -> None:
    assert months.shares("A-1", "2026-01", "registrations") == {"R-1": "275.00", "R-2": "275.00", "R-3": "275.00"}
    assert months.figures("A-1", "2026-01", "registrations") == ("0.00", "825.000000", "825.00")
    assert months.shares("A-2", "2026-01", "registrations") == {"R-4": "100.00"}


def test_a_cancelled_registration_takes_back_what_it_earned_in_its_own_month(months: Golden) -> None:
    assert months.shares("A-1", "2026-02", "registrations") == {"R-5": "-275.00", "R-6": "250.00", "R-7": "250.00"}
    assert months.figures("A-1", "2026-02", "registrations") == ("0.00", "225.000000", "225.00")


def test_a_clients_first_sale_earns_once_and_an_order_given_back_is_none(months: Golden) -> None:
    assert months.figures("A-1", "2026-01", "first_sale") == ("3 200.00", "500.000000", "500.00")
    assert months.figures("A-1", "2026-02", "first_sale") == ("2 000.00", "500.000000", "500.00")
    assert months.shares("A-1", "2026-01", "first_sale") == {"C3": "500.00"}
    assert months.shares("A-1", "2026-02", "first_sale") == {"C4": "500.00"}


def test_each_payment_earns_the_rate_of_the_clients_year_in_which_it_was_paid(months: Golden) -> None:
    def years(period: str) -> list[tuple[str, int, str, str]]:
        steps = months.rule("A-1", period, "recurring")["steps"]
        return [(step["words"], step["base_minor"], step["rate"], step["exact"]) for step in steps]

    assert years("2026-01") == [
        ("year 1", 520_000, "20", "1040.000000"),
        ("year 2", 100_000, "30", "300.000000"),
        ("year 3", 300_000, "10", "300.000000"),
    ]
    assert months.figures("A-1", "2026-01", "recurring") == ("9 200.00", "1640.000000", "1 640.00")
    assert months.shares("A-1", "2026-01", "recurring") == {"C1": "500.00", "C2": "300.00", "C3": "840.00"}
    assert years("2026-02") == [("year 1", 200_000, "20", "400.000000"), ("year 2", 100_000, "30", "300.000000")]
    assert months.shares("A-1", "2026-02", "recurring") == {"C1": "300.00", "C4": "400.00", "C6": "0.00"}
    assert months.corrected("A-1", "2026-02") == {("clawback", "recurring", "C3"): "-200.00"}


def test_a_discount_is_borne_by_the_side_the_programme_names(months: Golden) -> None:
    assert months.figures("A-2", "2026-01", "recurring") == ("1 500.00", "150.000000", "150.00")
    assert months.figures("A-2", "2026-01", "codes") == ("500.00", "-450.000000", "-450.00")


def test_what_the_codes_cost_the_blogger_is_carried_until_it_is_earned(months: Golden) -> None:
    assert months.box("A-1", "2026-01") == ("0.00", "2 965.00", "2 965.00", "0.00")
    assert months.box("A-1", "2026-02") == ("0.00", "1 425.00", "1 225.00", "0.00")
    assert months.box("A-2", "2026-01") == ("0.00", "-200.00", "0.00", "-200.00")
    assert months.box("A-2", "2026-02") == ("-200.00", "800.00", "600.00", "0.00")


def test_the_totals_of_a_month_are_those_of_its_statements(months: Golden) -> None:
    assert months.totals("2026-01") == {
        ("A-1", "registrations"): (0, "0.00", "825.00"),
        ("A-1", "first_sale"): (1, "3 200.00", "500.00"),
        ("A-1", "recurring"): (5, "9 200.00", "1 640.00"),
        ("A-2", "registrations"): (0, "0.00", "100.00"),
        ("A-2", "recurring"): (1, "1 500.00", "150.00"),
        ("A-2", "codes"): (1, "500.00", "-450.00"),
    }
