"""A golden quarter of examples/employees.yaml: bonuses for the people of a dealer, a gift, and credit.

VAT is 22 % of telephony, so 122.00 paid is a base of 100.00; software is exempt.
L-1 (dealer) has Anna and Boris as sellers and Vera as engineer in January; Boris leaves on 27 February, a day before
the month's last; Anna is an engineer too from 28 February. L-2 (studio) has Dina as seller, and no engineer.

January.
  L-1: software C1 33 333.33 x 10 % = 3 333.333, rounded 3 333.33; telephony C2 10 000.00 (12 200.00) x 5 % = 500.00
       bonus: sellers 33 333.33 x 2 % = 666.6666, each 333.3333; Vera 33 333.33 x 1 % = 333.3333
              999.9999, rounded 1 000.00; three times 333.33, and the missing kopeck to the first by id, Anna: 333.34
       credit: 33 333.33 + 10 000.00 = 43 333.33 x 3 % = 1 299.9999, rounded 1 300.00
       gift: software came to 33 333.33 of 100 000.00
       3 333.33 + 500.00 = 3 833.33 to pay
  L-2: software C3 40 000.00 x 10 % = 4 000.00; bonus: Dina 40 000.00 x 2 % = 800.00, nobody for 1 %
       4 000.00 + 800.00 = 4 800.00 to pay

February.
  L-1: software C1 66 666.67 x 10 % = 6 666.667, rounded 6 666.67
       bonus: Anna, the one seller, 66 666.67 x 2 % = 1 333.3334
              engineers 66 666.67 x 1 % = 666.6667, Anna and Vera 333.33335 each
              Anna 1 666.66675, Vera 333.33335; 2 000.0001, rounded 2 000.00
              1 666.66 + 333.33 lack one kopeck, which goes to Anna's larger remainder: 1 666.67
       credit: 66 666.67 x 3 % = 2 000.0001, rounded 2 000.00
       gift: 33 333.33 + 66 666.67 = 100 000.00, reached to the kopeck: worth 30 000.00
  L-2: software C3 59 999.99 x 10 % = 5 999.999, rounded 6 000.00; bonus: 59 999.99 x 2 % = 1 199.9998, rounded 1 200.00
       gift: 40 000.00 + 59 999.99 = 99 999.99, one kopeck below: none
       7 200.00 to pay

March.
  L-1: software C1 100 000.00 x 10 % = 10 000.00; bonus: Anna 2 000.00 + 500.00 = 2 500.00, Vera 500.00
       credit 3 000.00; the gift was given
  L-2: software C3 0.01 x 10 % = 0.001, rounded 0.00; bonus 0.0002, rounded 0.00; gift: 100 000.00 is reached

Kept apart for L-1: persons 1 000.00, then 1 000.00 + 2 000.00 = 3 000.00, then + 3 000.00 = 6 000.00
                    credit 1 300.00, then 1 300.00 + 2 000.00 + 30 000.00 = 33 300.00, then + 3 000.00 = 36 300.00
"""

import pytest

from tests.made.golden_months import Golden, bill, settle_example
from tests.made.vendors import Row, claim, partner

VAT = {"vat_rate": "22"}
NO_VAT = {"vat_rate": "0"}


def person(
    person_id: str, name: str, role: str, partner_id: str = "L-1", since: str = "2026-01", until: str = ""
) -> Row:
    return {
        "partner_id": partner_id,
        "person_id": person_id,
        "name": name,
        "role": role,
        "from": since,
        "until": until,
    }


PARTNERS = [partner("L-1", plan="dealer"), partner("L-2", plan="studio")]
CLAIMS = [claim("C1", "L-1"), claim("C2", "L-1"), claim("C3", "L-2")]
EMPLOYEES = [
    person("H-1", "Anna", "seller"),
    person("H-1", "Anna", "engineer", since="2026-02-28"),
    person("H-2", "Boris", "seller", until="2026-02-27"),
    person("H-3", "Vera", "engineer"),
    person("H-4", "Dina", "seller", "L-2"),
]
BILLING = {
    "2026-01": [
        bill("J1", "C1", "software", "33 333.33", "2026-01-12", **NO_VAT),
        bill("J2", "C2", "telephony", "12 200.00", "2026-01-13", **VAT),
        bill("J3", "C3", "software", "40 000.00", "2026-01-14", **NO_VAT),
    ],
    "2026-02": [
        bill("F1", "C1", "software", "66 666.67", "2026-02-12", **NO_VAT),
        bill("F2", "C3", "software", "59 999.99", "2026-02-13", **NO_VAT),
    ],
    "2026-03": [
        bill("M1", "C1", "software", "100 000.00", "2026-03-12", **NO_VAT),
        bill("M2", "C3", "software", "0.01", "2026-03-13", **NO_VAT),
    ],
}


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    return settle_example(
        tmp_path_factory.mktemp("employees"),
        "employees",
        partners=PARTNERS,
        claims=CLAIMS,
        billing=BILLING,
        tables={"employees.csv": EMPLOYEES},
    )


def test_the_people_in_a_role_share_its_bonus_equally(quarter: Golden) -> None:
    assert quarter.figures("L-1", "2026-01", "bonus") == ("33 333.33", "999.999900", "1 000.00")
    assert quarter.shares("L-1", "2026-01", "bonus") == {"H-1": "333.34", "H-2": "333.33", "H-3": "333.33"}


def test_the_roles_of_the_months_last_day_count(quarter: Golden) -> None:
    assert quarter.figures("L-1", "2026-02", "bonus") == ("66 666.67", "2000.000100", "2 000.00")
    assert quarter.shares("L-1", "2026-02", "bonus") == {"H-1": "1 666.67", "H-3": "333.33"}


def test_the_management_sees_every_persons_share_by_name(quarter: Golden) -> None:
    bonus = quarter.rule("L-1", "2026-02", "bonus")
    assert (bonus["to"], bonus["shared_by"]) == ("person", "person")
    assert [(share["key"], share["name"]) for share in bonus["shares"]] == [("H-1", "Anna"), ("H-3", "Vera")]
    assert [(step["words"], step["exact"]) for step in bonus["steps"]] == [
        ("seller", "1333.333400"),
        ("engineer", "666.666700"),
    ]


def test_a_role_that_nobody_has_earns_nothing_and_says_so(quarter: Golden) -> None:
    bonus = quarter.rule("L-2", "2026-01", "bonus")
    assert [(step["words"], step["exact"]) for step in bonus["steps"]] == [
        ("seller", "800.000000"),
        ("nobody is named engineer", "0.000000"),
    ]
    assert quarter.shares("L-2", "2026-01", "bonus") == {"H-4": "800.00"}


def test_a_bonus_paid_to_the_person_is_no_part_of_the_dealers_payout(quarter: Golden) -> None:
    assert quarter.figures("L-1", "2026-01", "software") == ("33 333.33", "3333.333000", "3 333.33")
    assert quarter.box("L-1", "2026-01") == ("0.00", "3 833.33", "3 833.33", "0.00")
    assert quarter.box("L-1", "2026-02") == ("0.00", "6 666.67", "6 666.67", "0.00")
    assert quarter.box("L-1", "2026-03") == ("0.00", "10 000.00", "10 000.00", "0.00")
    assert quarter.shares("L-1", "2026-03", "bonus") == {"H-1": "2 500.00", "H-3": "500.00"}


def test_a_bonus_paid_through_the_partner_is_part_of_its_payout(quarter: Golden) -> None:
    assert quarter.rule("L-2", "2026-02", "bonus")["to"] == "partner"
    assert quarter.figures("L-2", "2026-02", "bonus") == ("59 999.99", "1199.999800", "1 200.00")
    assert quarter.box("L-2", "2026-01") == ("0.00", "4 800.00", "4 800.00", "0.00")
    assert quarter.box("L-2", "2026-02") == ("0.00", "7 200.00", "7 200.00", "0.00")
    assert quarter.box("L-2", "2026-03") == ("0.00", "0.00", "0.00", "0.00")


def test_a_gift_is_given_once_at_its_figure_and_not_a_kopeck_below(quarter: Golden) -> None:
    assert "machine" not in quarter.rules("L-1", "2026-01")
    assert quarter.shares("L-1", "2026-02", "machine") == {"Espresso machine": "30 000.00"}
    assert "machine" not in quarter.rules("L-1", "2026-03")
    assert "machine" not in quarter.rules("L-2", "2026-02")
    assert quarter.shares("L-2", "2026-03", "machine") == {"Espresso machine": "30 000.00"}


def test_credit_is_a_share_of_everything_that_earns(quarter: Golden) -> None:
    assert quarter.figures("L-1", "2026-01", "credit") == ("43 333.33", "1299.999900", "1 300.00")
    assert quarter.shares("L-1", "2026-01", "credit") == {"C1": "1 000.00", "C2": "300.00"}


def test_gifts_credit_and_what_persons_get_are_kept_apart_from_the_payout(quarter: Golden) -> None:
    assert quarter.apart("L-1", "2026-01") == {
        "credit": ("0.00", "1 300.00", "0.00", "1 300.00"),
        "person": ("0.00", "1 000.00", "0.00", "1 000.00"),
    }
    assert quarter.apart("L-1", "2026-02") == {
        "credit": ("1 300.00", "32 000.00", "0.00", "33 300.00"),
        "person": ("1 000.00", "2 000.00", "0.00", "3 000.00"),
    }
    assert quarter.apart("L-1", "2026-03") == {
        "credit": ("33 300.00", "3 000.00", "0.00", "36 300.00"),
        "person": ("3 000.00", "3 000.00", "0.00", "6 000.00"),
    }
    assert quarter.apart("L-2", "2026-02") == {}
    assert quarter.apart("L-2", "2026-03") == {"credit": ("0.00", "30 000.00", "0.00", "30 000.00")}


def test_the_totals_of_a_month_are_those_of_its_statements(quarter: Golden) -> None:
    assert quarter.totals("2026-02") == {
        ("L-1", "software"): (1, "66 666.67", "6 666.67"),
        ("L-1", "bonus"): (1, "66 666.67", "2 000.00"),
        ("L-1", "machine"): (0, "0.00", "30 000.00"),
        ("L-1", "credit"): (1, "66 666.67", "2 000.00"),
        ("L-2", "software"): (1, "59 999.99", "6 000.00"),
        ("L-2", "bonus"): (1, "59 999.99", "1 200.00"),
    }
