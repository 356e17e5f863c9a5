"""Random histories of up to twelve months: the engine agrees with its slow twin, and what is taken back adds up."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st

from tests.histories.by_engine import DraftedMonth, Engine
from tests.histories.drawn import Scope, all_given_back, histories
from tests.histories.history import History
from tests.histories.laws import balances_follow, both_agree, everything_is_zero, never_more_than_earned
from tests.histories.twin import Twin
from tests.made.examples import tried_on

pytestmark = [pytest.mark.slow, pytest.mark.long]

# A year of a history takes seconds: it is shown as it was drawn, for making it smaller would take an hour.
# The same histories at every run: what a search finds beyond them belongs into test_found.py, as its smallest case.
# Whoever searches takes --hypothesis-profile=explore: other histories each time, as many as the profile says.
as_drawn: dict[str, Any] = {
    "suppress_health_check": list(HealthCheck),
    "phases": [Phase.explicit, Phase.generate],
}
some, few, many = tried_on(5, **as_drawn), tried_on(3, **as_drawn), tried_on(60, **as_drawn)
POLICIES = pytest.mark.parametrize("refunds", ["original_rate", "net_current", "restate"])

EVERYTHING = Scope()
LIMITS = replace(EVERYTHING, overrides=False, looks=False)
WITHOUT_VAT = Scope(base="net_of_vat")
NETWORKS = replace(EVERYTHING, caps=False, guarantees=False, looks=False)
NET_CURRENT = Scope(refunds="net_current", months=6)
RESTATE = Scope(refunds="restate", months=6)
WHOLE = Scope(fees=False, guarantees=False, unnamed=False, by_hand=False, goals=("true",), firsts=("true",))
"""What returns to zero where everything is given back.

Not by contract: fees and gifts, a minimum that is guaranteed, amounts by hand, goals and first sales that are kept by their term, and a
refund that names no sale, which is a sale below zero.
"""


def given_back(refunds: str) -> st.SearchStrategy[History]:
    """Histories in which everything is given back in the end."""
    scope = replace(WHOLE, refunds=refunds)
    return st.one_of(histories(scope), histories(replace(scope, base="net_of_vat"))).map(all_given_back)


def by_both(history: History) -> tuple[Twin, dict[str, DraftedMonth]]:
    with TemporaryDirectory() as folder:
        months = Engine(history, Path(folder)).settle_all()
    twin = Twin(history)
    twin.settle_all()
    return twin, months


@pytest.mark.parametrize(
    "scope",
    [EVERYTHING, LIMITS, NETWORKS, WITHOUT_VAT, NET_CURRENT, RESTATE],
    ids=["everything", "limits", "networks", "VAT", "net_current", "restate"],
)
@some
@given(data=st.data())
def test_the_engine_and_the_slow_twin_agree_on_a_year_and_what_is_taken_back_of_a_line_never_exceeds_what_it_earned(
    scope: Scope, data: st.DataObject
) -> None:
    """They agree on every figure. Only under original_rate is anything taken back of a line: under the others a month
    is lower, or is worked out again.
    """
    twin, months = by_both(data.draw(histories(scope)))
    both_agree(twin, months)
    balances_follow(months)
    if scope.refunds == "original_rate":
        never_more_than_earned(twin, months)


@pytest.mark.parametrize("refunds", ["original_rate", "restate"])
@few
@given(data=st.data())
def test_refunding_everything_returns_every_rule_partner_override_and_fund_to_zero(
    refunds: str, data: st.DataObject
) -> None:
    """Not under net_current: what is given back lowers the month that posts it, at the rates of that month."""
    _, months = by_both(data.draw(given_back(refunds)))
    everything_is_zero(months)


@many
@given(history=given_back("original_rate"))
def test_refunding_everything_returns_every_rule_of_the_twin_to_zero(history: History) -> None:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for month in Twin(history).settle_all().values():
        for partner, rule, minor in month.rows():
            sums[partner, rule] += minor
    assert {key: minor for key, minor in sums.items() if minor} == {}


@POLICIES
@few
@given(data=st.data())
def test_the_order_of_arrival_changes_nothing_and_neither_does_running_a_month_again(
    refunds: str, data: st.DataObject
) -> None:
    history = data.draw(histories(Scope(months=4, refunds=refunds)))
    shuffled = replace(history, lines=data.draw(st.permutations(history.lines)))
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        first, second = Engine(history, Path(one)), Engine(shuffled, Path(other))
        for month in history.months:
            again = first.drafted(month)
            assert first.settle(month).draft.digest == again.draft.digest == second.settle(month).draft.digest
