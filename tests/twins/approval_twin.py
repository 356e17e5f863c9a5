"""The slow, obvious twin of approval: every body parsed, every row an object, every entry dumped, in one transaction.

What it stores, `tasks.approve` has to store to the last byte. Plain `json` and dictionaries throughout.
"""

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from sqlalchemy import text
from sqlmodel import SQLModel

from models.rows import (
    AccrualRow,
    ApprovalRow,
    AttributionRow,
    AuditRow,
    ClaimRow,
    CorrectionRow,
    DraftRow,
    PostingRow,
    ProgrammeRow,
    StatementRow,
)
from models.statement import Approved
from rules.draft import Draft, control_json
from tasks.database.database import Database
from tasks.database.lease import Epoch

ACCRUED, FUND = "liabilities:accrued", "liabilities:fund"
OWED = {"partner": ACCRUED, "fund": FUND, "credit": "liabilities:credit", "person": "liabilities:persons"}


def canonical(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return (text + "\n").encode()


def digest(value: object) -> str:
    return sha256(canonical(value)).hexdigest()


class SlowTrail:
    """The audit trail, from its first entry on."""

    def __init__(self, at: str, last: dict[str, Any] | None) -> None:
        self.rows: list[AuditRow] = []
        self._at, self._last = at, last

    def record(self, event: str, period: str, subject: str, about: str, amount: tuple[int, str] | None = None) -> None:
        minor, currency = amount or (None, "")
        entry = {
            "seq": self._last["seq"] + 1 if self._last else 1,
            "at": self._at,
            "event": event,
            "period": period,
            "subject": subject,
            "amount_minor": minor,
            "currency": currency,
            "about": about,
            "previous": self._last["digest"] if self._last else "0" * 64,
        }
        self._last = {**entry, "digest": digest(entry)}
        self.rows.append(AuditRow(**self._last))


def approve_slowly(draft: Draft, bodies: Iterable[bytes], database: Database, epoch: Epoch, approved: Approved) -> None:
    """Do what `approve` does."""
    with database.reading() as session:
        newest = session.execute(text("SELECT * FROM audit ORDER BY seq DESC LIMIT 1")).mappings().first()
        numbers = session.execute(text("SELECT number FROM statement")).scalars().all()
        known = set(session.execute(text("SELECT digest FROM programme UNION SELECT digest FROM draft")).scalars())
    trail = SlowTrail(approved.at, dict(newest) if newest else None)
    year = str(draft.period.year)
    last = max([int(number[5:]) for number in numbers if number.startswith(year)], default=0)
    rows = [
        *_kept(draft, known, trail, approved),
        *_attributed(draft, trail),
        *_issued(draft, bodies, approved, last, trail),
    ]
    for kind in (ApprovalRow, StatementRow, AccrualRow, CorrectionRow, PostingRow):
        _recorded(kind, rows, draft, trail)
    with database.writing(epoch, approved.at) as tx:
        for row in [*rows, *trail.rows]:
            tx.add(row)


def _recorded(kind: type[SQLModel], rows: list[SQLModel], draft: Draft, trail: SlowTrail) -> None:
    key = [column.name for column in SQLModel.metadata.tables[str(kind.__tablename__)].primary_key.columns]
    mine = [row for row in rows if isinstance(row, kind)]
    mine.sort(key=lambda row: [getattr(row, name) for name in key])
    names = [name for name in kind.model_fields if name != "held_minor"]  # where nothing is withheld, nobody says so
    lines = b"".join(canonical([getattr(row, name) for name in names]) for row in mine)
    period = str(draft.period)
    trail.record("rows.recorded", period, f"{kind.__tablename__} of {period}/v1", sha256(lines).hexdigest())


def _kept(draft: Draft, known: set[str], trail: SlowTrail, approved: Approved) -> Iterator[SQLModel]:
    programme, period = draft.programme, str(draft.period)
    if programme.digest not in known:
        yield ProgrammeRow(digest=programme.digest, name=programme.programme, text=programme.text)
        trail.record("programme.kept", period, programme.programme, programme.digest)
    if draft.digest not in known:
        yield DraftRow(digest=draft.digest, period=period, document=draft.document.decode(), made_at=approved.at)
        trail.record("draft.made", period, programme.programme, draft.digest)
    yield ApprovalRow(
        period=period,
        version=1,
        draft_digest=draft.digest,
        programme_digest=programme.digest,
        approved_by=approved.by,
        approved_at=approved.at,
        control=control_json(draft.period, draft.tallies, draft.events, draft.control, draft.beside).decode(),
    )
    trail.record("month.approved", period, approved.by, draft.digest)


def _attributed(draft: Draft, trail: SlowTrail) -> Iterator[SQLModel]:
    period = str(draft.period)
    claims = {claim.claim_id: claim for claim in draft.claims}
    decided = [(claims[bond.claim_id], "accepted", "") for bond in draft.attributions]
    decided += [(lost.claim, "rejected", lost.reason) for lost in draft.rejected_claims]
    for claim, outcome, reason in decided:
        said = claim.as_json()
        yield ClaimRow(**said, outcome=outcome, reason=reason, period=period)
        if outcome == "accepted":
            bond = {name: said[name] for name in ("client_id", "partner_id", "claim_id", "claimed_on")}
            yield AttributionRow(**bond, period=period)
            trail.record("client.attributed", period, f"{claim.client_id} to {claim.partner_id}", digest(said))
        else:
            trail.record("claim.rejected", period, claim.claim_id, digest(said))


def _issued(
    draft: Draft, bodies: Iterable[bytes], approved: Approved, last: int, trail: SlowTrail
) -> Iterator[SQLModel]:
    entry = 0
    for number, data in enumerate(bodies, start=last + 1):
        statement = json.loads(data)
        statement["number"] = f"{draft.period.year}-{number:06d}"
        statement["approved"] = {"at": approved.at, "by": approved.by}
        statement["digests"]["draft"] = draft.digest
        yield (row := _statement_row(statement))
        for rule in statement["rules"]:
            figures = {name: rule[name] for name in ("rule", "lines", "base_minor", "rate", "commission_minor")}
            yield AccrualRow(
                period=row.period,
                version=1,
                partner_id=row.partner_id,
                currency=row.currency,
                paid_to=rule["to"],
                **figures,
            )
        yield from _corrected(statement, row)
        for debit, credit, minor in _moves(statement):
            entry += 1
            for leg, (account, amount) in enumerate(((debit, minor), (credit, -minor)), start=1):
                yield PostingRow(
                    period=row.period,
                    version=1,
                    entry=entry,
                    leg=leg,
                    partner_id=row.partner_id,
                    account=account,
                    amount_minor=amount,
                    currency=row.currency,
                    statement=statement["statement"],
                )
        subject = f"{row.partner_id}/{row.period}/v1"
        trail.record("statement.issued", row.period, subject, row.digest, (row.commission_minor, row.currency))


def _corrected(statement: dict[str, Any], row: StatementRow) -> Iterator[SQLModel]:
    for kind, rule, to in sorted({(each["kind"], each["rule"], each["to"]) for each in statement["corrections"]}):
        minor = sum(
            each["commission_minor"]
            for each in statement["corrections"]
            if (each["kind"], each["rule"], each["to"]) == (kind, rule, to)
        )
        yield CorrectionRow(
            period=row.period,
            version=1,
            partner_id=row.partner_id,
            kind=kind,
            rule=rule,
            paid_to=to,
            currency=row.currency,
            commission_minor=minor,
        )


def _statement_row(statement: dict[str, Any]) -> StatementRow:
    names = ("opening_minor", "commission_minor", "to_pay_minor", "carried_minor")
    return StatementRow(
        period=statement["period"],
        partner_id=statement["partner"]["partner_id"],
        version=statement["version"],
        number=statement["number"],
        currency=statement["currency"],
        **{name: statement["summary"][name] for name in names},
        digest=digest(statement),
        segments=";".join(statement["segments"]),
        held_minor=0,  # the twin withholds from nobody
    )


def _moves(statement: dict[str, Any]) -> Iterator[tuple[str, str, int]]:
    moves = [
        (f"expenses:commission:{rule['rule']}", OWED[rule["to"]], rule["commission_minor"])
        for rule in statement["rules"]
        if rule["to"] in OWED
    ]
    corrected: dict[tuple[str, str], int] = {}
    for each in statement["corrections"]:
        if each["to"] in OWED:
            of = (f"expenses:clawback:{each['rule']}", OWED[each["to"]])
            corrected[of] = corrected.get(of, 0) + each["commission_minor"]
    moves += [(*of, minor) for of, minor in corrected.items()]
    moves += [
        (FUND, "liabilities:activities", spent["amount_minor"])
        for kept in statement["apart"]
        for spent in kept["spent"]
    ]
    moves += [(ACCRUED, "liabilities:payable", statement["summary"]["to_pay_minor"])]
    return (move for move in moves if move[2])
