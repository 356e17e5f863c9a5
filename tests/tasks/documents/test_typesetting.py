"""Typesetting: what people are called is shown, and can do nothing else."""

import json
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import Environment, UndefinedError
from typst import Fonts, TypstError
from typst import eval as typst_eval

from tasks.documents import typesetting
from tasks.documents.typesetting import (
    CannotRender,
    html_templates,
    pdf,
    plain,
    printed,
    typst_literal,
    typst_templates,
)

FONTS = Fonts(include_system_fonts=False, include_embedded_fonts=False)
AT = {"title": "Title", "author": "Author", "language": "en", "at": "2026-02-03T03:00:00Z"}


@given(st.text())
@example('#read("/etc/passwd")')
@example('"; #panic("x"); #"')
@example("\\")
@example("\\u{23}")
@example("$x^2$ *bold* `raw` <label> @reference // comment /* comment */")
def test_whatever_a_client_is_called_typst_reads_as_exactly_that_text(name: str) -> None:
    pieces = typst_literal(name).removesuffix(";").split("#h(0.001pt);")
    array = "(" + "".join(piece.removeprefix("#").removesuffix(";") + "," for piece in pieces) + ")"

    assert "".join(json.loads(typst_eval(b"", array, font_paths=FONTS, ignore_system_fonts=True))) == plain(name)


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("subscription_fees", ["subscription_", "fees"]),
        ("INV-2026-000123/1", ["INV-", "2026-", "000123/", "1"]),
        ("INV-2026-00012", ["INV-", "2026-", "00012"]),
        ("INV-2026-0001", ["INV-2026-0001"]),
        ("Anstaltsdirektoren", ["Anstaltsdirektoren"]),
        ("Anstaltsdirektorenamt", ["Anstaltsdi", "rektorenam", "t"]),
        ("92,233,720,368,547.07", ["92,233,720,368,547.07"]),
        ("Acme 92-233-720-368-547", ["Acme 92-233-720-368-547"]),
    ],
)
def test_a_long_word_may_be_broken_and_an_amount_may_not(word: str, pieces: list[str]) -> None:
    assert typst_literal(word) == "#h(0.001pt);".join(f'#"{piece}";' for piece in pieces)


def test_a_whole_number_stays_a_number() -> None:
    assert typst_literal(512) == "512"


@pytest.mark.parametrize("value", [None, True, 0.1, Decimal("0.10"), ["a"], {}])
def test_a_value_nobody_formatted_is_an_error_and_not_shown(value: object) -> None:
    for show in (plain, typst_literal):
        with pytest.raises(CannotRender, match="neither text nor a whole number"):
            show(value)


@pytest.mark.parametrize("templates", [html_templates, typst_templates])
def test_a_name_that_is_not_there_is_an_error_and_not_a_blank(templates: Callable[[], Environment]) -> None:
    with pytest.raises(UndefinedError, match="total"):
        templates().from_string("{{ total }}").render()


def test_a_template_for_typst_has_no_way_to_leave_a_value_unescaped() -> None:
    template = '{{ name }}{{ name | safe }}{{ "#" ~ name }}{% set again = name %}{{ again }}'

    assert typst_templates().from_string(template).render(name="#a") == '#"#a";#"#a";#"##a";#"#a";'


def test_a_name_cannot_turn_the_amount_beside_it_round() -> None:
    assert plain("Acme\u202e 00.1\u2066\x00\n") == "Acme 00.1  "


def test_no_control_character_and_none_that_turns_round_a_text_is_left_in_it() -> None:
    controls = [*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
    assert [hex(each) for each in controls if chr(each) in plain(f"a{chr(each)}b")] == []
    assert plain("12\u00a0345,00 \u20bd") == "12\u00a0345,00 \u20bd"


@pytest.mark.parametrize("file", ["/etc/passwd", "statement.typ.j2", "../../etc/passwd"])
def test_no_file_of_the_machine_can_be_read_while_a_document_is_set(file: str) -> None:
    with pytest.raises(TypstError):
        pdf(f'#read("{file}")', **AT)


@pytest.mark.parametrize("name", ["Acme", "Żółw é", "Ёлка № 5 ₽", "Ωmega", "a\u0301cme"])
def test_what_our_fonts_have_is_printed_as_it_is(name: str) -> None:
    assert printed(name) == (name, ())
    assert b"pdfaid" in pdf(name, **AT)


@pytest.mark.parametrize(
    ("name", "shown", "lacking"),
    [
        ("\u6f22\u5b57 Ltd", "□□ Ltd", ("\u5b57", "\u6f22")),
        ("Acme \U0001f600", "Acme □", ("\U0001f600",)),
        ("\ud55c\u0e01", "□□", ("\u0e01", "\ud55c")),
    ],
)
def test_a_character_that_our_fonts_lack_is_a_box_on_paper_that_can_be_seen(
    name: str, shown: str, lacking: tuple[str, ...]
) -> None:
    assert printed(name) == (shown, lacking)
    assert b"pdfaid" in pdf(shown, **AT), "it is a PDF to be archived, as any other"


def test_characters_are_asked_for_together_and_one_that_our_fonts_lack_takes_no_other_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[set[str]] = []
    are_printed = typesetting._are_printed

    def asking(new: set[str]) -> bool:
        asked.append(new)
        return are_printed(new)

    monkeypatch.setattr(typesetting, "_has_glyph", {})
    monkeypatch.setattr(typesetting, "_are_printed", asking)
    assert printed("Ёлка") == ("Ёлка", ())
    assert printed("Ёлка и 漢") == ("Ёлка и □", ("漢",))
    assert printed("и 漢 Ёлка") == ("и □ Ёлка", ("漢",))
    assert asked == [{*"Ёлка"}, {*"и漢"}, {"и"}, {"漢"}] or asked == [{*"Ёлка"}, {*"и漢"}, {"漢"}, {"и"}]


def test_a_typesetter_that_breaks_down_fails_one_document_and_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        """What a Rust panic looks like from Python."""

    class Broken:
        def compile(self, *_: object, **__: object) -> bytes:
            raise PanicException("index out of bounds")

    pdf("first", **AT)
    monkeypatch.setattr(typesetting._of_this_thread, "compiler", Broken())
    with pytest.raises(CannotRender, match="Typst gave up on Title: index out of bounds"):
        pdf("second", **AT)

    assert pdf("third", **AT).startswith(b"%PDF-")


def test_stopping_the_program_is_not_taken_for_a_broken_document(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted:
        def compile(self, *_: object, **__: object) -> bytes:
            raise KeyboardInterrupt

    monkeypatch.setattr(typesetting._of_this_thread, "compiler", Interrupted(), raising=False)
    with pytest.raises(KeyboardInterrupt):
        pdf("first", **AT)
