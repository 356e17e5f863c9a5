"""Typesetting: Jinja2 and Typst, set up so that nothing a client is called can do more than be read."""

import os
import re
import threading
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from typst import Compiler, Fonts, TypstError

from models.errors import SettlementError

if TYPE_CHECKING:
    from typst import PDFStandard

TEMPLATES = Path(__file__).parents[2] / "templates"

# Control characters become spaces; those that turn round the text beside them, a name and an amount, go.
_PLAIN = dict.fromkeys((*range(32), *range(127, 160)), " ") | dict.fromkeys(
    (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
)

_NOT_PLAIN = re.compile("[" + "".join(map(re.escape, map(chr, _PLAIN))) + "]")

_LONG_WORD = re.compile(r"\S{14,}")

_of_this_thread = threading.local()


class CannotRender(SettlementError):
    """A statement cannot be shown as it is."""


@cache
def html_templates() -> Environment:
    """Return the HTML templates: Jinja2 escapes every value."""
    return _environment(escaped_as_html=True, finalize=lambda value: value if type(value) is Markup else plain(value))


@cache
def typst_templates() -> Environment:
    """Return the Typst templates: every value becomes a string literal or a whole number, whoever inserts it."""
    return _environment(escaped_as_html=False, finalize=typst_literal)


def _environment(escaped_as_html: bool, finalize: Callable[[object], str]) -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=escaped_as_html,  # noqa: S701, Typst is not HTML: `typst_literal` escapes it
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def plain(value: object) -> str:
    """Return the text of a value without the characters that could rearrange what stands around it.

    What is neither text nor a whole number (a blank, an amount nobody formatted) is an error.
    """
    if type(value) is str and value.isprintable():  # nearly all are, and none of these characters is
        return value
    if isinstance(value, bool) or not isinstance(value, str | int):
        # An undefined name says here which one it is.
        raise CannotRender(f"{str(value)!r} is neither text nor a whole number: the template has to format it.")
    text = str(value)
    # Hardly a text has any of them, and looking for one takes a tenth of the time that replacing takes.
    return text.translate(_PLAIN) if _NOT_PLAIN.search(text) else text


def typst_literal(value: object) -> str:
    r"""Return a value as Typst that shows exactly this text and can do nothing else.

    >>> print(typst_literal('#read("file")'))
    #"#read(\"file\")";
    """
    text = plain(value)
    if isinstance(value, int):
        return text
    # Typst breaks lines at spaces only, so a long word would run over its neighbours. The space that lets it be
    # broken is too thin to be seen, and is not copied. `plain` has left no NUL in the text.
    pieces = _LONG_WORD.sub(lambda word: "\0".join(_breakable(word[0])), text).split("\0")
    escaped = (piece.replace("\\", "\\\\").replace('"', '\\"') for piece in pieces)
    return "#h(0.001pt);".join(f'#"{piece}";' for piece in escaped)


def _breakable(word: str) -> list[str]:
    """Return a long word in the pieces it may be broken into: at a joint, or every ten letters; an amount is one."""
    if not any(map(str.isalpha, word)):
        return [word]
    parts = re.findall(r"[^_/-]*[_/-]|[^_/-]+", word)
    return [piece for part in parts for piece in (re.findall(".{1,10}", part) if len(part) >= 20 else [part])]


NOT_PRINTED = "□"
"""What the PDF shows for a character that its fonts do not have: they have Latin, Greek and Cyrillic letters."""


def printed(source: str) -> tuple[str, tuple[str, ...]]:
    """Return a Typst source with NOT_PRINTED for every character that the fonts lack, and these characters.

    >>> printed('#"Acme 漢字";')
    ('#"Acme □□";', ('字', '漢'))
    """
    if source.isascii():
        return source, ()
    new = {each for each in set(source) if not each.isascii()} - _has_glyph.keys()
    if new and _are_printed(new):  # nearly always: asked one by one, an alphabet takes a second
        _has_glyph.update(dict.fromkeys(new, True))
    else:
        _has_glyph.update((each, _are_printed({each})) for each in new)
    lacking = tuple(sorted(each for each in set(source) if not _has_glyph.get(each, True)))
    if not lacking:
        return source, ()
    return source.translate(dict.fromkeys(map(ord, lacking), NOT_PRINTED)), lacking


_has_glyph: dict[str, bool] = {}
"""Whether the fonts have a character, of those that were asked for so far."""


def _are_printed(characters: set[str]) -> bool:
    """Whether the fonts have all these characters, each in a paragraph of its own: none is joined to another."""
    # PDF/A refuses a text that cannot be shown: so it is Typst that says it, with the very fonts that it prints with.
    source = "\n\n".join(f'#"{each}";' for each in sorted(characters))
    try:
        _compiler().compile(source.encode(), format="pdf", pdf_standards=["a-2b"])
    except TypstError:
        return False
    return True


def pdf(source: str, *, title: str, author: str, language: str, at: str) -> bytes:
    """Return the PDF of a Typst source, dated `at`: no clock, no font and no file of this machine is in it."""

    def compiled(*standards: "PDFStandard") -> bytes:
        made = _compiler().compile(
            source.encode(),
            format="pdf",
            timestamp=datetime.fromisoformat(at),
            sys_inputs={"title": title, "author": author, "lang": language},
            pdf_standards=list(standards),
            # Tags would make the file ten times larger; the HTML is the document for screen readers.
            pdf_tags=False,
        )
        assert isinstance(made, bytes), "one PDF, kept in memory, is one piece of bytes"
        return made

    try:
        try:
            return compiled("a-2b")
        except TypstError:
            # PDF/A refuses what cannot be shown, such as a letter whose accents no font joins to it; a plain PDF shows
            # it as it can. A mistake in the source fails here again.
            return compiled()
    except BaseException as panic:
        # A Rust panic is no Exception to Python, but it is one document's failure, not the program's end.
        if type(panic).__name__ != "PanicException":
            raise
        del _of_this_thread.compiler
        raise CannotRender(f"Typst gave up on {title}: {panic}") from panic


def _compiler() -> Compiler:
    """Return this thread's compiler: it keeps fonts and what it has learnt, and sets one document at a time."""
    if not hasattr(_of_this_thread, "compiler"):
        fonts = Fonts(include_system_fonts=False, font_paths=[str(TEMPLATES / "fonts")])
        # A root that is no folder: there is no file under it to be read.
        _of_this_thread.compiler = Compiler(root=os.devnull, font_paths=fonts, ignore_system_fonts=True)
    compiler: Compiler = _of_this_thread.compiler
    return compiler
