"""What a line is worth to a rule: without the VAT of its invoice, in the programme's own currency, or nothing at all."""

from typing import Any

import polars as pl
import pytest

from engine.lines.attribute import with_worth
from rules.programme.file import parse_programme
from tests.made.oracle import programme

TYPES = {
    "vat_minor": pl.Int64, "vat_rate": pl.String, "fate": pl.String, "takes_minor": pl.Int64, "measured_in": pl.String,
    "as_net_minor": pl.Int64,
}  # fmt: skip


def line(**differs: Any) -> dict[str, Any]:
    """A settled line of 122.00 with 22 % VAT."""
    return {
        "outcome": "settled", "reason": "", "amount_minor": 12_200, "currency": "RUB", "vat_minor": 2_200, "vat_rate": "22",
        "fate": None, "takes_minor": None, "measured_in": None, "as_net_minor": None,
    } | differs  # fmt: skip


def valued(base: str, **differs: Any) -> tuple[int | None, int | None]:
    agreed = parse_programme(programme("volume").replace("base: net_of_vat", f"base: {base}"))
    frame = pl.DataFrame([line(**differs)], schema_overrides=TYPES)
    value, base_minor = with_worth(frame, agreed).select("value_minor", "base_minor").row(0)
    return value, base_minor


def test_the_value_is_the_amount_without_the_vat_of_its_invoice_or_with_it_as_the_programme_says() -> None:
    assert valued("net_of_vat") == (10_000, 10_000)
    assert valued("gross") == (12_200, 12_200)
    assert valued("net_of_vat", vat_minor=None) == (10_000, 10_000)  # 22 % inside 122.00


@pytest.mark.parametrize(
    ("outcome", "reason", "counts"),
    [
        ("settled", "", True),
        ("final", "excluded by the plan", True),
        ("final", "paid before the claim", False),
        ("unpaid", "not paid yet", False),
        ("open", "not attributed", False),
    ],
)
def test_what_settles_or_is_excluded_counts_as_base_and_the_rest_only_has_a_value(
    outcome: str, reason: str, counts: bool
) -> None:
    assert valued("net_of_vat", outcome=outcome, reason=reason) == (10_000, 10_000 if counts else None)


@pytest.mark.parametrize("differs", [{"outcome": "rejected", "reason": "bad date"}, {"currency": "EUR", "outcome": "unpaid"},
                                     {"currency": "EUR", "outcome": "final", "reason": "paid before the claim"}])  # fmt: skip
def test_a_rejected_line_and_one_in_another_currency_are_worth_nothing_here(differs: dict[str, str]) -> None:
    assert valued("net_of_vat", **differs) == (None, None)


@pytest.mark.parametrize(("taken", "worth"), [(12_200, -10_000), (6_100, -5_000), (1, -1), (0, 0)])
def test_a_refund_is_worth_as_much_of_it_as_it_takes_of_its_sale(taken: int, worth: int) -> None:
    refund = {"amount_minor": -12_200, "vat_minor": -2_200, "fate": "as its sale", "takes_minor": taken}
    assert valued("net_of_vat", **refund) == (worth, worth)


def test_a_refund_of_a_sale_of_this_month_is_worth_its_part_of_the_sale_whatever_its_own_vat() -> None:
    # 0.03 with 0.01 of VAT is worth 0.02; of three parts of 0.01, whose own VAT is 0.00, the middle one is worth nothing.
    part = {"amount_minor": -1, "vat_minor": None, "fate": "as its sale", "takes_minor": 1}
    assert [valued("net_of_vat", **part, as_net_minor=net)[0] for net in (1, 0, 1)] == [-1, 0, -1]
    assert valued("gross", **part, as_net_minor=1) == (-1, -1)


@pytest.mark.parametrize("fate", ["clawback", "earned nothing", "no sale", "sale not paid", "refunded already"])
def test_a_refund_that_this_month_does_not_count_is_worth_nothing_here(fate: str) -> None:
    assert valued("gross", amount_minor=-12_200, fate=fate, takes_minor=12_200) == (None, None)


def test_a_line_that_waits_for_a_rule_is_measured_once_in_the_month_that_first_sees_it() -> None:
    def measured(**differs: Any) -> int | None:
        agreed = parse_programme(programme("volume"))
        frame = pl.DataFrame([line(**differs)], schema_overrides=TYPES)
        return with_worth(frame, agreed)["measured_minor"].item()  # type: ignore[no-any-return]

    waits = {"outcome": "open", "reason": "category without a rule"}
    assert measured(**waits) == 10_000
    assert measured(**waits, measured_in="2026-01") is None
    assert measured(measured_in="2026-01") is None  # it settles now, and was counted then
    assert measured(outcome="open", reason="not attributed") is None
