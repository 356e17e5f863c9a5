"""First sale: an amount or a share for each client won, once."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.period import Period
from models.phrase import Phrase
from rules.money import half_away
from rules.plan import ClientSums, Cut, Earned, Select, Sums, To, Working
from rules.plans.first_sale import FirstSale
from tests.rules.strategies import amounts

ORDERS = (ClientSums("C1", 1, 30_000), ClientSums("C2", 2, 100_000), ClientSums("C3", 1, 270_000))
AMOUNT, SHARE = {"pays": "500.00"}, {"rate": "20%"}


def first_sale(agreed: dict[str, Any]) -> FirstSale:
    return FirstSale.model_validate(
        {"plan": "first_sale", "categories": ["software"]} | agreed, context={"currency": "RUB"}
    )


def earn(agreed: dict[str, Any], *clients: ClientSums) -> Earned:
    return first_sale(agreed).earn(Sums(Period(2026, 1), clients))


def test_each_first_sale_earns_the_same_amount_whatever_was_bought() -> None:
    earned = earn(AMOUNT, *ORDERS)
    assert earned.working == (Working(50_000, count=3, phrase=Phrase.of("first sales")),)
    assert earned.exact == 150_000
    assert earned.shares == {"C1": 50_000, "C2": 50_000, "C3": 50_000}
    assert earned.shared_by == "client"


def test_a_share_is_earned_of_each_first_order() -> None:
    earned = earn(SHARE, *ORDERS)
    assert earned.working == (Working(400_000, Fraction(1, 5)),)
    assert earned.exact == 80_000
    assert earned.shares == {"C1": 6_000, "C2": 20_000, "C3": 54_000}
    assert earned.shared_by == "client"


@pytest.mark.parametrize(
    ("base_minor", "by_amount", "by_share"),
    [(-1, 0, 0), (0, 0, 0), (1, 50_000, 0), (2, 50_000, 0), (3, 50_000, 1), (100, 50_000, 20)],
)
def test_a_sale_is_one_from_the_first_kopeck_and_none_at_nothing(
    base_minor: int, by_amount: int, by_share: int
) -> None:
    order = ClientSums("C1", 1, base_minor)
    assert earn(AMOUNT, order).exact == by_amount
    assert half_away(earn(SHARE, order).exact) == by_share


def test_clients_who_had_bought_before_bring_nothing() -> None:
    bought_before = ClientSums("C4", 3, 0)
    assert earn(AMOUNT, *ORDERS, bought_before).shares["C4"] == earn(SHARE, *ORDERS, bought_before).shares["C4"] == 0
    assert earn(AMOUNT, bought_before).working == ()


@pytest.mark.parametrize("agreed", [AMOUNT, SHARE])
def test_an_order_taken_back_takes_back_what_it_earned(agreed: dict[str, str]) -> None:
    earned = earn(agreed, ClientSums("C1", 1, 30_000), ClientSums("C2", 1, -30_000, before_minor=30_000))
    assert earned.exact == 0
    assert earned.shares["C1"] == -earned.shares["C2"] != 0
    assert earn(agreed, ClientSums("C1", 1, 30_000), ClientSums("C1", 1, -30_000)).shares == {"C1": 0}


def test_an_order_that_goes_on_in_a_later_month_is_paid_for_once_and_shared_in_whole() -> None:
    second_part = ClientSums("C1", 1, 20_000, before_minor=10_000)
    assert earn(AMOUNT, second_part).exact == 0
    assert earn(SHARE, second_part).exact == 4_000
    assert earn(AMOUNT, ClientSums("C1", 1, -9_999, before_minor=10_000)).exact == 0
    assert earn(AMOUNT, ClientSums("C1", 1, -10_000, before_minor=10_000)).exact == -50_000


def test_two_parts_of_one_order_are_one_sale() -> None:
    assert earn(AMOUNT, ClientSums("C1", 1, 10_000), ClientSums("C1", 1, 20_000)).exact == 50_000


@pytest.mark.parametrize("agreed", [AMOUNT, SHARE])
def test_a_month_without_first_sales_earns_nothing(agreed: dict[str, str]) -> None:
    assert earn(agreed).exact == 0
    assert earn(agreed).shares == {}


@given(st.dictionaries(st.text("ABC", min_size=1, max_size=3), amounts, max_size=8), st.sampled_from([AMOUNT, SHARE]))
def test_the_shares_add_up_exactly_in_any_order(orders: dict[str, int], agreed: dict[str, str]) -> None:
    clients = [ClientSums(client, 1, base) for client, base in orders.items()]
    earned, turned = earn(agreed, *clients), earn(agreed, *reversed(clients))
    assert sum(earned.shares.values(), Fraction(0)) == earned.exact
    assert (turned.working, turned.shares) == (earned.working, earned.shares)


def test_it_looks_at_first_orders_beside_the_rule_that_takes_the_lines() -> None:
    assert first_sale(SHARE).cut() == Cut(lines=Select(("software",)), takes=False, first_orders=True)
    assert first_sale(SHARE).cut() == first_sale(AMOUNT).cut()
    assert first_sale(AMOUNT).to is To.PARTNER


def test_a_share_bounds_its_cost_and_an_amount_does_not() -> None:
    assert first_sale(SHARE).highest_rate() == Fraction(1, 5)
    assert first_sale(AMOUNT).highest_rate() == 0


def test_the_clause_says_what_each_client_brings() -> None:
    assert (
        first_sale(AMOUNT).words("RUB")
        == "500.00 for each client's first paid order of software, taken back with the order"
    )
    assert first_sale({"rate": "7.5%", "categories": ["software", "numbers"]}).words("RUB") == (
        "7.5 % of each client's first paid order of software, numbers, taken back with the order"
    )


def test_an_amount_is_written_in_the_major_units_of_the_currency() -> None:
    agreed = {"plan": "first_sale", "categories": ["software"], "pays": "500"}
    assert FirstSale.model_validate(agreed, context={"currency": "JPY"}).pays == 500
    assert FirstSale.model_validate(agreed, context={"currency": "RUB"}).pays == 50_000


def test_editors_are_offered_both_forms() -> None:
    assert {"pays", "rate"} <= FirstSale.model_json_schema()["properties"].keys()


@pytest.mark.parametrize(
    ("agreed", "words"),
    [
        ({}, "write one of the two: `pays`, an amount for each first sale, or `rate`, a share of the first order"),
        ({"pays": "500.00", "rate": "20%"}, "write one of the two"),
        ({"pays": "0", "rate": "0%"}, "write one of the two"),
        ({"pays": "-500"}, "'-500' is negative"),
        ({"pays": "20%"}, "'20%' is not an amount"),
        ({"pays": "0.001"}, "'0.001' is not an amount in RUB"),
        ({"rate": "0.2"}, "'0.2' is not a rate"),
    ],
)
def test_what_could_be_paid_two_ways_or_none_is_refused(agreed: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        first_sale(agreed)
