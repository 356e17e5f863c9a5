"""For every plan there is, the columnar engine and a slow twin answer the same, in any order and on any shards.

What each line earned is looked at in the same worlds: it adds up exactly to what its rule earned, before any rounding.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from engine.frames.schemas import Accruals
from rules.earning.commission import Accrued, accrue, accrue_network
from rules.programme.file import Programme
from rules.terms.network import juniors_of, own_result
from tests.engine.worlds import PARTNERS, ByEngine, by_engine, exact, named_by, programme_of, terms_of, worlds
from tests.made.examples import tried_on
from tests.made.plan_promises import Example, every_example
from tests.twins.slow_sums import World, answer, measured


def by_twin(world: World, programme: Programme) -> Mapping[str, tuple[Accrued, ...]]:
    partners = terms_of(programme)
    sums = {partner: {rule: answer(world, partner, rule) for rule in world.earn} for partner in partners}
    accrued = {partner: accrue(partners[partner].rules, sums[partner]) for partner in partners}
    parents = {partner: terms.terms.parent_id for partner, terms in partners.items()}
    owns = {partner: own_result(mine) for partner, mine in accrued.items()}
    for senior, juniors in juniors_of(parents, owns).items():
        accrued[senior] += accrue_network(partners[senior].rules, sums[senior], juniors)
    return accrued


@pytest.mark.parametrize("example", every_example(), ids=[example.id for example in every_example()])
@tried_on(10, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_engine_and_the_slow_twin_answer_the_same_and_what_lines_earned_adds_up_exactly_to_it(
    example: Example, data: st.DataObject
) -> None:
    world = data.draw(worlds(example))
    measure = example.plan.cut().measure
    programme = programme_of(example.text, named_by(example))
    found = by_engine(world, programme, measure, lines_at_once=data.draw(st.sampled_from([7, 15, 100])))
    accrued = found.by_partner()
    assert accrued == by_twin(world, programme)
    lines_add_up(found)
    assert found.figures == {partner: measured(world, partner, measure) for partner in PARTNERS if measure}
    lines = data.draw(st.permutations(world.lines))
    again = by_engine(replace(world, lines=lines, events=world.events[::-1]), programme, measure, lines_at_once=1_000)
    assert (again.by_partner(), again.figures) == (accrued, found.figures)


def lines_add_up(found: ByEngine) -> None:
    """Hold that what lines earned adds up exactly to what each rule earned, and to each share of it."""
    totals: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    shares: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
    counted: dict[tuple[str, str], int] = defaultdict(int)
    lines: set[tuple[str, str, str]] = set()
    seen: set[tuple[str, str, str, str]] = set()
    for row in Accruals.validate(found.accruals()).iter_rows(named=True):
        key = (row["partner_id"], row["rule"] + row["terms"])
        totals[key] += exact(row)
        shares[*key, row["key"]] += exact(row)
        assert (row["line_id"] is None) <= (row["base_minor"] == 1)
        if row["line_id"] is not None:
            assert (*key, row["line_id"], row["key"]) not in seen, "a line earns once under a rule, for each person"
            counted[key] += row["base_minor"] if (*key, row["line_id"]) not in lines else 0
            seen.add((*key, row["line_id"], row["key"]))
            lines.add((*key, row["line_id"]))
    accrued = {(partner, each.rule): each for partner, mine in found.by_partner().items() for each in mine}
    assert totals.keys() <= accrued.keys()
    for key, each in accrued.items():
        assert totals[key] == each.earned.exact
        assert counted[key] == each.sums.base_minor
        for share, amount in (each.earned.shares or {"": each.earned.exact}).items():
            assert shares[*key, share] == amount
