"""Look-alikes: which ids a person takes for one another, and which characters nobody sees."""

import re
import unicodedata

import polars as pl
import pytest

from rules.lines.lookalikes import SHORTENED, UNSEEN, alike, lookalikes, seen_as, spelled


def look(text: str) -> str:
    return str(pl.DataFrame({"id": [text]}).select(seen_as("id")).item())


@pytest.mark.parametrize(
    "other",
    [
        "c-17",  # capital letters
        "\u0421-17",  # Cyrillic C
        "\u0441-17",
        "C\u201317",  # a dash
        "C-17\u200b",
        "\ufeffC-17",
        "C\u00ad-17",
        "\uff23-17",  # full width
        "C\u0327-17",  # a cedilla of its own
        "\u00c7-17",
    ],
)
def test_what_looks_like_c_17_is_seen_as_it(other: str) -> None:
    assert look(other) == look("C-17") == "c-17"


@pytest.mark.parametrize("other", ["C-18", "C17", "D-17", "C-170", "0C-17", "C-017"])
def test_what_differs_for_the_eye_is_another_id(other: str) -> None:
    assert look(other) != look("C-17")


def test_a_number_is_seen_without_the_zeros_that_a_spreadsheet_takes_away() -> None:
    assert (look("00123"), look("123"), look("0"), look("1230")) == ("123", "123", "0", "1230")
    assert look("caf\u00e9") == look("cafe\u0301") == "cafe"


def test_every_character_of_unicode_that_formats_or_is_a_space_is_unseen_but_the_plain_space() -> None:
    unseen = re.compile(UNSEEN)
    categories = ("Cc", "Cf", "Zs", "Zl", "Zp")
    passed = [f"{code:04x}" for code in range(0x10000)
              if unicodedata.category(chr(code)) in categories and not unseen.match(chr(code))]  # fmt: skip
    assert passed == ["0020"]
    assert not unseen.search("".join(map(chr, range(0x21, 0x7F))) + "Ромашка Łódź 日本 ½ €")


@pytest.mark.parametrize(
    ("text", "is_shortened"),
    [("1.23457E+11", True), ("1,23457E+11", True), ("1E+05", True), ("1.5e+3", True), ("1E5", False), ("E+5", False),
     ("A1E+5", False), ("1E+5A", False)],
)  # fmt: skip
def test_a_number_that_a_spreadsheet_shortened_is_known_by_its_plus(text: str, is_shortened: bool) -> None:
    assert bool(re.fullmatch(SHORTENED, text)) is is_shortened


def frame(*ids: str) -> pl.DataFrame:
    return pl.DataFrame({"client_id": ids}, schema={"client_id": pl.String})


def test_an_unknown_id_is_held_against_the_known_ones() -> None:
    found = lookalikes(frame("c-17", "C-18", "\u0421-17", "C-17"), frame("C-17", "D-1"))
    assert found.rows() == [("c-17", "C-17"), ("\u0421-17", "C-17")]
    assert lookalikes(frame(), frame("C-17")).is_empty()


def test_of_ids_that_look_alike_the_later_ones_are_named() -> None:
    assert alike(pl.Series(["00123", "x", "123", "X", "00123"])).rows() == [("123", "00123"), ("X", "x")]


def test_an_id_is_spelled_where_it_is_not_plain_latin() -> None:
    assert (spelled("C-17"), spelled("\u0421-17")) == ("'C-17'", "'\u0421-17' (\\u0421-17)")
