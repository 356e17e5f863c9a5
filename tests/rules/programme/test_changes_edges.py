"""The edges of what is said of a changed programme, and of what its months are filed under."""

from typing import Literal

import pytest

from models.errors import BadInput
from models.period import Period, Version
from rules.archive.layout import safe_key, statement_key
from rules.plan import Cut, Earned, Plan, Sums
from rules.programme.changes import changes
from rules.programme.file import Programme, parse_programme
from tests.rules.written import PROGRAMME, written

SOFTWARE = "software: {plan: percentage, categories: [software], rate: 50%}"
FEE = "{plan: base_fee, pays: 100.00}"


def test_a_plan_that_goes_does_not_hide_what_changes_in_the_next() -> None:
    two = PROGRAMME + "  small: {from: 2026-01, earn: {fee: {plan: base_fee, pays: 100.00}}}\n"
    dearer = two.replace("pays: 100.00", "pays: 200.00").replace("integrator:", "partner:")
    words = changes(parse_programme(two), parse_programme(dearer))
    assert words[:2] == [
        "integrator: the plan is no longer in the file",
        "small from 2026-01, fee: Was: a fee of 100.00 a month, by days in a part of a month. "
        "Now: a fee of 200.00 a month, by days in a part of a month",
    ]


def test_a_fee_that_is_added_is_said_in_its_own_words_alone() -> None:
    added = parse_programme(written(SOFTWARE, f"{SOFTWARE}\n      fee: {FEE}"))
    assert changes(parse_programme(PROGRAMME), added) == [
        "integrator from 2026-01, fee: added: a fee of 100.00 a month, by days in a part of a month"
    ]


def test_the_same_number_in_another_currency_is_another_amount() -> None:
    head = PROGRAMME[: PROGRAMME.index("plans:")]
    roubles = f"{head}plans: {{small: {{from: 2026-01, earn: {{fee: {FEE}}}}}}}\n"
    yen = roubles.replace("RUB", "JPY").replace("100.00", "10000")
    assert changes(parse_programme(roubles), parse_programme(yen)) == [
        "currency: was RUB, is now JPY",
        "small from 2026-01, fee: Was: a fee of 100.00 a month, by days in a part of a month. "
        "Now: a fee of 10 000 a month, by days in a part of a month",
    ]


def test_a_bound_that_goes_is_said_with_what_was_paid_at_it() -> None:
    two = written("{0: 8%, 300.00: 10%}", "{0: 8%, 300.00: 10%, 200000: 12%}")
    (words,) = changes(parse_programme(two), parse_programme(PROGRAMME))
    assert "100 000.00 earns 10 000.00 as before; 200 000.00 earned 24 000.00, earns 20 000.00. Was: " in words


def test_a_share_that_becomes_a_fee_is_said_without_a_base() -> None:
    fee = parse_programme(written(SOFTWARE, "software: {plan: base_fee, pays: 100.00}"))
    share, month = parse_programme(PROGRAMME), "a fee of 100.00 a month, by days in a part of a month"
    assert changes(share, fee) == [f"integrator from 2026-01, software: Was: 50 % of software. Now: {month}"]
    assert changes(fee, share) == [f"integrator from 2026-01, software: Was: {month}. Now: 50 % of software"]


def test_the_categories_that_levels_measure_stand_in_one_line() -> None:
    levels = "levels: {status: {measure: {categories: [software]}, levels: {All: {reaches: 0, plan: integrator}}}}\n"
    wider = levels.replace("[software]", "[software, telephony]")
    assert changes(parse_programme(PROGRAMME + levels), parse_programme(PROGRAMME + wider)) == [
        "levels.status.measure.categories: was software, is now software, telephony"
    ]


class Quiet(Plan):
    """A plan whose words leave out what it pays."""

    plan: Literal["quiet"] = "quiet"
    pays: int
    free: int = 0

    def cut(self) -> Cut:
        return Cut()

    def earn(self, sums: Sums) -> Earned:
        return Earned(())

    def words(self, currency: str) -> str:
        return "a quiet fee"


def with_fee(fee: Quiet) -> Programme:
    programme = parse_programme(PROGRAMME)
    block = programme.plans["integrator"][0].model_copy(update={"earn": {"fee": fee}})
    return programme.model_copy(update={"plans": {"integrator": (block,)}})


def test_what_a_rules_words_leave_out_is_named_by_its_keys() -> None:
    assert changes(with_fee(Quiet(pays=1)), with_fee(Quiet(pays=2))) == [
        "integrator from 2026-01, fee: changed in pays: a quiet fee"
    ]
    assert changes(with_fee(Quiet(pays=1)), with_fee(Quiet(pays=2, free=1))) == [
        "integrator from 2026-01, fee: changed in pays, free: a quiet fee"
    ]
    assert changes(with_fee(Quiet(pays=1)), with_fee(Quiet(pays=1))) == []


def test_a_second_version_of_a_month_has_statements_of_its_own() -> None:
    key = statement_key("uis-partners", Version(Period(2026, 1), 2), "P-100", "statement.pdf")
    assert key == "uis-partners/2026-01/v2/statements/P-100/statement.pdf"


def test_a_key_that_would_hide_in_the_archive_is_refused_in_a_sentence() -> None:
    with pytest.raises(BadInput) as problem:
        safe_key(".hidden")
    assert str(problem.value) == (
        "'.hidden' cannot be a key of the archive: every part between slashes needs at least one character and "
        "must not begin with a dot, and backslashes and control characters are refused. "
        "Use other ids: keys are made of the ids of programme and partner."
    )
