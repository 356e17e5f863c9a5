"""Which closed months' terms late lines may earn by, and whose they are."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest

from engine.closed_months.late_terms import late_months, months_before, with_terms_of_payment
from engine.frames.schemas import MonthSums
from engine.frames.snapshot import Snapshot
from engine.inputs import EarlierMonths, MonthInputs, VendorTables
from engine.sums.past import Past
from models.period import Period
from models.vendor import Terms
from rules.programme.file import parse_programme
from rules.terms.in_force import InForce, in_force
from tests.made.received import Line, line_ids, received
from tests.made.rows import rows_of

JANUARY, FEBRUARY, MARCH = (Period(2026, month) for month in (1, 2, 3))
PROGRAMME = """\
programme: late
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: gross
plans:
  then:
    from: 2026-01
    late_lines: month_of_payment
    earn: {software: {plan: percentage, categories: [software], rate: 10%}}
  now:
    from: 2026-01
    earn: {software: {plan: percentage, categories: [software], rate: 20%}}
"""


def row(partner_id: str, plan: str, begins: date) -> Terms:
    return Terms(partner_id=partner_id, name=partner_id, plan=plan, from_day=begins)


ANA, BO, CY = (
    row("ana", "then", date(2026, 1, 1)), row("bo", "now", date(2026, 1, 1)), row("cy", "then", date(2026, 2, 1))
)  # fmt: skip


def march(*lines: Line, partners: tuple[Terms, ...] = (ANA, BO, CY), settled: Iterable[str] = ()) -> MonthInputs:
    return MonthInputs(
        month=MARCH,
        code="",
        programme=parse_programme(PROGRAMME),
        vendor=VendorTables(partners),
        earlier=EarlierMonths(settled=line_ids(*settled)),
        parts={},
        lines=Snapshot.of(received(*lines)),
    )


def terms(inputs: MonthInputs) -> dict[str, InForce]:
    return in_force(inputs.vendor.partners, inputs.programme, inputs.month)


@pytest.mark.parametrize(
    ("paid_on", "months"),
    [
        ("2025-12-31", []),  # before the programme starts
        ("2026-01-01", [JANUARY]),
        ("2026-02-28", [FEBRUARY]),
        ("2026-03-01", []),  # this month's own
        ("2026-13-01", []),  # no month
        ("2026-00-01", []),
        ("2026-02", []),  # no day
        (None, []),  # not paid
    ],
)
def test_a_line_is_late_of_the_closed_month_it_was_paid_in(paid_on: str | None, months: list[Period]) -> None:
    assert late_months(march({"paid_on": paid_on})) == months


def test_each_month_is_named_once_oldest_first_and_for_lines_that_no_month_has_seen() -> None:
    lines: list[Line] = [
        {"line_id": "A", "paid_on": "2026-02-10"},
        {"line_id": "B", "paid_on": "2026-01-10"},
        {"line_id": "C", "paid_on": "2026-02-11"},
    ]
    assert late_months(march(*lines)) == [JANUARY, FEBRUARY]
    assert late_months(march(*lines, settled=["B"])) == [FEBRUARY]
    assert late_months(march(*lines, settled=["A", "B", "C"])) == []


def test_what_we_carry_was_seen_by_the_month_it_comes_from() -> None:
    assert late_months(march({"paid_on": "2026-01-10", "carried_from": "2026-01"})) == []


@pytest.mark.parametrize(
    ("month", "before"), [(JANUARY, []), (FEBRUARY, [JANUARY]), (MARCH, [JANUARY, FEBRUARY]), (Period(2025, 12), [])]
)
def test_the_months_before_one_are_those_of_the_programme(month: Period, before: list[Period]) -> None:
    assert months_before(march(), month) == before


def test_partners_whose_contract_says_so_get_the_terms_of_the_months_they_were_there() -> None:
    inputs = march()
    found = with_terms_of_payment(terms(inputs), inputs, lambda: [JANUARY, FEBRUARY])
    late = {partner_id: [part.late_of for part in each.parts] for partner_id, each in found.items()}
    assert late == {"ana": [JANUARY, FEBRUARY, None], "bo": [None], "cy": [FEBRUARY, None]}


def test_where_no_contract_says_so_nobody_asks_which_months() -> None:
    inputs = march(partners=(BO,))

    def months() -> list[Period]:
        raise AssertionError("asked")

    now = terms(inputs)
    assert with_terms_of_payment(now, inputs, months) == now


def test_without_late_lines_the_terms_are_as_they_were() -> None:
    inputs = march()
    assert with_terms_of_payment(terms(inputs), inputs, list) == terms(inputs)


LEVELS = """\
levels:
  rising:
    measure: {categories: all, window: month}
    levels:
      First: {reaches: 0, plan: now}
      Second: {reaches: 1000.00, plan: then}
"""


@pytest.mark.parametrize(("paid_minor", "plan"), [(999_99, "now"), (1_000_00, "then")])
def test_the_level_of_a_closed_month_is_the_one_that_the_month_before_it_had_reached(
    paid_minor: int, plan: str
) -> None:
    # What January came to is the level of February; 1 000.00 in February is the level of March.
    paid = {"partner_id": "ana", "category": "software"}
    sums = rows_of(
        MonthSums,
        paid | {"month": "2026-01", "base_minor": paid_minor},
        paid | {"month": "2026-02", "base_minor": 1_000_00},
    )
    inputs = march(partners=(row("ana", "rising", date(2026, 1, 1)),))
    inputs = replace(inputs, programme=parse_programme(PROGRAMME + LEVELS), earlier=EarlierMonths(past=Past(sums)))
    now = in_force(
        inputs.vendor.partners, inputs.programme, MARCH, measured=inputs.measures(inputs.earlier.past.sums).of
    )
    found = with_terms_of_payment(now, inputs, lambda: [FEBRUARY])
    assert [(part.late_of, part.plan) for part in found["ana"].parts] == [(FEBRUARY, plan), (None, "then")]
