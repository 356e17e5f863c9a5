"""What a person reads before saying yes to a draft: what moved since last month, what since another draft."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from models.money import major
from rules.draft import Draft

MOST_MOVES = 20
MOST_EXAMPLES = 10
COMPARED = ("opening_minor", "commission_minor", "corrections_minor", "to_pay_minor", "carried_minor")


class Move(NamedTuple):
    """What one partner earned last month and earns now, in minor units."""

    partner: str
    before_minor: int
    now_minor: int

    @property
    def by_minor(self) -> int:
        return self.now_minor - self.before_minor


class BridgeStep(NamedTuple):
    """One step from last month's commission to this month's: how many partners it is about, and what it comes to."""

    words: str
    partners: int
    amount_minor: int


def moves(draft: Draft) -> list[Move]:
    """Every partner whose commission moved, the largest move first."""
    now = {body.partner_id: body.summary.commission_minor for body in draft.statements}
    before = draft.findings.last_commission_minor
    every = (Move(one, before.get(one, 0), now.get(one, 0)) for one in now.keys() | before.keys())
    return sorted((move for move in every if move.by_minor), key=lambda move: (-abs(move.by_minor), move.partner))


def bridge(draft: Draft) -> list[BridgeStep]:
    """Lead from last month's commission to this month's, by what became of each partner's. The steps add up.

    Last month 300.00; ana earned 100.00 and earns nothing, bo rose from 200.00 to 250.00, cy is new with 70.00:
    300.00 - 100.00 + 50.00 + 70.00 = 320.00.
    """
    moved = moves(draft)
    kinds = {
        "earned nothing last month": [move for move in moved if not move.before_minor],
        "earn more than last month": [
            move for move in moved if move.before_minor and move.now_minor and move.by_minor > 0
        ],
        "earn less than last month": [
            move for move in moved if move.before_minor and move.now_minor and move.by_minor < 0
        ],
        "earn nothing now": [move for move in moved if not move.now_minor],
    }
    last, now = draft.findings.last_commission_minor, [body.summary.commission_minor for body in draft.statements]
    return [
        BridgeStep("commission last month", sum(1 for each in last.values() if each), sum(last.values())),
        *(BridgeStep(words, len(of), sum(move.by_minor for move in of)) for words, of in kinds.items()),
        BridgeStep("commission now", sum(1 for each in now if each), sum(now)),
    ]


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
