"""Employee bonus: what people in named roles of the partner's organisation earn."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.period import Period
from models.phrase import Phrase, name
from rules.plan import ClientSums, Cut, Earned, Person, Select, Sums, To, Working
from rules.plans.employee_bonus import EmployeeBonus
from tests.rules.strategies import amounts

ROLES = {"seller": "2%", "engineer": "1%"}
ANNA, BORIS = Person("E1", "Anna", "seller"), Person("E2", "Boris", "seller")
VERA = Person("E3", "Vera", "engineer")


def bonus(roles: Any = ROLES, **other: Any) -> EmployeeBonus:
    agreed = {"plan": "employee_bonus", "categories": ["software"], "roles": roles, "paid": "through_partner"} | other
    return EmployeeBonus.model_validate(agreed, context={"currency": "RUB"})


def earn(base_minor: int, *people: Person, roles: Any = ROLES) -> Earned:
    clients = (ClientSums("C1", 1, base_minor),)
    return bonus(roles).earn(Sums(Period(2026, 1), clients, people=people))


def test_the_people_in_a_role_share_its_rate_equally() -> None:
    earned = earn(10_000_000, ANNA, BORIS, VERA)
    assert earned.working == (
        Working(10_000_000, Fraction(2, 100), phrase=name("seller")),
        Working(10_000_000, Fraction(1, 100), phrase=name("engineer")),
    )
    assert earned.exact == 300_000
    assert earned.shares == {"E1": 100_000, "E2": 100_000, "E3": 100_000}
    assert earned.shared_by == "person"


def test_a_person_in_two_roles_earns_both() -> None:
    earned = earn(10_000_000, ANNA, BORIS, VERA, Person("E1", "Anna", "engineer"))
    assert earned.exact == 300_000
    assert earned.shares == {"E1": 150_000, "E2": 100_000, "E3": 50_000}


def test_a_person_listed_twice_in_a_role_is_one_person() -> None:
    assert earn(10_000_000, ANNA, ANNA, BORIS).shares == {"E1": 100_000, "E2": 100_000}


def test_a_role_that_nobody_has_earns_nothing_and_says_so() -> None:
    earned = earn(10_000_000, VERA)
    assert earned.working == (
        Working(10_000_000, Fraction(0), phrase=Phrase.of("nobody is named {role}", role="seller")),
        Working(10_000_000, Fraction(1, 100), phrase=name("engineer")),
    )
    assert earned.exact == 100_000
    assert earned.shares == {"E3": 100_000}
    assert earn(10_000_000).exact == 0
    assert earn(10_000_000).shares == {}


def test_people_in_other_roles_earn_nothing() -> None:
    assert earn(10_000_000, ANNA, Person("E9", "Gleb", "director")).shares == {"E1": 200_000}


def test_three_people_share_what_does_not_divide_and_lose_nothing() -> None:
    earned = earn(100, ANNA, BORIS, Person("E4", "Dina", "seller"))
    assert earned.exact == 2
    assert earned.shares == dict.fromkeys(("E1", "E2", "E4"), Fraction(2, 3))


def test_refunds_take_back_and_nothing_paid_earns_nothing() -> None:
    assert earn(-10_000_000, ANNA, VERA).shares == {"E1": -200_000, "E3": -100_000}
    assert earn(0, ANNA, VERA).shares == {"E1": 0, "E3": 0}
    clients = (ClientSums("C1", 1, 777), ClientSums("C2", 1, -777))
    assert bonus().earn(Sums(Period(2026, 1), clients, people=(ANNA, VERA))).exact == 0


@given(amounts, st.permutations([ANNA, BORIS, VERA, Person("E1", "Anna", "engineer")]), st.integers(0, 4))
def test_the_shares_add_up_exactly_whoever_is_listed_first(base: int, people: list[Person], listed: int) -> None:
    earned, turned = earn(base, *people[:listed]), earn(base, *reversed(people[:listed]))
    assert sum(earned.shares.values(), Fraction(0)) == earned.exact
    assert (turned.working, turned.shares) == (earned.working, earned.shares)


def test_it_looks_at_lines_and_asks_for_the_people_in_its_roles() -> None:
    assert bonus().cut() == Cut(lines=Select(("software",)), takes=False, roles=("seller", "engineer"))


def test_the_contract_names_whether_the_partner_or_the_person_is_paid() -> None:
    assert bonus(paid="through_partner").to is To.PARTNER
    assert bonus(paid="to_person").to is To.PERSON
    with pytest.raises(ValidationError, match="'through_partner' or 'to_person'"):
        bonus(paid="cash")
    with pytest.raises(ValidationError, match="Field required"):
        EmployeeBonus.model_validate({"plan": "employee_bonus", "categories": ["software"], "roles": ROLES})


def test_it_costs_all_the_roles_together() -> None:
    assert bonus().highest_rate() == Fraction(3, 100)
    assert bonus({"seller": "60%", "engineer": "40%"}).highest_rate() == 1


def test_the_clause_names_what_earns_each_role_and_who_is_paid() -> None:
    assert bonus().words("RUB") == (
        "software: 2 % for seller, 1 % for engineer, shared equally by the people in a role, paid through the partner"
    )
    assert bonus({"seller": "0.5%"}, products=["SW-CRM"], categories=None, paid="to_person").words("RUB") == (
        "SW-CRM: 0.5 % for seller, shared equally by the people in a role, paid to the person"
    )


def test_editors_are_told_how_roles_are_written() -> None:
    assert EmployeeBonus.model_json_schema()["properties"]["roles"]["examples"] == [ROLES]


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ({}, "write roles as role: rate, for example {seller: 2%, engineer: 1%}"),
        (["seller"], "write roles as role: rate"),
        ({"seller": "2"}, "'2' is not a rate"),
        ({"": "2%"}, "'' is no role: write it as the list of people does"),
        ({"seller": "1%", " ": "2%"}, "' ' is no role"),
        ({"seller ": "2%"}, "'seller ' is no role"),
        ({"seller": "60%", "engineer": "40.01%"}, "the roles earn 100.01% together: write at most 100% in all"),
    ],
)
def test_roles_that_cannot_be_carried_out_are_refused(roles: object, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        bonus(roles)
