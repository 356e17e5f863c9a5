"""Approve: the moment a draft becomes facts, in one transaction, or not at all.

Whatever can be worked out is worked out before that transaction begins: numbers, digests, rows, and the
audit entries, chained to the newest one. The transaction checks that nothing was recorded since, and
inserts. So the database is locked for seconds, however many clients a month brings.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sqlmodel import Session, SQLModel, col, func, select

from engine.draft import STATEMENTS
from engine.frames.bodies import bodies_in
from models.canonical import canonical_json, sha256
from models.errors import CannotApprove
from models.rows import (
    AccrualRow,
    ApprovalRow,
    AttributionRow,
    ClaimRow,
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
from rules.statement.body import Body
from rules.statement.issued import issued_digest
from tasks.database.database import Database, newest_entry
from tasks.database.lease import Epoch
from tasks.database.row_digests import AT_APPROVAL, ROWS_RECORDED, rows_digest, rows_subject
from tasks.facts.audit import Trail
from tasks.facts.consents import APPROVED_EVENTS
from tasks.step import step

Row = tuple[object, ...]
"""The values of a table's columns, in the order of the model."""


@dataclass(frozen=True)
class Known:
    """What the database held when an approval was prepared. It still holds just that when the approval is stored."""

    trail: Trail  # after its newest entry come those of the approval
    last_number: int  # of the year's statements
    documents: frozenset[str]  # programmes and drafts that are kept, by digest

    def after(self, draft: Draft) -> "Known":
        """What is known once the facts of a draft are among those of the approval."""
        documents = self.documents | {draft.digest, draft.programme.digest}
        return replace(self, last_number=self.last_number + len(draft.statements), documents=documents)


@step(name="approve")
def approve(draft: Draft, bodies: Iterable[bytes], database: Database, epoch: Epoch, approved: Approved) -> None:
    """Create every fact of the month: attributions, claims, statements, accruals, postings, and their audit entries.

    So are those of the later versions of closed months that the draft settles. `bodies` are the statements' canonical
    JSON, in the order of the draft's statements; each is looked at once.
    """
    known = before = _known(database, draft, approved)
    facts: dict[type[SQLModel], list[Row]] = {}
    for each in (*draft.versions, draft):  # of the versions first: their SEALs come first
        its_bodies = bodies if each is draft else bodies_in(each.results[STATEMENTS])
        for kind, rows in _facts(each, its_bodies, approved, known).items():
            facts[kind] = [*facts.get(kind, []), *rows]
        known = known.after(each)
    with database.writing(epoch, approved.at) as tx:
        _must_still_be_open(tx.session, draft, before)
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


def _known(database: Database, draft: Draft, approved: Approved) -> Known:
    with database.reading() as session:
        return Known(
            trail=Trail(newest_entry(session), approved.at),
            last_number=_last_number(session, draft.period.year),
            documents=frozenset(_documents(session, draft)),
        )


def _documents(session: Session, draft: Draft) -> Iterator[str]:
    for each in (draft, *draft.versions):
        if session.get(ProgrammeRow, each.programme.digest):
            yield each.programme.digest
        if session.get(DraftRow, each.digest):
            yield each.digest


def _must_still_be_open(session: Session, draft: Draft, known: Known) -> None:
    for each in (draft, *draft.versions):
        if approval := session.get(ApprovalRow, each.version.columns):
            raise CannotApprove(
                f"{each.version if each.restated else each.period} was approved already, by {approval.approved_by} at "
                f"{approval.approved_at}: draft {approval.draft_digest}. Nothing was approved a second time."
            )
    if (last := _last_number(session, draft.period.year)) != known.last_number:
        raise CannotApprove(
            f"{draft.period}: statement number {draft.period.year}-{last:06d} was given while the approval was "
            f"prepared after {known.last_number}. Nothing was approved: run the month again."
        )


def _facts(draft: Draft, bodies: Iterable[bytes], approved: Approved, known: Known) -> dict[type[SQLModel], list[Row]]:
    """Return every row the approval creates, by table, and chain its audit entries."""
    version = draft.version
    trail, period = known.trail, str(draft.period)
    kept = dict(_kept(draft, approved.at, known))
    control = control_json(draft.period, draft.tallies, draft.events, draft.control, draft.beside).decode()
    approval = (*version.columns, draft.digest, draft.programme.digest, approved.by, approved.at, control)
    trail.record(APPROVED_EVENTS[version.is_first], period=period, subject=approved.by, about=draft.digest)
    claims = {claim.claim_id: claim for claim in draft.claims}
    # Whose a client is was decided once: a later version decides it for nobody.
    attributions, lost_claims = (draft.attributions, draft.rejected_claims) if version.is_first else ((), ())
    won = [claims[bond.claim_id] for bond in attributions]
    for bond, claim in zip(attributions, won, strict=True):
        subject = f"{bond.client_id} to {bond.partner_id}"
        trail.record("client.attributed", period=period, subject=subject, about=_digest(claim))
    for lost in lost_claims:
        trail.record("claim.rejected", period=period, subject=lost.claim.claim_id, about=_digest(lost.claim))
    facts: dict[type[SQLModel], list[Row]] = {
        **kept,
        ApprovalRow: [approval],
        ClaimRow: [
            *(_claim_row(claim, "accepted", "", period) for claim in won),
            *(_claim_row(lost.claim, "rejected", lost.reason, period) for lost in lost_claims),
        ],
        AttributionRow: [
            (bond.client_id, bond.partner_id, bond.claim_id, bond.claimed_on.isoformat(), period)
            for bond in attributions
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
    if programme.digest not in known.documents:
        yield ProgrammeRow, [(programme.digest, programme.programme, programme.text)]
        known.trail.record("programme.kept", period=period, subject=programme.programme, about=programme.digest)
    if draft.digest not in known.documents:
        yield DraftRow, [(draft.digest, period, draft.document.decode(), now)]
        known.trail.record("draft.made", period=period, subject=programme.programme, about=draft.digest)


def _digest(claim: Claim) -> str:
    return sha256(canonical_json(claim.as_json()))


def _claim_row(claim: Claim, outcome: str, reason: str, period: str) -> Row:
    day = claim.claimed_on.isoformat()
    said = (claim.claim_id, claim.client_id, claim.partner_id, day, claim.channel, claim.evidence)
    return (*said, outcome, reason, period)


def _issued(draft: Draft, bodies: Iterable[bytes], approved: Approved, known: Known) -> list[Row]:
    """The statements, numbered without a gap within the year. Each body is in memory alone, once, for its digest."""
    rows = []
    year, currency = draft.numbered_in.year, draft.programme.currency
    numbered = enumerate(zip(draft.statements, bodies, strict=True), start=known.last_number + 1)
    for count, (body, data) in numbered:
        number = f"{year}-{count:06d}"
        digest = issued_digest(data, number, approved, draft.digest)
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
    period, version = draft.version.columns
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
        summary.held_minor,
    )


def _posting_rows(booked: Iterable[Entry], draft: Draft) -> Iterator[Row]:
    version, currency = draft.version, draft.programme.currency
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
