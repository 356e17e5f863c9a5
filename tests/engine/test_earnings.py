"""What a draft's results say was earned, for the bridge from month to month: by hand, in kopecks."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

from engine.earnings import Tier, earnings_of, open_examples, tier_changes, tiers_of
from engine.frames.bodies import BodiesFile
from engine.frames.parquet import parquet_bytes
from engine.frames.schemas import Accruals, Corrections, of_types
from models.canonical import canonical_json
from rules.bridge import Cause, Sale, Sold

Row = Mapping[str, Any]

LINE: dict[str, Any] = {
    "line_id": "L1", "client_id": "C1", "product_code": "SKU", "quantity": "2", "late": False, "outcome": "settled",
}  # fmt: skip
LINES = dict.fromkeys(LINE, pl.String()) | {"late": pl.Boolean()}
ACCRUAL: dict[str, Any] = {
    "partner_id": "ana", "rule": "software", "terms": "", "to": "partner", "shared_by": "client", "key": "C1",
    "line_id": "L1", "base_minor": 100_00, "rate_num": "1", "rate_den": "10",
}  # fmt: skip
CORRECTION: dict[str, Any] = {
    "month": "2026-02", "kind": "clawback", "partner_id": "ana", "rule": "software", "terms": "", "to": "partner",
    "shared_by": "client", "key": "C1", "corrects": "2026-01", "sale_id": "L0", "refund_id": "R0", "exact_num": "-500",
    "exact_den": "1", "minor": -500, "cites": "",
}  # fmt: skip
OF_C1 = Sale("ana", "C1", "software", "SKU")


def results(
    lines: Sequence[Row], accruals: Sequence[Row], corrections: Sequence[Row] | None = None
) -> dict[str, bytes]:
    """A draft's results: a line, an accrual, a correction for each argument, changed as that says."""
    made = {
        "lines.parquet": pl.DataFrame([{**LINE, **each} for each in lines], schema=LINES),
        "accruals.parquet": pl.DataFrame([{**ACCRUAL, **each} for each in accruals], schema=of_types(Accruals)),
    }
    if corrections is not None:
        rows = [{**CORRECTION, **each} for each in corrections]
        made["corrections.parquet"] = pl.DataFrame(rows, schema=of_types(Corrections))
    return {name: parquet_bytes(frame) for name, frame in made.items()}


def test_a_sale_has_its_base_its_quantity_and_what_it_earned_exactly() -> None:
    third = {"line_id": "L2", "base_minor": 1, "rate_den": "3"}
    found = earnings_of(results([{}, {"line_id": "L2"}], [{}, third]), {})
    assert found.sold == {OF_C1: Sold(100_01, Fraction(4), Fraction(1_000) + Fraction(1, 3))}
    assert (found.apart, found.late_clients) == ({}, frozenset())


def test_a_line_in_two_slices_of_a_ladder_is_sold_once() -> None:
    slices: list[Row] = [{"base_minor": 60_00}, {"base_minor": 40_00, "rate_den": "5"}]
    assert earnings_of(results([{}], slices), {}).sold == {OF_C1: Sold(100_00, Fraction(2), Fraction(600 + 800))}


@pytest.mark.parametrize(
    ("quantity", "known"),
    [("2.500000", Fraction(5, 2)), ("-1", Fraction(-1)), ("", None), (None, None), ("2.0000001", None)],
)
def test_a_quantity_that_is_not_said_is_not_guessed(quantity: str | None, known: Fraction | None) -> None:
    (sold,) = earnings_of(results([{"quantity": quantity}], [{}]), {}).sold.values()
    assert sold.quantity == known


def test_one_quantity_that_is_not_said_leaves_the_sum_unknown() -> None:
    (sold,) = earnings_of(results([{}, {"line_id": "L2", "quantity": ""}], [{}, {"line_id": "L2"}]), {}).sold.values()
    assert (sold.base_minor, sold.quantity) == (200_00, None)


def test_refunds_late_lines_and_what_no_line_earned_stand_apart() -> None:
    lines: list[Row] = [{"line_id": "R", "quantity": "1"}, {"line_id": "LATE", "client_id": "C2", "late": True}]
    accruals: list[Row] = [
        {"line_id": "R", "base_minor": -50_00},
        {"line_id": "LATE", "key": "C2"},
        {"line_id": None, "shared_by": "event", "key": "E1", "base_minor": 1, "rate_num": "700", "rate_den": "1"},
    ]
    found = earnings_of(results(lines, accruals), {"ana": 12_00})
    assert found.sold == {}
    assert found.apart == {
        ("ana", Cause.REFUND): -500, ("ana", Cause.LATE): 1_000, ("ana", Cause.OTHER): 700,
    }  # fmt: skip
    assert found.late_clients == {("ana", "C2")}
    assert found.total_minor == {"ana": 12_00}


def test_what_a_client_earned_on_no_line_is_a_sale_of_no_product() -> None:
    limit = {"line_id": None, "rule": "cap", "base_minor": 1, "rate_num": "-300", "rate_den": "1"}
    found = earnings_of(results([], [limit]), {})
    assert found.sold == {Sale("ana", "C1", "cap", ""): Sold(1, None, Fraction(-300))}


def test_what_is_not_paid_out_and_lines_that_did_not_settle_are_no_part_of_it() -> None:
    assert earnings_of(results([{}], [{"to": "fund"}]), {}).sold == {}
    (sale,) = earnings_of(results([{"outcome": "seen_before"}], [{}]), {}).sold
    assert sale.product == ""  # a copy says nothing of what was sold


def test_corrections_are_refunds_or_by_hand() -> None:
    posted = [
        {}, {"kind": "limit", "minor": 100}, {"kind": "adjustment", "minor": 30}, {"kind": "restatement", "minor": 4},
        {"to": "fund", "minor": 9},
    ]  # fmt: skip
    found = earnings_of(results([], [], posted), {})
    assert found.apart == {("ana", Cause.REFUND): -400, ("ana", Cause.MANUAL): 34}


def test_tiers_that_changed_are_said_and_no_others() -> None:
    reached = [{"rule": "telephony", "tier": {"position": 2, "rate": "10"}}, {"rule": "software", "tier": None}]
    file = BodiesFile()
    file.add("ana", canonical_json({"partner": {"partner_id": "ana"}, "rules": reached}))
    now = tiers_of(file.to_bytes())
    assert now == {("ana", "telephony"): Tier(2, "10")}
    before = {("ana", "telephony"): Tier(1, "8"), ("bo", "telephony"): Tier(1, "8")}
    assert tier_changes(before, now) == ["ana, telephony: tier 1 (8 %) last month, tier 2 (10 %) now"]
    assert tier_changes(now, now) == []
    assert tier_changes({}, now) == []  # a partner of whom last month knew nothing is none that moved


def test_open_lines_are_shown_in_words_some_of_each_reason() -> None:
    columns = {
        "line_id": pl.String(), "client_id": pl.String(), "amount_minor": pl.Int64(), "currency": pl.String(),
        "posted_on": pl.Date(), "outcome": pl.String(), "reason": pl.String(),
    }  # fmt: skip
    rows = [
        ("2", "C1", 12_50, "RUB", "2026-01-31", "open", "not attributed"),
        ("1", None, 7, "XXL", "2026-01-30", "open", "not attributed"),
        ("3", "C3", 1_00, "RUB", "2026-01-31", "open", "not attributed"),
        ("4", "C4", 1_00, "RUB", "2026-01-31", "open", "another currency"),
        ("5", "C5", 1_00, "RUB", "2026-01-31", "settled", ""),
    ]
    lines = pl.DataFrame(rows, schema=columns | {"posted_on": pl.String()}, orient="row").with_columns(
        pl.col("posted_on").str.to_date()
    )
    assert open_examples(parquet_bytes(lines), 2) == [
        "another currency: line 4 of client C4, 2026-01-31, 1.00 RUB",
        "not attributed: line 1 without a client, 2026-01-30, amount 7",
        "not attributed: line 2 of client C1, 2026-01-31, 12.50 RUB",
    ]
