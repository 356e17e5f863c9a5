"""A programme that was used: what an approved month was paid by stays as it was, changes start later."""

from collections.abc import Iterator

from models.period import Period
from rules.programme.blocks.plan_terms import PlanTerms
from rules.programme.file import Programme

HEADER = ("programme", "starts", "currency", "timezone", "base")
"""What has no date of its own. How much a sale may cost is a check, not a promise, and may change."""


def changed_after_use(before: Programme, after: Programme, last_approved: Period) -> list[str]:
    """Return a sentence for each change that reaches back into a month up to `last_approved`; none: it may be used.

    A block that has begun stays as it is, and a new one begins later. Levels and segments have no date, so
    they can be added and not changed.
    """
    return [
        *_header(before, after, last_approved),
        *_refunds(before, after, last_approved),
        *_blocks(before, after, last_approved),
        *_levels(before, after),
        *_segments(before, after),
    ]


def _header(before: Programme, after: Programme, last_approved: Period) -> Iterator[str]:
    for key in HEADER:
        was, now = getattr(before, key), getattr(after, key)
        if was != now:
            yield (
                f"{key}: {now} was {was}, and months up to {last_approved} are approved: "
                f"write {key}: {was}, or give a new programme its own file"
            )


def _refunds(before: Programme, after: Programme, last_approved: Period) -> Iterator[str]:
    months = {before.starts, last_approved}
    months |= {each.from_ for programme in (before, after) for each in programme.refunds}
    for month in sorted(month for month in months if before.starts <= month <= last_approved):
        was, now = before.refunds_in(month), after.refunds_in(month)
        if was != now:
            yield (
                f"refunds: {now} in {month} was {was}, and months up to {last_approved} are approved: write a list, "
                f"the policy that held first, and then - {{from: {last_approved.next()}, policy: {now}}}"
            )
            return


def _blocks(before: Programme, after: Programme, last_approved: Period) -> Iterator[str]:
    instead = f"write a new block `from: {last_approved.next()}`"
    old, new = _begun(before, last_approved), _begun(after, last_approved)
    for plan, month in sorted(old.keys() | new.keys()):
        where = f"plans.{plan}: the block from {month}"
        if (plan, month) not in old:
            yield f"{where} is new, and months up to {last_approved} are approved: {instead} or later"
        elif (plan, month) not in new:
            yield f"{where} is gone, and months up to {last_approved} are approved: put it back, and {instead}"
        elif old[plan, month] != new[plan, month]:
            changed = ", ".join(_changed(old[plan, month], new[plan, month]))
            yield (
                f"{where} has changed ({changed}), and months up to {last_approved} are approved: "
                f"leave it as it was, and {instead}"
            )


def _begun(programme: Programme, last_approved: Period) -> dict[tuple[str, Period], PlanTerms]:
    return {
        (plan, block.from_): block
        for plan, blocks in programme.plans.items()
        for block in blocks
        if block.from_ <= last_approved
    }


def _changed(old: PlanTerms, new: PlanTerms) -> Iterator[str]:
    """The keys that differ: `earn.software`, `payout`."""
    for rule in sorted(old.earn.keys() | new.earn.keys()):
        if old.earn.get(rule) != new.earn.get(rule):
            yield f"earn.{rule}"
    for key in type(old).model_fields:
        if key != "earn" and getattr(old, key) != getattr(new, key):
            yield key


def _levels(before: Programme, after: Programme) -> Iterator[str]:
    for name, ladder in before.levels.items():
        if after.levels.get(name) != ladder:
            what = "has changed" if name in after.levels else "is gone"
            yield (
                f"levels.{name} {what}, and levels have no date: put it back as it was, write the new levels under "
                f"another name, and name them in a new row of partners.csv"
            )


def _segments(before: Programme, after: Programme) -> Iterator[str]:
    for label, plan in before.segments.items():
        if after.segments.get(label) != plan:
            what = f"is {after.segments[label]}, was {plan}" if label in after.segments else f"was {plan}, and is gone"
            yield (
                f"segments.{label} {what}, and segments have no date: write {label}: {plan}, and name another plan "
                f"in a new row of partners.csv"
            )
