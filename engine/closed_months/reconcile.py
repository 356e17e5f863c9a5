"""Reconcile: what a source says of a closed month today, against the lines that were frozen when it was settled."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from engine.draft import draft
from engine.frames.snapshot import Snapshot, no_lines
from engine.inputs import MonthInputs
from models.billing import TEXT_COLUMNS
from models.period import Period
from rules.lines.reading import posted_on_of

NO_CONTRADICTION = ("client_name",)
"""What may change without saying anything else of the payment."""

CONTENT = tuple(name for name in TEXT_COLUMNS if name not in NO_CONTRADICTION)


class Change(StrEnum):
    """How a line of a closed month differs today."""

    ADDED = "added"  # it settles by itself, as a late line of the next month
    CHANGED = "changed"
    MISSING = "missing"


@dataclass(frozen=True)
class LineChange:
    """A line that differs: what it said when the month was settled, and what it says today, as received."""

    change: Change
    line_id: str
    was: Mapping[str, str]  # of a changed line only what differs
    now: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Compared:
    """The lines that differ, and the month's lines as they would have been read had it been told what it is today.

    What was added is not among them: the next month settles it.
    """

    changes: tuple[LineChange, ...]
    lines: Snapshot


def compared(sealed: MonthInputs, source: pl.DataFrame, done: pl.Series) -> Compared:
    """Compare the lines posted in a closed month with those of the `source` today (ReceivedLines).

    `done` are the ids of lines that closed months are done with. One that is not, whatever it says today, is looked at
    again by itself; one that settled late in another month is no news.
    """
    frozen = pl.concat([chunk for _, chunk in sealed.lines.chunks()])
    is_own = _is_of(sealed.month) & pl.col("carried_from").is_null() & pl.col("line_id").is_not_null()
    never_again = set(done)
    of_month = {row["line_id"]: row for row in frozen.filter(is_own).iter_rows(named=True)}
    was = {line_id: row for line_id, row in of_month.items() if line_id in never_again}
    today = source.filter(_is_of(sealed.month), pl.col("line_id").is_not_null())
    now = {row["line_id"]: row for row in today.iter_rows(named=True)}
    changes = []
    for line_id in sorted(was.keys() | now.keys()):
        before, after = was.get(line_id), now.get(line_id)
        if before is None and after is not None and line_id not in never_again and line_id not in of_month:
            changes.append(LineChange(Change.ADDED, line_id, {}, _said(after)))
        elif before is not None and after is None:
            changes.append(LineChange(Change.MISSING, line_id, _said(before), {}))
        elif before is not None and after is not None:
            differs = [name for name in CONTENT if before[name] != after[name]]
            if differs:
                said = ({name: row[name] or "" for name in differs} for row in (before, after))
                changes.append(LineChange(Change.CHANGED, line_id, *said))
    gone = [each.line_id for each in changes if each.change is not Change.ADDED]
    come = [each.line_id for each in changes if each.change is Change.CHANGED]
    kept = frozen.filter(~pl.col("line_id").is_in(gone).fill_null(False))
    lines = pl.concat([no_lines(), kept, today.filter(pl.col("line_id").is_in(come))], how="diagonal")
    placed = lines.with_columns(source=pl.lit("today"), row=pl.int_range(pl.len(), dtype=pl.Int64))
    return Compared(tuple(changes), Snapshot.sorted_from([placed]))


def commission_of(inputs: MonthInputs) -> dict[str, int]:
    """Return what a month comes to for each partner, in minor units: commission, and corrections posted in it."""
    return {
        body.partner_id: body.summary.commission_minor + body.summary.corrections_minor
        for body in draft(inputs).statements
    }


def _is_of(month: Period) -> pl.Expr:
    return posted_on_of().is_between(month.first_day, month.last_day).fill_null(False)


def _said(row: Mapping[str, str | None]) -> dict[str, str]:
    return {name: text for name in CONTENT if (text := row[name])}
