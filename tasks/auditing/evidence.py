"""Evidence: what a month's archive holds beside its documents, so that nobody needs the database to judge the month."""

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from sqlmodel import Session, col, func, or_, select

from engine.draft import LINES
from engine.frames.gzip_csv import LEVEL, gzip_csv, texts_from
from engine.frames.parquet import groups_from
from engine.inputs import MONTH, OTHER_MONTH
from models.billing import Outcome
from models.canonical import canonical_json
from models.period import Period, Version
from models.restated import SealedRestatement
from models.rows import ApprovalRow, AuditRow, ClaimRow, ConsentRow, SealRow, SignatureRow, StoredRow
from rules.archive import merkle
from rules.archive.layout import APPROVALS, AUDIT, CLAIMS, RECEIVED, VERIFY, Input
from rules.archive.seal import SealedApproval, SealedConsent, SealedStatements, TrailHead
from rules.draft import inputs_of, restated_in
from rules.programme.blocks.approval import SYSTEM, Approval
from rules.programme.file import parse_programme
from tasks.auditing import verify
from tasks.database.row_digests import AT_APPROVAL, ROWS_RECORDED, rows_subject
from tasks.database.times import says_its_clock_is_fixed
from tasks.facts.approved import ApprovedMonth
from tasks.facts.audit import AuditEntry
from tasks.facts.documents import programme_text
from tasks.storage import Store

COLUMNS = (
    "line_id", "invoice_id", "client_id", "category", "product_code", "kind", "currency", "amount_minor", "base_minor",
    "issued_on", "paid_on", "posted_on", "outcome", "reason", "partner_id", "rule", "late", "carried_from",
)  # fmt: skip
"""What packed CSV says of every line received; blank where a line has no such thing."""

AT_APPROVAL_EVENTS = ("month.approved", "client.attributed", "claim.rejected", "statement.issued")


def evidence(month: ApprovedMonth, session: Session, store: Store) -> Iterator[tuple[str, bytes]]:
    """Yield what stands in the month's folder for an auditor: the same facts give the same files."""
    if month.version.is_first:  # a later version receives no line, and decides no claim
        yield RECEIVED, _received(month, store)
        yield CLAIMS, _claims(month, session)
    yield AUDIT, _trail(month.version, session)
    if month.version.is_first and (signed := _signatures(month.draft_digest, session)):
        yield APPROVALS, canonical_json({"format": 1, "draft": month.draft_digest, "signatures": signed})
    yield VERIFY, Path(verify.__file__).read_bytes()


def sealed_facts(month: ApprovedMonth, session: Session, store: Store, listed: dict[str, str]) -> dict[str, object]:
    """Return what SEAL says since format 2. `listed` is path -> digest, as in SHA256SUMS."""
    numbers = sorted(row.number for row in month.statements.values())
    restated = restated_in(month.draft)
    consented = month.draft_digest if restated is None else _settling(restated, session).draft_digest
    given = select(ConsentRow).where(ConsentRow.draft_digest == consented)
    in_order = given.order_by(ConsentRow.given_at, ConsentRow.role, ConsentRow.given_by)
    signed = {row["by"] for row in _signatures(consented, session)}
    head = _head(month.version, session)
    entry = session.exec(select(AuditRow).where(AuditRow.seq == head)).one()
    starts = parse_programme(_programme(month, session)).starts
    leaves = merkle.leaves(listed)
    return {
        "format": 2,
        "lock": _lock(month, store),
        "month": month.period.months_since(starts) + 1,
        "next": str(month.period.next()),
        "approved": SealedApproval(at=month.approved.at, by=month.approved.by),
        "consents": tuple(
            SealedConsent(at=each.given_at, by=each.given_by, role=each.role) for each in session.exec(in_order)
        ),
        "approval": _approval(month.approved.by, signed),
        "audit": TrailHead(seq=head, digest=entry.digest),
        "statements": SealedStatements(
            count=len(numbers),
            first=min(numbers, default=""),
            last=max(numbers, default=""),
            root=merkle.root(list(leaves.values())),
        ),
        "clock": "fixed" if says_its_clock_is_fixed(session) else "machine",
        "pinned": _pinned(month, store),
        "restates": restated and _restates(month, restated, session),
    }


def _pinned(month: ApprovedMonth, store: Store) -> str | None:
    """The SEAL that the statements of a month name which settles restatements: it was the last when they were made."""
    if not month.versions:
        return None
    return json.loads(store.get(*month.input(MONTH))).get("previous_seal") or None


def _settling(restated: Mapping[str, Any], session: Session) -> ApprovalRow:
    """The approval of the month that settles a later version of another: who consented to that consented to this."""
    return session.get_one(ApprovalRow, Version(Period.parse(restated["settled_in"])).columns)


def _restates(month: ApprovedMonth, restated: Mapping[str, Any], session: Session) -> SealedRestatement:
    """What a later version stands beside, who made it, and which draft was consented to."""
    return SealedRestatement(
        seal=session.get_one(SealRow, month.version.before.columns).digest,
        settled_in=restated["settled_in"],
        draft=_settling(restated, session).draft_digest,
        made_by=restated["made_by"],
        reason=restated["reason"],
    )


def _approval(approved_by: str, signed: set[str]) -> Approval:
    """How the month was approved: by nobody, by names, or by names that all signed."""
    if approved_by == SYSTEM:
        return Approval.OFF
    return Approval.SIGNED if signed.issuperset(approved_by.split(", ")) else Approval.ON


def _signatures(draft_digest: str, session: Session) -> list[dict[str, str]]:
    of_draft = select(SignatureRow).where(SignatureRow.draft_digest == draft_digest)
    rows = session.exec(of_draft.order_by(SignatureRow.signed_at, SignatureRow.given_by))
    return [{"at": row.signed_at, "by": row.given_by, "signature": row.signature} for row in rows]


def _programme(month: ApprovedMonth, session: Session) -> str:
    return programme_text(session, session.get_one(ApprovalRow, month.version.columns))


def _lock(month: ApprovedMonth, store: Store) -> str:
    """The lock file's digest, as the draft's inputs say; blank for a month that was drafted before they did."""
    if MONTH not in inputs_of(month.draft):
        return ""
    said = json.loads(store.get(*month.input(MONTH))).get("lock", "")
    return str(said)


def _received(month: ApprovedMonth, store: Store) -> bytes:
    """Every line the month looked at, and those it left to other months."""
    beside = json.loads(month.control).get("beside", {})
    others = store.get(*Input.named(month.programme, beside[OTHER_MONTH])) if OTHER_MONTH in beside else None
    return received_lines(store.get(*month.input(LINES)), others)


def received_lines(lines: bytes, others: bytes | None) -> bytes:
    """Return every line received as packed CSV: of the result `lines.parquet`, and of those left to other months."""

    def frames() -> Iterator[pl.DataFrame]:
        for group in groups_from(lines):
            yield _with_all_columns(group)
        if others is not None:
            left = texts_from(others).with_columns(outcome=pl.lit(Outcome.OTHER_MONTH.value))
            yield _with_all_columns(left)

    return gzip_csv(frames())


def _with_all_columns(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.select(
        (pl.col(name) if name in lines.columns else pl.lit(None)).cast(pl.String).alias(name) for name in COLUMNS
    )


def _claims(month: ApprovedMonth, session: Session) -> bytes:
    """The claims this month decided: what became of each, and why."""
    names = [name for name in ClaimRow.model_fields if name != "period"]
    decided = select(ClaimRow).where(ClaimRow.period == str(month.period)).order_by(col(ClaimRow.claim_id))
    rows = [tuple(getattr(row, name) for name in names) for row in session.exec(decided)]
    return gzip_csv([pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String()), orient="row")])


def _trail(version: Version, session: Session) -> bytes:
    """The entries of the audit trail after those an earlier archive has, up to the last one of this approval."""
    head, kept = _head(version, session), 0
    earlier = select(StoredRow.period, StoredRow.version).where(col(StoredRow.key).endswith(f"/{AUDIT}"))
    for period, number in session.exec(earlier):
        other = _head(Version.of_columns(period, number), session)
        kept = max(kept, other if other < head else 0)
    entries = select(AuditRow).where(AuditRow.seq > kept, AuditRow.seq <= head).order_by(col(AuditRow.seq))
    lines = (canonical_json({name: getattr(row, name) for name in AuditEntry._fields}) for row in session.exec(entries))
    return gzip.compress(b"".join(lines), LEVEL, mtime=0)


def _head(version: Version, session: Session) -> int:
    """The last entry of the transaction that approved a version: what came later is no part of its archive."""
    period = str(version.period)
    recorded = [rows_subject(kind, version) for kind in AT_APPROVAL]
    last = select(func.max(AuditRow.seq)).where(
        AuditRow.period == period, AuditRow.event == ROWS_RECORDED, col(AuditRow.subject).in_(recorded)
    )
    before_rows_were_recorded = select(func.max(AuditRow.seq)).where(
        AuditRow.period == period, or_(*(AuditRow.event == event for event in AT_APPROVAL_EVENTS))
    )
    head = session.exec(last).one() or session.exec(before_rows_were_recorded).one()
    assert head is not None, f"the audit trail says of {version} that it was approved"
    return int(head)
