"""Servicing: who serves a client earns beside the partner that brought it."""

from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from models.period import Period
from rules.plan import ClientSums, Cut, Earned, Select, Sums, To, Working
from rules.plans.servicing import Servicing


def servicing(**agreed: Any) -> Servicing:
    return Servicing.model_validate(
        {"plan": "servicing", "categories": ["software"], "rate": "10%"} | agreed, context={"currency": "RUB"}
    )


def earn(*bases: int) -> Earned:
    clients = tuple(ClientSums(f"C{number}", 1, base) for number, base in enumerate(bases, start=1))
    return servicing().earn(Sums(Period(2026, 1), clients))


def test_a_consultant_earns_its_rate_on_what_the_clients_it_serves_paid() -> None:
    earned = earn(1_500_000, 500_000)
    assert earned.working == (Working(2_000_000, Fraction(1, 10)),)
    assert earned.exact == 200_000
    assert earned.shares == {"C1": 150_000, "C2": 50_000}
    assert (earned.shared_by, earned.rate) == ("client", Fraction(1, 10))


def test_it_asks_for_the_clients_the_partner_serves_and_takes_no_line_from_their_acquirer() -> None:
    assert servicing().cut() == Cut(lines=Select(("software",)), takes=False, served=True)
    assert servicing().to is To.PARTNER


def test_a_sale_and_its_refund_sum_to_zero_and_nothing_paid_earns_nothing() -> None:
    assert earn(777, -777).exact == 0
    assert earn(777, -777).shares == {"C1": Fraction(777, 10), "C2": Fraction(-777, 10)}
    assert earn(0).shares == {"C1": 0}
    assert earn().exact == 0


def test_more_refunds_than_payments_are_owed() -> None:
    assert earn(-1_000).exact == -100


def test_the_clause_and_the_cost_are_the_rate() -> None:
    assert servicing(categories=["software", "numbers"], rate="7.5%").words("RUB") == (
        "7.5 % of software, numbers paid by the clients the partner serves"
    )
    assert servicing().highest_rate() == Fraction(1, 10)


def test_editors_are_told_that_the_rate_is_needed() -> None:
    assert "rate" in Servicing.model_json_schema()["required"]


@pytest.mark.parametrize(
    ("agreed", "words"),
    [
        ({"rate": "10"}, "'10' is not a rate"),
        ({"categories": None}, "say what earns"),
        ({"categories": []}, "at least 1 item"),
        ({"pays": "5.00"}, "Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_carried_out_is_refused(agreed: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        servicing(**agreed)
