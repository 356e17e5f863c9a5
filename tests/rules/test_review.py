"""What a person reads before saying yes: whose earnings moved, and what another draft said."""

import json
from types import SimpleNamespace as Has
from typing import Any

from rules.review import Move, differences, earned, moves


def test_what_a_draft_earns_a_partner_is_commission_and_corrections() -> None:
    body = Has(partner_id="ana", summary=Has(commission_minor=100_00, corrections_minor=-30_00))
    draft: Any = Has(statements=[body])
    assert earned(draft) == {"ana": 70_00}


def test_the_largest_move_comes_first_up_or_down_and_who_did_not_move_is_left_out() -> None:
    before, now = {"ana": 100_00, "bo": 50_00, "cy": 7, "di": 9}, {"ana": 40_00, "bo": 110_00, "cy": 7, "ed": 8}
    assert moves(before, now) == [
        Move("ana", 100_00, 40_00),
        Move("bo", 50_00, 110_00),
        Move("di", 9, 0),
        Move("ed", 0, 8),
    ]


def test_two_drafts_of_a_month_differ_in_what_was_read_and_in_whose_figures() -> None:
    document = {
        "programme": {"digest": "p"},
        "code": "c",
        "inputs": {"lines": "1", "claims": "2"},
        "statements": [{"partner": "ana", "to_pay_minor": 100_00, "commission_minor": 100_00}],
    }
    other = document | {
        "programme": {"digest": "q"},
        "inputs": {"lines": "3", "claims": "2"},
        "statements": [
            {"partner": "ana", "to_pay_minor": 99_99, "commission_minor": 100_00},
            {"partner": "bo", "to_pay_minor": 5, "commission_minor": 0},
        ],
    }
    assert list(differences(json.dumps(document), json.dumps(other), "RUB")) == [
        "the programme file is another",
        "what was read differs: lines",
        "ana: to pay 100.00 then, 99.99 now",
        "bo: to pay 0.00 then, 0.05 now",
    ]
    assert list(differences(json.dumps(document), json.dumps(document), "RUB")) == []
