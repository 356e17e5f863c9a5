"""Gated: why a month is stopped for what could not be read of its new lines, in words, with lines to look at."""

from collections.abc import Sequence

import polars as pl

from engine.frames.snapshot import Snapshot
from engine.inputs import MonthInputs
from engine.lines.newcomers import newcomers_of
from engine.lines.records import shown
from engine.lines.validate import Judged
from models.billing import RejectedRecord
from rules.lines.gate import empty, stops


def too_much_rejected(judged: Judged, inputs: MonthInputs) -> list[str]:
    """Return a sentence for each share of the new lines that is rejected and should not be."""
    found = stops(newcomers_of(judged.new), inputs.programme.stop_when)
    return [stop.words(_faults_at(stop.first, judged, inputs.lines)) for stop in found]


def no_new_line(judged: Judged, inputs: MonthInputs) -> list[str]:
    """Return a sentence where no new line was posted in the month, though earlier months had lines."""
    had_some = (
        inputs.earlier.settled.height > 0
        or inputs.earlier.rejected.height > 0
        or inputs.lines.columns("carried_from")["carried_from"].is_not_null().any()
    )
    return empty(newcomers_of(judged.new), inputs.month, inputs.programme.stop_when, had_some=had_some)


def _faults_at(places: Sequence[int], judged: Judged, lines: Snapshot) -> list[RejectedRecord]:
    """The first fault of each of these lines, as people look at it."""
    from expectations.billing_lines import CHECKS  # it imports Great Expectations, which `validate` has done

    reads = {check.name: check.reads for check in CHECKS}
    at = pl.Series(places, dtype=pl.UInt32)
    first = judged.faults.filter(pl.col("line").is_in(at.implode())).unique("line", keep="first", maintain_order=True)
    records = {record["line"]: record for record in lines.at(at).iter_rows(named=True)}
    return [shown(fault, records[fault[0]], reads[fault[1]], lines.place(fault[0])) for fault in first.iter_rows()]
