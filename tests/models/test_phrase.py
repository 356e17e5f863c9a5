"""A phrase is an English pattern with its values: what it says is never read from what it looks like."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.formats.format_1 import PATTERNS, phrase_of
from models.period import Period
from models.phrase import Phrase, PhraseValue, name, names_in


@pytest.mark.parametrize(
    ("phrase", "english"),
    [
        (Phrase.of("year {n}", n=2), "year 2"),
        (Phrase.of("{days} of {all} days", days=15, all=31), "15 of 31 days"),
        (Phrase.of("reached: {goal}", goal=Period(2026, 3)), "reached: 2026-03"),
        (Phrase.of("reached: {goal}", goal=PhraseValue(kind="amount", text="100000.00")), "reached: 100000.00"),
        (Phrase.of("started packages"), "started packages"),
        (name("{n} clients"), "{n} clients"),
    ],
)
def test_a_phrase_in_english_is_its_pattern_with_its_values(phrase: Phrase, english: str) -> None:
    assert phrase.english == english


def test_a_value_knows_what_kind_of_thing_it_is() -> None:
    phrase = Phrase.of("{a}{b}{c}", a=2, b="2", c=Period(2026, 3))

    assert {key: (value.kind, value.text) for key, value in phrase.values.items()} == {
        "a": ("number", "2"),
        "b": ("name", "2"),
        "c": ("month", "2026-03"),
    }


@pytest.mark.parametrize(("pattern", "values"), [("year {n}", {}), ("year", {"n": 2}), ("year {n}", {"m": 2})])
def test_a_phrase_has_a_value_for_each_of_its_names_and_no_other(pattern: str, values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="was given values for"):
        Phrase.of(pattern, **values)


def test_a_phrase_reads_back_from_json() -> None:
    phrase = Phrase.of("level {n}: {partner}", n=1, partner="P-7")

    assert phrase.model_dump() == {
        "pattern": "level {n}: {partner}",
        "values": {"n": {"kind": "number", "text": "1"}, "partner": {"kind": "name", "text": "P-7"}},
    }
    assert Phrase.model_validate_json(phrase.model_dump_json()) == phrase


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_words_of_format_1_are_read_as_the_phrase_they_were(pattern: str) -> None:
    words = pattern.format(**dict.fromkeys(names_in(pattern), "7"))
    phrase = phrase_of(words)

    assert phrase is not None
    assert (phrase.pattern, phrase.english) == (pattern, words)


@given(st.text(min_size=1))
def test_no_words_of_format_1_are_lost_whatever_they_are(words: str) -> None:
    phrase = phrase_of(words)

    assert phrase is not None
    assert phrase.english == words


def test_a_step_without_words_has_no_phrase() -> None:
    assert phrase_of("") is None


@pytest.mark.parametrize(
    ("words", "pattern", "kinds"),
    [
        ("reached: 2026-03", "reached: {goal}", ["month"]),
        ("reached: 100000.00", "reached: {goal}", ["amount"]),
        ("reached: 20", "reached: {goal}", ["count"]),
        ("reached: 2026-13", "reached: {goal}", ["name"]),
        ("year 2", "year {n}", ["number"]),
        ("big clients", "{n} clients", ["name"]),
        ("margin at 7.5 % discount", "margin at {rate} % discount", ["rate"]),
        ("install of SW-CRM", "{name}", ["name"]),
        ("Espresso machine", "{name}", ["name"]),
    ],
)
def test_the_values_in_words_of_format_1_have_their_kinds(words: str, pattern: str, kinds: list[str]) -> None:
    phrase = phrase_of(words)

    assert phrase is not None
    assert phrase.pattern == pattern
    assert [value.kind for value in phrase.values.values()] == kinds
