"""Gated: why a month is stopped for what could not be read of its new lines, in words, with lines to look at."""

from engine.gate.newcomers import newcomers_of
from engine.inputs import MonthInputs
from engine.lines.faults import of_lines
from engine.lines.validate import Judged
from rules.lines.gate import empty, stops


def too_much_rejected(judged: Judged, inputs: MonthInputs) -> list[str]:
    """Return a sentence for each share of the new lines that is rejected and should not be."""
    found = stops(newcomers_of(judged.new), inputs.programme.stop_when)
    return [stop.words(of_lines(stop.first, judged.faults, inputs.lines)) for stop in found]


def no_new_line(judged: Judged, inputs: MonthInputs) -> list[str]:
    """Return a sentence where no new line was posted in the month, though earlier months had lines."""
    had_some = (
        inputs.earlier.settled.height > 0
        or inputs.earlier.rejected.height > 0
        or inputs.lines.columns("carried_from")["carried_from"].is_not_null().any()
    )
    return empty(newcomers_of(judged.new), inputs.month, inputs.programme.stop_when, had_some=had_some)
