"""Sums never wrap: a month whose amounts might not fit 64 bits stops, and names the largest of them."""

import polars as pl
import pytest

from engine.frames.schemas import MonthSums, of_types
from engine.frames.snapshot import Snapshot
from engine.lines.summable import Sizes
from engine.sums.measures import Measures
from models.errors import BadInput
from models.period import Period
from rules.earning.measure import Measure
from rules.terms.groups import Groups
from tests.made.received import Line, received

LARGEST = "1000000000000000"  # 10^15, as large as an amount may be
WHOLE = "9223372036854775807"  # 2^63 - 1


def added(*lines: Line) -> tuple[Sizes, Snapshot]:
    snapshot = Snapshot.of(received(*lines))
    sizes = Sizes()
    for start, chunk in snapshot.chunks(lines_at_once=1000):
        sizes.add(chunk, start)
    return sizes, snapshot


def test_amounts_that_come_to_the_largest_integer_of_64_bits_are_summed_and_one_more_stops() -> None:
    rest = str(2**63 - 1 - 9223 * 10**15)  # 36 854 775 807
    full: list[Line] = [{"amount_minor": LARGEST}] * 9223
    sizes, snapshot = added(*full, {"amount_minor": rest})
    assert str(sizes.total) == WHOLE
    sizes.must_fit(snapshot)

    sizes, snapshot = added({"amount_minor": "1"}, *full, {"amount_minor": rest})
    with pytest.raises(
        BadInput, match=r"come to 9 223 372 036 854 775 808 minor units .* row 3: amount_minor is '1000"
    ):
        sizes.must_fit(snapshot)


def test_refunds_do_not_make_room_for_more_charges() -> None:
    """The sum of both is 0, and yet that of the charges alone would wrap."""
    lines: list[Line] = [{"amount_minor": LARGEST}, {"amount_minor": f"-{LARGEST}"}] * 4612
    sizes, snapshot = added(*lines)
    with pytest.raises(BadInput, match="come to 9 224 000 000 000 000 000 minor units"):
        sizes.must_fit(snapshot)


def test_an_amount_that_cannot_be_read_has_no_size_and_a_discount_has() -> None:
    sizes, _ = added({"amount_minor": "300.00"}, {"amount_minor": "5", "discount_minor": "7"}, {"amount_minor": "-6"})
    assert (sizes.total, sizes.largest, sizes.place) == (7 + 6, 7, 1)


def test_no_lines_fit() -> None:
    sizes, snapshot = added()
    sizes.must_fit(snapshot)


@pytest.mark.parametrize("of", ["paid", "billed"])
def test_a_measure_over_months_that_would_not_fit_together_is_exact(of: str) -> None:
    month = {"partner_id": "ana", "client_id": "C-1", "category": "software", "product_code": ""}
    amounts = {"base_minor": 2**63 - 1, "billed_minor": 2**63 - 1, "first_paid_on": None}
    sums = pl.DataFrame(
        [month | amounts | {"month": "2026-01"}, month | amounts | {"month": "2026-02"}], schema=of_types(MonthSums)
    )
    measure = Measure.model_validate({"of": of, "window": "2 months"})
    assert Measures(sums, Groups(), Period(2026, 1)).of("ana", measure, Period(2026, 2)) == 18_446_744_073_709_551_614
