"""Base fee: a fixed amount a month, once at the start, or by the number of clients."""

from typing import Any

import pytest
from pydantic import ValidationError

from models.period import Period
from rules.earning.measure import Measure
from rules.money import half_away
from rules.plan import Cut, Earned, Stage, Sums, To
from rules.plans.base_fee import BaseFee

NEW_CLIENTS = {"of": "new_clients", "window": "month"}
BY_CLIENTS = {"by_clients": {"0": "0", "5": "5000.00", "20": "20000.00"}, "measure": NEW_CLIENTS}


def agreed(**fields: Any) -> BaseFee:
    return BaseFee.model_validate({"plan": "base_fee"} | fields, context={"currency": "RUB"})


def earn(plan: BaseFee, month: str = "2026-01", **sums: Any) -> Earned:
    return plan.earn(Sums(Period.parse(month), **sums))


@pytest.mark.parametrize(
    ("month", "days", "minor", "words"),
    [
        ("2026-01", None, 1_000_000, "the whole month"),
        ("2026-01", 30, 967_742, "30 of 31 days"),  # 9 677.419...
        ("2026-01", 15, 483_871, "15 of 31 days"),  # 4 838.709...
        ("2026-01", 1, 32_258, "1 of 31 days"),  # 322.580...
        ("2026-02", 14, 500_000, "14 of 28 days"),
        ("2028-02", 29, 1_000_000, "29 of 29 days"),
    ],
)
def test_a_monthly_fee_is_pro_rata_by_days(month: str, days: int | None, minor: int, words: str) -> None:
    earned = earn(agreed(pays="10000.00"), month, days=days)
    assert half_away(earned.exact) == minor
    assert [step.words for step in earned.working] == [words]


def test_an_upfront_fee_is_earned_whole_and_once() -> None:
    plan = agreed(pays="10000.00", paid="upfront")
    assert earn(plan).exact == earn(plan, days=3).exact == 1_000_000
    assert earn(plan, own_before={"": 1_000_000}) == Earned(())


@pytest.mark.parametrize(
    ("clients", "minor"), [(0, 0), (4, 0), (5, 500_000), (6, 500_000), (19, 500_000), (20, 2_000_000), (21, 2_000_000)]
)
def test_the_number_of_clients_won_picks_the_fee(clients: int, minor: int) -> None:
    earned = earn(agreed(**BY_CLIENTS), measure=clients)
    assert earned.exact == minor
    assert [step.words for step in earned.working] == [f"{clients} clients"]


def test_a_fee_by_clients_is_pro_rata_by_days_like_every_monthly_fee() -> None:
    earned = earn(agreed(**BY_CLIENTS), "2026-02", measure=5, days=14)
    assert earned.exact == 250_000
    assert earned.working[0].words == "14 of 28 days"


def test_a_fee_is_for_no_client_in_particular() -> None:
    assert earn(agreed(pays="5")).shares == {}
    assert earn(agreed(pays="5")).shared_by == ""


def test_it_asks_only_for_what_it_needs() -> None:
    assert agreed(pays="5").cut() == Cut()
    assert agreed(pays="5", paid="upfront").cut() == Cut(once=True)
    assert agreed(**BY_CLIENTS).cut() == Cut(measure=Measure(of="new_clients"))
    plan = agreed(pays="5")
    assert plan.highest_rate() == 0
    assert (plan.stage, plan.is_fee, plan.to) == (Stage.OWN, True, To.PARTNER)


def test_the_clause_says_how_much_and_when() -> None:
    assert agreed(pays="10000").words("RUB") == "a fee of 10 000.00 a month, by days in a part of a month"
    assert agreed(pays="10000", paid="upfront").words("RUB") == "a fee of 10 000.00 once, at the start"
    assert agreed(**BY_CLIENTS).words("RUB") == (
        "a monthly fee by the number of clients: 0.00 from 0, 5 000.00 from 5, 20 000.00 from 20; by days in a part of "
        "a month; measured by the clients who paid for all categories for the first time in the month"
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "write either `pays`, one amount, or `by_clients`"),
        ({"pays": "1", **BY_CLIENTS}, "write either `pays`, one amount, or `by_clients`"),
        ({"pays": "1", "measure": NEW_CLIENTS}, "beside `pays`, leave it out"),
        ({"by_clients": {"0": "1"}}, "`by_clients` needs a measure that counts clients"),
        ({"by_clients": {"0": "1"}, "measure": "all"}, "`by_clients` needs a measure that counts clients"),
        (BY_CLIENTS | {"paid": "upfront"}, "paid: upfront is for `pays`"),
        (BY_CLIENTS | {"by_clients": {"5": "1"}}, "the first tier must start at 0"),
        (BY_CLIENTS | {"by_clients": {"0": "1", "9": "2", "5": "3"}}, "tiers must rise: 5 follows 9"),
        ({"pays": "-1"}, "'-1' is negative"),
        ({"pays": "1", "paid": "yearly"}, "'monthly' or 'upfront'"),
    ],
)
def test_what_could_be_read_two_ways_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        agreed(**fields)


def test_editors_are_given_a_schema() -> None:
    assert BaseFee.model_json_schema()["properties"]["by_clients"]["anyOf"][0]["type"] == "object"
