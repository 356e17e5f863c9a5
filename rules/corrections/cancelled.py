"""Cancelled events: what an event earned under a rule that its partner has no more is taken back of its month."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from models.statement import CorrectionKind
from rules.corrections.taken_back import Correction, Earning

BY_EVENT = "event"


class Cancellation(NamedTuple):
    """An event that counts in this month, and cancels another of an earlier one."""

    event_id: str
    cancels: str
    partner_id: str


def earn_otherwise(cancelled: Collection[str], was: Mapping[Earning, int], now: Mapping[Earning, int]) -> list[str]:
    """Return which of the cancelled events earn something else now, sorted.

    What a cancellation took back is what its event earned then: with another amount it would have been another.
    """
    of_events = {each for each in (*was, *now) if each.shared_by == BY_EVENT and each.key in cancelled}
    return sorted({each.key for each in of_events if was.get(each, 0) != now.get(each, 0)})


def cancelled_later(
    cancellations: Iterable[Cancellation], earned: Mapping[Earning, int], rules: Mapping[str, Collection[str]]
) -> Iterator[Correction]:
    """Yield what goes back that no rule of this month takes back itself.

    A lead earned 100.00 in January, under a rule that stands in no block from February on: cancelled then, it takes the
    100.00 back. `earned` has what events earned in earlier months; `rules` names, by partner, those on events now.
    """
    by_event: dict[tuple[str, str], list[Earning]] = {}
    for earning in sorted(earned):
        by_event.setdefault((earning.partner_id, earning.key), []).append(earning)
    for each in sorted(cancellations):
        for earning in by_event.get((each.partner_id, each.cancels), ()):
            if earning.rule not in rules.get(each.partner_id, ()) and (minor := earned[earning]):
                yield Correction(
                    kind=CorrectionKind.CLAWBACK,
                    earning=earning,
                    terms="",
                    exact=Fraction(-minor),
                    minor=-minor,
                    refund_id=each.event_id,
                    was_minor=minor,
                )
