"""YAML under review: text stays text, nothing is hidden, and every complaint names its line."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput
from rules.programme.yaml_text import parse_yaml

PROGRAMME = """\
programme: uis-partners
starts: 2026-01
plans:
  integrator:
    earn:
      telephony:
        tiers: {0: 8%, 100000: 10%}
      software:
        categories: [software, licences]
        rate: 300.00
"""


def test_every_scalar_stays_the_text_that_was_written() -> None:
    data = parse_yaml("{a: 300.00, b: 2026-01-31, c: yes, d: null, e: 0x1F, f: 1e3, 7: , g: '8'}", "p.yaml").data
    assert data == {
        "a": "300.00", "b": "2026-01-31", "c": "yes", "d": "null", "e": "0x1F", "f": "1e3", "7": "", "g": "8",
    }  # fmt: skip


def test_blocks_and_lists_keep_their_order_and_their_nesting() -> None:
    assert parse_yaml(PROGRAMME, "programme.yaml").data == {
        "programme": "uis-partners",
        "starts": "2026-01",
        "plans": {
            "integrator": {
                "earn": {
                    "telephony": {"tiers": {"0": "8%", "100000": "10%"}},
                    "software": {"categories": ["software", "licences"], "rate": "300.00"},
                }
            }
        },
    }


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), "line 1, column 1"),
        (("starts",), "line 2, column 1"),
        (("plans", "integrator", "earn", "telephony"), "line 6, column 7"),
        (("plans", "integrator", "earn", "telephony", "tiers", "100000"), "line 7, column 24"),
        (("plans", "integrator", "earn", "software", "categories", 1), "line 9, column 32"),
    ],
)
def test_a_key_is_found_at_its_line_and_column(path: tuple[str | int, ...], place: str) -> None:
    assert parse_yaml(PROGRAMME, "programme.yaml").where(path) == place


def test_a_key_that_is_not_written_is_looked_for_where_it_is_missing() -> None:
    tree = parse_yaml(PROGRAMME, "programme.yaml")
    assert tree.where(("plans", "integrator", "earn", "telephony", "by", "deeper")) == "line 6, column 7"
    assert tree.where(("currency",)) == "line 1, column 1"


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("rate: 8%\nrate: 9%\n", "line 2, column 1", "'rate' is written twice in this block (first in line 1)"),
        ("a:\n  b: 1\n  c: 2\n  b: 3\n", "line 4, column 3", "'b' is written twice in this block (first in line 2)"),
        ("low: &low 8%\nhigh: *low\n", "line 1, column 6", "anchors (&) and aliases (*) are not used here"),
        ("high: *low\n", "line 1, column 7", "anchors (&) and aliases (*) are not used here"),
        ("rate: !!float 300.00\n", "line 1, column 7", "tags (!) are not used here"),
        ("a: !run x\n", "line 1, column 4", "tags (!) are not used here"),
        ("a: 1\n---\nb: 2\n", "line 2, column 1", "a second document begins here"),
        ("a:\n\tb: 1\n", "line 2, column 1", "indent with spaces"),
        ("a: b: c\n", "line 1, column 5", "put text that holds a colon in quotes"),
        ("rate: %8\n", "line 1, column 7", "put the text in quotes"),
        ("a: 1\nb: [1, 2\nc: 3\n", "line 3, column 2", "check the quotes, brackets and indentation from line 2 on"),
        ("a: 'b\n\n", "line 3, column 1", "from line 1 on"),
        ("? [a, b]\n: 1\n", "line 1, column 3", "a key must be text"),
        ("\x07a: 1\n", "line 1, column 1", "the character U+0007 cannot stand in YAML: remove it"),
        ("a: 1\nb: \x07\n", "line 2, column 4", "the character U+0007 cannot stand in YAML"),
        ("", "is empty", "nothing is written in it"),
        ("# only a comment\n", "is empty", "nothing is written in it"),
        ("[" * 5000, "nested", "no file of ours"),
    ],
)
def test_what_could_be_read_two_ways_is_refused_with_its_place(text: str, place: str, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_yaml(text, "programme.yaml")
    assert str(refused.value).startswith("programme.yaml")
    assert place in str(refused.value)
    assert words in str(refused.value)


def test_the_same_key_in_two_blocks_is_no_repetition() -> None:
    assert parse_yaml("a: {rate: 8%}\nb: {rate: 9%}\n", "p.yaml").data == {"a": {"rate": "8%"}, "b": {"rate": "9%"}}


def test_a_byte_order_mark_at_the_start_says_nothing() -> None:
    assert parse_yaml("\ufeffstarts: 2026-01\n", "p.yaml").data == {"starts": "2026-01"}


TEXT = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=8)
TREE = st.recursive(
    TEXT, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=12
)


@given(TREE)
def test_whatever_is_written_in_quotes_is_read_back_as_it_was(tree: object) -> None:
    text = yaml.safe_dump(tree, default_style='"', allow_unicode=True)
    # The writer marks keys and values that look like numbers with nothing but quotes: all is text.
    assert parse_yaml(text, "p.yaml").data == tree


@given(st.text(max_size=60))
def test_no_text_whatever_ends_in_anything_but_a_value_or_a_clear_refusal(text: str) -> None:
    try:
        told = parse_yaml(text, "p.yaml").name
    except BadInput as refused:
        told = str(refused)
    assert told.startswith("p.yaml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "software: {plan: percentage, rate: 12,5%}",
            "column 36: 12,5% is two values here, for a comma ends the first: write 12.5%",
        ),
        (
            "payout: {minimum: 5000,00}",
            "column 19: 5000,00 is two values here, for a comma ends the first: write 5000.00",
        ),
    ],
)
def test_a_decimal_comma_between_brackets_is_named(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=r"programme\.yaml line 1, ") as refused:
        parse_yaml(text, "programme.yaml")
    assert words in str(refused.value)


def test_values_that_follow_each_other_are_no_decimal_comma() -> None:
    assert parse_yaml("{a: 12, 5: , b: [1,5], c: 7,d: 8}", "p.yaml").data == {
        "a": "12",
        "5": "",
        "b": ["1", "5"],
        "c": "7",
        "d": "8",
    }
