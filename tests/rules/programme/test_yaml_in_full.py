"""What YAML could read two ways is refused in a whole sentence, with its place and what to write instead."""

import pytest

from models.errors import BadInput, BadProgramme
from rules.programme.file import parse_programme
from rules.programme.yaml_text import parse_yaml
from tests.rules.written import PROGRAMME

QUOTE = "write the value out, or put it in quotes if it is text"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: !!str 1\n", f" line 1, column 4: tags (!) are not used here: {QUOTE}."),
        ("a: &x 1\n", f" line 1, column 4: anchors (&) and aliases (*) are not used here: {QUOTE}."),
        ("a: 1\n\tb: 2\n", " line 2, column 1: a tab stands where only spaces may: indent with spaces."),
        (
            "a: 1\n---\nb: 2\n",
            " line 2, column 1: a second document begins here (---): keep one document in the file.",
        ),
        (
            "a: b: c\n",
            " line 1, column 5: a `:` is not expected here: put text that holds a colon in quotes, and check the "
            "indentation above.",
        ),
        ("? [a]\n: 1\n", " line 1, column 3: a key must be text, not a list or a block."),
        ("\n\x01", " line 2, column 1: the character U+0001 cannot stand in YAML: remove it."),
        ("a: 1\nb:\nc: \x01", " line 3, column 4: the character U+0001 cannot stand in YAML: remove it."),
        ("", " is empty: nothing is written in it."),
        ("[" * 5000, ": blocks are nested hundreds deep: that is no file of ours."),
    ],
)
def test_what_could_be_read_two_ways_is_refused_in_a_sentence(text: str, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_yaml(text, "programme.yaml")
    assert str(refused.value) == f"programme.yaml{words}"


def test_a_place_that_is_not_written_is_the_nearest_thing_around_it() -> None:
    tree = parse_yaml("a: 1\nb:\n  c:\n    d: 2\n", "p.yaml")
    assert tree.where(("b", "c", "e")) == "line 3, column 3"
    assert tree.where(("b", "c", "e", "f")) == "line 3, column 3"


@pytest.mark.parametrize("written", ["{categories: [software], rate: 50%}", "{plan: per_view, rate: 50%}"])
def test_a_rule_without_a_known_plan_is_told_every_plan_there_is(written: str) -> None:
    with pytest.raises(BadProgramme, match=r"percentage, promo_code, reseller, .*, training_share"):
        parse_programme(PROGRAMME.replace("{plan: percentage, categories: [software], rate: 50%}", written))
