"""Judging in pieces: alike rows are judged once, and the verdicts are those of Great Expectations on every row."""

from random import Random

import polars as pl
import pytest

from expectations import judging
from expectations.billing_lines import checks
from expectations.judging import Judging, Verdict, added_up, judge
from models.errors import CannotApprove
from tests.made.received import Line, findings_of, line_ids, received

OF_LINES = [check for check in checks("net_of_vat") if check.is_of_lines]

VALUES = {
    "line_id": ("A", "B", None, "\u200b", "1.23457E+11"),
    "invoice_id": ("I", None, "x" * 201),
    "kind": ("charge", "credit_note", "chargeback", "chargeback_won", "gift", None),
    "amount_minor": ("12200", "-12200", "0", "300.00", None),
    "vat_minor": ("2200", "-2200", "2201", "2205", "x", None),
    "vat_rate": ("22", "20", "22%", None),
    "currency": ("RUB", "RUR", None),
    "paid_on": ("2026-01-12", "0026-01-12", "soon", None),
    "quantity": ("1", "1,000", None),
}


def told(verdicts: list[Verdict]) -> list[tuple[str, int, list[int]]]:
    return [(each.check.name, each.evaluated, each.failing.to_list()) for each in verdicts]


def test_pieces_of_random_lines_are_judged_as_great_expectations_judges_each_line_of_the_whole() -> None:
    drawn = Random(7)
    lines: list[Line] = [{name: drawn.choice(each) for name, each in VALUES.items()} for _ in range(120)]
    found = findings_of(received(*lines), line_ids("B"))
    pieces = Judging(OF_LINES)
    parts = [pieces.judge(found[:70], 0), pieces.judge(found[70:], 70)]
    whole = told(judge(found, OF_LINES))
    assert told(added_up(parts)) == whole
    assert sum(bool(failing) for _, _, failing in whole) >= 20


def test_lines_that_are_alike_are_shown_to_great_expectations_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[int] = []

    def counted(frame: pl.DataFrame, *arguments: object) -> list[Verdict]:
        looked_at.append(frame.height)
        return judge(frame, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(judging, "judge", counted)
    found = findings_of(
        received(*({"line_id": f"L{n}", "amount_minor": str(12_200 + n % 2)} for n in range(90))), line_ids()
    )
    pieces = Judging(OF_LINES)
    first, second = pieces.judge(found[:50]), pieces.judge(found[50:], 50)
    assert looked_at == [1]
    assert {each.evaluated for each in added_up([first, second]) if each.check.name == "line_id_is_given"} == {90}
    pieces.judge(findings_of(received({"kind": "gift"}, {}), line_ids()))
    assert looked_at == [1, 1]


def test_a_check_that_looked_at_other_rows_than_it_is_about_approves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def passes_over(frame: pl.DataFrame, *arguments: object) -> list[Verdict]:
        return [each._replace(evaluated=0) for each in judge(frame, *arguments)]  # type: ignore[arg-type]

    monkeypatch.setattr(judging, "judge", passes_over)
    with pytest.raises(CannotApprove, match="looked at 0 kinds of rows, and is about 1"):
        Judging(OF_LINES).judge(findings_of(received({}), line_ids()))
