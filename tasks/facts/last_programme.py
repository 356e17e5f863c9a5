"""The programme that was settled with last: what a changed file is held against before it is applied."""

from sqlmodel import col, select

from models.period import Period
from models.rows import ApprovalRow
from rules.programme.file import Programme, parse_programme
from tasks.database.database import Database
from tasks.facts.documents import programme_text


def last_programme(database: Database) -> tuple[Period, Programme] | None:
    """Return the month that was approved last, and its programme; None before the first."""
    if not database.exists():
        return None
    with database.reading() as session:
        latest = select(ApprovalRow).order_by(col(ApprovalRow.period).desc(), col(ApprovalRow.version).desc())
        approval = session.exec(latest.limit(1)).first()
        if approval is None:
            return None
        text = programme_text(session, approval)
    return Period.parse(approval.period), parse_programme(text, f"the programme of {approval.period}")
