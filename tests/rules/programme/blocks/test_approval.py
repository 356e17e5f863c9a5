"""Approval: the programme asks for it, and a setting may ask for more, never for less."""

import pytest

from models.errors import BadProgramme
from rules.programme.blocks.approval import Approval, asked_for, without_a_second
from rules.programme.changes import changes
from rules.programme.file import parse_programme
from tests.rules.written import PROGRAMME, written


@pytest.mark.parametrize(
    ("programme", "setting", "holds"),
    [
        ("off", "off", "off"),
        ("off", "on", "on"),
        ("on", "off", "on"),
        ("on", "on", "on"),
        ("signed", "on", "signed"),
        ("on", "signed", "signed"),
    ],
)
def test_what_asks_for_more_holds(programme: str, setting: str, holds: str) -> None:
    assert asked_for(Approval(programme), Approval(setting)) == holds


def test_a_programme_that_says_nothing_of_it_asks_for_no_approval() -> None:
    assert parse_programme(PROGRAMME).approval is Approval.OFF
    assert parse_programme(written("refunds:", "approval: on\nrefunds:")).approval is Approval.ON


def test_another_word_is_refused_with_its_line_and_the_words_there_are() -> None:
    with pytest.raises(BadProgramme, match=r"line \d+.*approval.*'off', 'on' or 'signed'"):
        parse_programme(written("refunds:", "approval: yes\nrefunds:"))


def test_a_programme_that_no_longer_asks_for_it_is_a_change_that_is_shown() -> None:
    asks = parse_programme(written("refunds:", "approval: on\nrefunds:"))
    assert changes(asks, parse_programme(PROGRAMME)) == ["approval: was on, is now not written"]


@pytest.mark.parametrize(("words", "asks"), [("on", Approval.ON), ("off", Approval.OFF)])
def test_two_persons_are_one_more_than_a_run_has_by_itself(words: str, asks: Approval) -> None:
    programme = parse_programme(written("refunds:", f"two_persons: {words}\nrefunds:"))
    assert (programme.two_persons, programme.approval_asked) == (words == "on", asks)
    with pytest.raises(BadProgramme, match=r"line \d+.*two_persons.*'both' is neither: write on or off"):
        parse_programme(written("refunds:", "two_persons: both\nrefunds:"))


@pytest.mark.parametrize(
    ("wrote", "approved_by", "alone"),
    [
        ([], ["olga"], []),
        (["olga"], ["petr"], []),
        (["olga"], ["olga", "petr"], []),
        (["olga"], ["olga"], ["olga"]),
        (["olga"], [" OLGA"], ["olga"]),
        (["olga"], [], ["olga"]),
        (["olga", "petr"], ["olga", "petr"], []),
        (["olga", "petr", "olga"], ["olga"], ["olga"]),
    ],
)
def test_nobody_is_the_second_person_of_what_they_wrote(
    wrote: list[str], approved_by: list[str], alone: list[str]
) -> None:
    assert without_a_second(wrote, approved_by) == alone
