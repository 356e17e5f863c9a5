"""The audit trail: facts in the past tense, each chained by digest to the one before."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from models.canonical import canonical_json, sha256

NOTHING_BEFORE = "0" * 64


class Chained(Protocol):
    """An entry as it is stored, by the names of its columns."""

    @property
    def seq(self) -> int: ...
    @property
    def at(self) -> str: ...
    @property
    def event(self) -> str: ...
    @property
    def period(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def amount_minor(self) -> int | None: ...
    @property
    def currency(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def previous(self) -> str: ...
    @property
    def digest(self) -> str: ...


class AuditEntry(NamedTuple):
    """One entry. Its fields are the columns of `AuditRow`, in their order: hundreds of thousands are made at a time."""

    seq: int
    at: str
    event: str
    period: str
    subject: str
    amount_minor: int | None
    currency: str
    about: str
    previous: str
    digest: str


class Trail:
    """Entries to be appended in one transaction, each chained to the one before."""

    def __init__(self, newest: Chained | None, at: str) -> None:
        self.follows = newest.digest if newest else NOTHING_BEFORE
        self.entries: list[AuditEntry] = []
        self._at = at
        self._seq = newest.seq if newest else 0
        self._last = self.follows

    def record(
        self, event: str, *, period: str, subject: str, about: str, amount_minor: int | None = None, currency: str = ""
    ) -> None:
        """Append one entry."""
        entry = AuditEntry(
            self._seq + 1, self._at, event, period, subject, amount_minor, currency, about, self._last, ""
        )
        self._seq, self._last = entry.seq, digest(entry)
        self.entries.append(entry._replace(digest=self._last))


def digest(entry: Chained) -> str:
    """Return the digest an entry must bear: of its canonical JSON, the digest itself left out."""
    return sha256(
        canonical_json(
            {
                "seq": entry.seq,
                "at": entry.at,
                "event": entry.event,
                "period": entry.period,
                "subject": entry.subject,
                "amount_minor": entry.amount_minor,
                "currency": entry.currency,
                "about": entry.about,
                "previous": entry.previous,
            }
        )
    )


def broken_links(entries: Iterable[Chained]) -> list[str]:
    """Return what is wrong with a trail read in order of `seq`, one sentence each; nothing where it is whole.

    A trail cut off at its end is whole in itself: compare its last digest with one kept elsewhere.
    """
    broken = []
    seq, last = 0, NOTHING_BEFORE
    for entry in entries:
        if entry.seq != seq + 1:
            broken.append(f"audit entry {entry.seq} follows {seq}: the trail has no gaps, {seq + 1} should come next")
        if entry.previous != last:
            broken.append(f"audit entry {entry.seq} follows {entry.previous}, but the entry before bears {last}")
        if entry.digest != digest(entry):
            broken.append(f"audit entry {entry.seq} bears {entry.digest}, but its content makes {digest(entry)}")
        seq, last = entry.seq, entry.digest
    return broken
