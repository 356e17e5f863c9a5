"""Views: whether page and paper of a sealed statement show what its JSON says."""

import io
import json
from collections.abc import Iterator

import pypdf

from models.canonical import sha256
from models.errors import NotStored, SettlementError
from models.formats import read_statement
from rules.archive.layout import statement_path
from rules.archive.verification import Finding, error, warning
from tasks.auditing.verify import missing_in
from tasks.render import documents
from tasks.storage.sealed import SealedMonth

PAGE, PAPER = "statement.html", "statement.pdf"


def views_differ(sealed: SealedMonth, partner_id: str, data: bytes, *, same_code: bool) -> Iterator[Finding]:
    """Yield what page and paper of a statement do not show; `data` is its JSON.

    Where the same code closed the month they are drawn again, and compared byte for byte. One that is drawn otherwise
    is a warning as long as it shows every amount of the summary: a close that was cut off may have been finished by
    another version. What the page shows, verification looks at always; reading paper takes most of a second.
    """
    statement = read_statement(data)
    drawn = documents(statement, data).files if same_code else {}
    for name in (PAGE, PAPER):
        path = statement_path(partner_id, name)
        where = f"{sealed.folder}/{path}"
        try:
            stored = sealed.read(path)
        except NotStored:
            yield error(where, "is missing: every statement has one")
            continue
        if drawn.get(name) == stored:
            continue
        if same_code:
            yield warning(where, "is not drawn as this version draws it: look at it beside its statement.json")
        if name == PAPER:
            yield from _paper(where, stored, json.loads(statement.to_bytes()), sha256(data))


def _paper(where: str, stored: bytes, statement: object, digest: str) -> Iterator[Finding]:
    try:
        text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(stored)).pages)
    except (pypdf.errors.PyPdfError, SettlementError, ValueError, KeyError, TypeError) as fault:
        yield error(where, f"cannot be read as PDF: {fault}")
        return
    for missing in missing_in(text, statement, digest):
        yield error(where, f"does not show {missing}")
