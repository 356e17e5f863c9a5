"""The network in partners.csv: parents may stand above each other in a chain, never in a circle."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from models.vendor import Terms
from rules.plan import DEEPEST


def network_problems(dated: Mapping[str, Sequence[Terms]]) -> Iterator[tuple[Terms, str]]:
    """Yield each loop, and each chain that is too long, with the terms that name the parent.

    `dated` holds each partner's terms by their first day. Parents go only when terms are replaced or
    end, so whatever is ever wrong can be seen on the last day before such a change, or after them all.
    """
    told: set[tuple[str, ...]] = set()
    for day in _days_to_look_at(dated):
        standing = {partner_id: _in_force(rows, day) for partner_id, rows in dated.items()}
        above = {partner_id: terms for partner_id, terms in standing.items() if terms and terms.parent_id}
        for partner_id in sorted(above):
            chain = [partner_id]
            while chain[-1] in above and len(chain) == len(set(chain)):
                chain.append(above[chain[-1]].parent_id)
            if chain[-1] == partner_id:
                if tuple(sorted(chain[1:])) not in told:
                    told.add(tuple(sorted(chain[1:])))
                    yield above[partner_id], _loop(chain)
            elif len(chain) == len(set(chain)) > DEEPEST + 1 and (partner_id,) not in told:
                told.add((partner_id,))
                yield above[partner_id], _too_deep(chain)


def _days_to_look_at(dated: Mapping[str, Sequence[Terms]]) -> list[date]:
    if not any(terms.parent_id for rows in dated.values() for terms in rows):
        return []
    days = {date.max}
    for rows in dated.values():
        for terms in rows:
            if terms.from_day > rows[0].from_day:
                days.add(terms.from_day - timedelta(days=1))
            if terms.until:
                days.add(terms.until)
    return sorted(days)


def _in_force(rows: Sequence[Terms], day: date) -> Terms | None:
    """The latest terms that have begun and not ended."""
    return next(
        (each for each in reversed(rows) if each.from_day <= day and (not each.until or day <= each.until)), None
    )


def _loop(chain: Sequence[str]) -> str:
    return f"parent_id goes round in a circle: {' -> '.join(chain)}: take one of these parents away"


def _too_deep(chain: Sequence[str]) -> str:
    return (
        f"partner {chain[0]} has {len(chain) - 1} levels of partners above it, at most {DEEPEST} are settled: "
        f"{' -> '.join(chain)}: name a parent nearer the top"
    )
