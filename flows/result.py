"""The result of a run: how a month ended, its figures, and the lines of text that say so.

Screen, Prefect page and exit code are made from the same MonthResult.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from models.billing import Outcome
from models.money import counted, grouped, known_currency, major
from models.period import Period
from models.vendor import Tally
from rules.draft import Draft
from rules.programme.blocks.approval import Approval, how_to_approve
from tasks.facts.approved import ApprovedMonth

MOST_NAMED = 5
"""Inputs that differ since a month was closed."""

TO_PAY = "to pay"
"""What the sum of a month is called that is paid out."""


class Ending(Enum):
    """How a run ended: the name of the Prefect state, and the exit code of the command line."""

    CLOSED = ("Closed", 0)
    CLOSED_BEFORE = ("ClosedBefore", 0)
    DRAFTED = ("Drafted", 0)
    WAITING = ("WaitingForApproval", 4)
    INCOMPLETE = ("Incomplete", 1)

    def __init__(self, title: str, exit_code: int) -> None:
        self.title = title
        self.exit_code = exit_code


@dataclass(frozen=True)
class Figures:
    """The figures of a month, of a draft or of facts: what became of its lines and events, and what is owed.

    Opening + commission + corrections = withheld + to pay + carried, in minor units.
    """

    currency: str
    partners: int
    opening_minor: int
    commission_minor: int
    corrections_minor: int  # of earlier months, and by hand: below 0 where it is taken back
    held_minor: int  # less what is released of earlier months
    to_pay_minor: int
    carried_minor: int
    tallies: tuple[Tally, ...]
    events: tuple[Tally, ...]
    control: str  # whether the vendor's own totals agree: agrees, disagrees, or absent

    @classmethod
    def of_draft(cls, draft: Draft) -> "Figures":
        summaries = [body.summary for body in draft.statements]
        return cls(
            currency=draft.programme.currency,
            partners=len(summaries),
            opening_minor=sum(summary.opening_minor for summary in summaries),
            commission_minor=sum(summary.commission_minor for summary in summaries),
            corrections_minor=sum(summary.corrections_minor for summary in summaries),
            held_minor=sum(summary.held_minor for summary in summaries),
            to_pay_minor=sum(summary.to_pay_minor for summary in summaries),
            carried_minor=sum(summary.carried_minor for summary in summaries),
            tallies=draft.tallies,
            events=draft.events,
            control=draft.control,
        )

    @classmethod
    def of_facts(cls, month: ApprovedMonth) -> "Figures":
        rows = month.statements.values()
        control = json.loads(month.control)
        return cls(
            currency=month.currency,
            partners=len(rows),
            opening_minor=sum(row.opening_minor for row in rows),
            commission_minor=sum(row.commission_minor for row in rows),
            corrections_minor=sum(row.corrections_minor for row in rows),
            held_minor=sum(row.held_minor for row in rows),
            to_pay_minor=sum(row.to_pay_minor for row in rows),
            carried_minor=sum(row.carried_minor for row in rows),
            tallies=tuple(Tally.model_validate(tally) for tally in control["outcomes"]),
            events=tuple(Tally.model_validate(tally) for tally in control.get("events", ())),
            control=control["control"],
        )

    def money(self, minor: int) -> str:
        """An amount as people read it: `12 345.67 RUB`."""
        return f"{major(minor, self.currency)} {self.currency}"

    def owed(self) -> Iterator[tuple[str, int]]:
        """Yield what is owed, in words and minor units: the first three add up to the others together."""
        yield "opening balances", self.opening_minor
        yield "commission", self.commission_minor
        yield "corrections", self.corrections_minor
        if self.held_minor:
            yield "withheld, less released", self.held_minor
        yield TO_PAY, self.to_pay_minor
        yield "carried forward", self.carried_minor

    @property
    def lines_received(self) -> int:
        """How many lines came in: each has one outcome."""
        return sum(tally.lines for tally in self.tallies)


@dataclass(frozen=True)
class MonthResult:
    """How one month ended."""

    period: Period
    ending: Ending
    figures: Figures
    draft_digest: str
    archive: str  # the URL of the month's folder
    failed: Mapping[str, str] = field(default_factory=dict)  # reason by partner
    missing: Sequence[str] = ()  # partners whose documents are not archived yet
    changes: Sequence[str] = ()  # against the month before, in words
    restates: Sequence[str] = ()  # the later versions of closed months that become facts with it
    differing_inputs: Sequence[str] = ()  # of a closed month: those that say something else by now
    asked: Approval = Approval.ON  # what a month that waits needs
    draft: Draft | None = None  # of a month that waits for approval, or was only drafted

    def headline(self) -> str:
        """One sentence that says where the month stands."""
        match self.ending:
            case Ending.CLOSED:
                statements = counted(self.figures.partners, "statement")
                of_all = f"{statements} {'is' if self.figures.partners == 1 else 'are'}"
                return f"{self.period} is closed: {of_all} archived and sealed."
            case Ending.CLOSED_BEFORE:
                return f"{self.period} is closed already; nothing was changed.{self._since_then()}"
            case Ending.DRAFTED:
                return f"{self.period} is a draft, {self.draft_digest}. Nothing was written."
            case Ending.WAITING:
                yes = how_to_approve(self.period, self.draft_digest, self.asked)
                return f"{self.period} waits for approval: {yes}, then run the month again."
            case Ending.INCOMPLETE:
                return (
                    f"{self.period} is approved, but {len(self.missing)} of {self.figures.partners} partners are not "
                    f"archived: {', '.join(self.missing[:20])}{' ...' if len(self.missing) > 20 else ''}. "
                    f"Run the month again: only they are redone."
                )

    def _since_then(self) -> str:
        if not self.differing_inputs:
            return ""
        more = f" and {len(self.differing_inputs) - MOST_NAMED} more" if len(self.differing_inputs) > MOST_NAMED else ""
        return (
            f" Other than when it was settled: {', '.join(self.differing_inputs[:MOST_NAMED])}{more}; that counts in "
            f"later months. What it would change of this one: settle reconcile {self.period}."
        )

    def table(self) -> Iterator[str]:
        """Yield the figures as aligned lines of text."""
        figures = self.figures
        yield f"  {'partners':<46} {grouped(figures.partners):>12}"
        for outcome in Outcome:
            for reason, currency, lines, amount in _by_reason(figures.tallies, outcome):
                what = f"{outcome.value.replace('_', ' ')}{': ' if reason else ''}{reason}"
                yield f"  {what:<46} {grouped(lines):>12} lines {amount:>22} {currency}"
        received = f"received (vendor's control totals: {figures.control})"
        yield f"  {received:<46} {grouped(figures.lines_received):>12} lines"
        for tally in figures.events:
            what = f"{tally.outcome.replace('_', ' ')}{': ' if tally.reason else ''}{tally.reason}"
            yield f"  {what:<46} {grouped(tally.lines):>12} events"
        for words, minor in figures.owed():
            yield f"  {words:<46} {figures.money(minor):>30}"
        for version in self.restates:
            yield f"  {'restates, as':<46} {version:>30}"

    def sums(self) -> Iterator[str]:
        """Yield the figures in two lines: what became of the lines, and what is owed."""
        figures = self.figures
        lines: Counter[str] = Counter()
        for tally in figures.tallies:
            lines[tally.outcome] += tally.lines
        words = (f"{grouped(count)} {name.replace('_', ' ')}" for name, count in lines.most_common())
        yield f"  {counted(figures.lines_received, 'line')}: {', '.join(words)}"
        to_pay, carried = figures.money(figures.to_pay_minor), figures.money(figures.carried_minor)
        yield f"  {to_pay} {TO_PAY}, {carried} carried forward"

    def outlook(self) -> Iterator[str]:
        """Yield what to look at next: changes against last month, and where the statements are."""
        if self.changes:
            yield "  largest changes against last month:"
            yield from (f"    {change}" for change in self.changes)
        if self.ending in (Ending.CLOSED, Ending.CLOSED_BEFORE, Ending.INCOMPLETE):
            yield f"  archive           {self.archive}"


def _by_reason(tallies: Sequence[Tally], outcome: Outcome) -> Iterator[tuple[str, str, int, str]]:
    for tally in sorted(tallies, key=lambda tally: (tally.reason, tally.currency)):
        if tally.outcome == outcome.value:
            yield tally.reason, tally.currency, tally.lines, amount_text(tally)


def amount_text(tally: Tally) -> str:
    """The sum of a tally in major units, or in bare minor units where its currency is not one.

    An amount that cannot be read is unknown: `unknown`, or `1 200.00 + 3 unknown`.
    """
    if tally.unread == tally.lines > 0:
        return "unknown"
    known = major(tally.amount_minor, tally.currency) if known_currency(tally.currency) else str(tally.amount_minor)
    return f"{known} + {grouped(tally.unread)} unknown" if tally.unread else known
