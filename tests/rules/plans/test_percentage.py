"""Percentage: a flat share of what clients paid, whatever the volume; and how a rate is written."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rules.money import half_away
from rules.plan import Cut, Earned, Select, Working
from rules.plans.percentage import Percentage
from rules.programme.written import percent_text, read_percent
from tests.made.sums import of_clients, sums
from tests.rules.strategies import percents, rates


def half_of_software(rate: str = "50%") -> Percentage:
    return Percentage.model_validate({"plan": "percentage", "categories": ["software"], "rate": rate})


@pytest.mark.parametrize(
    ("base_minor", "rate", "commission_minor"),
    [
        (8_444_444, "50%", 4_222_222),
        (1_000_001, "50%", 500_001),  # 5 000.005
        (-1_000_001, "50%", -500_001),
        (0, "50%", 0),
        (1_000, "2.9%", 29),
        (99, "0%", 0),
        (99, "100%", 99),
    ],
)
def test_the_share_is_the_same_at_every_volume(base_minor: int, rate: str, commission_minor: int) -> None:
    assert half_away(half_of_software(rate).earn(sums(base_minor)).exact) == commission_minor


def test_it_asks_for_its_categories_and_measures_nothing() -> None:
    plan = Percentage.model_validate({"plan": "percentage", "categories": ["software", "licences"], "rate": "7.5%"})
    assert plan.cut() == Cut(lines=Select(categories=("software", "licences")))
    assert plan.cut().takes
    assert plan.tiers_apply() == ""
    assert plan.words("RUB") == "7.5 % of software, licences"


def test_the_working_is_one_step_at_one_rate_and_no_tier() -> None:
    assert half_of_software().earn(of_clients({"C1": 100, "C2": 200}, measure=999)) == Earned(
        (Working(300, Fraction(1, 2)),), {"C1": Fraction(50), "C2": Fraction(100)}, "client", reached=None
    )


def test_products_and_what_nobody_else_names_can_earn_too() -> None:
    fields = {"plan": "percentage", "rate": "5%"}
    of_a_product = Percentage.model_validate(fields | {"products": ["SW-CRM"], "categories": ["licences"]})
    assert of_a_product.cut().lines == Select(categories=("licences",), products=("SW-CRM",))
    assert of_a_product.words("RUB") == "5 % of SW-CRM, licences"
    the_rest = Percentage.model_validate(fields | {"categories": "others"})
    assert the_rest.cut().lines == Select(others=True)
    assert the_rest.words("RUB") == "5 % of everything else"
    with pytest.raises(ValidationError, match="say what earns"):
        Percentage.model_validate(fields)


def test_a_plan_without_categories_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        Percentage.model_validate({"plan": "percentage", "categories": [], "rate": "50%"})


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("50%", Fraction(1, 2)),
        ("7.5%", Fraction(3, 40)),
        ("7.50 %", Fraction(3, 40)),
        ("0%", Fraction(0)),
        ("100%", Fraction(1)),
        ("33.333333%", Fraction(33_333_333, 100_000_000)),
    ],
)
def test_a_rate_is_read_exactly_as_it_is_written(written: str, rate: Fraction) -> None:
    assert read_percent(written) == rate


@pytest.mark.parametrize(
    "written",
    ["0.5", "50", "-5%", "+5%", "5,5,5%", "1e1%", "1_0%", ".5%", "5.%", "%", "", "50%%", "50% off", "\u0665%", "½%"],
)
def test_what_is_not_plainly_a_percentage_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"is not a rate: write percent, for example 50% or 7\.5%"):
        read_percent(written)


def test_a_decimal_comma_is_refused_with_what_to_write() -> None:
    with pytest.raises(ValueError, match=r"^'12,5%' is not a rate: write 12\.5%, with a dot$"):
        read_percent("12,5%")


def test_a_rate_of_more_than_the_client_paid_is_refused() -> None:
    assert read_percent("100.00%") == 1
    for written in ("100.01%", "150%"):
        with pytest.raises(ValueError, match="is more than the client paid: a rate is at most 100%"):
            read_percent(written)


@pytest.mark.parametrize(("rate", "text"), [(Fraction(3, 25), "12"), (Fraction(3, 40), "7.5"), (Fraction(0), "0")])
def test_a_rate_is_shown_without_idle_zeros(rate: Fraction, text: str) -> None:
    assert percent_text(rate) == text


@given(rates)
def test_a_rate_that_is_shown_reads_back_as_itself(rate: Fraction) -> None:
    assert read_percent(f"{percent_text(rate)}%") == rate


@given(percents, st.integers(0, 3))
def test_a_rate_is_shown_the_same_however_many_zeros_it_was_written_with(written: str, zeros: int) -> None:
    longer = written.removesuffix("%") + "0" * zeros + "%"
    assert percent_text(read_percent(longer)) == percent_text(read_percent(written))
