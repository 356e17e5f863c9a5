"""Every check on billing lines: what fails it, what does not, and what it says it is for."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from expectations.billing_lines import CHECKS, Check, checks, suite
from models.billing import Reason
from models.errors import BadInput
from tests.made.received import JudgedMonth, Line, judged, line_ids, received

NO_VAT: Line = {"vat_minor": None, "vat_rate": None}
CREDIT: Line = {"kind": "credit_note", **NO_VAT, "vat_rate": "22"}

FAILS: dict[str, tuple[Line, ...]] = {
    "line_id_is_given": ({"line_id": None},),
    "invoice_id_is_given": ({"invoice_id": None},),
    "amount_is_readable": ({"amount_minor": "300.00"},),
    "issued_on_is_a_date": ({"issued_on": "05.01.2026"},),
    "paid_on_is_a_date": ({"paid_on": "2026-02-30"},),
    "posted_on_is_a_date": ({"posted_on": "2026-1-5"},),
    "issued_on_is_plausible": ({"issued_on": "0026-01-05"},),
    "paid_on_is_plausible": ({"paid_on": "1989-12-31"},),
    "posted_on_is_plausible": ({"posted_on": "2101-01-01"},),
    "quantity_is_readable": ({"quantity": "1,000"},),
    "currency_is_given": ({"currency": None},),
    "currency_is_known": ({"currency": "RUR"},),
    "kind_is_given": ({"kind": None},),
    "kind_is_known": ({"kind": "deposit"},),
    "credit_note_is_not_positive": (CREDIT | {"amount_minor": "1"},),
    "chargeback_is_not_positive": (CREDIT | {"kind": "chargeback", "amount_minor": "1"},),
    "chargeback_won_is_not_negative": (CREDIT | {"kind": "chargeback_won", "amount_minor": "-1"},),
    "line_is_no_repeat": ({"line_id": "twice"}, {"line_id": "twice"}),
    "line_is_not_open_already": ({"line_id": "waits", "carried_from": "2025-12"}, {"line_id": "waits"}),
    "line_is_no_older_version": (
        {"line_id": "open"},
        {"line_id": "open", "client_id": None, "carried_from": "2025-12"},
    ),
    "line_has_one_content": ({"line_id": "disputed"}, {"line_id": "disputed", "amount_minor": "12201"}),
    "line_is_not_settled_before": ({"line_id": "settled"},),
    "vat_minor_is_readable": ({"vat_minor": "22.00"},),
    "discount_minor_is_readable": ({"discount_minor": "5.00"},),
    "vat_rate_is_readable": ({"vat_rate": "22%"},),
    "vat_fits_the_amount": ({"vat_minor": "12201", "vat_rate": None},),
    "vat_agrees_with_its_rate": ({"vat_minor": "2202"},),
    "vat_is_known": (NO_VAT,),
    "line_id_is_legible": ({"line_id": "bell\x07"},),
    "invoice_id_is_legible": ({"invoice_id": "two\nlines"},),
    "client_id_is_legible": ({"client_id": "next\x85line"},),
    "refunds_line_id_is_legible": ({"refunds_line_id": "x" * 201},),
    "refunds_invoice_id_is_legible": ({"refunds_invoice_id": "INV\x001"},),
}
"""Lines per check; the last of them fails it and nothing else."""

PASSES: dict[str, Line] = {
    "a clean line": {},
    "a line of a client nobody named": {"client_id": None},
    "a line without a category": {"category": None},
    "a line of another currency": {"currency": "EUR"},
    "a line that is not paid yet": {"paid_on": None, "posted_on": None},
    "a line that was not invoiced": {"issued_on": None},
    "a negative charge": {"amount_minor": "-12200", "vat_minor": "-2200"},
    "a free line": {"amount_minor": "0", "vat_minor": "0"},
    "a credit note": CREDIT | {"amount_minor": "-1"},
    "a credit note of zero": CREDIT | {"amount_minor": "0"},
    "a chargeback": CREDIT | {"kind": "chargeback", "amount_minor": "-1"},
    "a chargeback of zero": CREDIT | {"kind": "chargeback", "amount_minor": "0"},
    "a chargeback that was won": CREDIT | {"kind": "chargeback_won", "amount_minor": "1"},
    "a chargeback of zero that was won": CREDIT | {"kind": "chargeback_won", "amount_minor": "0"},
    "a refund that names an invoice of 200 characters": CREDIT
    | {"amount_minor": "-1", "refunds_invoice_id": "ж" * 200},
    "an amount in major units": {"amount_minor": None, "amount": "122.00"},
    "the first plausible day": {"issued_on": "1990-01-01", "paid_on": "1990-01-01", "posted_on": "1990-01-01"},
    "the last plausible day": {"issued_on": "2100-12-31", "paid_on": "2100-12-31", "posted_on": "2100-12-31"},
    "VAT one minor unit above its rate": {"vat_minor": "2201"},
    "VAT one minor unit below its rate": {"vat_minor": "2199"},
    "VAT as large as the amount": {"vat_minor": "12200", "vat_rate": None},
    "no VAT": {"vat_minor": "0", "vat_rate": None},
    "a rate of zero": {"vat_minor": None, "vat_rate": "0"},
    "a rate of a hundred": {"vat_minor": None, "vat_rate": "100"},
    "a short id with an E": {"line_id": "1.5E11", "invoice_id": "12E4", "client_id": "E+11"},
    "an id of 200 characters": {"line_id": "ж" * 200},
    "an id that looks like markup": {"client_id": '<script>alert(1)</script> ../ #read("/etc/passwd")'},
    "a blank quantity": {"quantity": None},
}

BREACHES: dict[str, Line] = {
    "half_the_lines_have_an_id": {"line_id": None},
    "half_the_amounts_are_readable": {"amount_minor": "300.00"},
}
"""A line of which too many make the month stop."""


@cache
def judged_together(base: Any = "net_of_vat") -> JudgedMonth:
    lines: list[Mapping[str, str | None]] = [line for case in FAILS.values() for line in case]
    return judged(received(*lines, *PASSES.values()), line_ids("settled"), base)


def place_of(name: str) -> int:
    """The place of the line that fails the check, among all that are judged together."""
    names = list(FAILS)
    return sum(len(FAILS[before]) for before in names[: names.index(name) + 1]) - 1


def faults_at(place: int, valid: JudgedMonth) -> list[tuple[str, str]]:
    return [(check, reason) for line, check, reason in valid.faults.rows() if line == place]


def check_named(name: str) -> Check:
    return next(check for check in CHECKS if check.name == name)


def test_every_check_has_a_line_that_fails_it() -> None:
    assert {check.name for check in CHECKS} == {*FAILS, *BREACHES, "required_columns_are_present"}
    assert len(CHECKS) == len({check.name for check in CHECKS}) >= 15


@pytest.mark.parametrize("name", FAILS)
def test_a_line_that_fails_one_check_gets_its_reason_and_no_other(name: str) -> None:
    reason = check_named(name).reason
    assert reason is not None
    assert faults_at(place_of(name), judged_together()) == [(name, reason.value)]
    assert judged_together().lines["reasons"][place_of(name)].to_list() == [reason.value]


@pytest.mark.parametrize("name", PASSES)
def test_a_line_that_is_in_order_is_not_rejected_because_others_are(name: str) -> None:
    line = judged_together().lines.row(list(PASSES).index(name) - len(PASSES), named=True)

    assert line["reasons"] == []
    assert line["as_received"] is None


def test_only_a_programme_on_the_net_amount_asks_for_vat() -> None:
    place = place_of("vat_is_known")

    assert judged_together("gross").lines["reasons"][place].to_list() == []
    assert judged_together("net_of_vat").lines["reasons"][place].to_list() == ["VAT is not known"]
    assert {check.name for check in checks("net_of_vat")} - {check.name for check in checks("gross")} == {
        "vat_is_known"
    }


@pytest.mark.parametrize("name", BREACHES)
def test_the_month_stops_when_more_than_half_of_the_lines_cannot_be_used(name: str) -> None:
    lines = received(*[BREACHES[name]] * 51, *[{}] * 50)

    with pytest.raises(BadInput, match=f"{name}: 51 of 101 lines fail, the first is billing/january.csv row 2"):
        judged(lines, line_ids(), "net_of_vat")


@pytest.mark.parametrize("name", BREACHES)
def test_the_month_goes_on_when_half_of_the_lines_can_be_used(name: str) -> None:
    lines = received(*[BREACHES[name]] * 50, *[{}] * 50)

    assert judged(lines, line_ids(), "net_of_vat").result["rejected"] == 50


def test_amounts_that_look_like_decimals_are_sent_to_their_column() -> None:
    with pytest.raises(BadInput, match=r"amount_minor is '300\.00'.*use the `amount` column"):
        judged(received({"amount_minor": "300.00"}), line_ids(), "gross")


def test_a_month_of_unknown_currencies_is_not_taken_for_a_month_of_bad_amounts() -> None:
    line: Line = {"amount_minor": None, "amount": "122.00", "currency": "RUR"}

    valid = judged(received(line, line | {"line_id": "L-2"}), line_ids(), "gross")

    assert valid.lines["reasons"].to_list() == [["unknown currency"], ["unknown currency"]]


def test_a_missing_column_stops_the_month_before_anything_else_is_judged() -> None:
    lines = received({"line_id": None}).drop("kind", "currency")

    with pytest.raises(BadInput, match=r"2 of 12 columns fail, missing: currency, kind\. .*sources\.yaml"):
        judged(lines, line_ids(), "net_of_vat")


def test_the_suite_is_what_great_expectations_users_know() -> None:
    expectations: Any = suite("net_of_vat").to_json_dict()["expectations"]

    assert [entry["meta"]["name"] for entry in expectations] == [check.name for check in checks("net_of_vat")]
    assert {entry["severity"] for entry in expectations} == {"critical", "warning"}
    assert all(entry["notes"] == f"{entry['meta']['why']} {entry['meta']['cost']}" for entry in expectations)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_every_check_says_why_it_is_made_and_what_a_breach_would_cost(check: Check) -> None:
    assert check.why.endswith(".")
    assert check.cost.endswith(".")
    assert bool(check.remedy) == (check.severity == "critical") == (check.reason is None)


def test_every_reason_to_reject_a_line_is_given_by_a_check() -> None:
    rejecting = list(Reason)[list(Reason).index(Reason.NO_LINE_ID) :]

    # Whether anything is left of a sale is known when all its refunds are looked at together.
    rejecting.remove(Reason.REFUNDED_ALREADY)
    assert {check.reason for check in CHECKS if check.reason} == set(rejecting)


def test_the_table_of_checks_in_the_documentation_is_the_suite() -> None:
    page = Path(__file__, "../../../docs/checks.md").resolve().read_text()
    cells = [
        ("check", "severity", "reason", "why", "what a breach would cost"),
        ("---",) * 5,
        *((f"`{c.name}`", c.severity.value, c.reason or "stops the month", c.why, c.cost) for c in CHECKS),
    ]
    table = "\n".join(f"| {' | '.join(row)} |" for row in cells)

    assert table in page, f"docs/checks.md: replace its table with this one:\n{table}"


@pytest.mark.parametrize("column", ["line_id", "invoice_id", "client_id", "refunds_line_id"])
@pytest.mark.parametrize("text", ["L1\u200b", "\ufeffL1", "L\u00ad1", "L\u00a01", "1.23457E+11"])
def test_an_id_with_a_character_nobody_sees_or_without_its_digits_is_rejected(column: str, text: str) -> None:
    found = judged(received({}, {column: text}), line_ids(), "net_of_vat")
    assert found.faults.rows() == [(1, f"{column}_is_legible", "unreadable text")]
