"""Approve: the moment a draft becomes facts, in one transaction, or not at all."""

from collections.abc import Iterator

from sqlmodel import Session, SQLModel, col, func, select

from models.canonical import canonical_json, sha256
from models.rows import (
    AccrualRow,
    ApprovalRow,
    AttributionRow,
    ClaimRow,
    ConsentRow,
    DraftRow,
    PostingRow,
    ProgrammeRow,
    StatementRow,
)
from models.statement import Approved, Statement
from models.vendor import Claim
from rules.draft import Draft, control_json
from rules.ledger import Entry, entries
from rules.statement import issued
from tasks.facts.database import Database, Transaction
from tasks.facts.lease import Epoch
from tasks.step import step


@step(name="approve")
def approve(draft: Draft, database: Database, epoch: Epoch, by: str, now: str) -> None:
    """Create every fact of the month: attributions, claims, statements, accruals, postings, and their audit entries."""
    approved = Approved(at=now, by=by)
    with database.writing(epoch, now) as tx:
        _keep_draft(tx, draft, now)
        tx.add(
            ApprovalRow(
                period=str(draft.period),
                draft_digest=draft.digest,
                programme_digest=draft.programme.digest,
                approved_by=by,
                approved_at=now,
                control=control_json(draft.period, draft.tallies, draft.events, draft.control).decode(),
            )
        )
        tx.record("month.approved", period=str(draft.period), subject=by, about=draft.digest)
        _attribute(tx, draft)
        _issue(tx, draft, approved)


def propose(draft: Draft, database: Database, epoch: Epoch, now: str) -> None:
    """Keep a draft somebody is asked to consent to."""
    with database.writing(epoch, now) as tx:
        _keep_draft(tx, draft, now)


def consent(database: Database, epoch: Epoch, period: str, digest: str, by: str, now: str) -> None:
    """Record a person's yes to one draft, by its digest. A second yes to the same draft changes nothing."""
    with database.writing(epoch, now) as tx:
        if tx.session.get(ConsentRow, digest) is None:
            tx.add(ConsentRow(draft_digest=digest, period=period, given_by=by, given_at=now))
            tx.record("draft.consented", period=period, subject=by, about=digest)


def consented_by(database: Database, digest: str) -> str | None:
    """Return who said yes to this draft, or None."""
    with database.reading() as session:
        return session.exec(select(ConsentRow.given_by).where(ConsentRow.draft_digest == digest)).first()


def _keep_draft(tx: Transaction, draft: Draft, now: str) -> None:
    programme = draft.programme
    if tx.session.get(ProgrammeRow, programme.digest) is None:
        tx.add(ProgrammeRow(digest=programme.digest, name=programme.programme, text=programme.text))
        tx.record("programme.kept", period=str(draft.period), subject=programme.programme, about=programme.digest)
    if tx.session.get(DraftRow, draft.digest) is None:
        tx.add(DraftRow(digest=draft.digest, period=str(draft.period), document=draft.document.decode(), made_at=now))
        tx.record("draft.made", period=str(draft.period), subject=programme.programme, about=draft.digest)


def _attribute(tx: Transaction, draft: Draft) -> None:
    period = str(draft.period)
    claims = {claim.claim_id: claim for claim in draft.claims}
    tx.add(*(_claim_row(claims[bond.claim_id], "accepted", "", period) for bond in draft.attributions))
    tx.add(*(_claim_row(lost.claim, "rejected", lost.reason, period) for lost in draft.rejected_claims))
    tx.add(
        *(
            AttributionRow(
                client_id=bond.client_id,
                partner_id=bond.partner_id,
                claim_id=bond.claim_id,
                claimed_on=bond.claimed_on.isoformat(),
                period=period,
            )
            for bond in draft.attributions
        )
    )
    for bond in draft.attributions:
        about = sha256(canonical_json(claims[bond.claim_id].model_dump(mode="json")))
        tx.record("client.attributed", period=period, subject=f"{bond.client_id} to {bond.partner_id}", about=about)
    for lost in draft.rejected_claims:
        about = sha256(canonical_json(lost.claim.model_dump(mode="json")))
        tx.record("claim.rejected", period=period, subject=lost.claim.claim_id, about=about)


def _claim_row(claim: Claim, outcome: str, reason: str, period: str) -> ClaimRow:
    return ClaimRow(
        claim_id=claim.claim_id,
        client_id=claim.client_id,
        partner_id=claim.partner_id,
        claimed_on=claim.claimed_on.isoformat(),
        channel=claim.channel,
        evidence=claim.evidence,
        outcome=outcome,
        reason=reason,
        period=period,
    )


def _issue(tx: Transaction, draft: Draft, approved: Approved) -> None:
    """Create the statements, numbered without a gap within the year, with their accruals and postings."""
    statement_rows: list[StatementRow] = []
    accrual_rows: list[AccrualRow] = []
    booked: list[Entry] = []
    last_number = _last_number(tx.session, draft.period.year)
    # One statement at a time: all of them would be in memory twice.
    for number, body in enumerate(draft.statements, start=last_number + 1):
        statement = issued(body.statement(), f"{draft.period.year}-{number:06d}", approved, draft.digest)
        statement_rows.append(_statement_row(statement))
        accrual_rows += _accrual_rows(statement)
        booked += entries(statement)
    tx.add(*statement_rows, *accrual_rows, *_posting_rows(booked, draft))
    for row in statement_rows:
        tx.record(
            "statement.issued",
            period=row.period,
            subject=f"{row.partner_id}/{row.period}/v{row.version}",
            about=row.digest,
            amount_minor=row.commission_minor,
            currency=row.currency,
        )


def _last_number(session: Session, year: int) -> int:
    """The last human number given in a year, 0 before the first."""
    numbered = select(func.max(StatementRow.number)).where(col(StatementRow.number).startswith(f"{year}-"))
    return int((session.exec(numbered).one() or "0").rpartition("-")[2])


def _statement_row(statement: Statement) -> StatementRow:
    return StatementRow(
        period=statement.period,
        partner_id=statement.partner.partner_id,
        version=statement.version,
        number=statement.number,
        currency=statement.currency,
        opening_minor=statement.summary.opening_minor,
        commission_minor=statement.summary.commission_minor,
        to_pay_minor=statement.summary.to_pay_minor,
        carried_minor=statement.summary.carried_minor,
        digest=sha256(statement.to_bytes()),
        segments=";".join(statement.segments),
    )


def _accrual_rows(statement: Statement) -> Iterator[AccrualRow]:
    for rule in statement.rules:
        yield AccrualRow(
            period=statement.period,
            partner_id=statement.partner.partner_id,
            rule=rule.rule,
            currency=statement.currency,
            lines=rule.lines,
            base_minor=rule.base_minor,
            rate=rule.rate,
            commission_minor=rule.commission_minor,
            paid_to=rule.to,
        )


def _posting_rows(booked: list[Entry], draft: Draft) -> Iterator[SQLModel]:
    for number, entry in enumerate(booked, start=1):
        for position, leg in enumerate(entry.legs, start=1):
            yield PostingRow(
                period=str(draft.period),
                entry=number,
                leg=position,
                partner_id=entry.partner_id,
                account=leg.account,
                amount_minor=leg.amount_minor,
                currency=draft.programme.currency,
                statement=entry.statement,
            )
