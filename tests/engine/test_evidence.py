"""What statements show beside what was earned: payments straight from the frame, as the values would be written."""

import json
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.evidence import Evidence
from engine.frames.schemas import PartnerLines, of_types
from models.canonical import canonical_json
from models.statement import Payment

ODD = ['"', "\\", "\x00", "\x07", "\n", "\r\t", "\x1f", "\x7f", "\x85", "\u2028", "\u2029", "ж", "😀", "</script>", '\\"',
       "\\u0041", "null", "", " ", "�", "﻿"]  # fmt: skip
texts = st.sampled_from(ODD) | st.text(max_size=8)
LINE: dict[str, Any] = {
    "partner_id": "ana", "line_id": "L-1", "invoice_id": "INV-1", "client_id": "acme", "client_name": "Acme",
    "product_code": "PBX", "category": "telephony", "amount_minor": 12_200, "value_minor": 10_000,
    "currency": "RUB", "paid_on": date(2026, 1, 12), "posted_on": date(2026, 1, 13), "rule": "telephony",
    "outcome": "settled", "reason": "", "late": False,
}  # fmt: skip


def frame(*lines: dict[str, Any]) -> pl.DataFrame:
    """A clean settled line of ana's per argument, changed as that says."""
    rows = [{**dict.fromkeys(PartnerLines.column_names()), **LINE, **line} for line in lines]
    rows = [{**row, "own_paid_on": row["paid_on"], "own_posted_on": row["posted_on"]} for row in rows]
    return pl.DataFrame(rows, schema=of_types(PartnerLines))


def written(lines: pl.DataFrame) -> dict[str, bytes]:
    """Payments by partner, a value each, as the statement's reader would write them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in lines.iter_rows(named=True):
        payment = Payment(
            line_id=row["line_id"],
            invoice_id=row["invoice_id"] or "",
            client_id=row["client_id"],
            rule=row["rule"],
            category=row["category"] or "",
            product_code=row["product_code"] or "",
            paid_on=row["paid_on"].isoformat(),
            posted_on=row["posted_on"].isoformat(),
            amount_minor=row["amount_minor"],
            base_minor=row["value_minor"],
            late=row["late"],
            carried_from=row["carried_from"] or "",
        )
        found.setdefault(row["partner_id"], []).append(payment.model_dump())
    return {partner_id: canonical_json(mine).rstrip(b"\n") for partner_id, mine in found.items()}


lines = st.lists(
    st.fixed_dictionaries(
        {
            "partner_id": st.sampled_from(["ana", "bo"]),
            "line_id": texts,
            "invoice_id": texts,
            "client_id": texts,
            "product_code": st.none() | texts,
            "category": st.none() | texts,
            "rule": texts,
            "carried_from": st.sampled_from([None, "2025-12"]),
            "amount_minor": st.integers(-(10**15), 10**15),
            "value_minor": st.integers(-(10**15), 10**15),
            "paid_on": st.dates(date(1990, 1, 1), date(2100, 12, 31)),
            "late": st.booleans(),
        }
    ),
    max_size=8,
    unique_by=lambda line: str(line["line_id"]),
)


def payments_of(evidence: Evidence, partner_id: str) -> bytes:
    return b"".join(evidence.payments_of(partner_id))


@settings(deadline=None)
@given(lines)
@example([{"line_id": text, "category": text, "client_id": text} for text in ODD if text])
def test_payments_made_from_the_frame_are_to_the_byte_those_made_of_values(rows: list[dict[str, Any]]) -> None:
    found = frame(*rows)
    evidence = Evidence.of(found.clear(), found)
    payments = {partner_id: payments_of(evidence, partner_id) for partner_id in found["partner_id"].unique()}
    assert payments == written(found.sort("client_id", "paid_on", "line_id"))
    for data in payments.values():
        for each in json.loads(data):
            Payment.model_validate(each)


@pytest.mark.parametrize("lines", [1, 2, 3, 4, 6, 7])
def test_the_payments_of_a_large_partner_are_the_same_written_three_at_a_time(
    lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.evidence.MANY_LINES", 3)
    found = frame(
        *({"line_id": f"L-{number}", "client_id": '"quoted"' if number % 2 else "acme"} for number in range(lines)),
        {"partner_id": "bo", "line_id": "B-1"},
    )
    evidence = Evidence.of(found.clear(), found)
    payments = {partner_id: payments_of(evidence, partner_id) for partner_id in ("ana", "bo", "cy")}
    assert payments == {**written(found.sort("client_id", "paid_on", "line_id")), "cy": b"[]"}


@pytest.mark.parametrize("column", ["category", "product_code", "invoice_id"])
def test_a_payment_that_does_not_say_everything_is_on_the_statement_all_the_same(column: str) -> None:
    found = frame({column: None}, {"line_id": "L-2"})
    first, second = json.loads(payments_of(Evidence.of(found.clear(), found), "ana"))
    assert (first["line_id"], first[column], second["line_id"]) == ("L-1", "", "L-2")


def test_a_line_that_earns_its_bringer_and_for_serving_is_shown_twice_what_was_brought_first() -> None:
    found = frame({"rule": "telephony"}, {"rule": "care"})
    assert [each["rule"] for each in json.loads(payments_of(Evidence.of(found.clear(), found), "ana"))] == [
        "telephony",
        "care",
    ]


def test_the_name_shown_is_the_one_on_the_clients_latest_line() -> None:
    found = frame(
        {"client_name": "New", "posted_on": date(2026, 1, 20)},
        {"client_name": "Old", "posted_on": date(2026, 1, 2), "line_id": "L-2"},
        {"client_name": None, "posted_on": date(2026, 1, 30), "line_id": "L-3"},
        {"client_id": "bolt", "client_name": "Bolt", "line_id": "L-4"},
        {"client_id": "bolt", "client_name": "Bolt", "line_id": "L-5"},
    )
    assert Evidence.of(found, found.clear()).client_names == {"ana": {"acme": "New", "bolt": "Bolt"}}


def test_lines_that_earned_nothing_are_added_up_by_reason_and_copies_are_not_shown() -> None:
    found = frame(
        {},
        {"outcome": "open", "reason": "category without a rule", "category": None, "amount_minor": 5},
        {"outcome": "open", "reason": "category without a rule", "category": None, "amount_minor": 7},
        {"outcome": "final", "reason": "excluded by the plan", "note": "sold at cost", "amount_minor": 9},
        {"outcome": "rejected", "reason": "bad date; no invoice", "amount_minor": None},
        {"outcome": "rejected", "reason": "repeat"},
        {"outcome": "seen_before", "reason": "already settled"},
        {"outcome": "seen_before", "reason": "already open"},
    )
    shown = Evidence.of(found, found.clear()).not_included["ana"]
    assert [(each.reason, each.note, each.category, each.lines, each.amount_minor, each.carried) for each in shown] == [
        ("bad date", "", "telephony", 1, 0, False),
        ("category without a rule", "", "", 2, 12, True),
        ("excluded by the plan", "sold at cost", "telephony", 1, 9, False),
    ]
    assert [each.unread for each in shown] == [1, 0, 0]


def test_an_amount_that_cannot_be_read_is_counted_and_no_part_of_the_sum() -> None:
    rejected = {"outcome": "rejected", "reason": "bad number"}
    found = frame(rejected | {"amount_minor": None}, rejected | {"amount_minor": 7}, rejected | {"amount_minor": None})
    (shown,) = Evidence.of(found, found.clear()).not_included["ana"]
    assert (shown.lines, shown.amount_minor, shown.unread) == (3, 7, 2)
