"""What each line earned under each rule is kept exactly: it adds up to what the rule earned, before any rounding."""

from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from models.vendor import Attribution
from rules.programme.file import Programme
from tests.engine.worlds import MONTH, by_engine, exact, programme_of
from tests.twins.slow_sums import World

Row = tuple[str | None, str, int, Fraction]  # line, key, base, rate


# Worked numbers, in kopecks


def bought(line_id: str, client_id: str, amount_minor: int, day: str = "2026-02-10", **others: Any) -> dict[str, Any]:
    on = date.fromisoformat(day)
    return {
        "line_id": line_id, "invoice_id": f"I-{line_id}", "client_id": client_id, "category": "software",
        "product_code": None, "amount_minor": amount_minor, "issued_on": on, "paid_on": on, "refunds_line_id": None,
        "discount_minor": None,
    } | others  # fmt: skip


def month(text: str, *lines: dict[str, Any], claimed_on: str = "2024-02-29") -> list[Row]:
    """The rows of P1's rule, written so, in February 2026: C1 and C2 are its clients."""
    programme = programme_of(text, ())
    bonds = {
        client: Attribution(
            client_id=client, partner_id="P1", claim_id=f"K-{client}", claimed_on=date.fromisoformat(claimed_on)
        )
        for client in ("C1", "C2")
    }
    return rows_of(settled(programme, bonds, lines))


def settled(programme: Programme, bonds: dict[str, Attribution], lines: tuple[dict[str, Any], ...]) -> pl.DataFrame:
    world = World(
        month=MONTH, earn={}, not_commissioned=frozenset(), lines=lines, bonds=bonds, since={}, groups={}, events=(),
        earned=(), employees=(), assignments=(), exclusions=(),
    )  # fmt: skip
    return by_engine(world, programme, None, lines_at_once=1_000).accruals()


def rows_of(frame: pl.DataFrame) -> list[Row]:
    return [
        (row["line_id"], row["key"], row["base_minor"], Fraction(int(row["rate_num"]), int(row["rate_den"])))
        for row in frame.filter(pl.col("partner_id") == "P1", pl.col("rule") == "rule").iter_rows(named=True)
    ]


def test_each_line_earns_the_rate_of_a_percentage() -> None:
    lines = (bought("L1", "C1", 10_000), bought("L2", "C1", -3_001), bought("L3", "C2", 5))
    assert month("{plan: percentage, categories: [software], rate: 33.3%}", *lines) == [
        ("L1", "C1", 10_000, Fraction(333, 1000)),
        ("L2", "C1", -3_001, Fraction(333, 1000)),
        ("L3", "C2", 5, Fraction(333, 1000)),
    ]


def test_lines_of_a_client_whose_charges_and_refunds_cancel_out_earned_and_gave_back_the_same() -> None:
    lines = (bought("L1", "C1", 10_000), bought("L2", "C1", -10_000), bought("L3", "C2", 5_000))
    assert month("{plan: percentage, categories: [software], rate: 50%}", *lines) == [
        ("L1", "C1", 10_000, Fraction(1, 2)),
        ("L2", "C1", -10_000, Fraction(1, 2)),
        ("L3", "C2", 5_000, Fraction(1, 2)),
    ]
    tiers = "{plan: tiered, categories: [software], by: volume, measure: all, tiers: {0: 8%, 100000: 10%}}"
    assert month(tiers, *lines[:2]) == [("L1", "C1", 10_000, Fraction(2, 25)), ("L2", "C1", -10_000, Fraction(2, 25))]


def test_lines_that_cancel_out_earned_and_gave_back_at_the_first_rate_whatever_the_measure_reached() -> None:
    # Products are measured too: 100 000.00 of them reach 10 %. What comes to nothing earned at 8 %, and gave that back.
    text = "{{plan: tiered, categories: [software], by: {by}, measure: all, tiers: {{0: 8%, 100000: 10%}}}}"
    lines = (bought("L1", "C1", 10_000), bought("L2", "C1", -10_000))
    beside = bought("L3", "C2", 10_000_000, category="other", product_code="SKU")
    for by in ("volume", "graduated"):
        programme = programme_of(text.format(by=by), ("beside",))
        bonds = {
            client: Attribution(client_id=client, partner_id="P1", claim_id=f"K-{client}", claimed_on=date(2024, 2, 29))
            for client in ("C1", "C2")
        }
        assert rows_of(settled(programme, bonds, (*lines, beside))) == [
            ("L1", "C1", 10_000, Fraction(2, 25)),
            ("L2", "C1", -10_000, Fraction(2, 25)),
        ]


def test_a_graduated_total_is_split_over_the_lines_by_what_they_are_of_it() -> None:
    # 150 000.00: 100 000.00 x 8 % + 50 000.00 x 10 % = 13 000.00, which is 13/150 of each kopeck.
    tiers = "{plan: tiered, categories: [software], by: graduated, measure: all, tiers: {0: 8%, 100000: 10%}}"
    assert month(tiers, bought("L1", "C1", 10_000_000), bought("L2", "C2", 5_000_000)) == [
        ("L1", "C1", 10_000_000, Fraction(13, 150)),
        ("L2", "C2", 5_000_000, Fraction(13, 150)),
    ]


def test_each_line_earns_the_rate_of_the_year_of_its_client_in_which_it_was_paid() -> None:
    # Claimed on February 11th 2025: on the 10th of February 2026 its first year ends.
    text = "{plan: retention, categories: [software], since: attribution, years: {1: 20%, 2: 30%, 3+: 10%}}"
    lines = (bought("L1", "C1", 100_000, "2026-02-10"), bought("L2", "C1", 200_000, "2026-02-11"))
    assert month(text, *lines, claimed_on="2025-02-11") == [
        ("L1", "C1", 100_000, Fraction(1, 5)),
        ("L2", "C1", 200_000, Fraction(3, 10)),
    ]


def test_an_amount_for_a_first_sale_is_split_over_the_lines_of_its_order() -> None:
    # 500.00 for an order of 100.00 and 300.00: 5/4 of each kopeck. The second order is no first one.
    lines = (
        bought("L1", "C1", 10_000, invoice_id="I1"),
        bought("L2", "C1", 30_000, invoice_id="I1"),
        bought("L3", "C1", 70_000, "2026-02-27", invoice_id="I2"),
    )
    found = month("{plan: first_sale, categories: [software], pays: 500.00}", *lines)
    assert [row for row in found if row[2]] == [
        ("L1", "C1", 10_000, Fraction(5, 4)),
        ("L2", "C1", 30_000, Fraction(5, 4)),
    ]


def test_an_amount_that_each_first_sale_earns_is_another_share_of_each_clients_order() -> None:
    # 50.00 for each: a half of the 100.00 that C1 paid, a quarter of C2's 200.00.
    lines = (bought("L1", "C1", 10_000, invoice_id="I1"), bought("L2", "C2", 20_000, invoice_id="I2"))
    assert month("{plan: first_sale, categories: [software], pays: 50.00}", *lines) == [
        ("L1", "C1", 10_000, Fraction(1, 2)),
        ("L2", "C2", 20_000, Fraction(1, 4)),
    ]


def test_a_fee_is_earned_on_no_line() -> None:
    assert month("{plan: base_fee, pays: 10000.00}", bought("L1", "C1", 10_000)) == [(None, "", 1, Fraction(1_000_000))]


def test_what_a_cap_takes_off_is_taken_off_no_line() -> None:
    # The rule beside it earns 90 % of SKU: 9 000.00, of which 5 000.00 may be earned.
    programme = programme_of("{plan: cap, at_most: 5000.00}", ("beside",))
    bonds = {"C1": Attribution(client_id="C1", partner_id="P1", claim_id="K1", claimed_on=date(2024, 2, 29))}
    frame = settled(programme, bonds, (bought("L1", "C1", 1_000_000, product_code="SKU"),))
    assert rows_of(frame) == [(None, "C1", 1, Fraction(-400_000))]
    (beside,) = frame.filter(pl.col("rule") == "beside").iter_rows(named=True)
    assert (beside["line_id"], exact(beside)) == ("L1", Fraction(900_000))


def test_a_ratio_of_any_size_is_kept_as_it_is() -> None:
    rate = "12.345678%"
    (row,) = month(f"{{plan: percentage, categories: [software], rate: {rate}}}", bought("L1", "C1", 10**15))
    assert row == ("L1", "C1", 10**15, Fraction(12_345_678, 100_000_000))
