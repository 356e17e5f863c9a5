"""Retention: what a client brings depends on how long it has been there."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.period import Period
from models.phrase import Phrase
from rules.plan import ClientSums, Cut, Earned, Select, Sums, Working
from rules.plans.retention import Retention
from tests.rules.strategies import amounts

YEARS = {"1": "20%", "2": "30%", "3+": "10%"}

client_years = st.dictionaries(st.tuples(st.sampled_from("ABC"), st.integers(1, 5)), amounts, max_size=8).map(
    lambda found: tuple(ClientSums(client, 1, base, year) for (client, year), base in found.items())
)


def retention(years: Any = YEARS, **other: Any) -> Retention:
    agreed = {"plan": "retention", "categories": ["software"], "since": "attribution", "years": years} | other
    return Retention.model_validate(agreed, context={"currency": "RUB"})


def earn(*clients: ClientSums, years: Any = YEARS) -> Earned:
    return retention(years).earn(Sums(Period(2026, 1), clients))


def test_each_client_earns_the_rate_of_its_own_year() -> None:
    earned = earn(ClientSums("C1", 1, 100_000, 1), ClientSums("C2", 1, 200_000, 2))
    assert earned.exact == 80_000
    assert earned.shares == {"C1": 20_000, "C2": 60_000}
    assert earned.shared_by == "client"


@pytest.mark.parametrize(("year", "exact"), [(1, 20_000), (2, 30_000), (3, 10_000), (4, 10_000), (40, 10_000)])
def test_the_open_year_holds_for_every_later_one(year: int, exact: int) -> None:
    assert earn(ClientSums("C1", 1, 100_000, year)).exact == exact


@pytest.mark.parametrize(("year", "exact"), [(1, 20_000), (2, 30_000), (3, 0), (4, 0)])
def test_after_the_last_year_nothing_is_earned_where_no_year_is_open(year: int, exact: int) -> None:
    assert earn(ClientSums("C1", 1, 100_000, year), years={"1": "20%", "2": "30%"}).exact == exact


def test_the_working_has_one_step_for_each_year_and_says_where_there_is_no_rate() -> None:
    earned = earn(
        ClientSums("C1", 1, 100_000, 4),
        ClientSums("C2", 1, 50_000, 1),
        ClientSums("C3", 1, 30_000, 1),
        ClientSums("C4", 1, 7, 2),
        years={"1": "20%", "2": "0%"},
    )
    assert earned.working == (
        Working(80_000, Fraction(1, 5), phrase=Phrase.of("year {n}", n=1)),
        Working(7, Fraction(0), phrase=Phrase.of("year {n}", n=2)),
        Working(100_000, Fraction(0), phrase=Phrase.of("year {n}: no rate", n=4)),
    )
    assert earned.shares == {"C1": 0, "C2": 10_000, "C3": 6_000, "C4": 0}
    assert earned.rate is None


def test_a_client_whose_year_ends_inside_the_month_earns_in_both() -> None:
    earned = earn(ClientSums("C1", 1, 100_000, 1), ClientSums("C1", 1, 100_000, 2))
    assert earned.exact == 50_000
    assert earned.shares == {"C1": 50_000}


def test_a_refund_takes_back_at_the_rate_of_its_year() -> None:
    assert earn(ClientSums("C1", 1, -100_000, 2)).exact == -30_000
    taken_back = earn(ClientSums("C1", 1, 99_999, 2), ClientSums("C2", 1, -99_999, 2))
    assert taken_back.exact == 0
    assert taken_back.shares["C1"] == -taken_back.shares["C2"] == Fraction(299_997, 10)


def test_nothing_paid_earns_nothing() -> None:
    assert earn().exact == 0
    assert earn(ClientSums("C1", 2, 0, 1)).shares == {"C1": 0}


def test_a_payment_before_the_first_year_counts_in_it() -> None:
    assert earn(ClientSums("C1", 1, 100_000, 0)).exact == 20_000


@given(client_years)
def test_the_steps_and_the_shares_add_up_exactly_in_any_order(clients: tuple[ClientSums, ...]) -> None:
    earned, turned = earn(*clients), earn(*reversed(clients))
    assert sum(earned.shares.values(), Fraction(0)) == earned.exact
    assert (turned.working, turned.shares) == (earned.working, earned.shares)
    assert sum(step.base_minor for step in earned.working) == sum(client.base_minor for client in clients)


@pytest.mark.parametrize("since", ["attribution", "first_payment"])
def test_it_asks_for_the_year_of_the_clients_life(since: str) -> None:
    assert retention(since=since).cut() == Cut(lines=Select(("software",)), year_since=since)  # type: ignore[arg-type]
    assert retention(since=since).cut().takes


def test_the_highest_rate_is_that_of_the_best_year() -> None:
    assert retention().highest_rate() == Fraction(3, 10)


def test_the_clause_names_what_earns_and_every_year() -> None:
    assert retention().words("RUB") == (
        "software, by the client's year since attribution: 20 % in year 1, 30 % in year 2, 10 % from year 3 on"
    )
    assert retention({"1": "7.5%"}, since="first_payment", products=["SW-CRM"]).words("RUB") == (
        "SW-CRM, software, by the client's year since the first payment: 7.5 % in year 1, nothing from year 2 on"
    )


def test_one_rate_may_hold_from_the_first_year_on() -> None:
    assert retention({"1+": "10%"}).words("RUB").endswith("since attribution: 10 % from year 1 on")


def test_editors_are_told_how_years_are_written() -> None:
    assert Retention.model_json_schema()["properties"]["years"]["examples"] == [YEARS]


def test_years_may_be_written_as_numbers() -> None:
    assert retention({1: "20%", 2: "30%", "3+": "10%"}) == retention()


@pytest.mark.parametrize(
    ("years", "words"),
    [
        ({}, "write years as year: rate, for example {1: 20%, 2: 30%, 3[+]: 10%}"),
        (["20%"], "write years as year: rate"),
        ("20%", "write years as year: rate"),
        ({"2": "20%"}, "write 1 or 1[+] instead of '2'"),
        ({"0": "20%", "1": "10%"}, "write 1 instead of '0'"),
        ({"1": "20%", "3": "10%"}, "write 2 or 2[+] instead of '3'"),
        ({"1": "20%", "3+": "10%"}, "write 2 or 2[+] instead of '3[+]'"),
        ({"2": "20%", "1": "10%"}, "years run from 1 without a gap, and only the last may hold for later ones"),
        ({"1": "20%", "2+": "30%", "3": "10%"}, "write 2 instead of '2[+]'"),
        ({"first": "20%"}, "write 1 or 1[+] instead of 'first'"),
        ({"1": "20"}, "'20' is not a rate: write percent"),
        ({"1": "120%"}, "'120%' is more than the client paid"),
    ],
)
def test_years_that_could_be_read_two_ways_are_refused(years: object, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        retention(years)


def test_since_when_years_are_counted_must_be_said() -> None:
    with pytest.raises(ValidationError, match="'attribution' or 'first_payment'"):
        retention(since="registration")
    with pytest.raises(ValidationError, match="Field required"):
        Retention.model_validate({"plan": "retention", "categories": ["software"], "years": YEARS})
