"""The programme file under review: checked, shown in words, and held against the one before it."""

from collections.abc import Iterator
from pathlib import Path

from models.errors import BadInput, WrongUse
from models.money import major
from models.period import Period
from rules.levels import Levels
from rules.programme.changes import changes
from rules.programme.cliffs import notes_of
from rules.programme.cost import costs
from rules.programme.file import Programme, parse_programme
from rules.programme.plan_terms import PlanTerms
from tasks.vendor.table import decoded

NAME = "programme.yaml"
"""What the file is called in a vendor folder."""


def read_programme(path: Path) -> Programme:
    """Read a programme file, or the one of a vendor folder. Raises WrongUse or BadProgramme."""
    file = path / NAME if path.is_dir() else path
    try:
        return parse_programme(decoded(file.read_bytes(), str(file)), str(file))
    except FileNotFoundError:
        raise WrongUse(
            f"there is no file {file}: name the programme file, or a vendor folder that holds one."
        ) from None
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror or error}.") from None


def checked(path: Path) -> Iterator[str]:
    """Say that the file can be carried out, and what to know before it is: the cost of its sales, its cliffs."""
    programme = read_programme(path)
    rules = sum(len(block.earn) for blocks in programme.plans.values() for block in blocks)
    size = f"{_of(len(programme.plans), 'plan')}, {_of(rules, 'rule')}"
    yield f"{path}: {programme.programme} can be carried out: {size}."
    yield f"  digest {programme.digest}"
    found = costs(programme.plans)
    for plan, blocks in programme.plans.items():
        for number, block in enumerate(blocks):
            dearest = max((each for each in found if (each.plan, each.block) == (plan, number)), key=lambda c: c.total)
            fees = [name for name, rule in block.earn.items() if rule.is_fee]
            on_top = f"; on top of that: {', '.join(fees)}" if fees else ""
            yield f"{plan} from {block.from_}: {dearest.words}{on_top}"
            for name, rule in block.earn.items():
                yield from (f"  {note}" for note in notes_of(name, rule, programme.currency))
    if programme.cost_at_most is None:
        yield "cost_at_most is not written: a sale may cost any share of its base."


def shown(path: Path, period: Period | None) -> Iterator[str]:
    """Show each plan in words: every dated block, or the one in force in a period."""
    programme = read_programme(path)
    yield (
        f"{programme.programme}, from {programme.starts}: in {programme.currency}, {programme.timezone}; "
        f"base {programme.base}, refunds {programme.refunds}"
    )
    for plan, blocks in programme.plans.items():
        in_force = programme.terms(plan, period) if period else None
        for block in [block for block in blocks if period is None or block is in_force]:
            yield ""
            yield f"{plan} from {block.from_}{', for new clients' if block.applies_to == 'new_clients' else ''}"
            yield from _terms(block, programme.currency)
        if period and in_force is None:
            yield from ("", f"{plan}: not in force in {period}; it starts in {blocks[0].from_}")
    for name, levels in programme.levels.items():
        yield from ("", f"levels {name}, measured by {levels.measure.words}:")
        yield from _levels(levels, programme.currency)
    if programme.segments:
        yield from ("", "segments: " + ", ".join(f"{label} on {plan}" for label, plan in programme.segments.items()))


def compared(before: Programme, name: str, path: Path) -> Iterator[str]:
    """Say in money what the file at `path` changes, against the programme called `name`."""
    after = read_programme(path)
    if found := changes(before, after):
        yield f"{path} against {name}:"
        yield from (f"  {words}" for words in found)
    elif before.text == after.text:
        yield f"Nothing changed: {path} is {name}, byte for byte."
    else:
        yield f"Nothing changed: {path} promises what {name} does, in other words."


def _terms(block: PlanTerms, currency: str) -> Iterator[str]:
    width = max((len(name) for name in block.earn), default=0)
    for name, rule in block.earn.items():
        yield f"  {name:<{width}}  {rule.words(currency)}"
    for category, why in block.not_commissioned.items():
        yield f"  {category} is not commissioned: {why}"
    yield f"  paid out from {major(block.payout.minimum, currency)} {currency}"
    if block.mid_month == "split_by_day":
        yield "  a month in which it begins or ends is split by day"


def _levels(levels: Levels, currency: str) -> Iterator[str]:
    for level in levels.levels:
        reaches = f"{level.reaches} clients" if levels.measure.counts else major(level.reaches, currency)
        yield f"  {level.name} from {reaches}: plan {level.plan}"
    if levels.grace:
        yield f"  kept for {_of(levels.grace, 'month')} of grace"


def _of(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
