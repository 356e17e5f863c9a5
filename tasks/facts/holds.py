"""Holds: whose payout is withheld or released, and by whose word. A word is a fact, and makes another draft."""

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from models.canonical import canonical_json, sha256
from models.period import Period
from models.rows import HoldRow
from rules.payout import HELD, RELEASED, HoldWord, standing
from tasks.database.database import Database
from tasks.database.lease import Epoch

WORD_EVENTS = {HELD: "payout.held", RELEASED: "payout.released"}
"""What the audit trail calls each word; it is about the digest of the row."""


def held_now(session: Session) -> dict[str, str]:
    """Return why payouts are withheld, by partner."""
    rows = session.exec(select(HoldRow).order_by(HoldRow.partner_id, col(HoldRow.number)))
    return standing(HoldWord(row.partner_id, row.word, row.reason) for row in rows)


def record_holds(database: Database, epoch: Epoch, said: Sequence[HoldWord], by: str, of: tuple[Period, str]) -> None:
    """Record what a person says of payouts. `of` is the month whose draft it changes, and the time it was said."""
    period, now = str(of[0]), of[1]
    with database.writing(epoch, now) as tx:
        for each in said:
            last = select(func.max(HoldRow.number)).where(HoldRow.partner_id == each.partner_id)
            row = HoldRow(
                partner_id=each.partner_id,
                number=(tx.session.exec(last).one() or 0) + 1,
                word=each.word,
                reason=each.reason,
                given_by=by,
                period=period,
                given_at=tx.now,
            )
            tx.add(row)
            about = word_digest(tuple(row.model_dump().values()))
            tx.record(WORD_EVENTS[each.word], period=period, subject=each.partner_id, about=about)


def word_digest(row: tuple[object, ...]) -> str:
    """Return the digest a word has in the trail: of its row, the values of its columns in their order."""
    return sha256(canonical_json(list(row)))


def last_words(session: Session, month: Period, by: str) -> list[HoldWord]:
    """Return what one person said of payouts while a month was decided."""
    rows = session.exec(select(HoldRow).where(HoldRow.period == str(month), HoldRow.given_by == by))
    return [HoldWord(row.partner_id, row.word, row.reason) for row in rows]


def words_of_month(database: Database, month: Period) -> list[HoldRow]:
    """Return what was said of payouts while a month was decided, in the order of partners."""
    with database.reading() as session:
        rows = select(HoldRow).where(HoldRow.period == str(month))
        return list(session.exec(rows.order_by(HoldRow.partner_id, col(HoldRow.number))))
