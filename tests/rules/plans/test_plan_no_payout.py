"""No payout: a partner with clients and statistics, and no money."""

from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from models.period import Period
from rules.plan import ClientSums, Cut, Earned, Select, Sums, To, Working
from rules.plans.no_payout import NoPayout


def no_payout(**other: Any) -> NoPayout:
    return NoPayout.model_validate(
        {"plan": "no_payout", "categories": ["software"]} | other, context={"currency": "RUB"}
    )


def earn(*bases: int) -> Earned:
    clients = tuple(ClientSums(f"C{number}", 1, base) for number, base in enumerate(bases, start=1))
    return no_payout().earn(Sums(Period(2026, 1), clients))


def test_what_was_paid_is_shown_and_earns_nothing() -> None:
    earned = earn(5_000_000, 3_444_444)
    assert earned.working == (Working(8_444_444, Fraction(0)),)
    assert earned.exact == 0
    assert earned.rate == 0
    assert earned.shared_by == "client"
    assert earned.shares == {"C1": 0, "C2": 0}


@pytest.mark.parametrize("bases", [(), (0,), (-5,), (7, -7)])
def test_refunds_owe_nothing_either(bases: tuple[int, ...]) -> None:
    earned = earn(*bases)
    assert earned.working == (Working(sum(bases), Fraction(0)),)
    assert set(earned.shares.values()) <= {0}
    assert len(earned.shares) == len(bases)


def test_it_takes_its_lines_so_that_no_other_rule_pays_for_them() -> None:
    assert no_payout().cut() == Cut(lines=Select(("software",)), takes=True)
    assert no_payout().to is To.NOBODY
    assert no_payout().highest_rate() == 0


def test_the_clause_says_that_nothing_is_paid() -> None:
    assert no_payout(categories="others", products=["SW-CRM"]).words("RUB") == (
        "SW-CRM, everything else: counted and shown, nothing is paid"
    )


def test_editors_are_told_its_name() -> None:
    assert NoPayout.model_json_schema()["properties"]["plan"]["const"] == "no_payout"


@pytest.mark.parametrize(
    ("other", "words"),
    [({"rate": "5%"}, "Extra inputs are not permitted"), ({"categories": None}, "say what earns")],
)
def test_a_rate_has_no_place_in_it(other: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        no_payout(**other)
