"""Consents: what a person says of one draft, and what is said of it so far. Loads nothing that settles."""

from typing import NamedTuple

from sqlmodel import col, select

from models.canonical import sha256
from models.errors import CannotApprove, WrongUse
from models.period import Period
from models.rows import ApprovalRow, ConsentRow, DraftRow, SignatureRow
from tasks.database.database import Database
from tasks.database.lease import Epoch

APPROVED, PREPARED, REJECTED = "approved", "prepared", "rejected"
APPROVED_EVENTS = {True: "month.approved", False: "month.restated"}
"""What the trail calls the approval of a first version of a month, and of a later one."""
EVENTS = {APPROVED: "draft.consented", PREPARED: "draft.prepared", REJECTED: "draft.rejected"}
COMMENT = "draft.commented"
"""What the audit trail calls a consent, by the role in which it was given."""

SIGNED = "draft.signed"
"""What it calls the signature of a yes; it names the SHA-256 of the signature."""


class Consent(NamedTuple):
    """What a person says of one draft: I approve of it, I prepared it, or I reject it."""

    period: str
    draft_digest: str
    by: str
    role: str = APPROVED
    comment: str = ""  # kept in the audit trail, beside the entry of the consent
    signature: str = ""  # of a yes, as ssh-keygen made it


def consent(database: Database, epoch: Epoch, given: Consent, now: str) -> None:
    """Record what a person says of one draft. The same a second time changes nothing.

    Raises CannotApprove where the draft was approved already: an approval rests on what was said before it.
    Raises WrongUse where it was rejected after this person's yes: somebody else's yes is needed then.
    """
    said_before = {each.by for each in consents(database, given.draft_digest) if each.role == APPROVED}
    if given.role == APPROVED and given.by in said_before - set(consented_by(database, given.draft_digest)):
        raise WrongUse(
            f"{given.by} said yes to draft {given.draft_digest} before it was rejected. Somebody else has to "
            "approve it now, or what it rests on is to be mended, which makes another draft."
        )
    with database.writing(epoch, now) as tx:
        said = tx.session.get(ConsentRow, (given.draft_digest, given.role, given.by)) is not None
        signed = not given.signature or tx.session.get(SignatureRow, (given.draft_digest, given.by)) is not None
        if said and signed:
            return
        if tx.session.exec(select(ApprovalRow).where(ApprovalRow.draft_digest == given.draft_digest)).first():
            raise CannotApprove(f"draft {given.draft_digest} of {given.period} is approved already; nothing was added.")
        if not said:
            tx.add(
                ConsentRow(
                    draft_digest=given.draft_digest,
                    role=given.role,
                    given_by=given.by,
                    period=given.period,
                    given_at=tx.now,
                )
            )
            tx.record(EVENTS[given.role], period=given.period, subject=given.by, about=given.draft_digest)
        if not signed:
            tx.add(
                SignatureRow(
                    draft_digest=given.draft_digest,
                    given_by=given.by,
                    period=given.period,
                    signed_at=tx.now,
                    signature=given.signature,
                )
            )
            tx.record(SIGNED, period=given.period, subject=given.by, about=sha256(given.signature.encode()))
        if given.comment:
            tx.record(COMMENT, period=given.period, subject=given.comment, about=given.draft_digest)


def signatures(database: Database, digest: str) -> list[SignatureRow]:
    """Return the signatures of a draft, in the order they were given."""
    with database.reading() as session:
        rows = select(SignatureRow).where(SignatureRow.draft_digest == digest)
        return list(session.exec(rows.order_by(SignatureRow.signed_at, SignatureRow.given_by)))


def drafts_made(database: Database, period: Period) -> list[str]:
    """Return the digests of the drafts that were kept of a month, the newest first; it waited for each."""
    with database.reading() as session:
        made = select(DraftRow.digest).where(DraftRow.period == str(period)).order_by(col(DraftRow.made_at).desc())
        return list(session.exec(made))


def consents(database: Database, digest: str) -> list[Consent]:
    """Return who said what to a draft, in the order it was said."""
    with database.reading() as session:
        rows = session.exec(
            select(ConsentRow)
            .where(ConsentRow.draft_digest == digest)
            .order_by(ConsentRow.given_at, ConsentRow.role, ConsentRow.given_by)
        )
        return [Consent(row.period, row.draft_digest, row.given_by, row.role) for row in rows]


def consented_by(database: Database, digest: str) -> tuple[str, ...]:
    """Return who approved of a draft; nobody where it was rejected after the last yes, or in the same second.

    Whoever only prepared it has not approved of it.
    """
    decided = [given for given in consents(database, digest) if given.role != PREPARED]
    if not decided or decided[-1].role == REJECTED:
        return ()
    return tuple(given.by for given in decided if given.role == APPROVED)


def rejected_by(database: Database, digest: str) -> str | None:
    """Return who rejected a draft, where nobody has approved it since."""
    decided = [given for given in consents(database, digest) if given.role != PREPARED]
    return decided[-1].by if decided and decided[-1].role == REJECTED else None


def prepared_by(database: Database, digest: str) -> tuple[str, ...]:
    """Return who said that they prepared a draft."""
    return tuple(given.by for given in consents(database, digest) if given.role == PREPARED)
