"""Store credit: a share to spend with the vendor, beside the commission and in no payout."""

from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from models.period import Period
from rules.plan import ClientSums, Cut, Earned, Select, Sums, To, Working
from rules.plans.store_credit import StoreCredit


def agreed(**other: Any) -> StoreCredit:
    return StoreCredit.model_validate(
        {"plan": "store_credit", "categories": ["software"], "rate": "3%"} | other, context={"currency": "RUB"}
    )


def earn(*bases: int) -> Earned:
    clients = tuple(ClientSums(f"C{number}", 1, base) for number, base in enumerate(bases, start=1))
    return agreed().earn(Sums(Period(2026, 1), clients))


def test_a_credit_is_a_share_of_what_clients_paid() -> None:
    earned = earn(4_000_000, 1_000_000)
    assert earned.working == (Working(5_000_000, Fraction(3, 100)),)
    assert earned.exact == 150_000
    assert earned.shares == {"C1": 120_000, "C2": 30_000}
    assert (earned.shared_by, earned.rate) == ("client", Fraction(3, 100))


def test_a_credit_is_valued_and_never_money() -> None:
    assert agreed().to is To.CREDIT


def test_it_looks_at_lines_beside_the_rule_that_takes_them() -> None:
    assert agreed().cut() == Cut(lines=Select(("software",)), takes=False)


def test_a_sale_and_its_refund_sum_to_zero_and_nothing_paid_earns_nothing() -> None:
    assert earn(777, -777).exact == 0
    assert earn(777, -777).shares == {"C1": Fraction(2_331, 100), "C2": -Fraction(2_331, 100)}
    assert earn(0).shares == {"C1": 0}
    assert earn().exact == 0
    assert earn(-10_000).exact == -300


def test_the_clause_and_the_cost_are_the_rate() -> None:
    assert agreed(rate="7.5%", categories=["software", "numbers"], products=["TEL-PBX"]).words("RUB") == (
        "7.5 % of TEL-PBX, software, numbers as store credit, never paid out"
    )
    assert agreed().highest_rate() == Fraction(3, 100)


def test_editors_are_told_that_the_rate_is_needed() -> None:
    assert "rate" in StoreCredit.model_json_schema()["required"]


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"rate": "3"}, "'3' is not a rate"),
        ({"categories": None}, "say what earns"),
        ({"categories": []}, "at least 1 item"),
        ({"pays": "5.00"}, "Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_carried_out_is_refused(other: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        agreed(**other)
