"""Effects: what each partner would have got of a closed month, beside what it got."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.money import major


@dataclass(frozen=True)
class Effect:
    """One partner's closed month, as it was and as it would be, in minor units."""

    partner_id: str
    was_minor: int
    now_minor: int
    settled_minor: int  # of the difference, what adjustments have put right already
    settled_count: int  # how many
    again_minor: int = 0  # of what was given back since, as it would be: how much more, or below 0 less

    @property
    def open_minor(self) -> int:
        return self.now_minor - self.was_minor + self.again_minor - self.settled_minor

    def words(self, currency: str) -> str:
        of_it = self.was_minor, self.now_minor, self.again_minor, self.settled_minor, self.open_minor
        was, now, again, settled, is_open = (major(minor, currency) for minor in of_it)
        given_back = f", and {again} of what was given back since" if self.again_minor else ""
        put_right = f", {settled} of it put right" if self.settled_minor else ""
        return f"{self.partner_id}: was {was}, would be {now}{given_back}{put_right}; open {is_open}"


def effects_of(
    was: Mapping[str, int],
    now: Mapping[str, int],
    by_hand: Mapping[str, Sequence[int]] | None = None,
    again: Mapping[str, int] | None = None,
) -> list[Effect]:
    """Return the partners for whom anything changes, or was put right already, in order.

    `was` and `now` hold what the month came to by partner, `by_hand` the amounts that put it right already, `again` how
    much more is given by what was given back since; all in minor units.
    """
    settled, more = by_hand or {}, again or {}
    found = []
    for partner_id in sorted(was.keys() | now.keys() | more.keys()):
        mine = settled.get(partner_id, ())
        came = was.get(partner_id, 0), now.get(partner_id, 0)
        effect = Effect(partner_id, *came, sum(mine), len(mine), more.get(partner_id, 0))
        if effect.was_minor != effect.now_minor or effect.again_minor or mine:
            found.append(effect)
    return found
