"""Totals among billing lines: what is taken for a row of sums, and what a person is told to write."""

import pytest

from models.billing import RejectedRecord
from rules.lines.totals_rows import totals_rows


def rejected(line_id: str, row: int = 7, value: str = "") -> RejectedRecord:
    return RejectedRecord("billing/a.csv", row, line_id, "client_id", value, "is missing")


@pytest.mark.parametrize("said", ["Total", "ИТОГО:", "Total for Acme", " Subtotal", "grand total", "Razem", "Summe"])
def test_a_rejected_row_that_begins_as_a_sum_does_is_named_with_what_to_write(said: str) -> None:
    (sentence,) = totals_rows([rejected(said)])
    assert sentence.startswith(f"billing/a.csv row 7 ({said!r}): a row of sums?")
    assert sentence.endswith(f"skip_where: {{COLUMN: {said.split()[0]}*}}")


@pytest.mark.parametrize("said", ["L-1", "Totally Inc.", "", "Sub total", "my total"])
def test_any_other_rejected_row_is_not(said: str) -> None:
    assert totals_rows([rejected(said)]) == []


def test_the_word_may_stand_in_the_column_that_is_wrong() -> None:
    assert totals_rows([rejected("", value="Итого")])[0].startswith("billing/a.csv row 7 ('Итого')")


def test_a_row_with_several_faults_is_named_once_and_of_many_rows_three() -> None:
    rows = [rejected("Total", row) for row in (5, 5, 9, 12, 20, 31)]
    assert totals_rows(rows)[0].startswith(
        "billing/a.csv row 5 ('Total'), billing/a.csv row 9 ('Total'), billing/a.csv row 12 ('Total') and 2 more: "
    )
