"""Clocks: this machine's is compared with the database's and the archive's before a month is approved."""

from models.errors import CannotApprove
from tasks.clock import utc
from tasks.database.database import Database
from tasks.database.times import apart
from tasks.storage import Store


class ClocksDisagree(CannotApprove):
    """This machine's clock says another time than the one of the database, or of the archive's store."""


def must_agree_on_the_time(database: Database, store: Store) -> None:
    """Raise ClocksDisagree where this machine's clock is five minutes or more from another one that can be asked.

    A clock that is ahead approves a month before it is over, and everything after bears a later time still.
    """
    for whose, asked in (("the database", database.clock), ("the archive's store", store.clock)):
        machine, other = utc(), asked()
        if other is not None and apart(machine, other):
            raise ClocksDisagree(
                f"it is {machine} by this machine's clock, and {other} by that of {whose}: five minutes or more apart. "
                "Nothing was approved. Set the one that is wrong right, then run again."
            )
