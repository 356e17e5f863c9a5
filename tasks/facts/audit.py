"""The audit trail: facts in the past tense, each chained by digest to the one before."""

from collections.abc import Iterable

from models.canonical import canonical_json, sha256
from models.rows import AuditRow

NOTHING_BEFORE = "0" * 64


def chained(
    previous: AuditRow | None,
    *,
    at: str,
    event: str,
    period: str,
    subject: str,
    about: str,
    amount_minor: int | None = None,
    currency: str = "",
) -> AuditRow:
    """Return the entry that follows `previous`; None where the trail begins."""
    entry = AuditRow(
        seq=previous.seq + 1 if previous else 1,
        at=at,
        event=event,
        period=period,
        subject=subject,
        amount_minor=amount_minor,
        currency=currency,
        about=about,
        previous=previous.digest if previous else NOTHING_BEFORE,
        digest="",
    )
    entry.digest = digest(entry)
    return entry


def digest(entry: AuditRow) -> str:
    """Return the digest an entry must bear: of its canonical JSON, the digest itself left out."""
    return sha256(canonical_json(entry.model_dump(exclude={"digest"})))


def broken_links(entries: Iterable[AuditRow]) -> list[str]:
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
