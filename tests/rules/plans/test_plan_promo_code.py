"""Promo codes: the side that bears the discount bears all of it, and the other is as well off as without the code."""

from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from models.period import Period
from models.phrase import Phrase
from rules.plan import ClientSums, Cut, Earned, Select, Sums, To, Working
from rules.plans.percentage import Percentage
from rules.plans.promo_code import PromoCode


def promo_code(borne_by: str, rate: str = "20%", **other: Any) -> PromoCode:
    return PromoCode.model_validate(
        {"plan": "promo_code", "categories": ["software"], "borne_by": borne_by, "rate": rate} | other,
        context={"currency": "RUB"},
    )


def month(*amounts: int) -> Sums:
    clients = tuple(ClientSums(f"C{number}", 1, amount) for number, amount in enumerate(amounts, start=1))
    return Sums(Period(2026, 1), clients)


def earn(borne_by: str, *discounts: int, rate: str = "20%") -> Earned:
    return promo_code(borne_by, rate).earn(month(*discounts))


def test_where_the_vendor_bears_the_discount_the_partner_is_paid_on_it_all_the_same() -> None:
    earned = earn("vendor", 15_000, 5_000)
    assert earned.working == (Working(20_000, Fraction(1, 5), phrase=Phrase.of("discounts borne by the vendor")),)
    assert earned.exact == 4_000
    assert earned.shares == {"C1": 3_000, "C2": 1_000}
    assert earned.shared_by == "client"


def test_where_the_partner_bears_the_discount_it_gives_back_the_rest_of_it() -> None:
    earned = earn("partner", 15_000, 5_000)
    assert earned.working == (Working(20_000, Fraction(-4, 5), phrase=Phrase.of("discounts borne by the partner")),)
    assert earned.exact == -16_000
    assert earned.shares == {"C1": -12_000, "C2": -4_000}
    assert earned.shared_by == "client"


@pytest.mark.parametrize(
    ("borne_by", "partner_minor", "vendor_minor"),
    [("vendor", 20_000, 60_000), ("partner", 0, 80_000)],  # without the code: 200.00 and 800.00
)
def test_the_side_that_does_not_bear_it_gets_what_it_would_have_got_without_the_code(
    borne_by: str, partner_minor: int, vendor_minor: int
) -> None:
    # 1 000.00, of which the code takes 200.00 off: the client pays 800.00.
    share = Percentage.model_validate({"plan": "percentage", "categories": ["software"], "rate": "20%"})
    partner = share.earn(month(80_000)).exact + earn(borne_by, 20_000).exact
    assert partner == partner_minor
    assert 80_000 - partner == vendor_minor


@pytest.mark.parametrize(
    ("rate", "by_vendor", "by_partner"), [("0%", 0, -100), ("99%", 99, -1), ("100%", 100, 0), ("7.5%", Fraction(15, 2), -Fraction(185, 2))]
)  # fmt: skip
def test_what_the_two_sides_bear_together_is_the_whole_discount(
    rate: str, by_vendor: Fraction, by_partner: Fraction
) -> None:
    assert earn("vendor", 100, rate=rate).exact == by_vendor
    assert earn("partner", 100, rate=rate).exact == by_partner


@pytest.mark.parametrize("borne_by", ["vendor", "partner"])
def test_a_sale_and_its_refund_sum_to_zero_and_no_discount_changes_nothing(borne_by: str) -> None:
    earned = earn(borne_by, 777, -777)
    assert earned.exact == 0
    assert earned.shares["C1"] == -earned.shares["C2"] == 777 * earned.working[0].rate != 0
    assert earn(borne_by, 0).shares == {"C1": 0}
    assert earn(borne_by).exact == 0


def test_it_asks_for_the_discounts_beside_the_rule_that_takes_the_lines() -> None:
    for borne_by in ("vendor", "partner"):
        assert promo_code(borne_by).cut() == Cut(lines=Select(("software",)), takes=False, amount="discount")
        assert promo_code(borne_by).to is To.PARTNER


def test_it_costs_the_vendor_something_only_where_the_vendor_bears_it() -> None:
    assert promo_code("vendor").highest_rate() == Fraction(1, 5)
    assert promo_code("partner").highest_rate() == 0


def test_the_clause_names_who_bears_the_discount() -> None:
    assert promo_code("vendor").words("RUB") == (
        "20 % of the discounts that promo codes give on software: the vendor bears them, where the commission is 20 %"
    )
    assert promo_code("partner", "7.5%", categories=["software", "numbers"]).words("RUB") == (
        "minus 92.5 % of the discounts that promo codes give on software, numbers: "
        "the partner bears them, where the commission is 7.5 %"
    )


def test_editors_are_offered_both_sides() -> None:
    assert PromoCode.model_json_schema()["properties"]["borne_by"]["enum"] == ["vendor", "partner"]


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"borne_by": "client"}, "'vendor' or 'partner'"),
        ({"rate": "0.2"}, "'0.2' is not a rate"),
        ({"categories": None}, "say what earns"),
        ({"discount": "10%"}, "Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_carried_out_is_refused(other: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        PromoCode.model_validate(
            {"plan": "promo_code", "categories": ["software"], "borne_by": "vendor", "rate": "20%"} | other,
            context={"currency": "RUB"},
        )
