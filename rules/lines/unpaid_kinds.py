"""Kinds of events that no rule pays: how many events of each wait, and which kind may be meant."""

from collections.abc import Mapping
from difflib import get_close_matches

SHOWN = 20
"""Kinds that are named; a file whose kinds are ids has thousands."""


def unpaid_kinds(waiting: Mapping[str, int], paid: Mapping[str, str]) -> list[str]:
    """Return a sentence for each kind of open events that no rule of their partner names.

    `waiting` counts these events by kind; `paid` has the kinds that the rules in force name, each with such a rule.

    >>> unpaid_kinds({"instal": 3}, {"install": "apps"})[0].partition(". ")[2]
    "Did you mean 'install', which the rule apps pays?"
    """
    kinds = sorted(waiting)
    said = [_words(kind, waiting[kind], paid) for kind in kinds[:SHOWN]]
    return [*said, f"+{len(kinds) - SHOWN} more kinds of events that no rule names."] if len(kinds) > SHOWN else said


def _words(kind: str, events: int, paid: Mapping[str, str]) -> str:
    count = f"{events} event{'s' if events > 1 else ''} of kind {kind!r} {'are' if events > 1 else 'is'} open"
    return f"{count}: no rule of their partner's plan names this kind. {_meant(kind, paid)}"


def _meant(kind: str, paid: Mapping[str, str]) -> str:
    if kind in paid:
        return f"The rule {paid[kind]} of other partners pays it."
    if near := get_close_matches(kind, sorted(paid), n=1):
        return f"Did you mean {near[0]!r}, which the rule {paid[near[0]]} pays?"
    return f"Rules name {', '.join(sorted(paid))}." if paid else "No rule pays for events."
