"""A programme that was used: which changes an approved month forbids, and what to write instead."""

import pytest

from models.period import Period
from rules.programme.file import parse_programme
from rules.programme.used import changed_after_use

BEFORE = """\
programme: p
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: gross
refunds: net_current
cost_at_most: 60%
plans:
  bronze:
    - {from: 2026-01, earn: {software: {plan: percentage, categories: [software], rate: 20%}}}
    - {from: 2026-03, earn: {software: {plan: percentage, categories: [software], rate: 25%}}}
    - {from: 2026-04, earn: {software: {plan: percentage, categories: [software], rate: 30%}}}
  silver: {from: 2026-02, earn: {software: {plan: percentage, categories: [software], rate: 40%}}}
levels:
  status:
    measure: all
    levels: {Bronze: {reaches: 0, plan: bronze}, Silver: {reaches: 5000.00, plan: silver}}
segments: {amocrm: status, bitrix24: silver}
"""
MARCH = Period(2026, 3)


def changes(*edits: tuple[str, str], last_approved: Period = MARCH) -> list[str]:
    after = BEFORE
    for old, new in edits:
        assert after.count(old) == 1, f"{old!r} must stand once"
        after = after.replace(old, new)
    return changed_after_use(parse_programme(BEFORE), parse_programme(after), last_approved)


def test_the_same_file_and_other_words_for_it_may_be_used() -> None:
    assert changes() == []
    assert changes(("programme: p\n", "# agreed in December\nprogramme: p\n"), ("25%", "25.0%")) == []


def test_a_block_that_paid_an_approved_month_cannot_change() -> None:
    assert changes(("rate: 25%", "rate: 26%")) == [
        "plans.bronze: the block from 2026-03 has changed (earn.software), and months up to 2026-03 are approved: "
        "leave it as it was, and write a new block `from: 2026-04`"
    ]


def test_a_block_may_change_up_to_the_approval_of_its_first_month() -> None:
    assert changes(("rate: 25%", "rate: 26%"), last_approved=Period(2026, 2)) == []
    assert changes(("rate: 30%", "rate: 31%")) == []
    (refused,) = changes(("rate: 30%", "rate: 31%"), last_approved=Period(2026, 4))
    assert refused.endswith("write a new block `from: 2026-05`")


def test_every_part_of_a_block_is_held_to() -> None:
    (refused,) = changes(
        ("rate: 40%}", "rate: 40%}, telephony: {plan: percentage, categories: [telephony], rate: 8%}"),
        ("silver: {from: 2026-02,", "silver: {from: 2026-02, payout: {minimum: 1.00}, mid_month: split_by_day,"),
    )
    assert "the block from 2026-02 has changed (earn.telephony, mid_month, payout)" in refused


def test_a_new_block_starts_after_the_last_approved_month() -> None:
    new = "  silver:\n    - {from: %s, earn: {}}\n    - {from: 2026-02, "
    late = BEFORE.replace("  silver: {", "  gold: {from: 2026-04, earn: {}}\n  silver: {")
    assert changed_after_use(parse_programme(BEFORE), parse_programme(late), MARCH) == []
    early = BEFORE.replace("  silver: {", "  gold: {from: 2026-03, earn: {}}\n  silver: {")
    assert changed_after_use(parse_programme(BEFORE), parse_programme(early), MARCH) == [
        "plans.gold: the block from 2026-03 is new, and months up to 2026-03 are approved: "
        "write a new block `from: 2026-04` or later"
    ]
    assert changes(("  silver: {from: 2026-02, ", new % "2026-01")) == [
        "plans.silver: the block from 2026-01 is new, and months up to 2026-03 are approved: "
        "write a new block `from: 2026-04` or later"
    ]


def test_a_block_that_paid_an_approved_month_cannot_be_taken_out() -> None:
    march = BEFORE.splitlines()[10] + "\n"
    assert changes((march, "")) == [
        "plans.bronze: the block from 2026-03 is gone, and months up to 2026-03 are approved: "
        "put it back, and write a new block `from: 2026-04`"
    ]
    april = BEFORE.splitlines()[11] + "\n"
    assert changes((april, "")) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("programme: p\n", "programme: q\n", "programme: q was p, and months up to 2026-03 are approved"),
        ("starts: 2026-01", "starts: 2025-12", "starts: 2025-12 was 2026-01"),
        ("RUB", "EUR", "currency: EUR was RUB, and months up to 2026-03 are approved: write currency: RUB, or"),
        ("Europe/Moscow", "Europe/Warsaw", "timezone: Europe/Warsaw was Europe/Moscow"),
        ("base: gross", "base: net_of_vat", "base: net_of_vat was gross"),
    ],
)
def test_what_has_no_date_cannot_change_once_a_month_is_approved(old: str, new: str, words: str) -> None:
    (refused,) = changes((old, new))
    assert refused.startswith(words)


def test_how_much_a_sale_may_cost_can_change_at_any_time() -> None:
    assert changes(("cost_at_most: 60%", "cost_at_most: 70%")) == []


def test_levels_have_no_date_so_they_can_be_added_and_not_changed() -> None:
    (changed,) = changes(("reaches: 5000.00", "reaches: 4000.00"))
    assert changed == (
        "levels.status has changed, and levels have no date: put it back as it was, write the new levels under "
        "another name, and name them in a new row of partners.csv"
    )
    (gone,) = changes(("  status:", "  stars:"), ("amocrm: status", "amocrm: stars"))[:1]
    assert gone.startswith("levels.status is gone")
    added = "levels:\n  stars: {measure: all, levels: {One: {reaches: 0, plan: bronze}}}\n"
    assert changes(("levels:\n", added)) == []


def test_a_segment_keeps_its_plan_and_others_can_be_added() -> None:
    assert changes(("bitrix24: silver", "bitrix24: bronze")) == [
        "segments.bitrix24 is bronze, was silver, and segments have no date: write bitrix24: silver, and name "
        "another plan in a new row of partners.csv"
    ]
    (gone,) = changes((", bitrix24: silver", ""))
    assert gone.startswith("segments.bitrix24 was silver, and is gone, and segments have no date")
    assert changes(("bitrix24: silver", "bitrix24: silver, odoo: bronze")) == []


def test_every_change_is_named_at_once() -> None:
    found = changes(("RUB", "EUR"), ("rate: 20%", "rate: 21%"), ("5000.00", "5001.00"), ("24: silver", "24: bronze"))
    assert [sentence.split()[0].rstrip(":") for sentence in found] == [
        "currency", "plans.bronze", "levels.status", "segments.bitrix24",
    ]  # fmt: skip
