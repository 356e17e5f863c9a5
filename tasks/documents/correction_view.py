"""What a statement shows of the corrections of earlier months: what each one is, and what they come to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.billing import CHARGEBACK
from models.statement import CorrectionEntry, CorrectionKind


@dataclass(frozen=True)
class CorrectionView:
    """One correction, and what it is: the key of its words under `correction`."""

    entry: CorrectionEntry
    what: str


@dataclass(frozen=True)
class CorrectionsView:
    """Corrections in the order of their refunds, and what they come to together."""

    rows: Sequence[CorrectionView]
    total_minor: int


def corrections_view(entries: Iterable[CorrectionEntry], to: str) -> CorrectionsView | None:
    """Return the corrections of what went to one place; None where there are none."""
    mine = [CorrectionView(entry, what_it_is(entry)) for entry in entries if entry.to == to]
    return CorrectionsView(mine, sum(row.entry.commission_minor for row in mine)) if mine else None


def what_it_is(entry: CorrectionEntry) -> str:
    """Return `refund`, `chargeback`, `won` (of a chargeback), `goal`, `event`, `follows` (from juniors'), or its kind.

    `again` is a refund that a later version of its sale's month takes more or less by.
    """
    if entry.kind is not CorrectionKind.CLAWBACK:
        return entry.kind.value
    if not entry.sale_id:
        return entry.shared_by if entry.shared_by in ("goal", "event") else "follows"
    if entry.words:
        return "again"
    if entry.refunded_minor < 0:
        return "won"
    return "chargeback" if entry.refund_kind == CHARGEBACK else "refund"
