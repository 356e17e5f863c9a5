"""Render: the statement as people see it. Canonical JSON is the truth; HTML and PDF are views of it.

Templates only place what they are given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.canonical import sha256
from models.formats import partner_named_in, read_statement
from models.statement import Statement
from rules.archive.layout import STATEMENT_JSON
from tasks.documents.statement_view import view
from tasks.documents.typesetting import html_templates, pdf, typst_templates
from tasks.documents.wording import wording
from tasks.step import step

MOST_ROWS = 40
"""Rows of one table that the PDF prints, a page of them, saying so where there are more.

Nobody reads 25 pages of rows on paper, and they were two thirds of a month's work. HTML and JSON have them all. It
is no setting: whoever checks the archive draws the same pages again.
"""

FEW_ROWS = 20
"""The same for the annex of payments, and for what is no part of the payout: the sums of all are printed."""


@dataclass(frozen=True)
class Rendered:
    """The documents of one batch by partner and file name, and the partners that failed, each with the reason."""

    documents: Mapping[str, Mapping[str, bytes]]
    failed: Mapping[str, str]


@step(name="render")
def render(issued: Sequence[bytes]) -> Rendered:
    """Return the documents of every issued statement that can be rendered, and the reason for each that cannot.

    `issued` is the canonical JSON of each as it was issued, of whatever format: it is read, and never made again.
    """
    done: dict[str, Mapping[str, bytes]] = {}
    failed: dict[str, str] = {}
    for data in issued:
        # One partner's document must never cost the others theirs, whatever is wrong with it.
        try:
            statement = read_statement(data)
            done[statement.partner.partner_id] = documents(statement, data)
        except Exception as error:
            partner = partner_named_in(data) or f"a partner without a name (SHA-256 {sha256(data)})"
            failed[partner] = f"{type(error).__name__}: {error}"
    return Rendered(done, failed)


def documents(statement: Statement, data: bytes) -> dict[str, bytes]:
    """Return the files of a statement by name; `data` is its JSON as it was issued. The same gives the same bytes."""
    words = wording(statement.partner.locale)
    facts = view(statement, words, sha256(data)) | {"most_rows": MOST_ROWS, "few_rows": FEW_ROWS}
    return {
        STATEMENT_JSON: data,
        "statement.html": html_templates().get_template("statement.html.j2").render(facts).encode(),
        "statement.pdf": pdf(
            typst_templates().get_template("statement.typ.j2").render(facts),
            title=f"{words.text('title')} {words.text('number', number=statement.number)}",
            author=statement.programme,
            language=words.locale,
            at=statement.approved.at,
        ),
    }
