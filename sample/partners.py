"""The sample vendor's partners: who they are, which terms they signed, who stands below whom.

Plans are signed in turn. Partners are sorted by size: P-0001 brings the most.
"""

from collections.abc import Sequence
from typing import NamedTuple

from models.period import Period
from sample.asked import Asked
from sample.names import HARD_NAMES, LOCALES, invented_name

TEAM = 5
"""Partners directly below one, where the programme has a network."""


class Signed(NamedTuple):
    """The plan, or the ladder of levels, that holds from a month on; special terms end with a month."""

    plan: str
    from_: Period
    until: Period | None = None


class Partner(NamedTuple):
    """One partner, and its terms in the order in which they begin."""

    position: int
    name: str
    locale: str
    terms: tuple[Signed, ...]
    segment: str = ""  # the label that picks its plan; blank where partners.csv names the plan

    @property
    def partner_id(self) -> str:
        return partner_id(self.position)

    def plan_in(self, period: Period) -> str:
        """The plan in force in a month."""
        return next(
            each.plan
            for each in reversed(self.terms)
            if each.from_ <= period and (each.until is None or period <= each.until)
        )


def partner_id(position: int) -> str:
    """The id of the partner at this position, counted from 0."""
    return f"P-{position + 1:04d}"


def make_partners(asked: Asked, partners: int) -> list[Partner]:
    """Invent the partners. Two of them take up the first plan in the second month; each special plan holds in it."""
    labels = tuple(asked.programme.segments)
    made = []
    for position, plan in enumerate(_plans_in_turn(asked, partners)):
        locale = LOCALES[position % len(LOCALES)]
        name = invented_name(position, locale)
        if position < len(HARD_NAMES):
            name, locale = HARD_NAMES[position]
        label = labels[position // 4 % len(labels)] if labels and position % 4 == 3 else ""
        terms = _terms(asked, position, asked.programme.segments[label] if label else plan)
        made.append(Partner(position, name, locale, terms[:1] if label else terms, label))
    return made


def partner_rows(asked: Asked, partners: Sequence[Partner]) -> list[tuple[str, ...]]:
    """Return partners.csv, with the columns that the programme asks for."""
    more = {
        "until": bool(asked.special),
        "consolidation_group": asked.has_groups,
        "segments": bool(asked.programme.segments),
    }
    columns = ("partner_id", "name", "plan", "from", "locale", "parent_id", *(name for name in more if more[name]))
    rows = [columns]
    for partner in partners:
        for signed in partner.terms:
            row = {
                "partner_id": partner.partner_id,
                "name": partner.name,
                "plan": "" if partner.segment else signed.plan,
                "from": str(signed.from_),
                "locale": partner.locale,
                "parent_id": _parent_id(asked, partner.position),
                "until": str(signed.until or ""),
                "consolidation_group": _group(partner.position),
                "segments": partner.segment,
            }
            rows.append(tuple(row[column] for column in columns))
    return rows


def _plans_in_turn(asked: Asked, partners: int) -> list[str]:
    """Sign the plans in turn, the first twice as often. Whoever has partners below gets one that earns on them."""
    leaders = asked.leaders
    sellers = tuple(name for name in asked.names if name not in leaders) or asked.names
    turns = (*sellers, sellers[0])
    return [
        leaders[position % len(leaders)] if leaders and _has_team(position, partners) else turns[position % len(turns)]
        for position in range(partners)
    ]


def _terms(asked: Asked, position: int, plan: str) -> tuple[Signed, ...]:
    starts, first = asked.programme.starts, asked.names[0]
    terms = [Signed(plan, starts)]
    if position in (1, 4) and plan not in (first, *asked.leaders):
        terms.append(Signed(first, starts.next()))
    elif 0 <= position - 2 < len(asked.special):
        terms.append(Signed(asked.special[position - 2], starts.next(), until=starts.next()))
    return tuple(terms)


def _has_team(position: int, partners: int) -> bool:
    return max(position * TEAM, 1) < partners


def _parent_id(asked: Asked, position: int) -> str:
    """In a network each partner has so many below; elsewhere a parent says only who introduced whom."""
    if asked.leaders:
        return partner_id(position // TEAM) if position else ""
    return partner_id(position // 40) if position % 25 == 2 else ""


def _group(position: int) -> str:
    """In each ten, a large company and a small one have one owner."""
    tens, rest = divmod(position, 10)
    return f"G-{tens + 1}" if rest in (0, 6) else ""
