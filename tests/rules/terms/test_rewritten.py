"""Rows of the vendor's tables that held in closed months, and say something else by now."""

from datetime import date

import pytest

from models.period import Period
from models.vendor import Assignment, Employee, Exclusion, Terms
from rules.terms.rewritten import MOST_ROWS, Row, rewritten

MARCH = Period(2026, 3)  # closed last
ANA = Terms(partner_id="ana", name="Ana", plan="agent", from_day=date(2026, 1, 1))


def said(before: list[Row], now: list[Row]) -> list[str]:
    return rewritten("partners.csv", before, now, MARCH)


def test_a_row_that_was_not_touched_is_no_news() -> None:
    assert said([ANA], [ANA]) == []


def test_a_plan_changed_under_closed_months_is_told_with_what_it_was() -> None:
    better = ANA.model_copy(update={"plan": "integrator", "segments": ("gold", "2025")})
    assert said([ANA], [better]) == [
        "partners.csv changed: ana from 2026-01-01, in closed months too: "
        "plan was agent and is integrator; segments was blank and is gold 2025"
    ]


@pytest.mark.parametrize(
    ("begins", "told"),
    [
        (date(2026, 3, 31), ["partners.csv changed: bo from 2026-03-31: the row is new, and begins in a closed month"]),
        (date(2026, 4, 1), []),
    ],
)
def test_a_new_row_is_told_where_it_begins_in_a_closed_month(begins: date, told: list[str]) -> None:
    assert said([ANA], [ANA, Terms(partner_id="bo", name="Bo", plan="agent", from_day=begins)]) == told


@pytest.mark.parametrize(
    ("begins", "told"),
    [
        (
            date(2026, 3, 31),
            ["partners.csv changed: ana from 2026-03-31: the row is gone, and closed months were settled by it"],
        ),
        (date(2026, 4, 1), []),
    ],
)
def test_a_row_that_is_gone_is_told_where_it_held_in_a_closed_month(begins: date, told: list[str]) -> None:
    assert said([ANA, ANA.model_copy(update={"from_day": begins})], [ANA]) == told


def test_a_row_whose_first_day_was_moved_is_told_as_one_that_is_gone_and_one_that_is_new() -> None:
    assert said([ANA], [ANA.model_copy(update={"from_day": date(2025, 12, 1)})]) == [
        "partners.csv changed: ana from 2025-12-01: the row is new, and begins in a closed month",
        "partners.csv changed: ana from 2026-01-01: the row is gone, and closed months were settled by it",
    ]


def test_rows_of_other_tables_are_called_by_whom_they_are_of() -> None:
    served = Assignment(assignment_id="", client_id="C-1", partner_id="cy", from_day=date(2026, 2, 10))
    left_out = Exclusion(client_id="C-7", reason="our own company")
    seller = Employee(partner_id="ana", person_id="W-1", name="Piotr", role="seller", from_day=date(2026, 1, 1))
    until = {"until": date(2026, 6, 30)}
    told = [
        *rewritten("assignments.csv", [served], [served.model_copy(update=until)], MARCH),
        *rewritten("exclusions.csv", [left_out], [], MARCH),
        *rewritten("employees.csv", [], [seller], MARCH),
    ]
    assert told == [
        "assignments.csv changed: C-1 served by cy from 2026-02-10, in closed months too: "
        "until was blank and is 2026-06-30",
        "exclusions.csv changed: C-7 left out of every rule: the row is gone, and closed months were settled by it",
        "employees.csv changed: W-1, seller of ana from 2026-01-01: the row is new, and begins in a closed month",
    ]


def test_of_many_rows_the_first_are_named_and_the_others_counted() -> None:
    before = [ANA.model_copy(update={"partner_id": f"P-{number:03}"}) for number in range(MOST_ROWS + 2)]
    told = said([*before], [])
    assert told[MOST_ROWS - 1].startswith(f"partners.csv changed: P-{MOST_ROWS - 1:03} from")
    assert told[MOST_ROWS:] == ["partners.csv changed: 2 more rows of closed months"]
    assert len(said([*before[:MOST_ROWS]], [])) == MOST_ROWS
