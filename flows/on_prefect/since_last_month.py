"""What moved since last month, of a draft that waits: the bridge by cause, other tiers, other settings."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.draft import ACCRUALS, STATEMENTS
from engine.earnings import READ, earnings_of, tier_changes, tiers_of
from engine.inputs import MONTH
from flows.office import Office
from models.period import Period
from rules.archive.layout import Input
from rules.bridge import Bridge, bridge
from rules.draft import Draft
from rules.review import earned
from tasks.facts.history import last_month_left
from tasks.facts.left_month import LeftMonth

SETTINGS = {
    "code": "the program that works it out is another version: {} last month, {} now",
    "lock": "the program is installed with other libraries than last month",
    "look_back_months": "SETTLE_LOOK_BACK_MONTHS: {} last month, {} now (None: what sources.yaml says)",
}
"""What `month.json` says of how a month was worked out, and the words for a change of it."""


@dataclass(frozen=True)
class SinceLastMonth:
    """What differs from the month before. `bridge` is None where that month did not keep what each line earned."""

    last: Period
    before_minor: Mapping[str, int]  # what each partner earned then: commission and corrections
    bridge: Bridge | None
    tiers: tuple[str, ...]
    settings: tuple[str, ...]


def since_last_month(draft: Draft, office: Office) -> SinceLastMonth | None:
    """Compare a draft whose files are kept with the month before; None where it is the programme's first."""
    found = last_month_left(office.database, office.store, draft.programme.programme, draft.period)
    if found is None:
        return None
    last, before_minor = found
    if ACCRUALS not in last.files:
        return SinceLastMonth(last.period, before_minor, None, (), tuple(_settings(last, draft, office)))
    then = {name: last.read(name) for name in READ if name in last.files}
    return SinceLastMonth(
        last.period,
        before_minor,
        bridge(earnings_of(then, before_minor), earnings_of(draft.results, earned(draft))),
        tuple(tier_changes(tiers_of(then[STATEMENTS]), tiers_of(draft.results[STATEMENTS]))),
        tuple(_settings(last, draft, office)),
    )


def _settings(last: LeftMonth, draft: Draft, office: Office) -> Iterator[str]:
    """How the month was worked out otherwise than the last; nothing of a version that did not keep it."""
    if MONTH not in last.files:
        return
    then: dict[str, Any] = json.loads(last.read(MONTH))
    now: dict[str, Any] = json.loads(office.store.get(*Input.named(draft.programme.programme, draft.inputs[MONTH])))
    for name, words in SETTINGS.items():
        if then.get(name) != now.get(name):
            yield words.format(then.get(name), now.get(name))
