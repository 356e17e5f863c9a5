"""What a person withholds of payouts: the words that are said, which of them stand, and what becomes of the balance."""

import re

import pytest

from models.errors import WrongUse
from models.summary import EntryKind
from rules.payout import (
    HoldWord,
    Payout,
    held_balance,
    held_entries,
    must_make_sense,
    payout,
    standing,
    without_said,
    words_of,
)

NONE = Payout(0, 0, 0, 0)


@pytest.mark.parametrize(
    ("owed_minor", "held_before_minor", "is_held", "expected"),
    [
        (5_000, 0, False, Payout(0, 0, 5_000, 0)),  # the minimum itself is paid, a kopeck less is carried
        (4_999, 0, False, Payout(0, 0, 0, 4_999)),
        (5_000, 0, True, Payout(0, 5_000, 0, 0)),
        (4_999, 0, True, Payout(0, 0, 0, 4_999)),
        (4_000, 10_000, False, Payout(10_000, 0, 14_000, 0)),
        (4_000, 10_000, True, Payout(0, 0, 0, 4_000)),  # what was held stays so
        (-12_000, 10_000, False, Payout(10_000, 0, 0, -2_000)),  # a debt is set against what is released
    ],
)
def test_what_is_held_is_no_payout_and_comes_back_into_the_balance_once_it_is_released(
    owed_minor: int, held_before_minor: int, is_held: bool, expected: Payout
) -> None:
    assert payout(owed_minor, 5_000, held_before_minor, is_held=is_held) == expected


def test_a_summary_says_what_is_released_of_which_statement_and_what_is_held_and_why() -> None:
    entries = [*held_entries(Payout(700, 300, 0, 0), "a dispute", ("S-1",))]
    assert [(each.kind, each.amount_minor, each.cites, each.reason) for each in entries] == [
        (EntryKind.RELEASED, 700, ("S-1",), ""),
        (EntryKind.HELD, -300, (), "a dispute"),
    ]
    assert [*held_entries(NONE, "a dispute", ("S-1",))] == []


def test_the_held_balance_goes_from_what_was_held_to_what_is_held_now() -> None:
    (both,) = held_balance(1_000, Payout(1_000, 300, 0, 0))
    assert (both.of, both.opening_minor, both.earned_minor, both.spent_minor, both.closing_minor, both.spent) == (
        "held", 1_000, 300, 1_000, 300, (),
    )  # fmt: skip
    assert [each.closing_minor for each in held_balance(1_000, NONE)] == [1_000]
    assert [each.closing_minor for each in held_balance(0, Payout(0, 1, 0, 0))] == [1]
    assert [*held_balance(0, Payout(0, 0, 500, 0))] == []


def test_a_hold_is_written_with_its_reason_and_a_release_without_one() -> None:
    assert words_of([" ana = a   dispute = of May "], [" bo ", "cy"]) == [
        HoldWord("ana", "held", "a dispute = of May"),
        HoldWord("bo", "released"),
        HoldWord("cy", "released"),
    ]


@pytest.mark.parametrize("written", ["ana", "ana=", "ana= ", "=why", " =why"])
def test_a_hold_without_a_partner_or_a_reason_is_refused_as_it_was_written(written: str) -> None:
    with pytest.raises(WrongUse, match=f"^{re.escape(repr(written))} withholds nothing: write PARTNER=REASON"):
        words_of(["ana=why", written], [])


def test_the_last_word_about_a_partner_stands() -> None:
    said = [
        HoldWord("cy", "held", "no tax id"),
        HoldWord("bo", "held", "why"),
        HoldWord("ana", "held", "a dispute"),
        HoldWord("bo", "released"),
        HoldWord("ana", "released"),
        HoldWord("ana", "held", "another dispute"),
    ]
    assert [*standing(said).items()] == [("ana", "another dispute"), ("cy", "no tax id")]


def test_what_is_said_again_is_not_said_anew() -> None:
    held = {"ana": "why", "bo": "why"}
    before = [HoldWord("cy", "released"), HoldWord("bo", "released")]
    same, other = HoldWord("ana", "held", "why"), HoldWord("ana", "held", "because")
    assert without_said([same, other, HoldWord("cy", "held", "why")], held, before) == [
        other,
        HoldWord("cy", "held", "why"),
    ]
    # bo was released before and is held again; of cy nothing is held since; dan was never spoken of.
    releases = [HoldWord("bo", "released"), HoldWord("cy", "released"), HoldWord("dan", "released")]
    assert without_said(releases, held, before) == [HoldWord("bo", "released"), HoldWord("dan", "released")]


def test_words_about_partners_of_the_draft_make_sense() -> None:
    longest = "r" * 200
    must_make_sense([HoldWord("ana", "held", longest), HoldWord("bo", "released")], ["ana", "bo"], ["bo"])


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ([HoldWord("cy", "held", "why")], "'cy' has no statement in this draft, so there is nothing to hold or release."),
        ([HoldWord("ana", "released")], "nothing of ana is held, so there is nothing to release."),
        ([HoldWord("ana", "held", "r" * 201)], "a hold of ana needs a reason of at most 200 characters that are seen; it "
         "stands on the statement."),
        ([HoldWord("ana", "held", " ")], "a hold of ana needs a reason of at most 200 characters that are seen; it stands "
         "on the statement."),
        ([HoldWord("ana", "held", "a\nb")], "a hold of ana needs a reason of at most 200 characters that are seen; it "
         "stands on the statement."),
        ([HoldWord("ana", "held", "why"), HoldWord("ana", "held", "why")], "ana is named twice: say one thing of each "
         "partner."),
        ([HoldWord("cy", "held", "why"), HoldWord("ana", "released")], "'cy' has no statement in this draft, so there is "
         "nothing to hold or release. nothing of ana is held, so there is nothing to release."),
    ],
)  # fmt: skip
def test_words_that_make_no_sense_are_refused_together(said: list[HoldWord], fault: str) -> None:
    with pytest.raises(WrongUse, match=f"^{re.escape('nothing was recorded: ' + fault)}$"):
        must_make_sense(said, ["ana", "bo"], ["bo"])
