"""What a person reads before saying yes: the bridge from last month, and what another draft said."""

import json
from types import SimpleNamespace as Has
from typing import Any

from rules.review import BridgeStep, Move, bridge, differences, moves


def draft(last: dict[str, int], now: dict[str, int]) -> Any:
    """As much of a draft as is asked here: commission by partner, last month and now."""
    bodies = [Has(partner_id=name, summary=Has(commission_minor=minor)) for name, minor in now.items()]
    return Has(statements=bodies, findings=Has(last_commission_minor=last))


def test_the_bridge_leads_from_last_months_commission_to_this_months() -> None:
    one = draft({"ana": 100_00, "bo": 200_00, "di": 10_00}, {"bo": 250_00, "cy": 70_00, "di": 9_99})
    assert bridge(one) == [
        BridgeStep("commission last month", 3, 310_00),
        BridgeStep("earned nothing last month", 1, 70_00),
        BridgeStep("earn more than last month", 1, 50_00),
        BridgeStep("earn less than last month", 1, -1),
        BridgeStep("earn nothing now", 1, -100_00),
        BridgeStep("commission now", 3, 329_99),
    ]
    assert 310_00 + 70_00 + 50_00 - 1 - 100_00 == 329_99


def test_the_largest_move_comes_first_up_or_down_and_who_did_not_move_is_left_out() -> None:
    one = draft({"ana": 100_00, "bo": 50_00, "cy": 7}, {"ana": 40_00, "bo": 110_00, "cy": 7})
    assert moves(one) == [Move("ana", 100_00, 40_00), Move("bo", 50_00, 110_00)]


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
