"""Measures: what is paid, billed, active and new in a window, alone or as a group, with what is given back or comes late."""

from datetime import date

import polars as pl
import pytest

from engine.frames.schemas import MonthSums, of_types
from engine.sums.measures import Measures
from models.period import Period
from models.vendor import Terms
from rules.earning.measure import AfterRefunds, Measure
from rules.terms.groups import Groups

DECEMBER, JANUARY, FEBRUARY, MARCH = Period(2025, 12), Period(2026, 1), Period(2026, 2), Period(2026, 3)
NOTHING = {"base_minor": 0, "paid_minor": 0, "billed_minor": 0, "first_paid_on": None, "returned_minor": 0}
BLANK = {"partner_id": "ana", "client_id": "C1", "category": "software", "product_code": "", "first_order": "O1"}


def summed(month: Period, **other: object) -> dict[str, object]:
    """A row of software that ana's client C1 paid nothing for, changed as `other` says."""
    return {"month": str(month), **BLANK, **NOTHING, "returned_of": "", "late_of": "", **other}


def measures(*rows: dict[str, object], starts: Period = DECEMBER, groups: Groups | None = None) -> Measures:
    return Measures(pl.DataFrame(rows, schema=of_types(MonthSums)), groups or Groups(), starts)


def in_group(partner_id: str, group: str, since: date) -> Terms:
    return Terms(partner_id=partner_id, name=partner_id, plan="p", from_day=since, consolidation_group=group)


def measure(**written: object) -> Measure:
    return Measure.model_validate(written)


PAID = measures(
    summed(DECEMBER, base_minor=1_000),
    summed(JANUARY, base_minor=100),
    summed(JANUARY, base_minor=30, category="telephony"),
    summed(FEBRUARY, base_minor=7),
    summed(FEBRUARY, base_minor=2, client_id="C2"),
    summed(FEBRUARY, base_minor=900, partner_id="bo"),
    summed(MARCH, base_minor=50_000),
)


@pytest.mark.parametrize(
    ("written", "figure"),
    [
        ({}, 9),
        ({"window": "2 months"}, 139),
        ({"window": "2 months", "categories": ["software"]}, 109),
        ({"window": "2 months", "categories": ["telephony"]}, 30),
        ({"window": "2 months", "categories": ["software", "telephony"]}, 139),
        ({"window": "3 months"}, 1_139),
        ({"window": "lifetime"}, 1_139),
        ({"window": "lifetime", "categories": ["hardware"]}, 0),
    ],
)
def test_what_was_paid_for_the_categories_counts_in_the_months_of_the_window(
    written: dict[str, object], figure: int
) -> None:
    assert PAID.of("ana", measure(**written), FEBRUARY) == figure


def test_each_partner_and_month_has_its_own_figure_and_a_stranger_has_none() -> None:
    assert [PAID.of(who, measure(), FEBRUARY) for who in ("ana", "bo", "cy")] == [9, 900, 0]
    assert [PAID.of("ana", measure(), month) for month in (DECEMBER, JANUARY, FEBRUARY, MARCH)] == [
        1_000,
        130,
        9,
        50_000,
    ]


def test_the_last_month_is_the_latest_that_was_summed() -> None:
    assert (PAID.last, measures().last) == (MARCH, None)


def test_what_was_billed_counts_paid_or_not() -> None:
    found = measures(summed(JANUARY, billed_minor=500, base_minor=3), summed(JANUARY, billed_minor=40, client_id="C2"))
    assert found.of("ana", measure(of="billed"), JANUARY) == 540


def test_a_client_is_active_once_with_a_single_kopeck_left_over_all_it_paid_and_was_given_back() -> None:
    found = measures(
        summed(JANUARY, client_id="ONE-KOPECK", base_minor=1),
        summed(JANUARY, client_id="BOTH", base_minor=5),
        summed(JANUARY, client_id="BOTH", base_minor=5, category="telephony"),
        summed(JANUARY, client_id="NOTHING", base_minor=9),
        summed(FEBRUARY, client_id="NOTHING", base_minor=-9),
        summed(FEBRUARY, client_id="GIVEN-BACK", base_minor=-1),
        summed(JANUARY, client_id="HIS", base_minor=1, partner_id="bo"),
    )
    active = measure(of="active_clients", window="2 months")
    assert [found.of(who, active, FEBRUARY) for who in ("ana", "bo", "cy")] == [2, 1, 0]
    assert found.of("ana", active, JANUARY) == 3  # what NOTHING paid in January is not given back yet


def test_a_client_is_new_in_the_window_in_which_it_paid_first_from_the_first_day_to_the_last() -> None:
    found = measures(
        summed(JANUARY, client_id="BEFORE", paid_minor=5, first_paid_on=date(2026, 1, 31)),
        summed(FEBRUARY, client_id="BEFORE", paid_minor=5, first_paid_on=date(2026, 2, 1)),
        summed(FEBRUARY, client_id="FIRST-DAY", paid_minor=1, first_paid_on=date(2026, 2, 1)),
        summed(FEBRUARY, client_id="LAST-DAY", paid_minor=5, first_paid_on=date(2026, 2, 28)),
        summed(FEBRUARY, client_id="LAST-DAY", paid_minor=5, first_paid_on=date(2026, 2, 3), category="telephony"),
        summed(FEBRUARY, client_id="PAID-AND-GIVEN-BACK", paid_minor=0, first_paid_on=date(2026, 2, 3)),
        summed(FEBRUARY, client_id="HIS", paid_minor=5, first_paid_on=date(2026, 2, 3), partner_id="bo"),
        summed(MARCH, client_id="LATER", paid_minor=5, first_paid_on=date(2026, 3, 1)),
    )
    new = measure(of="new_clients")
    assert [found.of(who, new, FEBRUARY) for who in ("ana", "bo", "cy")] == [2, 1, 0]
    assert [found.of("ana", new, month) for month in (JANUARY, MARCH)] == [1, 1]
    assert found.of("ana", measure(of="new_clients", window="2 months"), FEBRUARY) == 3
    assert found.of("ana", measure(of="new_clients", window="lifetime"), MARCH) == 4


def test_a_client_who_paid_before_it_was_anybodys_is_not_new() -> None:
    found = measures(
        summed(JANUARY, paid_minor=5, first_paid_on=date(2026, 1, 3), partner_id=""),
        summed(FEBRUARY, paid_minor=5, first_paid_on=date(2026, 2, 3)),
    )
    new = measure(of="new_clients")
    assert (found.of("ana", new, FEBRUARY), found.of("", new, JANUARY)) == (0, 0)


@pytest.mark.parametrize(
    ("first_paid_on", "first_order", "figure"),
    [
        (date(2026, 1, 31), "O1", 1),  # booked late: it counts in the month that first saw it
        (date(2026, 1, 31), "", 0),  # it earned nothing, as before the claim: it counts by its day
        (date(2026, 2, 1), "", 1),
        (None, "", 1),
    ],
)
def test_a_payment_counts_in_the_month_that_saw_it_but_one_that_earned_nothing_by_its_day(
    first_paid_on: date | None, first_order: str, figure: int
) -> None:
    row = summed(FEBRUARY, paid_minor=5, first_paid_on=first_paid_on, first_order=first_order)
    assert measures(row).of("ana", measure(of="new_clients"), FEBRUARY) == figure


@pytest.mark.parametrize(("starts", "figure"), [(JANUARY, 1), (FEBRUARY, 0), (MARCH, 0)])
def test_a_client_who_paid_before_the_programme_started_is_new_in_no_window(starts: Period, figure: int) -> None:
    row = summed(JANUARY, paid_minor=5, first_paid_on=date(2026, 1, 3))
    ever = measure(of="new_clients", window="lifetime")
    assert measures(row, starts=starts).of("ana", ever, FEBRUARY) == figure


def test_the_partners_of_a_group_are_measured_together_from_the_month_they_are_in_it_and_others_alone() -> None:
    rows = [
        summed(JANUARY, base_minor=100),
        summed(JANUARY, base_minor=40, partner_id="bo"),
        summed(JANUARY, base_minor=7, partner_id="dan"),
        summed(JANUARY, base_minor=3, partner_id="eve"),
    ]
    groups = Groups.of(
        [
            in_group("ana", "one owner", date(2026, 1, 1)),
            in_group("bo", "", date(2025, 1, 1)),
            in_group("bo", "one owner", date(2026, 1, 31)),
            in_group("cy", "one owner", date(2026, 1, 1)),
            in_group("dan", "another", date(2026, 1, 1)),
            in_group("eve", "one owner", date(2026, 2, 1)),
        ]
    )
    found = measures(*rows, groups=groups)
    who = ("ana", "bo", "cy", "dan", "eve")
    together = measure(over="consolidation_group", window="2 months")
    assert [found.of(partner, together, JANUARY) for partner in who] == [140, 140, 140, 7, 3]
    assert [found.of(partner, together, FEBRUARY) for partner in who] == [143, 143, 143, 7, 143]
    assert [found.of(partner, measure(), JANUARY) for partner in who] == [100, 40, 0, 7, 3]


GIVEN_BACK = measures(
    summed(JANUARY, base_minor=100, paid_minor=100, first_paid_on=date(2026, 1, 3)),
    summed(JANUARY, base_minor=-5, returned_of="2026-01", returned_minor=-5),
    summed(FEBRUARY, base_minor=-40, returned_of="2026-01", returned_minor=-60),
    summed(FEBRUARY, base_minor=900, client_id="C2", paid_minor=900, first_paid_on=date(2026, 2, 3)),
    summed(MARCH, base_minor=0, returned_of="2026-01", returned_minor=-35),
)
"""Of January's 100, 5 go back in January, 60 in February (which counts 40 of them less) and the last 35 in March."""


def test_what_is_given_back_counts_where_it_was_given_back_or_where_it_was_paid_or_not_at_all() -> None:
    def of(month: Period, counts: AfterRefunds, known: Period | None = None) -> int:
        return GIVEN_BACK.of("ana", measure(), month, counts, known)

    assert [of(month, AfterRefunds.AS_EARNED) for month in (JANUARY, FEBRUARY, MARCH)] == [95, 860, 0]
    assert [of(month, AfterRefunds.KEPT) for month in (JANUARY, FEBRUARY, MARCH)] == [100, 860, 0]
    assert [of(JANUARY, AfterRefunds.LEFT, known) for known in (JANUARY, FEBRUARY, MARCH)] == [95, 35, 0]
    assert of(JANUARY, AfterRefunds.LEFT) == 95  # by what January itself knows
    assert [of(FEBRUARY, AfterRefunds.LEFT, known) for known in (FEBRUARY, MARCH)] == [900, 900]


def test_a_client_who_was_given_everything_back_is_no_new_client_of_what_is_left() -> None:
    new = measure(of="new_clients")
    known = (JANUARY, FEBRUARY, MARCH)
    assert [GIVEN_BACK.of("ana", new, JANUARY, AfterRefunds.LEFT, month) for month in known] == [1, 1, 0]
    ever = measure(of="new_clients", window="lifetime")
    assert GIVEN_BACK.of("ana", ever, MARCH, AfterRefunds.AS_EARNED) == 2
    assert GIVEN_BACK.of("ana", ever, MARCH, AfterRefunds.LEFT) == 1


def test_what_settles_late_counts_in_the_month_of_its_terms_and_no_later() -> None:
    found = measures(
        summed(JANUARY, base_minor=100),
        summed(FEBRUARY, base_minor=20, late_of="2026-01"),
        summed(FEBRUARY, base_minor=1_000),
        summed(MARCH, base_minor=3, late_of="2026-01"),
        summed(MARCH, base_minor=50_000, late_of="2026-02"),
    )
    by_month, ever = measure(), measure(window="lifetime")
    assert [found.of("ana", by_month, month) for month in (JANUARY, FEBRUARY, MARCH)] == [100, 1_020, 50_003]
    assert [found.of_late("ana", by_month, month) for month in (JANUARY, FEBRUARY)] == [123, 51_020]
    assert [found.of_late("ana", ever, month) for month in (JANUARY, FEBRUARY)] == [123, 51_123]
