"""The books of a month: its postings as an hledger journal, with what was owed before and after."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby

from sqlmodel import Session, col, func, select

from models.rows import PostingRow
from rules.ledger import ACCRUED, BALANCE_ACCOUNTS, Balance, Entry, Leg, journal
from tasks.facts.approved import ApprovedMonth


def books(session: Session, month: ApprovedMonth) -> str:
    """Return the month's ledger.journal, made of its postings and of what its statements carry."""
    period, number = month.version.columns
    postings = session.exec(
        select(PostingRow)
        .where(PostingRow.period == period, PostingRow.version == number)
        .order_by(col(PostingRow.entry), col(PostingRow.leg))
    ).all()
    return _journal(month, postings, _owed_before(session, period))


def _journal(month: ApprovedMonth, postings: Sequence[PostingRow], before: Mapping[tuple[str, str], int]) -> str:
    booked = []
    now: Counter[tuple[str, str]] = Counter()
    for _, rows in groupby(postings, key=lambda row: row.entry):
        first, *others = rows
        legs = tuple(Leg(row.account, row.amount_minor) for row in (first, *others))
        booked.append(Entry(first.partner_id, first.statement, legs))
        for leg in legs:
            now[first.partner_id, leg.account] -= leg.amount_minor
    balances = [
        Balance(row.partner_id, ACCRUED, row.opening_minor, row.carried_minor) for row in month.statements.values()
    ]
    for partner_id in month.statements:
        for account in BALANCE_ACCOUNTS.values():
            opening, moved = before.get((partner_id, account), 0), now[partner_id, account]
            if opening or (partner_id, account) in now:
                balances.append(Balance(partner_id, account, opening, opening + moved))
    return journal(month.period, month.currency, booked, balances)


def _owed_before(session: Session, period: str) -> dict[tuple[str, str], int]:
    """What was owed before the month, by partner and account; a debt of ours is a credit, so the sign turns."""
    owed = (
        select(PostingRow.partner_id, PostingRow.account, func.sum(PostingRow.amount_minor))
        .where(PostingRow.period < period)
        .group_by(PostingRow.partner_id, PostingRow.account)
    )
    return {(partner_id, account): -int(total) for partner_id, account, total in session.exec(owed)}
