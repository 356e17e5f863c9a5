"""Changes of a programme: what another file promises is said in money before anybody is paid by it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.period import Period
from rules.plan import Plan
from rules.programme.changes import changes, earned_on
from rules.programme.file import parse_programme
from tests.rules.written import PROGRAMME, dated, written

SOFTWARE = "software: {plan: percentage, categories: [software], rate: 50%}"
JANUARY = Period(2026, 1)


def changed(text: str, before: str = PROGRAMME) -> list[str]:
    return changes(parse_programme(before), parse_programme(text))


@pytest.mark.parametrize(
    "same",
    [
        PROGRAMME,
        "# agreed with everybody\n" + PROGRAMME,
        written("rate: 50%", "rate: 50.0%"),
        written("5000.00", "5000"),
        written("{categories: [telephony, numbers], window: month}", "{categories: [telephony, numbers]}"),
    ],
)
def test_a_file_that_promises_the_same_in_other_words_changes_nothing(same: str) -> None:
    assert changed(same) == []


def test_a_rate_that_changes_is_said_with_what_100_000_earned_and_earns() -> None:
    assert changed(written("rate: 50%", "rate: 40%")) == [
        "integrator from 2026-01, software: 100 000.00 earned 50 000.00, earns 40 000.00. "
        "Was: 50 % of software. Now: 40 % of software"
    ]


def test_a_ladder_that_changes_is_said_at_its_bounds_too() -> None:
    (words,) = changed(written("{0: 8%, 300.00: 10%}", "{0: 8%, 300.00: 10%, 200000: 12%}"))
    # Below the new bound it pays what it paid; 12 % of 200 000.00 is 24 000.00.
    assert words.startswith(
        "integrator from 2026-01, telephony: 100 000.00 earns 10 000.00 as before; "
        "200 000.00 earned 20 000.00, earns 24 000.00. Was: telephony, numbers, by volume: 8 % from 0.00, "
    )


def test_a_rule_added_or_removed_is_said_with_what_it_earns() -> None:
    bonus = "\n      bonus: {plan: marketing_fund, categories: [software], rate: 3%}"
    added = written(SOFTWARE, SOFTWARE + bonus)
    (words,) = changed(added)
    assert words.startswith("integrator from 2026-01, bonus: added: 3 % of software")
    assert words.endswith("; 100 000.00 earns 3 000.00")
    (words,) = changed(PROGRAMME, before=added)
    assert words.startswith("integrator from 2026-01, bonus: removed: 3 % of software")
    assert words.endswith("; 100 000.00 earned 3 000.00")


def test_a_rule_that_pays_for_no_sale_is_said_without_a_base() -> None:
    fee = "\n      fee: {plan: base_fee, pays: 10000.00}"
    (words,) = changed(written(SOFTWARE, SOFTWARE + fee))
    assert words.startswith("integrator from 2026-01, fee: added: ")
    assert "100 000.00" not in words


def test_what_the_whole_file_says_is_compared_key_by_key() -> None:
    assert changed(written("net_of_vat", "gross")) == ["base: was net_of_vat, is now gross"]
    assert changed(written("refunds:", "cost_at_most: 70%\nrefunds:")) == ["cost_at_most: was not written, is now 70%"]
    assert changed(PROGRAMME, before=written("refunds:", "cost_at_most: 70%\nrefunds:")) == [
        "cost_at_most: was 70%, is now not written"
    ]


def test_payouts_and_what_is_not_commissioned_are_compared_in_each_block() -> None:
    assert changed(written("5000.00", "3000.00")) == [
        "integrator from 2026-01, payout.minimum: was 5000.00, is now 3000.00"
    ]
    assert changed(written("    payout: {minimum: 5000.00}\n")) == [
        "integrator from 2026-01, payout.minimum: was 5000.00, is now not written"
    ]
    assert changed(written("{hardware: sold at cost}", "{hardware: sold at cost, fax: gone}")) == [
        "integrator from 2026-01, not_commissioned.fax: was not written, is now gone"
    ]


def test_another_currency_is_another_promise() -> None:
    header, *rules = changed(written("RUB", "JPY").replace("5000.00", "5000").replace("300.00", "300"))
    assert header == "currency: was RUB, is now JPY"
    assert len([words for words in rules if words.startswith("integrator from 2026-01, telephony")]) == 1


def test_a_new_block_is_held_against_the_terms_it_replaces() -> None:
    one_block = dated(
        "    - {from: 2026-04, earn: {software: {plan: percentage, categories: [software], rate: 40%}}}\n"
    )
    assert changed(dated(), before=one_block) == [
        "integrator from 2026-04, software: 100 000.00 earned 50 000.00, earns 40 000.00. "
        "Was: 50 % of software. Now: 40 % of software"
    ]
    assert changed(one_block, before=dated()) == [
        "integrator from 2026-04, software: 100 000.00 earned 40 000.00, earns 50 000.00. "
        "Was: 40 % of software. Now: 50 % of software"
    ]


def test_terms_that_start_later_leave_the_months_before_without_terms() -> None:
    assert changed(written("from: 2026-01", "from: 2026-03")) == [
        "integrator from 2026-01, terms: none in force now; they start in 2026-03"
    ]
    assert all("added" in words for words in changed(PROGRAMME, before=written("from: 2026-01", "from: 2026-03")))


def test_a_plan_that_comes_or_goes_is_named() -> None:
    both = PROGRAMME + "  affiliate: {from: 2026-02, earn: {all: {plan: no_payout, categories: others}}}\n"
    came = changed(both)
    assert came[0] == "affiliate: the plan is new"
    assert came[1].startswith("affiliate from 2026-02, all: added: ")
    assert changed(PROGRAMME, before=both) == ["affiliate: the plan is no longer in the file"]


def test_a_count_of_clients_is_taken_to_be_one_and_each_role_to_have_a_person() -> None:
    def rule(text: str) -> Plan:
        return parse_programme(written(SOFTWARE, text)).plans["integrator"][0].earn["software"]

    counted = rule(
        "software: {plan: tiered, categories: [software], by: volume, measure: {of: active_clients}, "
        "tiers: {0: 8%, 1: 9%, 2: 10%}}"
    )
    assert earned_on(counted, 10_000_000, JANUARY) == 900_000
    bonus = rule(
        "software: {plan: employee_bonus, categories: [software], roles: {seller: 2%, engineer: 1%}, paid: to_person}"
    )
    assert earned_on(bonus, 10_000_000, JANUARY) == 300_000
    years = rule("software: {plan: retention, categories: [software], since: attribution, years: {1: 20%, 2+: 30%}}")
    assert earned_on(years, 10_000_000, JANUARY) == 2_000_000
    assert earned_on(rule("software: {plan: base_fee, pays: 10000.00}"), 10_000_000, JANUARY) is None


@given(st.integers(0, 100), st.integers(0, 100))
def test_there_and_back_are_told_alike(one: int, other: int) -> None:
    first, second = (written("rate: 50%", f"rate: {rate}%") for rate in (one, other))
    there, back = changed(second, before=first), changed(first, before=second)
    assert (there == []) == (one == other) == (back == [])
    assert len(there) == len(back)
