"""The gate: a month is not approved when too many of its new billing lines are rejected, or when it has none.

A line is new until a month has decided it or rejected it as it stands: a cumulative export carries its old mistakes
for ever, and they count once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from models.billing import Outcome, Reason, RejectedRecord
from models.money import grouped, known_currency, major
from models.period import Period
from models.vendor import Tally
from rules.lines.control import sums_by_currency
from rules.programme.blocks.stop_when import Side, StopWhen
from rules.programme.written import percent_text
from rules.sources.advice import in_sources_yaml

EXAMPLES = 3
"""Rejected lines that a stop shows."""

MOST_GROUPS = 5
"""Stops that are written out for sources, kinds or currencies; of more, how many there are."""

IN_FILE = "under `stop_when:` in programme.yaml"

UNITS = (
    "and see in which unit the others are: amount_minor is in minor units, 300 is 3.00. Name the column `amount` if it "
    f"is in major units, or write `mixed_amounts: allow` {IN_FILE}"
)

OF_ONE_ID = (
    " Lines under one line_id that differ contradict each other: where it is the id of a whole document, make one of "
    "several columns, such as `join: {line_id: [Number, Row]}` in sources.yaml."
)

LONGEST_VALUE = 60
"""Characters of a value that a stop shows."""


class Newcomers(NamedTuple):
    """New lines of one source, kind and currency, posted in one month, with one verdict."""

    source: str
    kind: str | None  # None: no kind that is known
    currency: str | None  # None: no currency that is known
    month: str | None  # None: no day of posting that can be read
    reason: str  # every reason they are rejected for, joined by `; `; blank where they are sound
    has_decimals: bool  # in `amount_minor`, which is a whole number of minor units
    lines: int
    first: tuple[int, ...]  # the places of the first of them

    def side(self, side: Side) -> str | None:
        """What they have in common with others: their kind, source or currency."""
        return {"kind": self.kind, "source": self.source, "currency": self.currency}[side]


@dataclass(frozen=True)
class Stop:
    """Why a month is stopped: so many of some new lines are rejected, or have decimals in `amount_minor`."""

    what: str
    lines: int
    reasons: Mapping[str, int]
    first: tuple[int, ...]  # places of rejected lines to show
    remedy: str
    means: str = "are rejected"

    @property
    def rejected(self) -> int:
        return sum(self.reasons.values())

    def words(self, examples: Iterable[RejectedRecord]) -> str:
        """Return it as a person reads it, with the faults of the lines in `first`."""
        why = ", ".join(f"{reason}: {lines}" for reason, lines in sorted(self.reasons.items(), key=lambda it: -it[1]))
        few = list(examples)[:EXAMPLES]
        shown = "; ".join(f"{each.source} row {each.row}, {each.column} {_clipped(each.value)}" for each in few)
        meant = in_sources_yaml((each.column, each.value) for each in few)
        meant += OF_ONE_ID if any(Reason.CONTRADICTION.value in each.split("; ") for each in self.reasons) else ""
        return (
            f"{self.rejected} of {self.lines} {self.what} {self.means} ({why}), for example {shown}. "
            f"Mend what the reasons name where the billing is made, {self.remedy}.{meant}"
        )


def stops(newcomers: Sequence[Newcomers], when: StopWhen) -> list[Stop]:
    """Return why too little of the new lines could be read; nothing where enough could.

    2 of 40 lines are 5 %, which is not above it; 2 of 39 stop. One line alone never stops a month.
    """
    remedy = f"or raise `rejected_above` ({percent_text(when.rejected_above)} %) {IN_FILE}"
    whole = _stop(newcomers, "new lines", remedy)
    mixed = [] if when.mixed_amounts == "allow" else _mixed(newcomers)
    if whole.rejected < when.at_least:
        return mixed
    found = [whole] if whole.rejected > when.rejected_above * whole.lines else []
    if whole.rejected == whole.lines:
        return found  # every kind, source and currency is
    for side in when.all_of:
        found += _of_side(side, newcomers, when)
    return found + mixed


def _mixed(newcomers: Sequence[Newcomers]) -> list[Stop]:
    """A stop for each source in which some of `amount_minor` has decimals: 300.50 beside 300, which may be 3.00."""
    found = []
    for source in sorted({each.source for each in newcomers if each.has_decimals}):
        mine = [each for each in newcomers if each.source == source]
        with_decimals = [each for each in mine if each.has_decimals]
        stop = _stop(with_decimals, f"new lines of source {source}", UNITS)
        found.append(replace(stop, lines=sum(each.lines for each in mine), means="have decimals in amount_minor"))
    return found


def _of_side(side: Side, newcomers: Sequence[Newcomers], when: StopWhen) -> list[Stop]:
    """A stop for each source, kind or currency of which every line is rejected."""
    groups: dict[str, list[Newcomers]] = {}
    for each in newcomers:
        if (name := each.side(side)) is not None:
            groups.setdefault(name, []).append(each)
    remedy = f"or take {side} out of `all_of` {IN_FILE}"
    made = [_stop(group, f"new lines of {side} {name}", remedy) for name, group in sorted(groups.items())]
    found = [stop for stop in made if stop.rejected == stop.lines >= when.at_least]
    if more := found[MOST_GROUPS:]:
        what = f"new lines of {len(more)} more of {side}"
        reasons = sum((Counter(stop.reasons) for stop in more), Counter())
        rest = Stop(what, sum(stop.lines for stop in more), reasons, more[0].first, remedy)
        return [*found[:MOST_GROUPS], rest]
    return found


def _stop(newcomers: Iterable[Newcomers], what: str, remedy: str) -> Stop:
    lines = 0
    reasons: Counter[str] = Counter()
    first: list[int] = []
    for each in newcomers:
        lines += each.lines
        if each.reason:
            reasons[each.reason] += each.lines
            first += each.first
    return Stop(what, lines, reasons, tuple(sorted(first)[:EXAMPLES]), remedy)


def empty(newcomers: Iterable[Newcomers], month: Period, when: StopWhen, *, had_some: bool) -> list[str]:
    """Return why a month without any new line posted in it is stopped. `had_some`: an earlier month had lines."""
    if when.empty_month == "allow" or not had_some or any(each.month == str(month) for each in newcomers):
        return []
    return [
        f"no new billing line was posted in {month}, and earlier months had some. Put the billing of {month} where "
        f"sources.yaml reads it. If nothing was billed, run it with --empty, or write `empty_month: allow` {IN_FILE}."
    ]


FAR = 50
"""How many times last month's sum, or a part of it so small, is odd. In minor units for major ones it is 100 times."""

DONE = (Outcome.SETTLED.value, Outcome.FINAL.value)


def far_from_last_month(now: Sequence[Tally], before: Sequence[Tally]) -> list[str]:
    """Return a sentence for each currency whose decided lines come to far more, or far less, than a month before.

    After 1 000.00, a month of 49 999.99 is no news and 50 000.00 is; so is 20.00, and 20.01 is not.
    """
    sums_now, sums_before = (
        sums_by_currency(tally for tally in tallies if tally.outcome in DONE) for tallies in (now, before)
    )
    found = []
    for currency in sorted(sums_now.keys() & sums_before.keys()):
        this, last = (abs(sums[currency].amount_minor) for sums in (sums_now, sums_before))
        if this and last and (this >= FAR * last or last >= FAR * this):
            times, what = (this // last, "more") if this > last else (last // this, "less")
            found.append(
                f"what was decided of the month comes to {_amount(this, currency)}, {grouped(times)} times {what} "
                f"than the {_amount(last, currency)} of the month before. Are the amounts in the same unit?"
            )
    return found


def _amount(minor: int, currency: str) -> str:
    return f"{major(minor, currency)} {currency}" if known_currency(currency) else str(minor)


def _clipped(value: str) -> str:
    return repr(value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "...")
