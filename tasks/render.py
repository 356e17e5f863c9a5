"""Render: the statement as people see it. Canonical JSON is the truth; HTML and PDF are views of it.

Templates only place what they are given.
"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from models.canonical import sha256
from models.formats import partner_named_in, read_statement
from models.progress import advance
from models.statement import Statement
from rules.archive.layout import STATEMENT_JSON
from tasks.documents.renderers import Drawn, Renderers
from tasks.documents.statement_view import view
from tasks.documents.typesetting import NOT_PRINTED, html_templates, pdf, printed, typst_templates
from tasks.documents.wording import wording
from tasks.step import step

log = logging.getLogger("settle")

MOST_ROWS = 40
"""Rows of one table that the PDF prints, a page of them, saying so where there are more.

Nobody reads 25 pages of rows on paper, and they were two thirds of a month's work. JSON has them all, HTML up to
PAGE_ROWS. It is no setting: whoever checks the archive draws the same pages again.
"""

FEW_ROWS = 20
"""The same for the annex of payments, and for what is no part of the payout: the sums of all are printed."""


PAGE_ROWS = 2_000
"""Rows of one table that the HTML shows, saying so where there are more: 100 000 made a page of 32 MB."""

FEW_NAMED = 3
"""Characters that cannot be printed, and texts with them, that a warning names."""


class Documents(NamedTuple):
    """The files of a statement by name, and the characters that its PDF cannot show."""

    files: dict[str, bytes]
    lacking: Sequence[str] = ()


@dataclass(frozen=True)
class Rendered:
    """The documents of one batch by partner and file name, and the partners that failed, each with the reason."""

    documents: Mapping[str, Mapping[str, bytes]]
    failed: Mapping[str, str]


@step(name="render")
def render(issued: Sequence[bytes], renderers: Renderers | None = None) -> Rendered:
    """Return the documents of every issued statement that can be rendered, and the reason for each that cannot.

    `issued` is the canonical JSON of each as it was issued, of whatever format: it is read, and never made again.
    Without renderers the statements are drawn here, in this process.
    """
    done: dict[str, Mapping[str, bytes]] = {}
    failed: dict[str, str] = {}
    for data in issued:
        made = renderers.draw(data) if renderers else drawn(data)
        for warning in made.warnings:
            log.warning(warning)
        if made.failed:
            failed[made.partner_id or f"a partner without a name (SHA-256 {sha256(data)})"] = made.failed
        else:
            done[made.partner_id] = made.files
        advance(1, "partners")
    return Rendered(done, failed)


def drawn(data: bytes) -> Drawn:
    """Return the documents of one issued statement, or the reason why it has none, and what is to be said of them."""
    # One partner's document must never cost the others theirs, whatever is wrong with it.
    try:
        statement = read_statement(data)
        files, lacking = documents(statement, data)
    except Exception as error:
        return Drawn(partner_named_in(data), {}, f"{type(error).__name__}: {error}")
    return Drawn(statement.partner.partner_id, files, "", [not_printed(statement, data, lacking)] if lacking else [])


def documents(statement: Statement, data: bytes) -> Documents:
    """Return the files of a statement; `data` is its JSON as it was issued. The same gives the same bytes."""
    words = wording(statement.partner.locale)
    facts = facts_of(statement, data)
    source, lacking = printed(typst_templates().get_template("statement.typ.j2").render(facts))
    files = {
        STATEMENT_JSON: data,
        "statement.html": html_templates().get_template("statement.html.j2").render(facts).encode(),
        "statement.pdf": pdf(
            source,
            title=f"{words.text('title')} {words.text('number', number=statement.number)}",
            author=statement.programme,
            language=words.locale,
            at=statement.approved.at,
        ),
    }
    return Documents(files, lacking)


def facts_of(statement: Statement, data: bytes) -> dict[str, Any]:
    """Return what the templates of a statement read, by name; `data` is its JSON as it was issued."""
    limits = {"most_rows": MOST_ROWS, "few_rows": FEW_ROWS, "page_rows": PAGE_ROWS}
    return view(statement, wording(statement.partner.locale), sha256(data)) | limits


def not_printed(statement: Statement, data: bytes, lacking: Sequence[str]) -> str:
    """Say which characters of a statement the PDF cannot show, and which names and texts hold them."""
    characters = ", ".join(f"{each} U+{ord(each):04X}" for each in lacking[:FEW_NAMED])
    found = dict.fromkeys(text for text in _texts(json.loads(data)) if set(lacking) & set(text))
    texts = ", ".join(repr(text) for text in list(found)[:FEW_NAMED])
    more = f" and {len(found) - FEW_NAMED} more" if len(found) > FEW_NAMED else ""
    others = " ..." if len(lacking) > FEW_NAMED else ""
    return (
        f"statement {statement.number} of {statement.partner.partner_id}: the PDF shows {NOT_PRINTED} for "
        f"{characters}{others}, which its fonts do not have, in {texts}{more}. HTML and JSON show them."
    )


def _texts(node: object) -> Iterator[str]:
    """Yield every text of a JSON document."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for each in node.values():
            yield from _texts(each)
    elif isinstance(node, list):
        for each in node:
            yield from _texts(each)
