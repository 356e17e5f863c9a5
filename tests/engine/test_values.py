"""What a line is worth to a rule: without the VAT of its invoice, in the programme's own currency, or nothing at all."""

from typing import Any

import polars as pl
import pytest

from engine.lines.attribute import with_worth
from rules.programme.file import parse_programme
from tests.oracle import programme


def line(**differs: Any) -> dict[str, Any]:
    """A settled line of 122.00 with 22 % VAT."""
    return {
        "outcome": "settled", "reason": "", "amount_minor": 12_200, "currency": "RUB", "vat_minor": 2_200, "vat_rate": "22",
    } | differs  # fmt: skip


def valued(base: str, **differs: Any) -> tuple[int | None, int | None]:
    agreed = parse_programme(programme("volume").replace("base: net_of_vat", f"base: {base}"))
    frame = pl.DataFrame([line(**differs)], schema_overrides={"vat_minor": pl.Int64, "vat_rate": pl.String})
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
