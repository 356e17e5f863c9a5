"""Random histories of up to twelve months: what holds whatever happens."""

from collections import defaultdict

import pytest
from hypothesis import HealthCheck, given, settings

from tests.histories.drawn import Scope, all_given_back, histories
from tests.histories.history import History
from tests.histories.twin import Twin

slowly = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("refunds", ["original_rate"])
@slowly
@given(history=histories(Scope(guarantees=False, unnamed=False)))
def test_refunding_everything_returns_every_rule_to_zero(refunds: str, history: History) -> None:
    months = Twin(all_given_back(history)).settle_all().values()
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for month in months:
        for partner, rule, minor in month.rows():
            sums[partner, rule] += minor
    assert {key: minor for key, minor in sums.items() if minor} == {}
