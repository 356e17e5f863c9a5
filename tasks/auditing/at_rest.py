"""At rest: whether what a close is about to seal is still, byte for byte, what was recorded when it was stored."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from models.errors import ChangedBeforeSeal, ChangedInStore, NotStored
from rules.archive.layout import Input
from tasks.storage import Store

READERS = 8  # each holds one object in memory
NAMED = 10  # objects that are named; the rest is counted


def must_be_at_rest(store: Store, objects: Iterable[Input]) -> None:
    """Read every object again. Raises ChangedBeforeSeal, naming those that are not what was recorded."""

    def fault(wanted: Input) -> str:
        try:
            store.get(*wanted)
        except NotStored:
            return f"{wanted.key} is gone; its SHA-256 was {wanted.sha256}"
        except ChangedInStore as changed:
            return f"{wanted.key} was changed: its SHA-256 is {changed.found}, and was {wanted.sha256}"
        return ""

    with ThreadPoolExecutor(READERS) as readers:
        faults = sorted(filter(None, readers.map(fault, objects)))
    if faults:
        more = [f"and {len(faults) - NAMED} more"] if len(faults) > NAMED else []
        raise ChangedBeforeSeal(
            f"{store.url}: what was stored is not there as it was stored, so nothing was sealed:\n  "
            + "\n  ".join([*faults[:NAMED], *more])
            + "\nFind out who did it, put back copies with these digests, and run the month again."
        )
