"""Text that is safe to show: what is printable and short is as it was, everything else is written out or cut."""

import pytest

from models.safe_text import LONGEST_WORD, safe_cell, safe_line

CONTROLS = [*range(0x09), *range(0x0A, 0x20), *range(0x7F, 0xA0)]
DIRECTIONS_AND_BREAKS = [0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)]


@pytest.mark.parametrize("code", [*CONTROLS, *DIRECTIONS_AND_BREAKS])
def test_what_moves_a_cursor_or_turns_the_text_is_written_out(code: int) -> None:
    assert safe_line(f"a{chr(code)}b") == f"a{chr(code)!r}b".replace("'", "")


@pytest.mark.parametrize("text", ["L-1", "ООО «Ромашка», 70.00 ₽", "zażółć gęślą jaźń", "a\tb", "1\u00a0000.00", ""])
def test_what_people_write_is_as_it_was(text: str) -> None:
    assert safe_line(text) == text


def test_a_word_is_cut_from_one_character_too_many_on() -> None:
    longest = "x" * LONGEST_WORD
    assert safe_line(longest) == longest
    assert safe_line(f"{longest} {longest}") == f"{longest} {longest}"
    assert safe_line(longest + "x") == "x" * 60 + "...(301 characters)"


@pytest.mark.parametrize("text", ["=1+1", "@sum", "+cmd", "-cmd"])
def test_a_cell_is_no_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
