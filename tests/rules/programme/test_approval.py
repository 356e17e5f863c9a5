"""Approval: the programme asks for it, and a setting may ask for more, never for less."""

import pytest

from models.errors import BadProgramme
from rules.programme.approval import Approval, asked_for
from rules.programme.changes import changes
from rules.programme.file import parse_programme
from tests.rules.written import PROGRAMME, written


@pytest.mark.parametrize(
    ("programme", "setting", "holds"),
    [("off", "off", "off"), ("off", "on", "on"), ("on", "off", "on"), ("on", "on", "on")],
)
def test_what_asks_for_more_holds(programme: str, setting: str, holds: str) -> None:
    assert asked_for(Approval(programme), Approval(setting)) == holds


def test_a_programme_that_says_nothing_of_it_asks_for_no_approval() -> None:
    assert parse_programme(PROGRAMME).approval is Approval.OFF
    assert parse_programme(written("refunds:", "approval: on\nrefunds:")).approval is Approval.ON


def test_another_word_is_refused_with_its_line_and_the_words_there_are() -> None:
    with pytest.raises(BadProgramme, match=r"line \d+.*approval.*'off' or 'on'"):
        parse_programme(written("refunds:", "approval: yes\nrefunds:"))


def test_a_programme_that_no_longer_asks_for_it_is_a_change_that_is_shown() -> None:
    asks = parse_programme(written("refunds:", "approval: on\nrefunds:"))
    assert changes(asks, parse_programme(PROGRAMME)) == ["approval: was on, is now not written"]
