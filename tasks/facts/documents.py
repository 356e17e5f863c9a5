"""Documents the database keeps under their digest: drafts and programmes, compared with it whenever they are read."""

from sqlmodel import Session

from models.canonical import sha256
from models.errors import ChangedInDatabase
from models.rows import ApprovalRow, DraftRow, ProgrammeRow


def draft_document(session: Session, digest: str) -> str:
    """Return the document of a draft. Raises ChangedInDatabase."""
    row = session.get(DraftRow, digest)
    return _unchanged("draft", digest, row.document if row else None)


def programme_kept(session: Session, digest: str) -> ProgrammeRow:
    """Return a programme file as it was kept. Raises ChangedInDatabase."""
    row = session.get(ProgrammeRow, digest)
    _unchanged("programme", digest, row.text if row else None)
    assert row is not None, "otherwise it was raised"
    return row


def programme_text(session: Session, approval: ApprovalRow) -> str:
    """Return the text of the programme a month was approved by. Raises ChangedInDatabase."""
    return programme_kept(session, approval.programme_digest).text


def _unchanged(what: str, digest: str, text: str | None) -> str:
    if text is None:
        raise ChangedInDatabase(
            f"the database's {what} {digest} is gone, and an approval names it. Nothing was settled. Somebody took the "
            "guards of the table away: restore the database from a backup."
        )
    if (found := sha256(text.encode())) != digest:
        raise ChangedInDatabase(
            f"the database's {what} {digest} was changed: its SHA-256 is {found}. It was not used, and nothing was "
            "settled. Somebody took the guards of the table away: restore the database from a backup."
        )
    return text
