"""Override: what juniors earn, or their clients pay, earns their senior a share, level by level."""

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.period import Period
from models.phrase import Phrase
from rules.plan import Cut, Earned, Junior, Stage, Sums, To, Working
from rules.plans.override import Override

juniors = st.lists(
    st.builds(Junior, st.text("P123", min_size=1, max_size=4), st.integers(1, 5), st.integers(), st.integers()),
    max_size=8,
    unique_by=lambda junior: junior.partner_id,
)


def agreed(of: str = "commission", levels: object = ("5%", "2%", "1%")) -> Override:
    written = {"plan": "override", "of": of, "levels": levels}
    return Override.model_validate(written, context={"currency": "RUB"})


def earn(plan: Override, *below: Junior) -> Earned:
    return plan.earn(Sums(Period(2026, 1), juniors=below))


DIRECT = Junior("P-7", 1, base_minor=8_000_000, commission_minor=4_000_000)
BELOW_IT = Junior("P-3", 2, base_minor=2_000_000, commission_minor=1_000_000)


def test_each_junior_earns_its_senior_the_rate_of_its_level() -> None:
    earned = earn(agreed(levels=["5%", "2%"]), BELOW_IT, DIRECT)
    assert earned.working == (
        Working(4_000_000, Fraction(5, 100), phrase=Phrase.of("level {n}: {partner}", n=1, partner="P-7")),
        Working(1_000_000, Fraction(2, 100), phrase=Phrase.of("level {n}: {partner}", n=2, partner="P-3")),
    )
    assert earned.exact == 220_000  # 5 % of 40 000.00 and 2 % of 10 000.00
    assert earned.shares == {"P-7": 200_000, "P-3": 20_000}
    assert earned.shared_by == "partner"


def test_of_the_base_the_senior_earns_on_what_juniors_clients_paid() -> None:
    assert earn(agreed("base"), DIRECT, BELOW_IT).exact == 440_000  # 5 % of 80 000.00 and 2 % of 20 000.00


def test_below_the_last_level_nothing_is_earned() -> None:
    assert earn(agreed(levels=["5%"]), BELOW_IT) == Earned((), {}, "partner")
    assert earn(agreed(levels=["5%", "2%"]), BELOW_IT).exact == 20_000


def test_what_a_junior_has_to_give_back_takes_back_its_override() -> None:
    up = earn(agreed(), Junior("P-7", 1, 0, 123_457))
    down = earn(agreed(), Junior("P-7", 1, 0, -123_457))
    assert up.exact + down.exact == 0
    assert down.exact == Fraction(-617_285, 100)


def test_it_asks_for_as_many_levels_as_it_has_rates_for() -> None:
    plan = agreed()
    assert plan.cut() == Cut(juniors=3)
    assert (plan.stage, plan.is_fee, plan.to) == (Stage.NETWORK, False, To.PARTNER)


def test_of_the_base_it_may_cost_all_levels_together_and_of_commission_that_depends_on_the_juniors() -> None:
    assert agreed("base").highest_rate() == Fraction(8, 100)
    assert agreed("commission").highest_rate() == 0


def test_the_clause_names_every_level() -> None:
    assert agreed().words("RUB") == "on juniors’ commission: 5 % at level 1, 2 % at level 2, 1 % at level 3"
    assert agreed("base", ["7.5%"]).words("RUB") == "on what juniors’ clients pay: 7.5 % at level 1"


def test_there_are_one_to_ten_levels() -> None:
    assert agreed(levels=["1%"]).cut().juniors == 1
    assert agreed(levels=["1%"] * 10).cut().juniors == 10
    with pytest.raises(ValidationError, match="at least 1 item"):
        agreed(levels=[])
    with pytest.raises(ValidationError, match="at most 10 items"):
        agreed(levels=["1%"] * 11)


@pytest.mark.parametrize(
    ("of", "levels", "words"),
    [
        ("sales", ["5%"], "'commission' or 'base'"),
        ("base", ["0.05"], "'0.05' is not a rate"),
        ("base", ["101%"], "is more than the client paid"),
        ("base", "5%", "valid tuple"),
    ],
)
def test_an_override_that_could_be_read_two_ways_is_refused(of: str, levels: object, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        agreed(of, levels)


def test_editors_are_told_how_many_levels_there_may_be() -> None:
    levels = Override.model_json_schema()["properties"]["levels"]
    assert levels["minItems"] == 1
    assert levels["maxItems"] == 10


@given(juniors, st.sampled_from(["commission", "base"]), st.randoms(use_true_random=False))
def test_steps_and_shares_add_up_in_any_order_of_juniors(below: list[Junior], of: str, chance: random.Random) -> None:
    earned = earn(agreed(of), *below)
    assert sum(earned.shares.values(), Fraction(0)) == earned.exact
    shuffled = earn(agreed(of), *chance.sample(below, len(below)))
    assert shuffled.exact == earned.exact
    assert shuffled.shares == earned.shares
