"""What can go wrong, in the words of settlement; each error knows the exit code it ends with."""

from collections.abc import Sequence
from typing import ClassVar


class SettlementError(Exception):
    """Something a person has to act on. The message names the thing, gives the numbers and says what to do."""

    exit_code: ClassVar[int] = 1
    passes: ClassVar[bool] = False
    """Whether it may be gone when the same is tried again a little later, without anybody's doing."""


class WrongUse(SettlementError):
    """The command was called with words it does not know."""

    exit_code = 2


class BadInput(SettlementError):
    """A file of the vendor cannot be read as it is; the message names file, row, column and value."""


class BadProgramme(BadInput):
    """The programme file says something this version cannot carry out, or contradicts itself."""


class CannotApprove(SettlementError):
    """The draft breaks a law, so it must not become facts: totals disagree, or an earlier month is not closed."""


class LeaseHeld(SettlementError):
    """Another run holds the programme; the message names the holder."""

    exit_code = 3


class LeaseLost(SettlementError):
    """This run was taken for dead and another took over: it may not write any more."""

    exit_code = 3


class UnguardedDatabase(SettlementError):
    """The database would let a fact be changed: a trigger is missing, or its schema is another version's."""


class UnsafeStore(SettlementError):
    """The store does not keep its word: it overwrote an object it was asked to create, or cannot be reached."""


class StoreUnreachable(UnsafeStore):
    """The store gives no answer: the network, or the store itself, is down."""

    passes = True


class ClusterUnreachable(SettlementError):
    """The machines that were to do the work give no answer: their scheduler is down, or has no worker."""

    passes = True


class StoredDifferently(SettlementError):
    """The archive already holds other bytes under this key. Stored bytes win; nothing was overwritten."""


class ChangedInStore(SettlementError):
    """An object of the archive is no longer what was stored: its bytes have another digest than was recorded."""

    def __init__(self, store: str, key: str, recorded: str, found: str) -> None:
        super().__init__(
            f"{store}/{key} was changed after it was stored: its SHA-256 is {found}, and {recorded} was recorded. "
            "It was not used, and nothing was settled. Find out who changed it, put back a copy whose SHA-256 is "
            "the recorded one, and run again; `settle verify` says what else was changed."
        )
        self.store, self.key, self.recorded, self.found = store, key, recorded, found

    def __reduce__(self) -> tuple[type["ChangedInStore"], tuple[str, str, str, str]]:
        """It travels between processes: made again of what it was made of, as its message alone is not enough."""
        return type(self), (self.store, self.key, self.recorded, self.found)


class ChangedBeforeSeal(SettlementError):
    """Objects of the archive were replaced or taken away between the moment they were stored and the close."""


class ChangedInDatabase(SettlementError):
    """A document in the database no longer has the digest it was kept under."""


class InputsNotKept(BadInput):
    """A month was closed by a version that did not keep everything it rests on: it cannot be worked out again."""


class UnreadableStatement(SettlementError):
    """These bytes are no statement, or one of a format that this version does not know."""


class NotStored(SettlementError):
    """The archive holds nothing under this key."""


class ArchiveAhead(SettlementError):
    """The archive holds a sealed month that this database does not know: restore the database first."""


def stop_for(faults: Sequence[BadInput]) -> None:
    """Raise BadInput for all of the faults together, each at its own line; nothing for none."""
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise BadInput("\n".join(str(fault) for fault in faults))
