"""What `settle programme` prints of a programme file: its cost, its rules in words, what a change pays.

A programme calls its parts plans: each has a name (`integrator`) and dated blocks of terms. In a block stand rules,
and each rule names a way of earning.
"""

from collections.abc import Iterator
from typing import NamedTuple

from models.money import counted, major
from models.period import Period
from rules.programme.blocks.plan_terms import PlanTerms
from rules.programme.blocks.refund_terms import refund_words
from rules.programme.changes import changes
from rules.programme.cliffs import notes_of
from rules.programme.cost import costs
from rules.programme.file import Programme
from rules.programme.used import changed_after_use
from rules.terms.levels import Levels


class NamedProgramme(NamedTuple):
    """A programme, and what a person calls it: its file, or the month that was settled by it."""

    name: str
    programme: Programme


def checked(programme: Programme, file: str) -> Iterator[str]:
    """Say that the file can be carried out, and what to know before it is: the cost of its sales, its cliffs."""
    rules = sum(len(block.earn) for blocks in programme.plans.values() for block in blocks)
    size = f"{counted(len(programme.plans), 'plan')}, {counted(rules, 'rule')}"
    yield f"{file}: {programme.programme} can be carried out: {size}."
    yield f"  digest {programme.digest}"
    sales = costs(programme.plans)
    for name, blocks in programme.plans.items():
        for number, block in enumerate(blocks):
            of_block = [sale for sale in sales if (sale.plan, sale.block) == (name, number)]
            dearest = max(of_block, key=lambda sale: sale.total)
            fees = [rule_name for rule_name, rule in block.earn.items() if rule.is_fee]
            on_top = f"; on top of that: {', '.join(fees)}" if fees else ""
            yield f"{name} from {block.from_}: {dearest.words}{on_top}"
            for rule_name, rule in block.earn.items():
                yield from (f"  {note}" for note in notes_of(rule_name, rule, programme.currency))
    if programme.cost_at_most is None:
        yield "cost_at_most is not written: a sale may cost any share of its base."


def shown(programme: Programme, period: Period | None) -> Iterator[str]:
    """Show each plan in words: every dated block, or the one in force in a period."""
    yield (
        f"{programme.programme}, from {programme.starts}: in {programme.currency}, {programme.timezone}; "
        f"base {programme.base}, refunds {refund_words(programme.refunds)}"
    )
    for name, blocks in programme.plans.items():
        in_force = programme.terms(name, period) if period else None
        for block in [block for block in blocks if period is None or block is in_force]:
            yield ""
            yield f"{name} from {block.from_}{', for new clients' if block.applies_to == 'new_clients' else ''}"
            yield from _block(block, programme.currency)
        if period and in_force is None:
            yield from ("", f"{name}: not in force in {period}; it starts in {blocks[0].from_}")
    for name, levels in programme.levels.items():
        yield from ("", f"levels {name}, measured by {levels.measure.words}:")
        yield from _levels(levels, programme.currency)
    if programme.segments:
        yield from ("", "segments: " + ", ".join(f"{label} on {name}" for label, name in programme.segments.items()))


def compared(before: NamedProgramme, after: NamedProgramme) -> Iterator[str]:
    """Say in money what the later programme changes."""
    if found := changes(before.programme, after.programme):
        yield f"{after.name} against {before.name}:"
        yield from (f"  {words}" for words in found)
    elif before.programme.text == after.programme.text:
        yield f"Nothing changed: {after.name} is {before.name}, byte for byte."
    else:
        yield f"Nothing changed: {after.name} promises what {before.name} does, in other words."


def refused(before: Programme, after: Programme, last_approved: Period) -> Iterator[str]:
    """Say which changes a run refuses, because months that were approved used what they change."""
    if found := changed_after_use(before, after, last_approved):
        yield f"Refused by settle run, because months up to {last_approved} used it:"
        yield from (f"  {words}" for words in found)


def _block(block: PlanTerms, currency: str) -> Iterator[str]:
    width = max((len(name) for name in block.earn), default=0)
    for name, rule in block.earn.items():
        yield f"  {name:<{width}}  {rule.words(currency)}"
    for category, why in block.not_commissioned.items():
        yield f"  {category} is not commissioned: {why}"
    yield f"  paid out from {major(block.payout.minimum, currency)} {currency}"
    if block.mid_month == "split_by_day":
        yield "  a month in which it begins or ends is split by day"
    if block.late_lines == "month_of_payment":
        yield "  late lines earn by the terms of the month of payment"
    if block.refunds_lower_the_measure:
        yield "  what is taken back of earlier months lowers the measures of the month that takes it"


def _levels(levels: Levels, currency: str) -> Iterator[str]:
    for level in levels.levels:
        reaches = f"{level.reaches} clients" if levels.measure.counts else major(level.reaches, currency)
        yield f"  {level.name} from {reaches}: plan {level.plan}"
    if levels.grace:
        yield f"  kept for {counted(levels.grace, 'month')} of grace"
