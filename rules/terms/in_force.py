"""Terms in force: which plan each partner is on in a period, refused whole when one cannot be calculated."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import NamedTuple

from models.errors import BadInput
from models.older_terms import OlderTerms
from models.period import Period
from models.vendor import Terms
from rules.plan import Cut, Plan
from rules.programme.blocks.plan_terms import PlanTerms
from rules.programme.file import Programme
from rules.terms.choice import Measured, plan_of
from rules.terms.levels import LevelReached
from rules.terms.spans import ONE_DAY, Span, rows_by_partner, spans


@dataclass(frozen=True)
class Part:
    """One block of a plan as it holds for some of a partner's clients, or on some days of the month.

    Most partners have one part, without bounds. Of several, the last is the newest: its payout holds.
    """

    plan: str  # the plan's name in the programme file
    block: PlanTerms
    claimed_from: date | None = None  # clients attributed from this day on ...
    claimed_until: date | None = None  # ... and before this one
    paid_from: date | None = None  # payments from this day on ...
    paid_until: date | None = None  # ... and before this one
    days: int | None = None  # days of the month on which it holds, when fewer than all
    suffix: str = ""  # what the names of its rules end with, to tell them from the newest part's
    older: tuple[OlderTerms, ...] = ()  # the same as values: whose terms they are; empty for the newest part
    late_of: Period | None = None  # it holds for late lines that were paid in this closed month
    only_lines: bool = False  # fees and limits do not hold: for clients left on an older block, or after the terms

    @property
    def key(self) -> str:
        """The block's own name: integrator@2026-01."""
        return f"{self.plan}@{self.block.from_}"

    @property
    def days_that_count(self) -> tuple[date | None, date | None, date | None, date | None]:
        """From and until of the claims, then of the payments, it holds for; None: without a bound."""
        return self.claimed_from, self.claimed_until, self.paid_from, self.paid_until

    def holds(self, rule: Plan) -> bool:
        """Whether a rule of the block holds in this part."""
        cut = rule.cut()
        return not self.only_lines or (cut.lines is not None and not cut.served)


class RuleRef(NamedTuple):
    """A rule of a partner: what the programme file calls it, and which of the partner's terms it is from."""

    name: str
    terms: str = ""  # the part's suffix; blank: the newest

    def __str__(self) -> str:
        """What the statement, the ledger and the totals call it: telephony, telephony@2025-06."""
        return self.name + self.terms


class RuleInForce(NamedTuple):
    """A rule as it stands on the statement, with the part of the terms it comes from."""

    ref: RuleRef
    way: Plan  # the way of earning, with the numbers agreed
    part: Part

    @property
    def name(self) -> str:
        """What the statement calls it."""
        return str(self.ref)


@dataclass(frozen=True)
class InForce:
    """A partner's terms in one period, and the day the partner's first terms began."""

    terms: Terms
    parts: tuple[Part, ...]
    since: date
    level: LevelReached | None = None

    @property
    def newest_block(self) -> PlanTerms:
        """The block whose payout holds."""
        return self.parts[-1].block

    @cached_property
    def rules(self) -> tuple[RuleInForce, ...]:
        """Every rule in force, the newest part's first, in the order of the programme file."""
        return tuple(
            RuleInForce(RuleRef(name, part.suffix), rule, part)
            for part in reversed(self.parts)
            for name, rule in part.block.earn.items()
            if part.holds(rule)
        )


def in_force(
    rows: Iterable[Terms],
    programme: Programme,
    period: Period,
    must_have: Iterable[str] = (),
    owed: Collection[str] = (),
    measured: Measured | None = None,
) -> dict[str, InForce]:
    """Return the terms in force by partner id, for partners whose terms began by the period's last day.

    `must_have` are partners with clients, who may have claimed them before their terms begin; `owed` are
    those with a balance, who had terms before. `measured` says what a level is reached by. Terms that
    ended before the month still hold for what was paid until then. Raises BadInput naming at once every
    partner that cannot be calculated: terms missing, plan unknown, or a plan that changes inside the month.
    """
    by_partner = rows_by_partner(rows)
    problems = [
        f"partner {partner_id} has clients or a balance, but partners.csv has no row for it: keep the row"
        for partner_id in sorted({*must_have, *owed} - by_partner.keys())
    ]
    found: dict[str, InForce] = {}
    for partner_id, dated in by_partner.items():
        if dated[0].from_day <= period.last_day:
            try:
                found[partner_id] = _of_partner(dated, programme, period, measured)
            except BadInput as problem:
                problems.append(f"partner {partner_id}: {problem}")
        elif partner_id in owed:
            problems.append(
                f"partner {partner_id} has a balance, but its terms begin on {dated[0].from_day}, after {period}: "
                f"keep the row it had before"
            )
    if problems:
        raise BadInput("partners.csv cannot be settled with this programme:\n  " + "\n  ".join(problems))
    return found


def with_late_terms(now: InForce, before: Mapping[Period, InForce]) -> InForce:
    """Return a partner's terms with those that held in closed months, for late lines that were paid in these.

    Fees, limits and whom the partner serves stay with the terms of the month that settles. Without
    `late_lines: month_of_payment` the terms are as they were.
    """
    if now.newest_block.late_lines != "month_of_payment":
        return now
    late = [part for month, then in sorted(before.items()) for part in _of_late(then, month)]
    return replace(now, parts=(*late, *now.parts))


def _of_late(then: InForce, month: Period) -> Iterator[Part]:
    for part in then.parts:
        paid_from = max(month.first_day, part.paid_from or month.first_day)
        paid_until = min(month.next().first_day, part.paid_until or month.next().first_day)
        if paid_from < paid_until and part.late_of is None:
            yield replace(
                part,
                paid_from=paid_from,
                paid_until=paid_until,
                days=None,
                suffix=f"@paid-{month}{part.suffix}",
                older=(OlderTerms(kind="paid_in", value=str(month)), *part.older),
                late_of=month,
                only_lines=True,
            )


class _PlanSpan(NamedTuple):
    """A span of days, the plan that holds on them, and the level that gave it (None: no level did)."""

    plan: str
    level: LevelReached | None
    span: Span


def _of_partner(rows: Sequence[Terms], programme: Programme, period: Period, measured: Measured | None) -> InForce:
    """Return one partner's terms from its rows, oldest first. Raises BadInput saying why they cannot be worked out."""
    for row in rows:
        if row.until and row.until < row.from_day:
            raise BadInput(
                f"terms from {row.from_day} hold until {row.until}, before they begin: write a later `until`"
            )
    plan_spans: list[_PlanSpan] = []
    for span in spans(rows, period):
        plan, level = plan_of(span.terms, programme, period, measured)
        if plan_spans and plan_spans[-1].plan == plan and plan_spans[-1].span.before == span.from_day:
            span = plan_spans.pop().span._replace(terms=span.terms, before=span.before)
        plan_spans.append(_PlanSpan(plan, level, span))
    parts = [part for each in plan_spans for part in _parts(each, plan_spans, programme, period)]
    of_month = [each for each in plan_spans if not each.span.is_over(period)]
    if len(of_month) > 1:
        _refuse_change(of_month, [part for part in parts if part.days], period)
    newest = plan_spans[-1]
    return InForce(newest.span.terms, tuple(parts), rows[0].from_day, newest.level)


def _parts(this: _PlanSpan, every: Sequence[_PlanSpan], programme: Programme, period: Period) -> Iterator[Part]:
    """The blocks of a plan over its span, oldest first: a block for new clients leaves the others on the one before."""
    span, is_over = this.span, this.span.is_over(period)
    suffix = ""
    older: tuple[OlderTerms, ...] = ()
    if this is not every[-1]:
        assert span.before is not None
        last_day = str(span.before - ONE_DAY)
        suffix = f"@until-{last_day}" if is_over else f"@{this.plan}"
        older = (OlderTerms(kind="until", value=last_day) if is_over else OlderTerms(kind="of_plan", value=this.plan),)
    found: list[Part] = []
    claimed_until = None
    for block in reversed([block for block in programme.plans[this.plan] if block.from_ <= period]):
        claimed_from = block.from_.first_day if block.applies_to == "new_clients" else None
        part = Part(
            plan=this.plan,
            block=block,
            claimed_from=claimed_from,
            claimed_until=claimed_until,
            paid_from=None if this is every[0] else span.from_day,
            paid_until=span.before,
            days=span.days_of(period),
            suffix=suffix + (f"@{block.from_}" if claimed_until else ""),
            older=older + ((OlderTerms(kind="of_month", value=str(block.from_)),) if claimed_until else ()),
            only_lines=is_over or claimed_until is not None,
        )
        found.append(part)
        claimed_until = claimed_from
        if claimed_from is None:
            break
    return reversed(found)


def _refuse_change(of_month: Sequence[_PlanSpan], parts: Sequence[Part], period: Period) -> None:
    """Raise BadInput where the plan may not change inside the month, as it does in `of_month`: two spans or more."""
    before, after = of_month[0], of_month[1]
    day = after.span.from_day
    if after.span.is_back:
        what = f"special terms until {day - ONE_DAY} change the plan {before.plan!r} back to {after.plan!r}"
        instead = f"let them end on {period.last_day} or {period.previous().last_day}"
    else:
        again = f"take up the plan {after.plan!r} again, after a break,"
        change = f"change the plan {before.plan!r} to {after.plan!r}"
        what = f"terms from {day} {again if before.plan == after.plan else change}"
        instead = f"a plan changes on the first day of a month, write {period.next()} or {period}"
    if any(part.block.mid_month == "refuse" for part in parts if part.claimed_until is None):
        raise BadInput(f"{what} inside {period}: {instead}")
    for part in parts:
        for name, rule in part.block.earn.items():
            if part.holds(rule) and (why := _why_not_by_day(rule)):
                raise BadInput(f"{what} inside {period}, but rule {name!r} of {part.plan!r} {why}: {instead}")
    # The names of older rules end with the plan's name, so among the older spans it may stand once.
    if len({each.plan for each in of_month[:-1]}) < len(of_month[:-1]):
        raise BadInput(f"{what} inside {period}, and later back again: {instead}")


def _why_not_by_day(rule: Plan) -> str:
    """Why a rule cannot hold on some days only; blank where it can: it earns on lines, or asks for nothing."""
    cut = rule.cut()
    if rule.tiers_apply():
        return "has tiers, which are never split by day"
    if cut.served or (cut.lines is None and cut != Cut()):
        return "looks at the whole month, which is not split by day"
    return ""
