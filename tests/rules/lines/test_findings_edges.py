"""What the expectations are given to look at, beside what is found: values as received, and what is known of VAT."""

import re

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.lines.findings import AS_RECEIVED, DAYS, copies, is_legible
from rules.lines.lookalikes import SHORTENED, UNSEEN
from tests.made.received import Line, findings_of, line_ids, received


def test_currency_and_kind_stand_beside_the_findings_as_they_were_received() -> None:
    found = findings_of(received({"currency": "RUR", "kind": "gift"}), line_ids())
    assert found.select(AS_RECEIVED).row(0, named=True) == {"currency": "RUR", "kind": "gift"}
    assert found["amount_sign"].to_list() == [1]


@pytest.mark.parametrize(("vat", "off"), [("2199", -1), ("2200", 0), ("2201", 1), ("2202", 2), ("12200", 2), ("0", -2)])
def test_vat_that_is_off_by_more_than_rounding_is_off_by_two(vat: str, off: int) -> None:
    assert findings_of(received({"vat_minor": vat, "vat_rate": "22"}), line_ids())["vat_off_by_minor"].to_list() == [
        off
    ]


@given(
    st.lists(st.text(st.one_of(st.characters(), st.sampled_from("0123456789eE+.,-\n\u00ad\u2028\ufeff")), max_size=9))
)
@example(["1.23457E+11", "1,5e+3", "+12E+1", "1.23457E+11\n", "a1E+1", "1E-1", "\U000e0001", "\x7f", "]", "^"])
@example(["ж" * 200, "ж" * 201, "x" * 200 + "\U0001f600", "a" * 100 + "\n" + "b" * 99])
def test_an_id_is_legible_where_no_pattern_of_what_is_odd_is_found_in_it(texts: list[str]) -> None:
    odd = re.compile(f"{UNSEEN}|.{{201}}|{SHORTENED.removesuffix('$')}\\Z")
    found = pl.DataFrame({"line_id": texts}, schema={"line_id": pl.String}).select(is_legible("line_id"))
    assert found.to_series().to_list() == [odd.search(text) is None for text in texts]


@pytest.mark.parametrize(
    ("vat_minor", "vat_rate", "known"),
    [("2200", "22", True), ("2200", None, True), (None, "22", True), (None, None, False)],
)
def test_vat_is_known_by_its_amount_or_by_its_rate(vat_minor: str | None, vat_rate: str | None, known: bool) -> None:
    line: Line = {"vat_minor": vat_minor, "vat_rate": vat_rate}
    assert findings_of(received(line), line_ids())["vat_is_known"].to_list() == [known]


@pytest.mark.parametrize("day", DAYS)
def test_each_day_of_a_line_has_its_year(day: str) -> None:
    lines: tuple[Line, ...] = ({day: "2024-02-29"}, {day: "1999-12-31"}, {day: None})
    assert findings_of(received(*lines), line_ids())[f"{day}_year"].to_list() == [2024, 1999, None]


@pytest.mark.parametrize(("vat", "fits"), [("-100", True), ("-99", True), ("-1", True), ("0", True), ("1", False)])
def test_the_vat_of_a_refund_lies_between_nothing_and_all_of_it(vat: str, fits: bool) -> None:
    refund: Line = {"amount_minor": "-100", "vat_minor": vat}
    assert findings_of(received(refund), line_ids())["vat_fits_amount"].to_list() == [fits]


def test_a_carried_line_that_the_source_sends_again_unchanged_is_not_replaced() -> None:
    line: Line = {"line_id": "A"}
    found = findings_of(received(line | {"carried_from": "2025-12"}, line), line_ids())
    assert found["is_replaced"].to_list() == [False, False]
    assert found["is_already_open"].to_list() == [False, True]


@given(st.lists(st.sampled_from([None, "L-1", "L-2", "L-3"]), max_size=8))
def test_a_copy_is_a_line_whose_id_another_has_too_in_whatever_order_they_stand(ids: list[str | None]) -> None:
    for order in (ids, sorted(ids, key=lambda line_id: line_id or "")):
        looked_at: list[pl.Series] = []

        def lines_at(places: pl.Series, looked_at: list[pl.Series] = looked_at) -> pl.DataFrame:
            looked_at.append(places)
            return received().clear().with_columns(line=pl.lit(None, pl.UInt32))

        copies(pl.Series(order, dtype=pl.String), lines_at)
        (places,) = looked_at
        assert list(places) == [place for place, line_id in enumerate(order) if line_id and order.count(line_id) > 1]
