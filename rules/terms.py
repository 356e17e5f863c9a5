"""Terms in force: which plan each partner is on in a period, refused whole when one cannot be calculated."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from models.errors import BadInput
from models.period import Period
from models.vendor import Terms
from rules.programme import PlanTerms, Programme


@dataclass(frozen=True)
class InForce:
    """A partner's terms in one period, the block of the plan, and the day the partner's first terms began."""

    terms: Terms
    plan: PlanTerms
    since: date


def in_force(
    rows: Iterable[Terms],
    programme: Programme,
    period: Period,
    must_have: Iterable[str] = (),
    owed: Collection[str] = (),
) -> dict[str, InForce]:
    """Return the terms in force by partner id, for partners whose terms began by the period's last day.

    `must_have` are partners with clients, who may have claimed them before their terms begin; `owed` are
    those with a balance, who had terms before. Raises BadInput naming at once every partner that cannot be
    calculated: terms missing, plan unknown, or a plan that changes inside the month.
    """
    by_partner: dict[str, list[Terms]] = {}
    for row in sorted(rows, key=lambda row: (row.partner_id, row.from_day)):
        by_partner.setdefault(row.partner_id, []).append(row)
    problems = [
        f"partner {partner_id} has clients or a balance, but partners.csv has no row for it: keep the row"
        for partner_id in sorted({*must_have, *owed} - by_partner.keys())
    ]
    found: dict[str, InForce] = {}
    for partner_id, dated in by_partner.items():
        begun = [row for row in dated if row.from_day <= period.last_day]
        if not begun:
            if partner_id in owed:
                problems.append(
                    f"partner {partner_id} has a balance, but its terms begin on {dated[0].from_day}, after {period}: "
                    f"keep the row it had before"
                )
            continue
        terms, plan = begun[-1], programme.terms(begun[-1].plan, period)
        if plan is None:
            problems.append(_without_plan(terms, programme, period))
        elif change := _change_inside(begun, period):
            problems.append(change)
        else:
            found[partner_id] = InForce(terms, plan, since=dated[0].from_day)
    if problems:
        raise BadInput("partners.csv cannot be settled with this programme:\n  " + "\n  ".join(problems))
    return found


def _without_plan(terms: Terms, programme: Programme, period: Period) -> str:
    who = f"partner {terms.partner_id}: terms from {terms.from_day} name the plan {terms.plan!r}"
    if terms.plan not in programme.plans:
        return f"{who}; the programme has {', '.join(sorted(programme.plans))}"
    return f"{who}, which starts in {programme.plans[terms.plan][0].from_}, after {period}"


def _change_inside(begun: list[Terms], period: Period) -> str | None:
    """Say which change of plan falls inside the period; a new name or locale may come on any day."""
    for before, after in pairwise(begun):
        if after.from_day > period.first_day and before.plan != after.plan:
            return (
                f"partner {after.partner_id}: terms from {after.from_day} change the plan {before.plan!r} to "
                f"{after.plan!r} inside {period}: a plan changes on the first day of a month, "
                f"write {period.next()} or {period}"
            )
    return None
