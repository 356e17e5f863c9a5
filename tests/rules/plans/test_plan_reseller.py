"""Reseller: what the vendor pays it, or what it has kept already; never both."""

from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from models.period import Period
from models.phrase import Phrase, PhraseValue
from rules.money import half_away
from rules.plan import ClientSums, Cut, Earned, Select, Sums, To, Working
from rules.plans.reseller import Reseller

REWARD, MARGIN = {"form": "reward", "rate": "20%"}, {"form": "margin", "discount": "30%"}


def reseller(agreed: dict[str, Any]) -> Reseller:
    return Reseller.model_validate(
        {"plan": "reseller", "categories": ["software"]} | agreed, context={"currency": "RUB"}
    )


def earn(agreed: dict[str, Any], *bases: int) -> Earned:
    clients = tuple(ClientSums(f"C{number}", 1, base) for number, base in enumerate(bases, start=1))
    return reseller(agreed).earn(Sums(Period(2026, 1), clients))


def test_a_reward_is_a_share_of_what_the_clients_paid() -> None:
    earned = earn(REWARD, 70_000, 30_000)
    assert earned.working == (Working(100_000, Fraction(1, 5)),)
    assert earned.exact == 20_000
    assert earned.shares == {"C1": 14_000, "C2": 6_000}
    assert (earned.shared_by, earned.rate) == ("client", Fraction(1, 5))


def test_the_margin_on_700_paid_at_a_discount_of_30_percent_is_300() -> None:
    earned = earn(MARGIN, 70_000, 35_000)
    assert earned.working == (
        Working(
            105_000,
            Fraction(3, 7),
            phrase=Phrase.of("margin at {rate} % discount", rate=PhraseValue(kind="rate", text="30")),
        ),
    )
    assert earned.exact == 45_000
    assert earned.shares == {"C1": 30_000, "C2": 15_000}
    assert earned.shared_by == "client"


@pytest.mark.parametrize(
    ("discount", "paid_minor", "margin_minor"),
    [
        ("0%", 100_000, 0),
        ("50%", 50_000, 50_000),
        ("99%", 1, 99),
        ("30%", 1, 0),  # 3/7 of a kopeck
        ("30%", 2, 1),  # 6/7
        ("30%", -70_000, -30_000),
    ],
)
def test_paid_and_margin_together_are_the_price_before_the_discount(
    discount: str, paid_minor: int, margin_minor: int
) -> None:
    assert half_away(earn({"form": "margin", "discount": discount}, paid_minor).exact) == margin_minor


@pytest.mark.parametrize("agreed", [REWARD, MARGIN])
def test_a_sale_and_its_refund_sum_to_zero_and_nothing_paid_earns_nothing(agreed: dict[str, str]) -> None:
    earned = earn(agreed, 99_999, -99_999)
    assert earned.exact == 0
    assert earned.shares["C1"] == -earned.shares["C2"] == 99_999 * earned.working[0].rate != 0
    assert earn(agreed, 0).shares == {"C1": 0}
    assert earn(agreed).exact == 0


def test_a_reward_is_paid_by_the_vendor_and_a_margin_is_kept_by_the_reseller() -> None:
    assert reseller(REWARD).to is To.PARTNER
    assert reseller(MARGIN).to is To.KEPT


def test_the_clause_says_which_way_the_money_flows() -> None:
    assert reseller(REWARD).words("RUB") == "20 % of software, paid by the vendor to the reseller"
    assert reseller(MARGIN | {"categories": ["software", "numbers"]}).words("RUB") == (
        "software, numbers at 30 % discount: the reseller pays the vendor, bills its clients and keeps the difference"
    )


def test_a_margin_costs_the_vendor_nothing_for_it_never_was_the_vendors() -> None:
    assert reseller(REWARD).highest_rate() == Fraction(1, 5)
    assert reseller(MARGIN).highest_rate() == 0


@pytest.mark.parametrize("agreed", [REWARD, MARGIN])
def test_it_takes_the_lines_of_the_clients_it_brought(agreed: dict[str, str]) -> None:
    assert reseller(agreed).cut() == Cut(lines=Select(("software",)), takes=True)


def test_editors_are_offered_both_forms() -> None:
    assert Reseller.model_json_schema()["properties"]["form"]["enum"] == ["reward", "margin"]


@pytest.mark.parametrize(
    ("agreed", "words"),
    [
        ({"form": "reward"}, "form: reward needs `rate`, the share the vendor pays"),
        ({"form": "reward", "discount": "30%"}, "form: reward needs `rate`"),
        ({"form": "reward", "rate": "20%", "discount": "30%"}, "`discount` is for form: margin"),
        ({"form": "margin"}, "form: margin needs `discount`, what the reseller pays less"),
        ({"form": "margin", "rate": "20%"}, "form: margin needs `discount`"),
        ({"form": "margin", "rate": "0%", "discount": "30%"}, "`rate` is for form: reward"),
        ({"form": "margin", "discount": "100%"}, "a discount of 100% leaves nothing to pay: write less than 100%"),
        ({"form": "margin", "discount": "0.3"}, "'0.3' is not a rate"),
        ({"form": "resale", "rate": "20%"}, "'reward' or 'margin'"),
        ({"rate": "20%"}, "Field required"),
    ],
)
def test_a_form_without_its_figure_is_refused(agreed: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        reseller(agreed)


def test_a_discount_of_a_little_less_than_everything_is_read() -> None:
    assert earn({"form": "margin", "discount": "99.99%"}, 1).exact == 9_999
