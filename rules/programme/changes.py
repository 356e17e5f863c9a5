"""Changes of a programme, in money words: what another file promises that this one does not, before it is applied."""

from collections.abc import Iterator, Mapping
from typing import Any

from models.money import major, minor_digits
from models.period import Period
from rules.money import half_away
from rules.plan import ClientSums, Person, Plan, Sums
from rules.programme.blocks.plan_terms import PlanTerms
from rules.programme.cliffs import EXAMPLE
from rules.programme.file import Programme
from rules.programme.yaml_text import parse_yaml

NOT_WRITTEN = "not written"


def changes(before: Programme, after: Programme) -> list[str]:
    """Return what changed, a sentence each; nothing where both promise the same, however they are written.

    Each block is held against the terms it replaces: those in force before in the month it starts.
    """
    found = [
        words
        for name in Programme.model_fields
        if name != "plans" and getattr(before, name) != getattr(after, name)
        for words in _rewritten(_written(before, name), _written(after, name))
    ]
    for plan in dict.fromkeys([*before.plans, *after.plans]):
        if plan not in after.plans:
            found.append(f"{plan}: the plan is no longer in the file")
            continue
        if plan not in before.plans:
            found.append(f"{plan}: the plan is new")
        months = {block.from_ for programme in (before, after) for block in programme.plans.get(plan, ())}
        for month in sorted(months):
            found += [f"{plan} from {month}, {words}" for words in _of_terms(before, after, plan, month)]
    return found


def earned_on(rule: Plan, base_minor: int, month: Period) -> int | None:
    """Return the minor units one client's payments of `base_minor` earn under a rule, where nothing else is measured.

    The client is in its first year, and each role is held by one person. None for a rule that does not
    earn on lines.
    """
    cut = rule.cut()
    if cut.lines is None:
        return None
    counts = cut.measure is not None and cut.measure.counts
    sums = Sums(
        month=month,
        clients=(ClientSums("any", 1, base_minor, year=1 if cut.year_since else 0),),
        measure=1 if counts else base_minor,
        people=tuple(Person(role, role, role) for role in cut.roles),
    )
    return half_away(rule.earn(sums).exact)


def _of_terms(before: Programme, after: Programme, plan: str, month: Period) -> Iterator[str]:
    """What a plan's terms of one month say now that they did not say before."""
    old, new = before.terms(plan, month), after.terms(plan, month)
    if new is None:
        yield f"terms: none in force now; they start in {after.plans[plan][0].from_}"
        return
    rules = old.earn if old else {}
    for rule in dict.fromkeys([*rules, *new.earn]):
        if words := _of_rule(rules.get(rule), new.earn.get(rule), before.currency, after.currency, month):
            yield f"{rule}: {words}"
    if old:
        was, now = _block(before, plan, old), _block(after, plan, new)
        for name in PlanTerms.model_fields:
            if name not in ("from_", "earn") and getattr(old, name) != getattr(new, name):
                yield from _rewritten(_flat(was.get(name), name), _flat(now.get(name), name))


def _of_rule(old: Plan | None, new: Plan | None, old_currency: str, currency: str, month: Period) -> str:
    """One rule added, removed or changed; blank where it promises what it promised."""
    if old is None or new is None:
        rule, unit = (new, currency) if new else (old, old_currency)
        assert rule is not None, "a rule stands in one of the two"
        what = "added" if new else "removed"
        earned = earned_on(rule, _example(unit), month)
        base = f"; {major(_example(unit), unit)} {'earns' if new else 'earned'} "
        return f"{what}: {rule.words(unit)}" + ("" if earned is None else base + major(earned, unit))
    if old == new and old_currency == currency:
        return ""
    was, now = old.words(old_currency), new.words(currency)
    if was == now:
        fields = [name for name in type(new).model_fields if getattr(old, name, None) != getattr(new, name)]
        return f"changed in {', '.join(fields)}: {now}" if fields else ""
    money = "; ".join(_in_money(old, new, old_currency, currency, month))
    return f"{money}{'. ' if money else ''}Was: {was}. Now: {now}"


def _in_money(old: Plan, new: Plan, old_currency: str, currency: str, month: Period) -> Iterator[str]:
    """What the same base earned and earns: 100 000.00 always, and the bounds of ladders where they differ."""
    bases = [(_example(old_currency), _example(currency))]
    if old_currency == currency:
        bases += [(bound, bound) for bound in sorted({*old.bounds(), *new.bounds()} - {_example(currency)})]
    for number, (old_base, base) in enumerate(bases):
        earned, earns = earned_on(old, old_base, month), earned_on(new, base, month)
        if earned is None or earns is None:
            continue
        if (earned, old_currency) != (earns, currency):
            yield f"{major(base, currency)} earned {major(earned, old_currency)}, earns {major(earns, currency)}"
        elif number == 0:
            yield f"{major(base, currency)} earns {major(earns, currency)} as before"


def _example(currency: str) -> int:
    return EXAMPLE * int(10 ** minor_digits(currency))


def _rewritten(was: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """The keys that are written differently: `payout.minimum: was 5000.00, is now 3000.00`."""
    for key in dict.fromkeys([*was, *now]):
        if was.get(key) != now.get(key):
            yield f"{key}: was {was.get(key, NOT_WRITTEN)}, is now {now.get(key, NOT_WRITTEN)}"


def _written(programme: Programme, key: str) -> dict[str, str]:
    """What the file says under one of its own keys."""
    return _flat(_tree(programme).get(key), key)


def _block(programme: Programme, plan: str, block: PlanTerms) -> dict[str, Any]:
    """What the file says in one block of a plan."""
    blocks = _tree(programme)["plans"][plan]
    found = blocks[programme.plans[plan].index(block)] if isinstance(blocks, list) else blocks
    assert isinstance(found, dict), "it was read as a block"
    return found


def _tree(programme: Programme) -> dict[str, Any]:
    tree = parse_yaml(programme.text, programme.programme).data
    assert isinstance(tree, dict), "it was read as a programme"
    return tree


def _flat(written: object, key: str) -> dict[str, str]:
    """Text by dotted key of everything written under a key; lists of text stand in one line."""
    if isinstance(written, dict):
        return {place: text for name, value in written.items() for place, text in _flat(value, f"{key}.{name}").items()}
    if isinstance(written, list) and not all(isinstance(each, str) for each in written):
        return {
            place: text
            for number, value in enumerate(written, 1)
            for place, text in _flat(value, f"{key}.{number}").items()
        }
    return {} if written is None else {key: ", ".join(written) if isinstance(written, list) else str(written)}
