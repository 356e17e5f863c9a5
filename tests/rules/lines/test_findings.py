"""What is true of each billing line, alone and beside the others."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest

from tests.made.received import Line, findings_of, line_ids, received

A: Line = {"line_id": "A"}
OTHER: Line = {"line_id": "A", "amount_minor": "24400"}


def found(column: str, *lines: Mapping[str, str | None], settled: tuple[str, ...] = ()) -> list[Any]:
    return findings_of(received(*lines), line_ids(*settled))[column].to_list()


def test_identical_copies_are_repeats_of_the_first() -> None:
    assert found("is_repeat", A, {}, A, A) == [False, False, True, True]
    assert found("is_contradiction", A, {}, A, A) == [False, False, False, False]


def test_every_copy_of_a_line_that_came_with_two_contents_is_a_contradiction() -> None:
    assert found("is_contradiction", A, {}, OTHER) == [True, False, True]
    assert found("is_repeat", A, {}, OTHER) == [False, False, False]


def test_a_copy_among_contradictions_is_a_repeat_as_well() -> None:
    assert found("is_contradiction", A, OTHER, A) == [True, True, True]
    assert found("is_repeat", A, OTHER, A) == [False, False, True]


def test_look_alikes_with_other_ids_are_lines_of_their_own() -> None:
    lines = ({"line_id": "A"}, {"line_id": "B"})

    assert found("is_repeat", *lines) == found("is_contradiction", *lines) == [False, False]


def test_lines_without_an_id_are_not_copies_of_each_other() -> None:
    lines = ({"line_id": None}, {"line_id": None})

    assert found("is_repeat", *lines) == found("is_contradiction", *lines) == [False, False]


def test_a_carried_line_that_is_sent_again_as_it_was_is_open_already_and_no_repeat() -> None:
    carried = A | {"carried_from": "2025-12"}

    assert found("is_already_open", A, carried) == [True, False]
    assert found("is_already_open", carried, A, A) == [False, True, True]  # a cumulative export, read in two files
    assert found("is_repeat", carried, A, A) == [False, False, False]


def test_a_carried_line_that_is_sent_with_two_contents_is_a_contradiction_and_not_open_already() -> None:
    lines = (A | {"carried_from": "2025-12"}, A, OTHER)

    assert found("is_already_open", *lines) == [False, False, False]
    assert found("is_contradiction", *lines) == [True, True, True]
    assert found("is_already_open", A | {"carried_from": "2025-12"}, OTHER) == [False, False]


def test_a_line_nobody_carries_is_not_open_already() -> None:
    assert found("is_already_open", A, A, {}) == [False, False, False]


def test_a_carried_line_gives_way_to_the_newer_version_of_the_source() -> None:
    carried = A | {"client_id": None, "carried_from": "2025-12"}

    assert found("is_replaced", A, carried) == [False, True]
    assert found("is_contradiction", A, carried) == found("is_repeat", A, carried) == [False, False]


def test_a_carried_line_does_not_settle_while_the_source_contradicts_itself() -> None:
    assert found("is_contradiction", A, OTHER, A | {"carried_from": "2025-12"}) == [True, True, True]


def test_a_line_sent_unpaid_and_again_when_it_was_paid_contradicts_nothing() -> None:
    unpaid = A | {"paid_on": None, "posted_on": None}

    assert found("is_contradiction", unpaid, A) == found("is_repeat", unpaid, A) == [False, False]
    assert found("is_contradiction", unpaid, A, OTHER) == [False, True, True]


def test_a_blank_that_was_filled_is_other_content() -> None:
    assert found("is_contradiction", A | {"category": None}, A) == [True, True]
    assert found("is_contradiction", A | {"category": None}, A | {"category": None}) == [False, False]


def test_a_kept_extra_column_is_content() -> None:
    assert found("is_contradiction", A | {"region": "north"}, A | {"region": "south"}) == [True, True]


def test_where_a_line_was_read_is_not_content() -> None:
    lines = received(A, A).with_columns(source=pl.Series(["billing/a.csv", "billing/b.csv"]))

    assert findings_of(lines, line_ids())["is_repeat"].to_list() == [False, True]


def test_a_line_that_a_closed_month_settled_is_known_by_its_id() -> None:
    assert found("is_already_settled", A, {}, {"line_id": None}, settled=("A", "Z")) == [True, False, False]


@pytest.mark.parametrize(
    ("amount", "vat", "fits"),
    [
        ("100", "100", True),
        ("100", "101", False),
        ("100", "0", True),
        ("100", "-1", False),
        ("-100", "-100", True),
        ("-100", "-101", False),
        ("-100", "1", False),
        ("0", "0", True),
        ("0", "1", False),
        ("300.00", "1", None),
        ("100", None, None),
    ],
)
def test_vat_is_a_part_of_its_amount(amount: str, vat: str | None, fits: bool | None) -> None:
    assert found("vat_fits_amount", {"amount_minor": amount, "vat_minor": vat}) == [fits]


def test_the_difference_of_vat_and_rate_is_whole_minor_units() -> None:
    lines: tuple[Line, ...] = ({"vat_minor": "2202"}, {"vat_minor": "2199"}, {"vat_rate": None}, {"vat_rate": "x"})

    assert found("vat_off_by_minor", *lines) == [2, -1, None, None]


def test_a_readable_finding_is_null_for_a_blank() -> None:
    lines: tuple[Line, ...] = ({"paid_on": None}, {"paid_on": "12.01.2026"}, {})

    assert found("paid_on_is_read", *lines) == [None, False, True]


def test_decimal_text_of_an_unknown_currency_is_no_fault_of_the_number() -> None:
    major: Line = {"amount_minor": None, "amount": "12.50"}

    assert found("amount_is_read", major | {"currency": "RUR"}, major, major | {"currency": None}) == [None, True, None]
    assert found("amount_is_read", major | {"currency": "RUR", "amount": "12,50"}) == [False]
    assert found("amount_is_read", {"currency": "RUR"}) == [True]
    assert found("amount_is_read", {"amount_minor": None}) == [False]


def test_a_day_of_posting_that_stands_in_is_not_judged_twice() -> None:
    assert found("posted_on_year", {"posted_on": None, "paid_on": "1900-01-01"}) == [None]


def test_nothing_is_found_of_no_lines() -> None:
    assert findings_of(received(), line_ids()).height == 0
