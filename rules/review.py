"""What a person reads before saying yes to a draft: what moved since last month, what since another draft."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from models.money import major
from rules.draft import Draft

COMPARED = ("opening_minor", "commission_minor", "corrections_minor", "held_minor", "to_pay_minor", "carried_minor")


class Move(NamedTuple):
    """What one partner earned last month and earns now, in minor units."""

    partner: str
    before_minor: int
    now_minor: int

    @property
    def by_minor(self) -> int:
        return self.now_minor - self.before_minor


def earned(draft: Draft) -> dict[str, int]:
    """Return each partner's commission and corrections in the draft, in minor units."""
    return {
        body.partner_id: body.summary.commission_minor + body.summary.corrections_minor for body in draft.statements
    }


def moves(before: Mapping[str, int], now: Mapping[str, int]) -> list[Move]:
    """Every partner who earned more or less than before, the largest move first."""
    every = (Move(one, before.get(one, 0), now.get(one, 0)) for one in now.keys() | before.keys())
    return sorted((move for move in every if move.by_minor), key=lambda move: (-abs(move.by_minor), move.partner))


def differences(old: str, new: str, currency: str) -> Iterator[str]:
    """Say what differs between the documents of two drafts of a month: what they rest on, and whose figures."""
    was, now = json.loads(old), json.loads(new)
    if was["programme"]["digest"] != now["programme"]["digest"]:
        yield "the programme file is another"
    if was["code"] != now["code"]:
        yield "the program that works it out is another version"
    for name in sorted(was["inputs"].keys() | now["inputs"].keys()):
        if was["inputs"].get(name) != now["inputs"].get(name):
            yield f"what was read differs: {name}"
    before, after = _by_partner(was), _by_partner(now)
    for partner in sorted(before.keys() | after.keys()):
        one, other = before.get(partner, {}), after.get(partner, {})
        for figure in COMPARED:
            if one.get(figure, 0) != other.get(figure, 0):
                words = figure.removesuffix("_minor").replace("_", " ")
                amounts = f"{major(one.get(figure, 0), currency)} then, {major(other.get(figure, 0), currency)} now"
                yield f"{partner}: {words} {amounts}"


def _by_partner(document: dict[str, Any]) -> dict[str, dict[str, int]]:
    return {totals["partner"]: totals for totals in document["statements"]}
