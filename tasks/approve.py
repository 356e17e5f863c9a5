"""Approve: the moment a draft becomes facts, in one transaction, or not at all.

Whatever can be worked out is worked out before that transaction begins: numbers, digests, rows, and the
audit entries, chained to the newest one. The transaction checks that nothing was recorded since, and
inserts. So the database is locked for seconds, however many clients a month brings.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session, SQLModel, col, func, select

from models.canonical import canonical_json, sha256
from models.errors import CannotApprove, WrongUse
from models.period import Period, Version
from models.rows import (
    AccrualRow,
    ApprovalRow,
    AttributionRow,
    ClaimRow,
    ConsentRow,
    CorrectionRow,
    DraftRow,
    PostingRow,
    ProgrammeRow,
    StatementRow,
)
from models.statement import Approved
from models.vendor import Claim
from rules.draft import Draft, control_json
from rules.ledger import Entry
from rules.statement import Body, issued
from tasks.facts.audit import Trail
from tasks.facts.database import Database, newest_entry
from tasks.facts.lease import Epoch
from tasks.facts.row_digests import AT_APPROVAL, ROWS_RECORDED, rows_digest, rows_subject
from tasks.step import step

Row = tuple[object, ...]
"""The values of a table's columns, in the order of the model."""


APPROVED, PREPARED, REJECTED = "approved", "prepared", "rejected"
EVENTS = {APPROVED: "draft.consented", PREPARED: "draft.prepared", REJECTED: "draft.rejected"}
COMMENT = "draft.commented"
"""What the audit trail calls a consent, by the role in which it was given."""


class Consent(NamedTuple):
    """What a person says of one draft: I approve of it, I prepared it, or I reject it."""

    period: str
    draft_digest: str
    by: str
    role: str = APPROVED
    comment: str = ""  # kept in the audit trail, beside the entry of the consent


@dataclass(frozen=True)
class Known:
    """What the database held when an approval was prepared. It still holds just that when the approval is stored."""

    trail: Trail  # after its newest entry come those of the approval
    last_number: int  # of the year's statements
    has_programme: bool
    has_draft: bool


@step(name="approve")
def approve(draft: Draft, bodies: Iterable[bytes], database: Database, epoch: Epoch, approved: Approved) -> None:
    """Create every fact of the month: attributions, claims, statements, accruals, postings, and their audit entries.

    `bodies` are the statements' canonical JSON, in the order of the draft's statements; each is looked at once.
    """
    known = _known(database, draft, approved)
    facts = _facts(draft, bodies, approved, known)
    with database.writing(epoch, approved.at) as tx:
        _must_still_be_open(tx.session, draft, known)
        tx.follow(known.trail)
        for kind, rows in facts.items():
            tx.insert(kind, rows)


def propose(draft: Draft, database: Database, epoch: Epoch, now: str) -> None:
    """Keep a draft somebody is asked to consent to."""
    known = _known(database, draft, Approved(at=now, by=""))
    facts = dict(_kept(draft, now, known))
    with database.writing(epoch, now) as tx:
        tx.follow(known.trail)
        for kind, rows in facts.items():
            tx.insert(kind, rows)


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
        if tx.session.get(ConsentRow, (given.draft_digest, given.role, given.by)):
            return
        if tx.session.exec(select(ApprovalRow).where(ApprovalRow.draft_digest == given.draft_digest)).first():
            raise CannotApprove(f"draft {given.draft_digest} of {given.period} is approved already; nothing was added.")
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
        if given.comment:
            tx.record(COMMENT, period=given.period, subject=given.comment, about=given.draft_digest)


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


def _known(database: Database, draft: Draft, approved: Approved) -> Known:
    with database.reading() as session:
        return Known(
            trail=Trail(newest_entry(session), approved.at),
            last_number=_last_number(session, draft.period.year),
            has_programme=session.get(ProgrammeRow, draft.programme.digest) is not None,
            has_draft=session.get(DraftRow, draft.digest) is not None,
        )


def _must_still_be_open(session: Session, draft: Draft, known: Known) -> None:
    approval = session.get(ApprovalRow, Version(draft.period).columns)
    if approval:
        raise CannotApprove(
            f"{draft.period} was approved already, by {approval.approved_by} at {approval.approved_at}: "
            f"draft {approval.draft_digest}. Nothing was approved a second time."
        )
    if (last := _last_number(session, draft.period.year)) != known.last_number:
        raise CannotApprove(
            f"{draft.period}: statement number {draft.period.year}-{last:06d} was given while the approval was "
            f"prepared after {known.last_number}. Nothing was approved: run the month again."
        )


def _facts(draft: Draft, bodies: Iterable[bytes], approved: Approved, known: Known) -> dict[type[SQLModel], list[Row]]:
    """Return every row the approval creates, by table, and chain its audit entries."""
    version = Version(draft.period)
    trail, period = known.trail, str(draft.period)
    kept = dict(_kept(draft, approved.at, known))
    control = control_json(draft.period, draft.tallies, draft.events, draft.control, draft.beside).decode()
    approval = (*version.columns, draft.digest, draft.programme.digest, approved.by, approved.at, control)
    trail.record("month.approved", period=period, subject=approved.by, about=draft.digest)
    claims = {claim.claim_id: claim for claim in draft.claims}
    won = [claims[bond.claim_id] for bond in draft.attributions]
    for bond, claim in zip(draft.attributions, won, strict=True):
        subject = f"{bond.client_id} to {bond.partner_id}"
        trail.record("client.attributed", period=period, subject=subject, about=_digest(claim))
    for lost in draft.rejected_claims:
        trail.record("claim.rejected", period=period, subject=lost.claim.claim_id, about=_digest(lost.claim))
    facts: dict[type[SQLModel], list[Row]] = {
        **kept,
        ApprovalRow: [approval],
        ClaimRow: [
            *(_claim_row(claim, "accepted", "", period) for claim in won),
            *(_claim_row(lost.claim, "rejected", lost.reason, period) for lost in draft.rejected_claims),
        ],
        AttributionRow: [
            (bond.client_id, bond.partner_id, bond.claim_id, bond.claimed_on.isoformat(), period)
            for bond in draft.attributions
        ],
        StatementRow: _issued(draft, bodies, approved, known),
        AccrualRow: [
            (*version.columns, body.partner_id, total.rule, draft.programme.currency, *total[1:])
            for body in draft.statements
            for total in body.totals
        ],
        CorrectionRow: [
            (*version.columns, body.partner_id, *each[:3], draft.programme.currency, each.commission_minor)
            for body in draft.statements
            for each in body.corrections
        ],
        PostingRow: list(_posting_rows((entry for body in draft.statements for entry in body.entries), draft)),
    }
    for kind in AT_APPROVAL:
        trail.record(
            ROWS_RECORDED, period=period, subject=rows_subject(kind, version), about=rows_digest(kind, facts[kind])
        )
    return facts


def _kept(draft: Draft, now: str, known: Known) -> Iterator[tuple[type[SQLModel], list[Row]]]:
    """The programme and the draft, where they are not kept yet."""
    programme, period = draft.programme, str(draft.period)
    if not known.has_programme:
        yield ProgrammeRow, [(programme.digest, programme.programme, programme.text)]
        known.trail.record("programme.kept", period=period, subject=programme.programme, about=programme.digest)
    if not known.has_draft:
        yield DraftRow, [(draft.digest, period, draft.document.decode(), now)]
        known.trail.record("draft.made", period=period, subject=programme.programme, about=draft.digest)


def _digest(claim: Claim) -> str:
    return sha256(canonical_json(claim.model_dump(mode="json")))


def _claim_row(claim: Claim, outcome: str, reason: str, period: str) -> Row:
    day = claim.claimed_on.isoformat()
    said = (claim.claim_id, claim.client_id, claim.partner_id, day, claim.channel, claim.evidence)
    return (*said, outcome, reason, period)


def _issued(draft: Draft, bodies: Iterable[bytes], approved: Approved, known: Known) -> list[Row]:
    """The statements, numbered without a gap within the year. Each is in memory alone, for its digest."""
    rows = []
    year, currency = draft.period.year, draft.programme.currency
    numbered = enumerate(zip(draft.statements, bodies, strict=True), start=known.last_number + 1)
    for count, (body, data) in numbered:
        number = f"{year}-{count:06d}"
        digest = sha256(issued(data, number, approved, draft.digest))
        rows.append(_statement_row(draft, body, number, digest))
        known.trail.record(
            "statement.issued",
            period=str(draft.period),
            subject=body.key,
            about=digest,
            amount_minor=body.summary.commission_minor,
            currency=currency,
        )
    return rows


def _statement_row(draft: Draft, body: Body, number: str, digest: str) -> Row:
    summary = body.summary
    period, version = Version(draft.period).columns
    return (
        period,
        body.partner_id,
        version,
        number,
        draft.programme.currency,
        summary.opening_minor,
        summary.commission_minor,
        summary.to_pay_minor,
        summary.carried_minor,
        digest,
        ";".join(body.segments),
    )


def _posting_rows(booked: Iterable[Entry], draft: Draft) -> Iterator[Row]:
    version, currency = Version(draft.period), draft.programme.currency
    for number, entry in enumerate(booked, start=1):
        for position, leg in enumerate(entry.legs, start=1):
            yield (
                *version.columns,
                number,
                position,
                entry.partner_id,
                leg.account,
                leg.amount_minor,
                currency,
                entry.statement,
            )


def _last_number(session: Session, year: int) -> int:
    """The last human number given in a year, 0 before the first."""
    numbered = select(func.max(StatementRow.number)).where(col(StatementRow.number).startswith(f"{year}-"))
    return int((session.exec(numbered).one() or "0").rpartition("-")[2])
