"""What the expectations are given to look at, beside what is found: values as received, and what is known of VAT."""

import pytest

from rules.lines.findings import AS_RECEIVED, DAYS
from tests.made.received import CLEAN, Line, findings_of, line_ids, received


def test_values_stand_beside_the_findings_as_they_were_received() -> None:
    found = findings_of(received({"line_id": "A", "kind": "gift"}), line_ids())
    expected = {column: CLEAN[column] for column in AS_RECEIVED if column in CLEAN}
    assert found.select(AS_RECEIVED).row(0, named=True) == {
        "refunds_line_id": None,
        "refunds_invoice_id": None,
        **expected,
        "line_id": "A",
        "kind": "gift",
    }
    assert found["amount_minor"].to_list() == [12_200]


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
