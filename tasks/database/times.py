"""Times of facts: they run forward, and a database born under a fixed clock is a test's for ever."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from models.errors import CannotApprove, WrongUse
from models.rows import AuditRow
from tasks.facts.audit import Chained, Trail

BORN_UNDER_A_FIXED_CLOCK = "clock.fixed"
"""The audit entry of a database whose first run had SETTLE_CLOCK set: its first one, where this version made it."""

SHORT = timedelta(minutes=5)
"""So far back a clock may go without a word: machines of one programme do not agree to the second."""


class ClockWentBack(CannotApprove):
    """The clock says an earlier time than a fact bears that is recorded already."""


def no_earlier(now: str, newest: Chained | None) -> str:
    """Return the time that the next fact bears: `now`, or that of the newest entry where the clock went back a little.

    Times are UTC text, as `2026-02-03T03:00:00Z`. Raises ClockWentBack where it went back by five minutes or more.
    """
    if newest is None or now >= newest.at:
        return now
    if datetime.fromisoformat(newest.at) - datetime.fromisoformat(now) < SHORT:
        return newest.at
    raise ClockWentBack(
        f"it is {now} by this machine's clock, but audit entry {newest.seq} ({newest.event}) was recorded at "
        f"{newest.at}. Times of facts never go back; nothing was written. Set the clock right, then run again. Where "
        "it was ahead when that entry was made, wait until that time, or restore database and archive as of before."
    )


def apart(one: str, other: str) -> bool:
    """Return whether two times, as UTC text, are so far apart that one of the clocks is wrong."""
    return abs(datetime.fromisoformat(one) - datetime.fromisoformat(other)) >= SHORT


def suit_the_clock(session: Session, fixed: str) -> Trail | None:
    """Return the entry with which a database says that its clock is fixed; None where it has said so.

    Raises WrongUse where a database that has facts was not born so.
    """
    if says_its_clock_is_fixed(session):
        return None
    newest = session.scalars(select(AuditRow).order_by(col(AuditRow.seq).desc()).limit(1)).first()
    if newest and not _stood_still(session):
        raise WrongUse(
            f"SETTLE_CLOCK is set, to {fixed}, but this database has facts of real times, up to {newest.at}: only a "
            "database whose first run had the setting takes it. Unset it, or use another SETTLE_HOME for the test."
        )
    trail = Trail(newest, no_earlier(fixed, newest))
    trail.record(BORN_UNDER_A_FIXED_CLOCK, period="", subject="SETTLE_CLOCK", about="")
    return trail


def says_its_clock_is_fixed(session: Session) -> bool:
    """Whether the audit trail says that the database was born under a fixed clock."""
    said = select(AuditRow.seq).where(AuditRow.event == BORN_UNDER_A_FIXED_CLOCK).limit(1)
    return session.scalars(said).first() is not None


def _stood_still(session: Session) -> bool:
    """Whether months were sealed in no time: versions before this entry existed did not say how their clock was set."""
    sealed = session.scalars(select(AuditRow.subject).where(AuditRow.event == "month.sealed")).all()
    return len(sealed) > 1 and len(session.scalars(select(AuditRow.at).distinct().limit(2)).all()) == 1
