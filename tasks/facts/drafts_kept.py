"""Drafts that were kept, with programme and approvers: for whoever consents to one, and for the run that counts it."""

import json

from sqlmodel import Session, col, select

from models.period import Period
from models.rows import ApprovalRow, SealRow
from rules.archive.layout import Input
from rules.draft import inputs_of
from rules.programme.blocks.approvers import Approvers
from rules.programme.file import Programme, parse_programme
from tasks.database.database import Database
from tasks.facts.documents import draft_document, programme_kept, programme_text
from tasks.storage import Store

APPROVERS = "approvers.csv"


def draft_kept(database: Database, digest: str) -> tuple[str, Programme]:
    """Return a draft's document, and its programme. Raises ChangedInDatabase."""
    with database.reading() as session:
        document = draft_document(session, digest)
        text = programme_kept(session, json.loads(document)["programme"]["digest"]).text
    return document, parse_programme(text)


def approvers_in(document: str, store: Store) -> Approvers | None:
    """Return the approvers that a draft rests on; None where there was no such file. Raises ChangedInStore."""
    name = inputs_of(document).get(APPROVERS)
    if name is None:
        return None
    from tasks.vendor.approvers import read_approvers  # here: a yes without a signature needs no tables

    programme: str = json.loads(document)["programme"]["name"]
    return read_approvers(APPROVERS, store.get(*Input.named(programme, name)))


def approvers_before(database: Database, store: Store, month: Period) -> Approvers | None:
    """Return the approvers that the last closed month before `month` rests on; None where it had no such file."""
    with database.reading() as session:
        approval = _last(session, month)
        document = draft_document(session, approval.draft_digest) if approval else ""
    return approvers_in(document, store) if document else None


def last_programme_before(database: Database, month: Period) -> Programme | None:
    """Return the programme by which the last closed month before `month` was settled; None before the first."""
    with database.reading() as session:
        approval = _last(session, month)
        return parse_programme(programme_text(session, approval)) if approval else None


def _last(session: Session, month: Period) -> ApprovalRow | None:
    closed = select(SealRow.period).where(SealRow.period < str(month)).order_by(col(SealRow.period).desc()).limit(1)
    period = session.exec(closed).first()
    return session.get(ApprovalRow, (period, 1)) if period else None
