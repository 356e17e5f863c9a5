"""Whose terms of a closed month are looked at: who earned on the sales given back, and who stands above them."""

from datetime import date

import polars as pl
import pytest

from engine.closed_months.corrections import GivenBackNow
from engine.closed_months.earlier_terms import terms_before
from engine.frames.schemas import EarnedAmounts, Returns, SaleAccruals, SoldLines
from engine.inputs import EarlierMonths, MonthInputs, VendorTables
from engine.sums.past import Past
from models.period import Period
from models.vendor import Terms
from rules.programme.file import parse_programme
from tests.engine.closed_months.agents import FOR_LIFE
from tests.engine.closed_months.agents import TEXT as PROGRAMME
from tests.made.rows import rows_of


def row(partner_id: str, parent_id: str = "", begins: date = date(2026, 1, 1)) -> Terms:
    return Terms(partner_id=partner_id, name=partner_id, plan="agent", from_day=begins, parent_id=parent_id)


PARTNERS = (
    row("ana", "bo"),
    row("ana", "cy", date(2026, 2, 1)),
    row("bo", "top"),
    row("cy"),
    row("top"),
    row("dan"),
    row("servant"),
)


def inputs(programme: str = PROGRAMME) -> MonthInputs:
    """A March in which a sale of January is given back: Ana's, on which Servant earned for serving the client."""
    earned: list[dict[str, object]] = [
        {"month": month, "partner_id": "dan", "rule": "software"} for month in ("2026-01", "2026-02")
    ]
    return MonthInputs(
        month=Period(2026, 3),
        code="",
        programme=parse_programme(programme),
        vendor=VendorTables(PARTNERS),
        earlier=EarlierMonths(
            past=Past(earned=rows_of(EarnedAmounts, *earned)),
            sold=rows_of(SoldLines, {"month": "2026-01", "line_id": "L1", "partner_id": "ana"}),
            sale_accruals=rows_of(
                SaleAccruals,
                {"month": "2026-01", "partner_id": "servant", "line_id": "L1"},
                {"month": "2026-01", "partner_id": "dan", "line_id": "L2"},  # of the same client, and not given back
            ),
        ),
        parts={},
    )


GIVEN_BACK = rows_of(Returns, {"sale_id": "L1", "refund_id": "R1", "sale_month": "2026-01"})


def given_back(**returns: pl.DataFrame) -> GivenBackNow:
    none = Returns.create_empty()
    return GivenBackNow(**({"one_by_one": none, "again": none, "of_nothing": none} | returns))


def test_there_are_those_who_brought_the_sale_or_earned_on_it_and_all_who_ever_stood_above_them() -> None:
    found = terms_before(inputs(), given_back(one_by_one=GIVEN_BACK))
    assert {month: sorted(partners) for month, partners in found.items()} == {
        "2026-01": ["ana", "bo", "cy", "servant", "top"]
    }


def test_a_month_that_takes_nothing_back_looks_at_no_terms() -> None:
    assert terms_before(inputs(), given_back(of_nothing=GIVEN_BACK)) == {}


@pytest.mark.parametrize("month", ["2026-01", "2026-02"])
def test_a_limit_for_life_looks_at_everybody_in_every_month_that_earned(month: str) -> None:
    found = terms_before(inputs(PROGRAMME + FOR_LIFE), given_back(one_by_one=GIVEN_BACK))
    assert sorted(found) == ["2026-01", "2026-02"]
    assert sorted(found[month]) == ["ana", "bo", "cy", "dan", "servant", "top"]
