"""Effects: what each partner would have got of a closed month, and the rows of adjustments that put it right."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from flows.office import Office
from models.money import major
from models.period import Period, Version
from models.vendor import Adjustment
from rules.programme.file import parse_programme
from tasks.facts.history import next_month
from tasks.vendor.adding import add_adjustments
from tasks.vendor.folder import read_vendor


@dataclass(frozen=True)
class Cause:
    """Why a closed month would come to something else. The ids of the rows that put it right begin with both."""

    kind: Literal["reconcile", "restate"]
    month: Period

    def prefix(self, partner_id: str) -> str:
        return f"{self.kind}-{self.month}-{partner_id}-"


@dataclass(frozen=True)
class Effect:
    """One partner's closed month, as it was and as it would be, in minor units."""

    partner_id: str
    was_minor: int
    now_minor: int
    settled_minor: int  # of the difference, what adjustments have put right already
    settled_count: int  # how many

    @property
    def open_minor(self) -> int:
        return self.now_minor - self.was_minor - self.settled_minor

    def words(self, currency: str) -> str:
        was, now, settled, is_open = (
            major(minor, currency) for minor in (self.was_minor, self.now_minor, self.settled_minor, self.open_minor)
        )
        put_right = f", {settled} of it put right" if self.settled_minor else ""
        return f"{self.partner_id}: was {was}, would be {now}{put_right}; open {is_open}"


def effects_of(
    cause: Cause, was: Mapping[str, int], now: Mapping[str, int], by_hand: Iterable[Adjustment]
) -> list[Effect]:
    """Return the partners for whom anything changes, or was put right already, in order.

    `was` and `now` hold what the month came to by partner, in minor units; `by_hand` every adjustment that is known.
    """
    known = list(by_hand)
    found = []
    for partner_id in sorted(was.keys() | now.keys()):
        prefix = cause.prefix(partner_id)
        mine = [
            each.amount_minor
            for each in known
            if each.partner_id == partner_id and each.adjustment_id.startswith(prefix)
        ]
        effect = Effect(partner_id, was.get(partner_id, 0), now.get(partner_id, 0), sum(mine), len(mine))
        if effect.was_minor != effect.now_minor or mine:
            found.append(effect)
    return found


@dataclass(frozen=True)
class Said:
    """What the rows say beside the amount."""

    why: str
    evidence: str
    who: str


def put_right(cause: Cause, effects: Iterable[Effect], said: Said, office: Office, file: Path) -> int:
    """Add a row to a file of adjustments for each partner for whom something is open, and return how many.

    All rows are added, or none. In the vendor's folder they settle in the next month.
    """
    vendor = read_vendor(office.vendor_folder)
    day = next_month(office.database, parse_programme(vendor.programme_text)).first_day
    rows = [
        Adjustment(
            adjustment_id=f"{cause.prefix(each.partner_id)}{each.settled_count + 1}",
            partner_id=each.partner_id,
            posted_on=day,
            amount_minor=each.open_minor,
            why=said.why,
            evidence=said.evidence,
            who=said.who,
            cites=Version(cause.month).of(each.partner_id),
        )
        for each in effects
        if each.open_minor
    ]
    return add_adjustments(file, rows, {terms.partner_id for terms in vendor.tables.partners})
