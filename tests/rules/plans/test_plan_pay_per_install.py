"""Pay per install: each product earns its own amount, and one without an amount says so."""

import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.period import Period
from models.phrase import Phrase
from rules.plan import Cut, Earned, EventSum, Stage, Sums, To, Working
from rules.plans.pay_per_install import PayPerInstall

AMOUNTS = {"SW-SPEECH": "300.00", "SW-CRM": "500.00"}
installs = st.lists(
    st.builds(
        EventSum,
        event_id=st.text("E0123456789", min_size=1, max_size=6),
        kind=st.just("install"),
        product_code=st.sampled_from(["SW-CRM", "SW-SPEECH", "SW-MAIL", ""]),
        takes_back_minor=st.none() | st.integers(0, 50_000),
    ),
    max_size=8,
    unique_by=lambda event: event.event_id,
)


def agreed(**fields: Any) -> PayPerInstall:
    written = {"plan": "pay_per_install", "products": AMOUNTS} | fields
    return PayPerInstall.model_validate(written, context={"currency": "RUB"})


def installed(event_id: str, product: str, takes_back_minor: int | None = None) -> EventSum:
    return EventSum(event_id, "install", product, takes_back_minor=takes_back_minor)


def earn(*happened: EventSum) -> Earned:
    return agreed().earn(Sums(Period(2026, 1), events=happened))


def test_each_install_earns_the_amount_of_its_product() -> None:
    earned = earn(
        installed("E-1", "SW-CRM"),
        installed("E-2", "SW-SPEECH"),
        installed("E-3", "SW-CRM"),
        installed("E-4", "SW-CRM"),
    )
    assert earned.working == (
        Working(50_000, phrase=Phrase.of("{event} of {product}", event="install", product="SW-CRM"), count=3),
        Working(30_000, phrase=Phrase.of("{event} of {product}", event="install", product="SW-SPEECH"), count=1),
    )
    assert earned.exact == 180_000  # 3 x 500.00 and 300.00
    assert earned.shares == {"E-1": 50_000, "E-2": 30_000, "E-3": 50_000, "E-4": 50_000}
    assert earned.shared_by == "event"


def test_an_install_of_a_product_without_an_amount_earns_nothing_and_says_so() -> None:
    earned = earn(installed("E-1", "SW-MAIL"), installed("E-2", ""))
    assert earned.exact == 0
    assert [step.words for step in earned.working] == [
        "install of no product: no amount is agreed",
        "install of SW-MAIL: no amount is agreed",
    ]
    assert earned.shares == {"E-1": 0, "E-2": 0}


def test_an_install_and_its_cancellation_in_a_later_month_net_to_zero() -> None:
    for product, minor in (("SW-CRM", 50_000), ("SW-SPEECH", 30_000), ("SW-MAIL", 0)):
        before = earn(installed("E-1", product))
        after = earn(installed("E-2", "", takes_back_minor=minor))
        assert before.exact == minor
        assert after.exact == -minor
        assert after.shares == {"E-2": -minor}
        assert [step.words for step in after.working] == ["cancelled"]


def test_it_asks_for_installs_unless_another_event_is_named() -> None:
    assert agreed().cut() == Cut(events=("install",))
    assert agreed(event="activation").cut() == Cut(events=("activation",))
    plan = agreed()
    assert plan.highest_rate() == 0
    assert (plan.stage, plan.is_fee, plan.to) == (Stage.OWN, True, To.PARTNER)


def test_the_clause_names_every_product_and_its_amount() -> None:
    assert agreed().words("RUB") == "for each install: 500.00 of SW-CRM, 300.00 of SW-SPEECH"


@pytest.mark.parametrize(
    ("products", "words"),
    [
        ({}, "write products as product code: amount"),
        (["SW-CRM"], "write products as product code: amount"),
        ({"SW-CRM": "-5"}, "'-5' is negative"),
        ({"SW-CRM": "50%"}, "'50%' is not an amount"),
        ({"SW-CRM": "0.005"}, "'0.005' is not an amount in RUB"),
    ],
)
def test_what_is_no_amount_for_a_product_is_refused(products: object, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        agreed(products=products)


def test_editors_are_told_how_products_are_written() -> None:
    assert PayPerInstall.model_json_schema()["properties"]["products"]["examples"] == [{"SW-CRM": "500.00"}]


@given(installs, st.randoms(use_true_random=False))
def test_steps_and_shares_add_up_in_any_order_of_installs(happened: list[EventSum], chance: random.Random) -> None:
    earned = earn(*happened)
    assert sum(earned.shares.values(), Fraction(0)) == earned.exact
    assert earn(*chance.sample(happened, len(happened))) == earned
