"""Every language says everything: a statement is never half translated."""

import ast
import re

import pytest

from models.billing import Reason
from models.formats import format_1
from models.summary import EntryKind
from models.vendor import LOCALES
from tasks.documents.typesetting import TEMPLATES
from tasks.documents.wording import FOLDER, MissingWording, wording


def asked_for() -> set[str]:
    """The keys templates and code ask for; one that ends with a dot asks for any text of that group."""
    tasks = TEMPLATES.parent / "tasks"
    sources = [*TEMPLATES.glob("*.j2"), *(tasks / "documents").glob("*.py"), tasks / "render.py"]
    calls = re.compile(r"""(?:\b(?:t|text)\(\s*f?|self\._date\([^"]*)["']([a-z_.]+)""")
    return {key for source in sources for key in calls.findall(source.read_text(encoding="utf-8"))}


def test_each_locale_a_partner_may_have_has_its_wording() -> None:
    assert sorted(file.stem for file in FOLDER.glob("*.yaml")) == sorted(LOCALES)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_language_has_the_same_texts_as_english(locale: str) -> None:
    assert wording(locale).texts.keys() == wording("en").texts.keys()


@pytest.mark.parametrize("locale", LOCALES)
def test_a_translation_keeps_every_figure_of_the_english_text(locale: str) -> None:
    placeholders = {key: sorted(re.findall(r"{\w*}", text)) for key, text in wording(locale).texts.items()}

    assert placeholders == {key: sorted(re.findall(r"{\w*}", text)) for key, text in wording("en").texts.items()}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_words_in_every_language(locale: str, reason: Reason) -> None:
    assert wording(locale).reasons(reason.value).strip()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", EntryKind)
def test_every_kind_of_entry_has_its_words_in_every_language(locale: str, kind: EntryKind) -> None:
    assert wording(locale).text(f"entry.{kind}", month="January 2026", reason="why").strip()


@pytest.mark.parametrize("locale", LOCALES)
def test_no_text_is_blank_and_none_was_read_as_a_number_or_a_yes(locale: str) -> None:
    assert [key for key, text in wording(locale).texts.items() if not isinstance(text, str) or not text.strip()] == []


@pytest.mark.parametrize("locale", ["pl", "ru"])
def test_a_translation_is_not_the_english_text(locale: str) -> None:
    same = {key for key, text in wording(locale).texts.items() if text == wording("en").texts[key]}

    assert {key for key in same if not key.startswith("format.")} <= {
        "days",
        "approved_at",
        "partner",
        "plan",
        "parts_of",
        "step.{name}",
        # These say nothing but names and `of` yet.
        "step.{event} of {product}",
        "step.{event} {id}",
    }


def test_every_text_a_document_asks_for_is_there() -> None:
    texts = wording("en").texts
    groups = {key.partition(".")[0] + "." for key in texts}

    assert [key for key in asked_for() if key not in texts and key not in groups] == []


def test_no_text_lies_about_unused() -> None:
    asked = asked_for()
    groups = (*(key for key in asked if key.endswith(".")), "step.")

    assert [key for key in wording("en").texts if key not in asked and not key.startswith(groups)] == []


def test_every_phrase_of_the_rules_is_translated_and_no_translation_is_of_a_phrase_nobody_says() -> None:
    assert {key.removeprefix("step.") for key in wording("en").texts if key.startswith("step.")} == phrases()


def phrases() -> set[str]:
    """The patterns of every phrase that models and rules make; each is written out where it is made."""
    found = set()
    for room in ("models", "rules"):
        for path in (TEMPLATES.parent / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "Phrase.of":
                    (pattern,) = node.args
                    written = pattern.value if isinstance(pattern, ast.Constant) else None
                    assert isinstance(written, str), f"{path}:{node.lineno}: write the pattern itself"
                    found.add(written)
    return found


@pytest.mark.parametrize("pattern", format_1.PATTERNS)
def test_the_words_of_format_1_are_read_as_phrases_that_are_translated(pattern: str) -> None:
    assert f"step.{pattern}" in wording("en").texts


def test_a_text_that_is_missing_is_an_error_and_names_its_file() -> None:
    with pytest.raises(MissingWording, match=r"templates/wording/pl\.yaml has no text for 'greeting'"):
        wording("pl").text("greeting")


def test_a_language_without_wording_is_an_error_and_names_those_there_are() -> None:
    with pytest.raises(MissingWording, match=r"language 'de' \(there are: en, pl, ru\)"):
        wording("de")
