"""A closed month worked out again: which, with what lines put in, and what is posted for it. In kopecks."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest

from engine.closed_months.restating import (
    amounts_of,
    months_to_restate,
    netted,
    of_a_month_again,
    restatements,
    returned_later,
    taken_of,
    with_refunds,
)
from engine.frames.parquet import parquet_bytes
from engine.frames.schemas import Corrections, EarnedAmounts, Returns, SaleAccruals, SoldLines
from engine.frames.snapshot import Snapshot
from engine.inputs import EarlierMonths, MonthInputs, VendorTables
from engine.sums.past import Past
from models.period import Period
from rules.corrections.taken_back import Correction, Earning
from rules.programme.file import parse_programme
from tests.made.received import Line, received
from tests.made.rows import rows_of

JANUARY, MARCH = Period(2026, 1), Period(2026, 3)
HEADING = """\
programme: again
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: gross
refunds: REFUNDS
plans:
  agent:
    from: 2026-01
    earn: {software: {plan: percentage, categories: [software], rate: 10%}}
"""
PROGRAMME = parse_programme(HEADING.replace("REFUNDS", "restate"))
AGAIN = {"kind": "restatement", "refund_id": "R0"}


def returned(refund_id: str, sale_id: str, gross_minor: int, **others: object) -> dict[str, object]:
    """What a refund of February took of a sale of January."""
    of = {"month": "2026-02", "sale_month": "2026-01", "gross_minor": gross_minor}
    return {"refund_id": refund_id, "sale_id": sale_id, **of, **others}


def returns(*rows: Mapping[str, object]) -> pl.DataFrame:
    return rows_of(Returns, *rows)


def january(*lines: Line) -> MonthInputs:
    return MonthInputs(JANUARY, "", PROGRAMME, VendorTables(()), EarlierMonths(), {}, Snapshot.of(received(*lines)))


def put_in(inputs: MonthInputs, taken: pl.DataFrame, *names: str) -> list[tuple[Any, ...]]:
    """These columns of the lines that are put into a month."""
    again = with_refunds(inputs, taken)
    lines = pl.concat([chunk for _, chunk in again.lines.chunks()])
    assert lines.height == inputs.lines.height + len(again.again)
    return lines.filter(pl.col("line_id").is_in(list(again.again))).select(names).rows()


# What was taken of a month's sales


def test_what_later_months_took_of_a_month_is_returned_later_and_what_it_took_itself_is_not() -> None:
    found = returned_later(
        returns(
            returned("own", "L1", 1, month="2026-01"),
            returned("later", "L1", 1),
            returned("other", "L2", 1, sale_month="2025-12"),
        ),
        "2026-01",
    )
    assert found["refund_id"].to_list() == ["later"]


def test_of_each_sale_is_taken_what_refunds_took_less_what_was_given_again_and_of_no_sale_nothing() -> None:
    found = taken_of(
        returns(
            returned("R1", "L1", 500),
            returned("R2", "L1", 300),
            returned("R3", "L1", -799),
            returned("R4", "L2", 500),
            returned("R5", "L2", -500),
            returned("R6", "L3", 500),
            returned("R7", "L3", -501),
        )
    )
    assert found == {"L1": 1}


@pytest.mark.parametrize(("policy", "lowered"), [("net_current", True), ("original_rate", False), ("restate", False)])
def test_a_refund_lowers_a_later_month_only_under_net_current(policy: str, lowered: bool) -> None:
    programme = parse_programme(HEADING.replace("REFUNDS", policy))
    rows = returns(returned("R1", "L1", 1), returned("own", "L1", 1, month="2026-01"))
    assert rows.select(netted(rows, programme)).to_series().to_list() == [lowered, False]


def test_what_is_won_of_a_chargeback_is_netted_where_the_chargeback_was() -> None:
    # The programme netted in January and February, and takes back since March.
    dated = HEADING.replace("REFUNDS", "[{from: 2026-01, policy: net_current}, {from: 2026-03, policy: original_rate}]")
    programme = parse_programme(dated)
    rows = returns(
        returned("B1", "L1", 1),
        returned("W1", "L1", -1, month="2026-03", undoes="B1"),
        returned("B2", "L2", 1, month="2026-03"),
        returned("W2", "L2", -1, month="2026-03", undoes="B2"),
    )
    assert rows.select(netted(rows, programme)).to_series().to_list() == [True, True, False, False]


# The lines that are put in


def test_a_sale_is_given_back_by_a_credit_note_of_the_last_day_with_its_part_of_the_vat() -> None:
    # 122.00 with 22.00 of VAT: of 61.00 they are 11.00.
    note = put_in(
        january({}),
        returns(returned("R1", "L-1", 61_00)),
        "line_id", "amount_minor", "vat_minor", "kind", "refunds_line_id", "issued_on", "paid_on", "posted_on",
    )  # fmt: skip
    assert note == [("L-1 given back", "-6100", "-1100", "credit_note", "L-1", *["2026-01-31"] * 3)]


@pytest.mark.parametrize(
    ("gross_minor", "vat_minor"),
    [(2, "0"), (3, "-1"), (12_199, "-2200"), (12_200, "-2200")],  # 0.36, 0.54, 2 199.82 and 2 200
)
def test_the_part_of_the_vat_is_rounded_once(gross_minor: int, vat_minor: str) -> None:
    assert put_in(january({}), returns(returned("R1", "L-1", gross_minor)), "vat_minor") == [(vat_minor,)]


def test_the_note_is_of_the_sales_client_and_invoice_and_says_nothing_of_what_only_the_sale_was() -> None:
    sale: Line = {"discount_minor": "500", "amount": "122.00", "carried_from": "2025-12", "refunds_invoice_id": "I"}
    note = put_in(
        january(sale), returns(returned("R1", "L-1", 1)),
        "client_id", "invoice_id", "category", "discount_minor", "amount", "carried_from", "refunds_invoice_id",
    )  # fmt: skip
    assert note == [("C-1", "INV-1", "telephony", None, None, None, None)]


def test_a_sale_that_names_no_vat_is_given_back_without() -> None:
    sale: Line = {"vat_minor": None, "vat_rate": None}
    assert put_in(january(sale), returns(returned("R1", "L-1", 61_00)), "vat_minor") == [(None,)]


def test_a_sale_that_came_twice_is_given_back_once_and_one_that_is_not_there_not_at_all() -> None:
    inputs = january({"line_id": "A"}, {"line_id": "A"}, {"line_id": "B"})
    taken = returns(returned("R1", "A", 1), returned("R2", "gone", 1))
    assert put_in(inputs, taken, "line_id", "amount_minor") == [("A given back", "-1")]


def test_of_two_versions_of_a_sale_the_first_is_given_back_and_once() -> None:
    inputs = january({"line_id": "A", "category": "software"}, {"line_id": "A", "category": "training"})
    assert put_in(inputs, returns(returned("R1", "A", 1)), "category") == [("software",)]


def test_a_chargeback_of_the_month_itself_that_is_won_later_comes_again_in_it() -> None:
    # The bank took 100.00 in January and gave them again in February.
    taken = returns(returned("W1", "L-1", -100_00, undoes="B1"))
    line = put_in(january({}), taken, "line_id", "amount_minor", "vat_minor", "kind", "refunds_line_id", "posted_on")
    assert line == [("B1 won", "10000", "1803", "chargeback_won", "B1", "2026-01-31")]


def test_what_refunds_took_beside_a_chargeback_that_was_won_does_not_come_again() -> None:
    won = returned("W1", "L-1", -100_00, undoes="B1")
    assert put_in(january({}), returns(won, returned("R1", "L-1", 30_00)), "line_id", "amount_minor") == [
        ("B1 won", "7000")
    ]
    assert put_in(january({}), returns(won, returned("R1", "L-1", 100_00)), "line_id") == []
    assert put_in(january({}), returns(won, returned("R1", "L-1", 100_01)), "line_id", "amount_minor") == [
        ("L-1 given back", "-1")
    ]


def test_of_two_chargebacks_that_were_won_the_second_gives_what_the_first_left() -> None:
    # 60.00 and 50.00 came again, and 30.00 were given back: 60.00 by the first, 20.00 by the second.
    taken = returns(
        returned("W1", "L-1", -60_00, undoes="B1"),
        returned("W2", "L-1", -50_00, undoes="B2"),
        returned("R1", "L-1", 30_00),
    )
    found = dict(put_in(january({}), taken, "line_id", "amount_minor"))
    assert found == {"B1 won": "6000", "B2 won": "2000"}


def test_a_chargeback_that_a_later_month_took_and_gave_again_leaves_nothing() -> None:
    taken = returns(returned("B1", "L-1", 100_00), returned("W1", "L-1", -100_00, undoes="B1"))
    assert put_in(january({}), taken, "line_id") == []


def test_each_sale_has_its_own_note() -> None:
    taken = returns(returned("R1", "L-1", 1), returned("R2", "L-2", 2))
    found = dict(put_in(january({}, {}), taken, "line_id", "amount_minor"))
    assert found == {"L-1 given back": "-1", "L-2 given back": "-2"}


# What is posted


def earning(client_id: str = "C1", partner_id: str = "ana", kind: str = "client") -> dict[str, object]:
    of = {"month": "2026-01", "rule": "software", "to": "partner", "kind": kind, "key": client_id}
    return {"partner_id": partner_id, **of}


def posted(
    now: pl.DataFrame, earlier: EarlierMonths, *is_now: Mapping[str, object], months: tuple[str, ...] = ("2026-01",)
) -> list[Correction]:
    """What is posted where January comes to `is_now`, whatever is given back of it."""
    again = parquet_bytes(rows_of(EarnedAmounts, *is_now))
    return restatements(now, earlier, {month: january({}) for month in months}, lambda _: again)


def past(*rows: Mapping[str, object]) -> Past:
    return Past(earned=rows_of(EarnedAmounts, *rows))


def test_what_a_month_comes_to_now_less_what_it_did_and_what_was_posted_for_it_is_posted() -> None:
    # It came to 100.00, 20.00 of which were taken back in February; now it is 50.00: 30.00 less.
    of_february = {
        **AGAIN, "partner_id": "ana", "rule": "software", "to": "partner", "shared_by": "client", "key": "C1",
        "corrects": "2026-01", "minor": -20_00,
    }  # fmt: skip
    earlier = EarlierMonths(
        past=past(earning() | {"minor": 100_00}, earning() | {"month": "2025-12", "minor": 7}),
        corrections=rows_of(Corrections, of_february, of_february | {"corrects": "2025-12"}),
    )
    (made,) = posted(returns(returned("R1", "L1", 1)), earlier, earning() | {"minor": 50_00})
    assert made.minor == -30_00
    assert made.earning == Earning("2026-01", "ana", "software", "partner", "client", "C1")
    assert (made.was_minor, made.refund_id) == (80_00, "R1")


def test_a_month_of_which_nothing_is_given_back_now_is_not_worked_out_again() -> None:
    other = returns(returned("R1", "L1", 1, sale_month="2026-02"))
    assert posted(other, EarlierMonths(past=past(earning()))) == []


def test_the_month_is_worked_out_with_every_return_up_to_now() -> None:
    seen: list[tuple[str, ...]] = []

    def work_out(inputs: MonthInputs) -> bytes:
        lines = pl.concat([chunk for _, chunk in inputs.lines.chunks()]).filter(pl.col("line_id").is_in(inputs.again))
        seen.extend(lines.select("line_id", "amount_minor").rows())
        return parquet_bytes(EarnedAmounts.create_empty())

    earlier = EarlierMonths(
        returns=returns(
            returned("R0", "L-1", 30_00), returned("own", "L-1", 7, month="2026-01"), returned("R0", "L-2", 5)
        )
    )
    now = returns(returned("R1", "L-1", 20_00, month="2026-03"), returned("R2", "L9", 1, sale_month="2026-02"))
    assert restatements(now, earlier, {"2026-01": january({}, {})}, work_out) == []
    assert sorted(seen) == [("L-1 given back", "-5000"), ("L-2 given back", "-5")]


def test_the_next_month_is_looked_at_though_the_first_has_nothing() -> None:
    now = returns(returned("R1", "L1", 1))
    made = posted(now, EarlierMonths(), earning() | {"minor": 5}, months=("2025-12", "2026-01"))
    assert [each.minor for each in made] == [5]


def test_what_is_posted_for_several_months_is_posted_together_oldest_first() -> None:
    now = returns(returned("R1", "L1", 1), returned("R2", "L2", 1, sale_month="2025-12"))
    made = posted(now, EarlierMonths(), earning() | {"minor": 5}, months=("2026-01", "2025-12"))
    assert [each.refund_id for each in made] == ["R2", "R1"]


def named(*is_now: Mapping[str, object], sold: tuple[tuple[str, str | None], ...] = ()) -> list[str]:
    """The refunds that what is posted names: R1 and R2 give back L1, R3 gives back L2."""
    earlier = EarlierMonths(
        sold=rows_of(SoldLines, *({"line_id": line, "partner_id": who} for line, who in sold)),
        sale_accruals=rows_of(SaleAccruals, {"line_id": "L2", "partner_id": "servant"}),
    )
    now = returns(returned("R2", "L1", 1), returned("R1", "L1", 1), returned("R3", "L2", 1))
    return [each.refund_id for each in posted(now, earlier, *is_now)]


def test_a_partner_reads_of_the_refunds_of_what_it_brought_or_served_and_of_no_others() -> None:
    brought = (("L1", "ana"), ("L2", "bo"))
    assert named(earning(partner_id="ana"), sold=brought) == ["R1, R2"]
    assert named(earning(partner_id="bo"), sold=brought) == ["R3"]
    assert named(earning(partner_id="servant"), sold=brought) == ["R3"]


def test_a_senior_reads_of_the_refunds_of_its_junior() -> None:
    of_junior = earning("ana", partner_id="bo", kind="partner")
    assert named(of_junior, sold=(("L1", "ana"), ("L2", "bo"))) == ["R1, R2"]


def test_who_has_no_refund_of_its_own_reads_of_all_there_are() -> None:
    assert named(earning(partner_id="cy"), sold=(("L1", "ana"), ("L2", None))) == ["R1, R2, R3"]


# Which months


def test_amounts_of_one_earning_add_up_and_others_stand_apart() -> None:
    found = amounts_of(
        rows_of(EarnedAmounts, earning() | {"minor": 5}, earning("C2") | {"minor": 7}, earning() | {"minor": -2})
    )
    assert {each.key: minor for each, minor in found.items()} == {"C1": 3, "C2": 7}


@pytest.mark.parametrize(
    ("kind", "refund_id", "is_again"),
    [
        ("restatement", "R1", True),
        ("restatement", "", False),  # a later version of the month
        ("clawback", "R1", False),
    ],
)
def test_a_month_that_was_worked_out_again_with_refunds_names_them(kind: str, refund_id: str, is_again: bool) -> None:
    rows = rows_of(Corrections, {"kind": kind, "refund_id": refund_id})
    assert rows.select(of_a_month_again()).to_series().to_list() == [is_again]


def test_a_month_is_worked_out_again_where_the_programme_says_so_or_where_it_was_before() -> None:
    earlier = EarlierMonths(
        sold=rows_of(SoldLines, {"month": "2026-02"}, {"month": "2026-01"}, {"month": "2026-02"}),
        corrections=rows_of(
            Corrections,
            AGAIN | {"corrects": "2026-02"},
            AGAIN | {"corrects": "2025-12"},  # nothing of it is given back now
            {"kind": "clawback", "refund_id": "R9", "corrects": "2026-01"},
        ),
    )
    assert list(months_to_restate(earlier, asks=True)) == ["2026-01", "2026-02"]
    assert list(months_to_restate(earlier, asks=False)) == ["2026-02"]
