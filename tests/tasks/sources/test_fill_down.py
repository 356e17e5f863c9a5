"""fill_down: a report that says a value once, above a group of rows or beside the first of them."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from models.errors import BadInput
from tasks.sources import csv_lines
from tasks.sources.describe import describe

HEADER = "Customer,Date,Num,Amount\n"
SOURCES = """\
billing:
- files: [billing/*.csv]
  rename: {{Customer: [client_id, client_name], Date: [paid_on, issued_on], Num: [line_id, invoice_id], Amount: amount}}
  set: {{category: software, kind: charge, currency: USD, quantity: 1, product_code: x}}
  {keys}
"""


def read(folder: Path, text: str, keys: str) -> list[tuple[str, str | None, str | None]]:
    path = folder / "billing" / "a.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEADER + text)
    (source,) = describe(SOURCES.format(keys=keys), folder).sources
    lines = pl.concat(source.read(date(2026, 1, 1), date(2026, 1, 31)))
    return lines.select("line_id", "client_id", "client_name").rows()


BESIDE = "A,2026-01-05,1,10.00\n,2026-01-06,2,20.00\nB,2026-01-07,3,30.00\n,2026-01-08,4,40.00\n,2026-01-09,5,50.00\n"
ABOVE = "A,,,\n,2026-01-05,1,10.00\n,2026-01-06,2,20.00\nTotal A,,,30.00\nB,,,\n,2026-01-07,3,30.00\nTOTAL,,,60.00\n"


@pytest.mark.parametrize("keys", ["fill_down: [client_id, client_name]", "fill_down: Customer"])
@pytest.mark.parametrize("lines_at_once", [1, 2, 100])
def test_a_name_beside_the_first_row_of_a_group_is_that_of_all_its_rows(
    keys: str, lines_at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_lines, "FRAME_LINES", lines_at_once)
    assert read(tmp_path, BESIDE, keys) == [
        ("1", "A", "A"), ("2", "A", "A"), ("3", "B", "B"), ("4", "B", "B"), ("5", "B", "B"),
    ]  # fmt: skip


@pytest.mark.parametrize("lines_at_once", [1, 100])
def test_a_name_in_a_row_of_its_own_is_that_of_the_rows_below_and_the_row_is_skipped(
    lines_at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_lines, "FRAME_LINES", lines_at_once)
    assert read(tmp_path, ABOVE, 'fill_down: [Customer]\n  skip_where: {Num: ""}') == [
        ("1", "A", "A"), ("2", "A", "A"), ("3", "B", "B"),
    ]  # fmt: skip


def test_only_what_is_named_is_filled_and_the_first_rows_have_none_above(tmp_path: Path) -> None:
    assert read(tmp_path, ",2026-01-05,1,10.00\n" + BESIDE.replace(",2,", ",2x,"), "fill_down: [client_id]") == [
        ("1", None, None), ("1", "A", "A"), ("2x", "A", None), ("3", "B", "B"), ("4", "B", None), ("5", "B", None),
    ]  # fmt: skip


def test_nothing_is_filled_where_nothing_is_said(tmp_path: Path) -> None:
    assert [client for _, client, _ in read(tmp_path, BESIDE, "keep: []")] == ["A", None, "B", None, None]


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"asks for its missing column Costumer\. Is 'Customer' meant"):
        read(tmp_path, BESIDE, "fill_down: [Costumer]")


def test_the_rows_of_a_query_have_no_order(tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_text("SELECT 1 WHERE :since < :until")
    with pytest.raises(BadInput, match="fill_down: the rows of a query have no order"):
        describe("billing:\n- sql: sqlite:///x.db\n  query: q.sql\n  fill_down: [client_id]\n", tmp_path)
