"""Which lines of earlier months' invoices no month has seen: what was billed counts once."""

from datetime import date

import polars as pl
import pytest

from engine.frames.parquet import parquet_bytes
from engine.frames.snapshot import Snapshot
from engine.sums.late_invoices import invoices_of_earlier_months, unseen
from models.period import Period
from tests.made.received import Line, line_ids, received

JANUARY, MARCH = Period(2026, 1), Period(2026, 3)


def found(*lines: Line) -> list[str]:
    """Of lines that March receives, those whose invoice is of an earlier month of a programme since January."""
    return invoices_of_earlier_months(Snapshot.of(received(*lines)), JANUARY, MARCH)["line_id"].to_list()


def decided(**outcomes: str) -> bytes:
    """The lines.parquet of a month."""
    types = {"line_id": pl.String, "outcome": pl.String}
    return parquet_bytes(pl.DataFrame(list(outcomes.items()), schema=types, orient="row"))


@pytest.mark.parametrize(
    ("issued_on", "is_earlier"),
    [
        ("2025-12-31", False),  # before the programme starts
        ("2026-01-01", True),
        ("2026-02-28", True),
        ("2026-03-01", False),  # the month's own
        ("2026-02-30", False),  # no day
        (None, False),
    ],
)
def test_an_invoice_of_an_earlier_month_is_of_a_month_of_the_programme_before_this_one(
    issued_on: str | None, is_earlier: bool
) -> None:
    assert found({"issued_on": issued_on}) == (["L-1"] if is_earlier else [])


def test_what_we_carry_was_seen_by_the_month_it_comes_from_and_what_has_no_id_by_none() -> None:
    of_january: Line = {"issued_on": "2026-01-05"}
    assert found(of_january | {"carried_from": "2026-01"}, of_january | {"line_id": None}, of_january) == ["L-3"]


def test_each_comes_with_the_day_of_its_invoice() -> None:
    lines = Snapshot.of(received({"issued_on": "2026-02-28"}))
    assert invoices_of_earlier_months(lines, JANUARY, MARCH).to_dicts() == [
        {"line_id": "L-1", "issued_on": date(2026, 2, 28)}
    ]


def test_a_line_is_unseen_where_no_earlier_month_decided_it() -> None:
    invoices = line_ids("new", "in January", "in February")
    months = [decided(**{"in January": "settled"}), decided(**{"in February": "open"})]
    assert unseen(invoices, months)["line_id"].to_list() == ["new"]
    assert unseen(invoices, months[:1])["line_id"].to_list() == ["in February", "new"]


def test_a_rejected_line_said_nothing_that_could_be_measured_and_an_unpaid_one_did() -> None:
    seen = decided(rejected="rejected", unpaid="unpaid", final="final")
    assert unseen(line_ids("rejected", "unpaid", "final"), [seen])["line_id"].to_list() == ["rejected"]


def test_a_line_that_one_month_rejected_and_the_next_settled_was_seen() -> None:
    assert unseen(line_ids("A"), [decided(A="rejected"), decided(A="settled")]).height == 0


def test_each_id_is_named_once_by_id_though_its_line_came_twice() -> None:
    assert unseen(line_ids("B", "A", "B"), [])["line_id"].to_list() == ["A", "B"]
