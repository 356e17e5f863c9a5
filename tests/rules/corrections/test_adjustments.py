"""Adjustments by hand: which of them a month settles, and as what. Figures are kopecks."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from models.errors import BadInput
from models.period import Period
from models.statement import CorrectionKind
from models.vendor import Adjustment
from rules.corrections.adjustments import corrections, due
from rules.corrections.taken_back import Correction, Earning

FEBRUARY = Period(2026, 2)


def by_hand(adjustment_id: str = "A-1", **others: Any) -> Adjustment:
    known: dict[str, Any] = {
        "partner_id": "P-1",
        "posted_on": date(2026, 2, 10),
        "amount_minor": -12_345,
        "why": "billed twice",
        "evidence": "ticket 17",
        "who": "Olga",
    }
    return Adjustment(adjustment_id=adjustment_id, **(known | others))


@pytest.mark.parametrize(
    ("day", "is_due"),
    [(date(2025, 1, 31), True), (date(2026, 2, 1), True), (date(2026, 2, 28), True), (date(2026, 3, 1), False)],
)
def test_a_month_settles_the_adjustments_of_its_days_and_of_earlier_ones(day: date, is_due: bool) -> None:
    row = by_hand(posted_on=day)
    assert due([row], [], FEBRUARY) == ((row,) if is_due else ())


def test_an_adjustment_settles_once() -> None:
    first, second = by_hand("A-1"), by_hand("A-2")
    assert due([first, second], [first], FEBRUARY) == (second,)
    assert due([first, second], [first, second], FEBRUARY) == ()


def test_one_that_was_settled_and_is_not_in_the_file_any_more_settles_nothing() -> None:
    assert due([by_hand("A-2")], [by_hand("A-1")], FEBRUARY) == (by_hand("A-2"),)


def test_what_is_settled_cannot_be_changed_and_every_change_is_named() -> None:
    settled = [by_hand("A-1"), by_hand("A-2"), by_hand("A-3")]
    now = [by_hand("A-1", amount_minor=-12_346, who="Ivan"), by_hand("A-2"), by_hand("A-3", why="billed thrice")]
    with pytest.raises(BadInput) as refused:
        due(now, settled, FEBRUARY)
    assert str(refused.value) == (
        "adjustments.csv changes what is settled:\n"
        "  adjustment A-1: amount_minor is -12346, was -12345, who is Ivan, was Olga\n"
        "  adjustment A-3: why is billed thrice, was billed twice\n"
        "Put the row back as it was, and write what is to be put right under an id of its own."
    )


def test_an_adjustment_is_posted_for_its_partner_under_no_rule_and_no_client() -> None:
    assert corrections([by_hand()], FEBRUARY) == [
        Correction(
            kind=CorrectionKind.ADJUSTMENT,
            earning=Earning("2026-02", "P-1", "", "partner", "", ""),
            terms="",
            exact=Fraction(-12_345),
            minor=-12_345,
            sale_id="",
            refund_id="A-1",
            words="billed twice (Olga; ticket 17)",
        )
    ]


def test_without_evidence_it_says_who_alone() -> None:
    assert [each.words for each in corrections([by_hand(evidence="")], FEBRUARY)] == ["billed twice (Olga)"]


def test_it_belongs_to_the_month_of_the_statement_it_corrects() -> None:
    rows = [by_hand("A-1", cites="P-1/2025-11/v1"), by_hand("A-2")]
    assert [each.earning.month for each in corrections(rows, FEBRUARY)] == ["2025-11", "2026-02"]
