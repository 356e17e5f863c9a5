"""Laws that hold of every history, whatever is drawn: of its months by the engine, and of its life by the slow twin."""

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tests.histories.agreement import by_engine, by_twin, differences
from tests.histories.by_engine import DraftedMonth, closing, entry
from tests.histories.twin import Twin

Months = Mapping[str, DraftedMonth]


def both_agree(twin: Twin, months: Months) -> None:
    """The engine and the twin say the same of every line, amount, and balance."""
    for month, made in months.items():
        assert differences(by_twin(twin.months[month]), by_engine(made)) == {}, month


def balances_follow(months: Months) -> None:
    """A month opens with what the one before closed with."""
    for before, after in pairwise(months.values()):
        opening = {partner: entry(body, "opening") for partner, body in after.statements.items()}
        closed = {partner: closing(body) for partner, body in before.statements.items()}
        assert {partner: minor for partner, minor in opening.items() if partner in closed} == closed


def never_more_than_earned(twin: Twin, months: Months) -> None:
    """All that is taken back of a line, at the end of any month, is at most what it earned."""
    exact: dict[tuple[str, str, str, str, str], Fraction] = defaultdict(Fraction)
    for sale_id, sale in twin.sales.items():
        for group, earned, _ in sale.earned:  # a person in two roles earns one amount by both
            exact[sale_id, group.partner, group.rule, group.to, group.key] += earned
    # A chargeback that was netted in the month of its sale is no correction, and what is won of it later is one.
    charged = {line["refunds_line_id"] for line in twin.history.lines if line["kind"] == "chargeback_won"}
    won = {sale_id for line_id in charged for sale_id in twin.taken.get(line_id, ())}
    back: dict[tuple[str, str, str, str, str], int] = defaultdict(int)
    for made in months.values():
        for row in corrections(made):
            if row["sale_id"]:
                back[row["sale_id"], row["partner_id"], row["rule"], row["to"], row["key"]] += row["minor"]
        for key, minor in back.items():
            # A client's share may be a kopeck above what is exact, and a part of it is rounded: 4 x 2.9 / 3.3 is 4.
            assert abs(minor) < abs(exact[key]) + Fraction(3, 2), key
            assert minor * exact[key] <= 0 or key[0] in won, key


def everything_is_zero(months: Months) -> None:
    """What every rule came to for each partner, fund, credit and person, with all corrections, is nothing."""
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for made in months.values():
        for row in [*made.frame("earned.parquet").iter_rows(named=True), *corrections(made)]:
            sums[row["partner_id"], row["rule"], row["to"]] += row["minor"]
    assert {key: minor for key, minor in sums.items() if minor} == {}


def corrections(made: DraftedMonth) -> list[dict[str, Any]]:
    """What a month posts for earlier ones (Corrections)."""
    there = "corrections.parquet" in made.draft.results
    return list(made.frame("corrections.parquet").iter_rows(named=True)) if there else []
