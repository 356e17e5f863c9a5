"""What refunds give back: which sale of which month, how much of it, and what that makes of the line. In kopecks."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest

from engine.frames.schemas import Faults, Returns, SaleAccruals, SoldLines
from engine.frames.snapshot import Snapshot
from engine.inputs import EarlierMonths
from engine.lines.returns import Giving, ReturnedSales, as_they_were, like_their_sales, returned_sales, returns_with
from engine.lines.validate import judged_lines
from models.period import Period
from rules.corrections.refunds import RefundPolicy
from tests.made.received import Line, received
from tests.made.rows import rows_of

FEBRUARY = Period(2026, 2)
NONE = EarlierMonths()
DAYS: Line = {"paid_on": "2026-02-10", "posted_on": "2026-02-11"}
SALE: Line = {"line_id": "S", **DAYS}
"""122.00 with 22.00 of VAT."""


def refund(line_id: str, amount_minor: int, sale_id: str | None = "S", **others: str | None) -> Line:
    of: Line = {"kind": "credit_note", "refunds_line_id": sale_id, "amount_minor": str(amount_minor)}
    days: Line = {"paid_on": "2026-02-20", "posted_on": "2026-02-21", "vat_minor": None, "vat_rate": None}
    return {"line_id": line_id, **of, **days, **others}


def given(
    *lines: Line,
    earlier: EarlierMonths = NONE,
    policy: RefundPolicy = "original_rate",
    matches: Mapping[str, str] | None = None,
    at_fault: tuple[int, ...] = (),
) -> ReturnedSales:
    faults = rows_of(Faults, *({"line": line} for line in at_fault))
    return returned_sales(Snapshot.of(received(*lines)), faults, earlier, Giving(FEBRUARY, policy, matches or {}))


def fates(found: ReturnedSales, *names: str) -> list[tuple[Any, ...]]:
    return found.fates.select("line", "fate", "takes_minor", *names).rows()


def sold(line_id: str, amount_minor: int, **others: object) -> dict[str, object]:
    of = {
        "month": "2026-01",
        "client_id": "C-1",
        "currency": "RUB",
        "outcome": "settled",
        "invoice_id": "INV-0",
        "discount_minor": None,
    }
    return {"line_id": line_id, "amount_minor": amount_minor, **of, **others}


def before(*sales: Mapping[str, object], **others: Any) -> EarlierMonths:
    return EarlierMonths(sold=rows_of(SoldLines, *sales), **others)


def test_a_month_without_refunds_gives_nothing_back() -> None:
    found = given(SALE)
    assert (found.fates.height, found.returns.height, found.named.height, found.rejected) == (0, 0, 0, ())
    charge: Line = {"refunds_line_id": "S"}  # names a sale, and gives nothing back
    assert given(SALE, charge).fates.height == 0


def test_a_refund_of_a_sale_of_this_month_is_judged_as_the_sale_with_its_part_of_discount_and_net() -> None:
    # 61.00 of 122.00, of which 100.00 are net of VAT; of a discount of 10.01 half is left, 5.01, and 5.00 go.
    sale: Line = SALE | {"discount_minor": "1001"}
    found = given(refund("R", -61_00), sale)
    assert fates(found, "as_line", "as_discount_minor", "as_net_minor", "as_paid_on", "as_posted_on", "of_invoice") == [
        (0, "as its sale", 61_00, "S", 5_00, 50_00, date(2026, 2, 10), date(2026, 2, 11), "INV-1")
    ]
    assert found.returns.select("month", "refund_id", "sale_id", "sale_month", "gross_minor", "left_minor").rows() == [
        ("2026-02", "R", "S", "2026-02", 61_00, 61_00)
    ]
    assert found.named["line_id"].to_list() == ["R"]


def test_all_parts_of_a_sale_take_the_whole_discount_and_net() -> None:
    sale: Line = SALE | {"discount_minor": "1001"}
    found = given(refund("R1", -40_00), refund("R2", -40_00), refund("R3", -42_00), sale)
    # 10.01 x 82/122 = 6.73 and 10.01 x 42/122 = 3.45 are left; of 100.00: 67.21 and 34.43.
    assert fates(found, "as_discount_minor", "as_net_minor") == [
        (0, "as its sale", 40_00, 3_28, 32_79),
        (1, "as its sale", 40_00, 3_28, 32_78),
        (2, "as its sale", 42_00, 3_45, 34_43),
    ]


def test_a_sale_without_discount_has_none_to_give_back() -> None:
    assert fates(given(refund("R", -61_00), SALE), "as_discount_minor") == [(0, "as its sale", 61_00, None)]


def test_a_refund_of_two_lines_takes_the_parts_of_both_and_of_none_where_one_names_no_discount() -> None:
    # Half of an invoice of 122.00 and 244.00, with discounts of 10.00 and 20.00.
    lines: list[Line] = [
        {"line_id": "A", **DAYS, "discount_minor": "1000"},
        {"line_id": "B", **DAYS, "amount_minor": "24400", "vat_minor": "4400", "discount_minor": "2000"},
    ]
    of_invoice = refund("R", -183_00, None, refunds_invoice_id="INV-1")
    assert fates(given(of_invoice, *lines), "as_discount_minor", "as_net_minor") == [
        (0, "as its sale", 183_00, 15_00, 150_00)
    ]
    lines[1]["discount_minor"] = None
    assert fates(given(of_invoice, *lines), "as_discount_minor", "as_net_minor") == [
        (0, "as its sale", 183_00, None, 150_00)
    ]


def test_a_chargeback_that_is_won_brings_its_part_of_the_discount_again_and_its_net() -> None:
    sale: Line = SALE | {"discount_minor": "1000"}
    lost = refund("B", -122_00, kind="chargeback")
    won = refund("W", 61_00, "B", kind="chargeback_won", posted_on="2026-02-22")
    found = given(sale, lost, won)
    assert fates(found, "as_discount_minor", "as_net_minor") == [
        (1, "as its sale", 122_00, 10_00, 100_00),
        (2, "as its sale", 61_00, 5_00, -50_00),
    ]
    assert found.returns.select("refund_id", "gross_minor", "undoes").rows() == [("B", 122_00, ""), ("W", -61_00, "B")]


def test_a_refund_of_an_earlier_sale_takes_back_what_it_earned_and_has_none_of_its_values() -> None:
    found = given(refund("R", -61_00), earlier=before(sold("S", 122_00, discount_minor=10_00)))
    assert fates(found, "as_line", "as_discount_minor", "as_net_minor", "of_invoice") == [
        (0, "clawback", 61_00, None, None, None, "INV-0")
    ]
    assert found.returns["sale_month"].to_list() == ["2026-01"]
    assert found.sold.height == 1


def test_a_sale_that_ended_earned_nothing_but_where_somebody_earned_on_it_for_serving() -> None:
    final = sold("S", 122_00, outcome="final")
    assert fates(given(refund("R", -1), earlier=before(final))) == [(0, "earned nothing", 1)]
    served = before(final, sale_accruals=rows_of(SaleAccruals, {"line_id": "S"}))
    assert fates(given(refund("R", -1), earlier=served)) == [(0, "clawback", 1)]


def test_under_net_current_it_lowers_the_month_by_its_own_day_with_its_part_of_the_discount() -> None:
    earlier = before(sold("S", 122_00, discount_minor=10_00))
    unpaid = refund("R", -61_00, paid_on=None)
    found = given(unpaid, earlier=earlier, policy="net_current")
    assert fates(found, "as_line", "as_paid_on", "as_discount_minor", "of_invoice") == [
        (0, None, 61_00, None, date(2026, 2, 21), 5_00, "INV-0")
    ]


def test_under_net_current_one_of_this_month_is_judged_as_its_sale_and_one_of_nobody_knows_what_is_ordinary() -> None:
    found = given(refund("R1", -61_00), refund("R2", -1, "gone"), SALE, policy="net_current")
    assert fates(found, "as_line") == [(0, "as its sale", 61_00, "S"), (1, None, None, None)]
    assert fates(given(refund("R2", -1, "gone"))) == [(0, "no sale", None)]


def test_a_refund_of_what_is_not_paid_waits_and_takes_nothing() -> None:
    unpaid: Line = {"line_id": "S", "paid_on": None, "posted_on": None}
    found = given(refund("R", -61_00), unpaid)
    assert fates(found, "of_invoice") == [(0, "sale not paid", None, None)]
    assert found.returns.height == 0


def test_a_refund_of_what_was_given_back_before_is_refused_and_names_who_took_it() -> None:
    taken = rows_of(
        Returns, {"month": "2026-01", "refund_id": "R0", "sale_id": "S", "sale_month": "2026-01", "gross_minor": 122_00}
    )
    found = given(SALE | {"line_id": "other"}, refund("R", -1), earlier=before(sold("S", 122_00), returns=taken))
    (refused,) = found.rejected
    assert (refused.row, refused.line_id, refused.column, refused.value) == (3, "R", "refunds_line_id", "S")
    assert refused.reason.endswith(": R0 took it")
    of_invoice = refund("R", -1, None, refunds_invoice_id="INV-0")
    (refused,) = given(of_invoice, earlier=before(sold("S", 122_00), returns=taken)).rejected
    assert (refused.row, refused.column, refused.value) == (2, "refunds_invoice_id", "INV-0")


def test_the_sale_that_somebody_looked_up_is_the_one_that_is_given_back() -> None:
    names_none, names_another = refund("R1", -1, None), refund("R2", -1, "gone")
    found = given(names_none, names_another, SALE, matches={"R1": "S", "R2": "S"})
    assert fates(found, "as_line") == [(0, "as its sale", 1, "S"), (1, "as its sale", 1, "S")]
    assert given(names_none, SALE).fates.height == 0


@pytest.mark.parametrize("place", [0, 1])
def test_a_line_that_is_rejected_neither_gives_back_nor_is_given_back(place: int) -> None:
    found = given(refund("R", -1), SALE, at_fault=(place,))
    assert fates(found) == ([] if place == 0 else [(0, "no sale", None)])


def test_a_refund_that_was_carried_since_before_is_judged_since_its_sale_is_open() -> None:
    carried: Line = SALE | {"carried_from": "2026-01"}
    assert fates(given(refund("R", -1), carried), "as_carried_from") == [(0, "as its sale", 1, "2026-01")]


def test_only_returns_whose_refund_has_a_wanted_outcome_count() -> None:
    returns = rows_of(Returns, {"refund_id": "A"}, {"refund_id": "B"}, {"refund_id": "C"})
    outcomes = pl.DataFrame({"line_id": ["A", "B", "C"], "outcome": ["settled", "open", "clawback"]})
    assert returns_with(returns, outcomes, ["settled", "clawback"])["refund_id"].to_list() == ["A", "C"]


# Judged as the sale is


def judged(*lines: Line) -> pl.DataFrame:
    return judged_lines(received(*lines).drop("source", "row"), 0, Faults.create_empty())


NAMES = ("category", "product_code", "client_id", "paid_on", "posted_on", "discount_minor")


def test_a_refund_of_this_month_has_its_sales_values_and_keeps_its_own_beside_them() -> None:
    sale: Line = SALE | {"discount_minor": "1000", "category": "software", "product_code": "CRM"}
    lines = [sale, refund("R", -61_00, client_id=None, discount_minor="700")]
    found = like_their_sales(judged(*lines), given(*lines))
    assert found.select(NAMES).row(1) == (
        "software", "CRM", "C-1", date(2026, 2, 10), date(2026, 2, 11), 5_00
    )  # fmt: skip
    own = tuple(f"own_{name}" for name in NAMES)
    assert found.select(own).row(1) == ("telephony", "PBX", None, date(2026, 2, 20), date(2026, 2, 21), 7_00)
    assert found.select("fate", "takes_minor", "as_net_minor", "refund_paid_on").rows() == [
        (None, None, None, None),
        ("as its sale", 61_00, 50_00, date(2026, 2, 20)),
    ]
    assert found.select(NAMES).row(0) == found.select(own).row(0)
    assert as_they_were(found).select(NAMES).rows() == judged(*lines).select(NAMES).rows()


def test_the_place_of_a_later_piece_of_lines_is_counted_from_the_first_line() -> None:
    lines: list[Line] = [SALE | {"category": "software"}, {"line_id": "other"}, refund("R", -61_00)]
    piece = judged(*lines)[1:]
    found = like_their_sales(piece, given(*lines), start=1)
    assert found["category"].to_list() == ["telephony", "software"]
    assert like_their_sales(piece, given(*lines))["category"].to_list() == ["telephony", "telephony"]


@pytest.mark.parametrize(("own", "lowers"), [("1000", 5_00), ("700", 5_00), (None, None)])
def test_one_that_lowers_its_month_gives_back_its_part_of_the_discount_where_it_repeats_the_sales(
    own: str | None, lowers: int | None
) -> None:
    line = refund("R", -61_00, discount_minor=own, category="training")
    given_back = given(line, earlier=before(sold("S", 122_00, discount_minor=10_00)), policy="net_current")
    found = like_their_sales(judged(line), given_back)
    assert found.select("category", "discount_minor", "paid_on", "refund_paid_on").row(0) == (
        "training", lowers, date(2026, 2, 20), None
    )  # fmt: skip


def test_one_that_lowers_its_month_keeps_its_own_discount_where_its_sale_has_none() -> None:
    line = refund("R", -61_00, discount_minor="700")
    given_back = given(line, earlier=before(sold("S", 122_00)), policy="net_current")
    assert like_their_sales(judged(line), given_back)["discount_minor"].to_list() == [7_00]


def test_one_that_is_set_off_and_never_paid_out_lowers_its_month_on_the_day_of_posting() -> None:
    line = refund("R", -61_00, paid_on=None)
    given_back = given(line, earlier=before(sold("S", 122_00)), policy="net_current")
    assert like_their_sales(judged(line), given_back)["paid_on"].to_list() == [date(2026, 2, 21)]
