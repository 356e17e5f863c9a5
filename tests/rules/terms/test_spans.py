"""Spans of terms: special terms until a day, months that are only partly held, and a change split by day."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput
from models.period import Period
from models.vendor import Terms
from rules.programme.file import parse_programme
from rules.terms.in_force import InForce, Part, in_force
from tests.rules.written import PROGRAMME as UIS

SOFTWARE = "software: {plan: percentage, categories: [software], rate: 50%}"
FEE = "fee: {plan: base_fee, pays: 100.00}"
TIERS = "software: {plan: tiered, categories: [software], by: volume, measure: all, tiers: {0: 8%}}"
BY_DAY = {
    "standard": f"{SOFTWARE}, {FEE}",
    "special": f"{SOFTWARE}, {FEE}",
    "other": SOFTWARE,
    "ladder": TIERS,
    "actions": "lead: {plan: pay_per_action, event: lead, pays: 1.00}",
    "service": "care: {plan: servicing, categories: [software], rate: 5%}",
    "upfront": "start: {plan: base_fee, pays: 100.00, paid: upfront}",
}
PROGRAMME = parse_programme(
    UIS[: UIS.index("plans:")]
    + f"plans:\n  whole: {{from: 2026-01, earn: {{{SOFTWARE}}}}}\n"
    + "".join(
        f"  {name}: {{from: 2026-01, mid_month: split_by_day, earn: {{{earn}}}}}\n" for name, earn in BY_DAY.items()
    )
    + "  stable:\n"
    + "".join(
        f"    - {{from: {month}, mid_month: split_by_day, applies_to: {who}, earn: {{{SOFTWARE}, {FEE}}}}}\n"
        for month, who in [("2026-01", "all_clients"), ("2026-02", "new_clients")]
    )
    + f"  outgrown:\n    - {{from: 2026-01, earn: {{{SOFTWARE}, {BY_DAY['service']}, {BY_DAY['upfront']}}}}}\n"
    + f"    - {{from: 2026-02, mid_month: split_by_day, applies_to: new_clients, earn: {{{SOFTWARE}}}}}\n"
)
FEBRUARY = Period(2026, 2)


def terms(plan: str, from_day: str, until: str = "", name: str = "Ana") -> Terms:
    return Terms(
        partner_id="ana",
        name=name,
        plan=plan,
        from_day=date.fromisoformat(from_day),
        until=date.fromisoformat(until) if until else None,
    )


def held(*rows: Terms, month: str = "2026-02") -> InForce:
    return in_force(rows, PROGRAMME, Period.parse(month))["ana"]


def plan_in(month: str, *rows: Terms) -> str:
    (part,) = held(*rows, month=month).parts
    assert (part.days, part.suffix, part.paid_from, part.paid_until) == (None, "", None, None)
    return part.plan


def days(found: InForce) -> list[tuple[str, str, str, int | None, str]]:
    """Each part: its plan, the payments it holds for, on how many days, and what its rules' names end with."""
    return [
        (part.plan, str(part.paid_from or ""), str(part.paid_until or ""), part.days, part.suffix)
        for part in found.parts
    ]


def problem(*rows: Terms) -> str:
    with pytest.raises(BadInput) as refused:
        held(*rows)
    (_, line) = str(refused.value).splitlines()
    return line.removeprefix("  partner ana: ")


# Special terms


def test_special_terms_hold_from_a_day_until_a_day_and_then_the_terms_before() -> None:
    rows = terms("whole", "2025-06-01"), terms("ladder", "2026-02-01", "2026-03-31")
    assert [plan_in(month, *rows) for month in ("2026-01", "2026-02", "2026-03", "2026-04")] == [
        "whole", "ladder", "ladder", "whole",
    ]  # fmt: skip


def test_special_terms_inside_special_terms_give_way_to_those_still_running() -> None:
    rows = (
        terms("whole", "2026-01-01"),
        terms("ladder", "2026-02-01", "2026-05-31"),
        terms("other", "2026-03-01", "2026-03-31"),
    )
    months = ("2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06")
    assert [plan_in(month, *rows) for month in months] == ["whole", "ladder", "other", "ladder", "ladder", "whole"]


def test_later_terms_win_over_special_terms_that_have_not_ended() -> None:
    rows = terms("whole", "2026-01-01"), terms("ladder", "2026-02-01", "2026-12-31"), terms("other", "2026-03-01")
    assert [plan_in(month, *rows) for month in ("2026-02", "2026-03", "2027-01")] == ["ladder", "other", "other"]


def test_terms_may_be_written_to_hold_for_ever() -> None:
    assert plan_in("2026-02", terms("whole", "2026-01-01", "9999-12-31")) == "whole"


def test_with_special_terms_the_name_before_them_comes_back_too() -> None:
    rows = terms("whole", "2026-01-01", name="Ana"), terms("whole", "2026-02-01", "2026-02-10", name="Ana & Co")
    assert held(*rows).terms.name == "Ana"
    assert plan_in("2026-02", *rows) == "whole"


def test_terms_that_end_before_they_begin_are_refused() -> None:
    assert problem(terms("whole", "2026-02-10", "2026-02-09")) == (
        "terms from 2026-02-10 hold until 2026-02-09, before they begin: write a later `until`"
    )
    assert days(held(terms("whole", "2026-02-10", "2026-02-10"))) == [("whole", "", "2026-02-11", 1, "")]


# First and last months


@pytest.mark.parametrize(("first", "on_days"), [("2026-02-01", None), ("2026-02-02", 27), ("2026-02-28", 1)])
def test_in_the_first_month_terms_hold_from_their_first_day(first: str, on_days: int | None) -> None:
    found = held(terms("standard", first))
    assert days(found) == [("standard", "", "", on_days, "")]
    assert found.since == date.fromisoformat(first)
    assert plan_in("2026-03", terms("standard", first)) == "standard"


@pytest.mark.parametrize(
    ("last", "end", "on_days"),
    [("2026-02-01", "2026-02-02", 1), ("2026-02-27", "2026-02-28", 27), ("2026-02-28", "", None)],
)
def test_in_the_last_month_terms_hold_until_their_last_day(last: str, end: str, on_days: int | None) -> None:
    found = held(terms("standard", "2026-01-01", last))
    assert days(found) == [("standard", "", end, on_days, "")]
    assert [rule.name for rule in found.rules] == ["software", "fee"]


def test_terms_may_begin_and_end_in_one_month() -> None:
    assert days(held(terms("standard", "2026-02-10", "2026-02-19"))) == [("standard", "", "2026-02-20", 10, "")]


@pytest.mark.parametrize("month", ["2026-03", "2026-12"])
def test_terms_that_have_ended_hold_for_what_was_paid_until_then_and_pay_no_fees(month: str) -> None:
    found = held(terms("standard", "2026-01-01", "2026-02-28"), month=month)
    assert days(found) == [("standard", "", "2026-03-01", None, "")]
    assert [rule.name for rule in found.rules] == ["software"]


def test_after_a_break_what_was_paid_before_it_falls_under_the_terms_before_it() -> None:
    found = held(terms("standard", "2026-01-01", "2026-01-20"), terms("special", "2026-02-15"))
    assert days(found) == [
        ("standard", "", "2026-01-21", None, "@until-2026-01-20"),
        ("special", "2026-02-15", "", 14, ""),
    ]
    assert [rule.name for rule in found.rules] == ["software", "fee", "software@until-2026-01-20"]
    assert found.since == date(2026, 1, 1)


# A change inside the month


def test_a_change_is_split_by_day_where_both_plans_say_so() -> None:
    found = held(terms("standard", "2026-01-01"), terms("special", "2026-02-15"))
    assert days(found) == [("standard", "", "2026-02-15", 14, "@standard"), ("special", "2026-02-15", "", 14, "")]
    assert [(rule.name, rule.part.days) for rule in found.rules] == [
        ("software", 14), ("fee", 14), ("software@standard", 14), ("fee@standard", 14),
    ]  # fmt: skip
    assert found.terms.plan == found.parts[-1].plan == "special"


def test_special_terms_for_some_days_of_a_month_make_three_parts() -> None:
    found = held(terms("standard", "2026-01-01"), terms("other", "2026-02-05", "2026-02-14"))
    assert days(found) == [
        ("standard", "", "2026-02-05", 4, "@standard"),
        ("other", "2026-02-05", "2026-02-15", 10, "@other"),
        ("standard", "2026-02-15", "", 14, ""),
    ]


def test_a_new_name_is_no_change_that_has_to_be_split() -> None:
    rows = terms("whole", "2026-01-01"), terms("whole", "2026-02-15", name="Ana & Co")
    assert plan_in("2026-02", *rows) == "whole"
    assert held(*rows).terms.name == "Ana & Co"


def test_clients_on_an_older_block_stay_on_it_on_either_side_of_a_change() -> None:
    found = held(terms("stable", "2026-01-01"), terms("other", "2026-02-15"))
    assert [(part.key, str(part.claimed_from or ""), str(part.claimed_until or ""), part.suffix) for part in found.parts] == [
        ("stable@2026-01", "", "2026-02-01", "@stable@2026-01"),
        ("stable@2026-02", "2026-02-01", "", "@stable"),
        ("other@2026-01", "", "", ""),
    ]  # fmt: skip
    assert [rule.name for rule in found.rules] == [
        "software", "software@stable", "fee@stable", "software@stable@2026-01",
    ]  # fmt: skip


def test_what_no_longer_holds_does_not_stand_in_the_way_of_a_split() -> None:
    old_block = held(terms("outgrown", "2026-01-01"), terms("other", "2026-02-15"))
    assert [rule.name for rule in old_block.rules] == [
        "software", "software@outgrown", "software@outgrown@2026-01",
    ]  # fmt: skip
    rows = terms("ladder", "2026-01-01", "2026-01-15"), terms("standard", "2026-02-01"), terms("other", "2026-02-15")
    assert [part.suffix for part in held(*rows).parts] == ["@until-2026-01-15", "@standard", ""]
    assert [[(older.kind, older.value) for older in part.older] for part in held(*rows).parts] == [
        [("until", "2026-01-15")],
        [("of_plan", "standard")],
        [],
    ]
    whole = terms("whole", "2026-01-01", "2026-01-15")
    assert [part.suffix for part in held(whole, *rows[1:]).parts] == ["@until-2026-01-15", "@standard", ""]


WRITE = "a plan changes on the first day of a month, write 2026-03 or 2026-02"


@pytest.mark.parametrize("plans", [("whole", "other"), ("other", "whole")])
def test_a_change_is_refused_unless_both_plans_allow_it(plans: tuple[str, str]) -> None:
    before, after = plans
    assert problem(terms(before, "2026-01-01"), terms(after, "2026-02-15")) == (
        f"terms from 2026-02-15 change the plan {before!r} to {after!r} inside 2026-02: {WRITE}"
    )


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        ("ladder", "rule 'software' of 'ladder' has tiers, which are never split by day"),
        ("actions", "rule 'lead' of 'actions' looks at the whole month, which is not split by day"),
        ("service", "rule 'care' of 'service' looks at the whole month, which is not split by day"),
        ("upfront", "rule 'start' of 'upfront' looks at the whole month, which is not split by day"),
    ],
)
def test_what_no_day_can_be_told_apart_by_is_never_split(plan: str, why: str) -> None:
    for before, after in [("other", plan), (plan, "other")]:
        assert problem(terms(before, "2026-01-01"), terms(after, "2026-02-15")) == (
            f"terms from 2026-02-15 change the plan {before!r} to {after!r} inside 2026-02, but {why}: {WRITE}"
        )


def test_special_terms_that_end_inside_a_month_are_named_by_their_last_day() -> None:
    assert problem(terms("whole", "2026-01-01"), terms("other", "2026-02-01", "2026-02-14")) == (
        "special terms until 2026-02-14 change the plan 'other' back to 'whole' inside 2026-02: "
        "let them end on 2026-02-28 or 2026-01-31"
    )


def test_a_break_inside_the_month_is_a_change_too() -> None:
    rows = terms("whole", "2026-01-01", "2026-02-10"), terms("whole", "2026-02-20")
    assert problem(*rows) == (
        f"terms from 2026-02-20 take up the plan 'whole' again, after a break, inside 2026-02: {WRITE}"
    )
    split = held(terms("other", "2026-01-01", "2026-02-10"), terms("other", "2026-02-20"))
    assert days(split) == [("other", "", "2026-02-11", 10, "@other"), ("other", "2026-02-20", "", 9, "")]


def test_plans_that_come_and_go_in_one_month_are_refused() -> None:
    rows = [terms(plan, f"2026-02-{day:02d}") for day, plan in [(1, "other"), (5, "special"), (9, "other")]]
    assert len(held(*rows).parts) == 3
    assert problem(*rows, terms("special", "2026-02-20")) == (
        f"terms from 2026-02-05 change the plan 'other' to 'special' inside 2026-02, and later back again: {WRITE}"
    )


# What holds for any terms

JANUARY = date(2026, 1, 1)
day_numbers = st.integers(0, 89)
rows_of_terms = st.lists(
    st.builds(
        lambda plan, first, length: Terms(
            partner_id="ana",
            name="Ana",
            plan=plan,
            from_day=JANUARY + timedelta(first),
            until=None if length is None else JANUARY + timedelta(first + length),
        ),
        st.sampled_from(["standard", "special", "other", "stable", "whole", "ladder"]),
        day_numbers,
        st.none() | st.integers(0, 40),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda row: row.from_day,
)


def parts_for(parts: Sequence[Part], claimed_on: date, paid_on: date) -> list[Part]:
    return [
        part
        for part in parts
        if (part.claimed_from is None or part.claimed_from <= claimed_on)
        and (part.claimed_until is None or claimed_on < part.claimed_until)
        and (part.paid_from is None or part.paid_from <= paid_on)
        and (part.paid_until is None or paid_on < part.paid_until)
    ]


@given(rows_of_terms, day_numbers, st.integers(1, 28))
def test_a_payment_of_the_month_falls_under_the_terms_of_its_day_and_under_no_others(
    rows: list[Terms], claimed: int, day: int
) -> None:
    paid_on = date(2026, 2, day)
    try:
        found = in_force(rows, PROGRAMME, FEBRUARY)
    except BadInput:
        return
    if not found:
        assert min(row.from_day for row in rows) > FEBRUARY.last_day
        return
    holding = [row for row in rows if row.from_day <= paid_on <= (row.until or date.max)]
    parts = parts_for(found["ana"].parts, JANUARY + timedelta(claimed), paid_on)
    if holding:
        (part,) = parts
        assert part.plan == max(holding, key=lambda row: row.from_day).plan
    elif paid_on >= found["ana"].since:
        assert parts == []


@given(rows_of_terms)
def test_names_of_rules_are_told_apart_and_days_add_up_to_those_on_which_terms_hold(rows: list[Terms]) -> None:
    try:
        found = in_force(rows, PROGRAMME, FEBRUARY).get("ana")
    except BadInput:
        return
    if found is None:
        return
    names = [rule.name for rule in found.rules]
    assert len(names) == len(set(names))
    assert found.parts[-1].suffix == ""
    fees = sum(rule.part.days or 28 for rule in found.rules if rule.way.is_fee)
    month = [date(2026, 2, day) for day in range(1, 29)]
    on_each = [[row for row in rows if row.from_day <= day <= (row.until or date.max)] for day in month]
    latest = [max(holding, key=lambda row: row.from_day).plan for holding in on_each if holding]
    assert fees == sum(plan in ("standard", "special", "stable") for plan in latest)
