"""What every way of earning keeps, whoever writes it: each file in rules/plans/ is enrolled as soon as it is there."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import ValidationError

from models.errors import BadProgramme
from rules.plan import ClientSums, Plan, Sums
from rules.plans import offered
from rules.programme.file import parse_programme
from rules.programme.plan_page import fields, page
from rules.programme.schema import schema
from rules.programme.written import percent_text
from tests.made.examples import tried_on
from tests.made.oracle import programme
from tests.made.plan_promises import (
    Example,
    amounts,
    every_example,
    is_exact,
    measures_of,
    months,
    payments,
    rounded,
    shuffled,
    sums_for,
    taken_part,
)
from tests.made.sums import MONTH

every_plan = pytest.mark.parametrize("way", offered().values(), ids=offered())


def every_form(*, of: Callable[[Plan], bool] = lambda plan: True) -> pytest.MarkDecorator:
    """Every form of every plan, or of those a promise is about."""
    examples = [example for example in every_example() if of(example.plan)]
    return pytest.mark.parametrize("example", examples, ids=[example.id for example in examples])


editors_read = Draft202012Validator(schema())
a_few = tried_on(10)  # every form of every plan is tried on as many


# ---------------------------------------------------------------------------------- in the file


@every_plan
def test_a_plan_is_offered_under_the_name_of_its_file_and_shows_how_it_is_written(way: type[Plan]) -> None:
    name = way.__module__.rpartition(".")[2]
    assert offered()[name] is way
    assert way.examples, f"{name} has no examples: write one for each form it has"
    assert {example.plan.plan for example in every_example() if example.way is way} == {name}


@every_plan
def test_a_plan_is_documented_with_a_worked_number_and_a_word_on_each_field(way: type[Plan]) -> None:
    text = page(way)
    for key, words in fields(way):
        assert words.strip() != "", f"the field {key} has no description"
        assert f"| `{key}` | {words} |" in text
        assert "|" not in words
        assert "\n" not in words
    assert any(character.isdigit() for character in way.__doc__ or ""), "its docstring has no worked number"
    assert all(f"{way.__module__.rpartition('.')[2]}-{number}: " in text for number, _ in enumerate(way.examples, 1))


def block_with(example: Example) -> str:
    """A programme with this rule, and with those it names."""
    named = example.plan.cut().earned
    corrected = example.plan.corrects_rate()
    rate = "1%" if corrected is None else f"{percent_text(corrected)}%"
    others = {
        name: {"plan": "percentage", "products": [f"{name}-product"], "rate": rate}
        for name in ("beside", *(() if named == "all" else named))
    }
    heading, _, _ = programme("volume").partition("plans:")
    earn = {"rule": example.written, **others}
    return heading + yaml.safe_dump({"plans": {"agent": {"from": "2026-01", "earn": earn}}}, sort_keys=False)


@every_form()
def test_what_is_written_in_the_programme_file_is_read_back(example: Example) -> None:
    read = parse_programme(block_with(example))
    assert read.plans["agent"][0].earn["rule"] == example.plan


@every_form()
def test_a_key_the_plan_does_not_know_is_refused_with_its_line_and_what_to_write(example: Example) -> None:
    wrong = example._replace(written={**example.written, "bonus": "1%"})
    with pytest.raises(BadProgramme, match=r"line \d+, column \d+: plans\.agent\.earn\.rule\.bonus: .*write one of "):
        parse_programme(block_with(wrong))


@every_form()
def test_a_field_that_must_be_written_is_asked_for_by_name(example: Example) -> None:
    required = [name for name, field in example.way.model_fields.items() if field.is_required() and name != "plan"]
    for name in required:
        wrong = example._replace(written={key: value for key, value in example.written.items() if key != name})
        with pytest.raises(BadProgramme, match=rf"plans\.agent\.earn\.rule\.{name}: this key is required"):
            parse_programme(block_with(wrong))


@every_form()
def test_the_schema_for_editors_accepts_the_plan_as_it_is_written(example: Example) -> None:
    as_text = yaml.load(block_with(example), Loader=yaml.BaseLoader)
    assert [error.message for error in editors_read.iter_errors(as_text)] == []
    with_numbers = json.loads(json.dumps(yaml.safe_load(example.text)))  # an editor takes 5000.00 for a number
    as_text["plans"]["agent"]["earn"]["rule"] = with_numbers
    assert [error.message for error in editors_read.iter_errors(as_text)] == []


@every_form()
def test_a_plan_once_signed_cannot_be_changed(example: Example) -> None:
    for name in example.way.model_fields:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(example.plan, name, None)


@every_form()
def test_the_clause_is_one_plain_sentence_that_names_what_earns(example: Example) -> None:
    words = example.plan.words("RUB")
    assert words == " ".join(words.split()) != ""
    assert not words.endswith(".")
    assert not set(words) & set("{}[]<>|")
    lines = example.plan.cut().lines
    if lines:
        assert all(name in words for name in (*lines.categories, *lines.products))


@every_form()
def test_a_plan_asks_the_same_question_each_time_and_costs_at_most_what_was_paid(example: Example) -> None:
    assert example.plan.cut() == example.plan.cut()
    assert 0 <= example.plan.highest_rate() <= 1
    assert is_exact([example.plan.highest_rate()])
    assert example.plan.tiers_apply() in ("", "volume", "graduated", "package")


# ---------------------------------------------------------------------------------- exact amounts


@every_form()
@a_few
@given(data=st.data())
def test_the_order_of_lines_clients_and_events_changes_nothing(example: Example, data: st.DataObject) -> None:
    asked = data.draw(sums_for(example.plan))
    assert example.plan.earn(data.draw(shuffled(asked))) == example.plan.earn(asked)


@every_form()
@a_few
@given(data=st.data())
def test_the_steps_and_the_shares_add_up_and_so_do_the_rounded_parts(example: Example, data: st.DataObject) -> None:
    earned = example.plan.earn(data.draw(sums_for(example.plan)))
    assert sum(step.base_minor * step.rate * step.count for step in earned.working) == earned.exact
    total, parts = rounded(earned)
    if earned.shares:
        assert sum(earned.shares.values()) == earned.exact
        assert sum(parts.values()) == total
    if earned.rate is not None:
        assert earned.exact == earned.working[0].base_minor * earned.rate


@every_form()
@a_few
@given(data=st.data())
def test_arithmetic_is_exact(example: Example, data: st.DataObject) -> None:
    earned = example.plan.earn(data.draw(sums_for(example.plan)))
    assert is_exact(earned.shares.values())
    for step in earned.working:
        assert type(step.base_minor) is int
        assert type(step.count) is int
        assert is_exact([step.rate])


@every_form()
@a_few
@given(data=st.data())
def test_nothing_is_earned_for_anybody_who_was_not_in_the_sums(example: Example, data: st.DataObject) -> None:
    asked = data.draw(sums_for(example.plan))
    earned = example.plan.earn(asked)
    if earned.shared_by == "goal":
        assert all(earned.shares)
    else:
        assert earned.shares.keys() <= taken_part(asked, earned.shared_by)


# ---------------------------------------------------------------------------------- nothing for nothing


@every_form(of=lambda plan: not plan.is_fee)
@a_few
@given(data=st.data(), month=months)
def test_where_nothing_was_paid_only_a_fee_is_earned(example: Example, data: st.DataObject, month: Any) -> None:
    cut = example.plan.cut()
    rows = [ClientSums(client, 2, 0, 1 if cut.year_since else 0) for client in ("C1", "C2")] if cut.lines else []
    asked = Sums(month, clients=tuple(rows), measure=data.draw(measures_of(cut)))
    earned = example.plan.earn(asked)
    assert earned.exact == 0
    assert not any(earned.shares.values())


def years(plan: Plan) -> int:
    return 1 if plan.cut().year_since else 0


@every_form(of=lambda plan: plan.cut().lines is not None)
@a_few
@given(data=st.data())
def test_a_sale_and_its_full_refund_in_the_month_earn_nothing_and_change_nothing(
    example: Example, data: st.DataObject
) -> None:
    asked = data.draw(sums_for(example.plan))
    refunded = ClientSums("refunded", 2, 0, years(example.plan))
    with_it = example.plan.earn(replace(asked, clients=(*asked.clients, refunded)))
    without = example.plan.earn(asked)
    assert with_it.exact == without.exact
    assert with_it.shares.get("refunded", 0) == 0
    assert {key: share for key, share in with_it.shares.items() if key != "refunded"} == without.shares


@every_form(of=lambda plan: plan.cut().lines is not None and plan.highest_rate() > 0)
@a_few
@given(data=st.data(), paid=payments)
def test_one_clients_sale_and_anothers_refund_of_as_much_sum_to_zero(
    example: Example, data: st.DataObject, paid: int
) -> None:
    cut = example.plan.cut()
    rows = (ClientSums("C1", 1, paid, years(example.plan)), ClientSums("C2", 1, -paid, years(example.plan)))
    earned = example.plan.earn(Sums(MONTH, clients=rows, measure=data.draw(measures_of(cut))))
    assert earned.exact == 0
    assert sum(earned.shares.values()) == 0


@every_form(of=lambda plan: bool(plan.cut().events))
@a_few
@given(data=st.data())
def test_a_cancelled_event_takes_back_to_the_kopeck_what_it_earned(example: Example, data: st.DataObject) -> None:
    asked = data.draw(sums_for(example.plan).filter(lambda sums: any(is_event(sums))))
    _, parts = rounded(example.plan.earn(asked))
    for event in asked.events:
        if event.takes_back_minor is None:
            cancelled = replace(event, event_id=f"not-{event.event_id}", takes_back_minor=parts[event.event_id])
            later = example.plan.earn(Sums(asked.month.next(), events=(cancelled,)))
            assert rounded(later)[0] + parts[event.event_id] == 0


def is_event(sums: Sums) -> Iterable[bool]:
    return (event.takes_back_minor is None for event in sums.events)


@every_form(of=lambda plan: bool(plan.cut().events))
@a_few
@given(data=st.data(), back=payments)
def test_a_cancellation_changes_nothing_but_what_it_takes_back(
    example: Example, data: st.DataObject, back: int
) -> None:
    asked = data.draw(sums_for(example.plan).filter(lambda sums: any(is_event(sums))))
    one = next(event for event in asked.events if event.takes_back_minor is None)
    cancelled = replace(one, event_id="cancels", takes_back_minor=back)
    with_it = example.plan.earn(replace(asked, events=(*asked.events, cancelled)))
    assert with_it.exact == example.plan.earn(asked).exact - back
    assert with_it.shares["cancels"] == -back


# ---------------------------------------------------------------------------------- more and less


@every_form(of=lambda plan: plan.tiers_apply() == "graduated")
@a_few
@given(base=amounts, below=amounts, more=payments)
def test_a_larger_base_never_earns_less_where_tiers_are_graduated(
    example: Example, base: int, below: int, more: int
) -> None:
    """`below` is what is measured and does not earn: it stays as it is."""

    def earned(base_minor: int) -> Fraction:
        rows = (ClientSums("C1", 1, base_minor),)
        return example.plan.earn(Sums(MONTH, clients=rows, measure=base_minor + below)).exact

    assert earned(base + more) >= earned(base)


@every_form(of=lambda plan: bool(plan.tiers_apply()) and plan.tiers_apply() != "package")
@a_few
@given(data=st.data())
def test_the_tier_reached_starts_at_the_measure_or_below_and_the_next_one_above(
    example: Example, data: st.DataObject
) -> None:
    asked = data.draw(sums_for(example.plan))
    reached = example.plan.earn(asked).reached
    assert reached is not None
    assert reached.tier.starts_at_minor <= max(asked.measure, 0)
    if reached.next_tier:
        assert reached.next_tier.starts_at_minor > asked.measure


@every_form(of=lambda plan: bool(plan.highest_rate()) and not plan.is_fee)
@a_few
@given(data=st.data(), paid=payments)
def test_a_payment_costs_no_more_than_the_highest_rate_says_and_what_tiers_add(
    example: Example, data: st.DataObject, paid: int
) -> None:
    """The check of what a sale may cost, when the file is read, relies on it."""
    cut = example.plan.cut()
    asked = data.draw(sums_for(example.plan))
    asked = replace(asked, clients=(ClientSums("C1", 1, paid, years(example.plan)),) if cut.lines else ())
    flats = sum(step.exact for step in example.plan.earn(asked).working if step.words.startswith("for entering"))
    base = paid if cut.lines else sum(max(junior.base_minor, 0) for junior in asked.juniors)
    assert example.plan.earn(asked).exact - flats <= example.plan.highest_rate() * base
