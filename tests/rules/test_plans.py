"""What every way of earning keeps, whoever writes it: each file in rules/plans/ is enrolled as soon as it is there."""

import random
from fractions import Fraction
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from pydantic import BaseModel, ValidationError

from models.period import Period
from rules.commission import Accrued, ClientSums, accrue
from rules.ladder import Tier
from rules.plan import Plan, Sums
from rules.plans import offered
from rules.programme import PlanTerms, parse_programme
from tests.oracle import programme
from tests.rules.strategies import RUB_100_MILLION, amounts, bounds, percents

CATEGORIES = ("software", "telephony", "numbers", "hardware")

categories = st.lists(st.sampled_from(CATEGORIES), min_size=1, unique=True)
written_ladders = bounds.flatmap(
    lambda starts: st.lists(percents, min_size=len(starts), max_size=len(starts)).map(
        lambda rates: {f"{bound // 100}.{bound % 100:02d}": rate for bound, rate in zip(starts, rates, strict=True)}
    )
)


def written(kind: Any) -> SearchStrategy[Any]:
    """The ways a field of this type may be written in the programme file."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return written(inner[0])
    if origin in (Union, UnionType):
        return st.one_of([written(one) for one in inner])
    if origin is Literal:
        return st.sampled_from(inner)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        needed: dict[str, SearchStrategy[Any]] = {}
        optional: dict[str, SearchStrategy[Any]] = {}
        for name, field in kind.model_fields.items():
            (needed if field.is_required() else optional)[field.alias or name] = written(field.annotation)
        return st.fixed_dictionaries(needed, optional=optional)
    ways: dict[Any, SearchStrategy[Any]] = {
        Fraction: percents,
        tuple[str, ...]: categories,
        tuple[Tier, ...]: written_ladders,
    }
    if kind not in ways:
        raise NotImplementedError(
            f"a plan has a field of type {kind}: say here how it is written in the programme file"
        )
    return ways[kind]


def agreed(way: type[Plan]) -> SearchStrategy[Plan]:
    """Any plan of this kind that two parties may sign."""
    return written(way).map(lambda fields: way.model_validate(fields, context={"currency": "RUB"}))


every_plan = pytest.mark.parametrize("way", offered().values(), ids=offered())
sums = st.builds(Sums, base_minor=amounts, measure_minor=amounts)
payments = st.builds(Sums, base_minor=st.integers(1, RUB_100_MILLION), measure_minor=amounts)
client_sums = st.dictionaries(st.text("ABC123", min_size=1, max_size=4), amounts, min_size=1, max_size=8).map(
    lambda found: [ClientSums(client, 1, base) for client, base in found.items()]
)


def accrued(plan: Plan, clients: list[ClientSums], consolidated: dict[str, int]) -> Accrued:
    """What the plan earns where it is the only rule."""
    terms = PlanTerms.model_construct(from_=Period(2026, 1), earn={"rule": plan})
    (rule,) = accrue(terms, {"rule": clients}, consolidated)
    return rule


def lines(rule: Accrued) -> dict[str, int]:
    return {client: share.minor for client, share in rule.clients.items()}


@every_plan
def test_the_name_of_the_file_is_the_name_of_the_plan(way: type[Plan]) -> None:
    name = way.__module__.rpartition(".")[2]
    assert offered()[name] is way
    assert get_args(way.model_fields["plan"].annotation) == (name,)


@every_plan
@given(data=st.data())
def test_every_plan_can_be_written_in_the_programme_file(way: type[Plan], data: st.DataObject) -> None:
    fields = data.draw(written(way))
    plan = way.model_validate(fields, context={"currency": "RUB"})
    others = {category: "sold at cost" for category in CATEGORIES if category not in plan.cut().categories}
    block = {"from": "2026-01", "earn": {"rule": fields}, "not_commissioned": others}
    heading, _, _ = programme("volume").partition("plans:")
    read = parse_programme(heading + yaml.safe_dump({"plans": {"integrator": block}}, sort_keys=False))
    assert read.plans["integrator"][0].earn == {"rule": plan}


@every_plan
@given(data=st.data())
def test_a_plan_once_signed_cannot_be_changed(way: type[Plan], data: st.DataObject) -> None:
    plan = data.draw(agreed(way))
    with pytest.raises(ValidationError, match="frozen"):
        plan.plan = "another"  # type: ignore[misc]


@every_plan
@given(data=st.data())
def test_a_key_the_plan_does_not_know_is_refused(way: type[Plan], data: st.DataObject) -> None:
    fields = data.draw(written(way)) | {"bonus": "1%"}
    with pytest.raises(ValidationError, match="bonus"):
        way.model_validate(fields, context={"currency": "RUB"})


@every_plan
@given(data=st.data())
def test_the_clause_says_in_one_sentence_what_earns(way: type[Plan], data: st.DataObject) -> None:
    plan = data.draw(agreed(way))
    words = plan.words("RUB")
    assert words == words.strip() != ""
    assert "\n" not in words
    assert all(category in words for category in plan.cut().categories)


@every_plan
@given(data=st.data(), asked=sums)
def test_the_steps_of_the_working_add_up(way: type[Plan], data: st.DataObject, asked: Sums) -> None:
    earned = data.draw(agreed(way)).earn(asked)
    assert sum(step.base_minor for step in earned.working) == asked.base_minor
    assert sum(step.base_minor * step.rate for step in earned.working) == earned.exact
    if earned.rate is not None:
        assert earned.exact == asked.base_minor * earned.rate


@every_plan
@given(data=st.data(), asked=sums)
def test_the_same_sums_earn_the_same_and_exactly(way: type[Plan], data: st.DataObject, asked: Sums) -> None:
    plan = data.draw(agreed(way))
    earned = plan.earn(asked)
    assert plan.earn(asked) == earned
    assert isinstance(earned.exact, Fraction)
    assert all(isinstance(step.rate, Fraction) and isinstance(step.base_minor, int) for step in earned.working)


@every_plan
@given(data=st.data(), paid=payments)
def test_a_payment_earns_no_more_than_was_paid_and_never_less_than_nothing(
    way: type[Plan], data: st.DataObject, paid: Sums
) -> None:
    assert 0 <= data.draw(agreed(way)).earn(paid).exact <= paid.base_minor


@every_plan
@given(data=st.data(), paid=payments)
def test_more_refunds_than_payments_owe_at_the_first_rate(way: type[Plan], data: st.DataObject, paid: Sums) -> None:
    earned = data.draw(agreed(way)).earn(Sums(-paid.base_minor, paid.measure_minor))
    assert earned.exact == -paid.base_minor * earned.first_rate <= 0


@every_plan
@given(data=st.data(), asked=sums)
def test_the_tier_reached_starts_at_the_measure_or_below_and_the_next_one_above(
    way: type[Plan], data: st.DataObject, asked: Sums
) -> None:
    reached = data.draw(agreed(way)).earn(asked).reached
    if reached is None:
        return
    assert reached.tier.starts_at_minor <= max(asked.measure_minor, 0)
    if reached.next_tier:
        assert reached.next_tier.starts_at_minor > asked.measure_minor


@every_plan
@given(data=st.data(), paid=st.integers(1, RUB_100_MILLION), elsewhere=amounts)
def test_a_sale_and_its_full_refund_sum_to_zero(
    way: type[Plan], data: st.DataObject, paid: int, elsewhere: int
) -> None:
    plan = data.draw(agreed(way))
    bill = dict.fromkeys(CATEGORIES, elsewhere)
    of_one_client = accrued(plan, [ClientSums("C1", 2, 0)], bill)
    assert (of_one_client.commission_minor, lines(of_one_client)) == (0, {"C1": 0})
    of_two = accrued(plan, [ClientSums("C1", 1, paid), ClientSums("C2", 1, -paid)], bill)
    assert of_two.commission_minor == 0
    assert lines(of_two)["C1"] == -lines(of_two)["C2"]


@every_plan
@given(data=st.data(), clients=client_sums, elsewhere=amounts)
def test_a_plan_accrues_to_the_clients_it_was_given_and_their_lines_add_up(
    way: type[Plan], data: st.DataObject, clients: list[ClientSums], elsewhere: int
) -> None:
    rule = accrued(data.draw(agreed(way)), clients, dict.fromkeys(CATEGORIES, elsewhere))
    assert rule.clients.keys() == {client.client_id for client in clients}
    assert sum(lines(rule).values()) == rule.commission_minor


@every_plan
@given(data=st.data(), clients=client_sums, chance=st.randoms(use_true_random=False))
def test_the_order_of_the_clients_does_not_change_the_commission(
    way: type[Plan], data: st.DataObject, clients: list[ClientSums], chance: random.Random
) -> None:
    plan, bill = data.draw(agreed(way)), {"software": sum(client.base_minor for client in clients)}
    shuffled = accrued(plan, chance.sample(clients, len(clients)), bill)
    assert shuffled.commission_minor == accrued(plan, clients, bill).commission_minor
    assert lines(shuffled) == lines(accrued(plan, clients, bill))
