"""Paid twice, or never: payments and events that come again under other ids, and other ones under ids of these."""

from collections.abc import Sequence

import polars as pl

from engine.draft import LINES
from engine.frames.gzip_csv import texts_from
from engine.gate.id_again import booked_in, id_again
from engine.gate.sent_twice import sent_twice
from engine.gate.settled_again import events_settled_again, late_newcomers, settled_again
from engine.inputs import OTHER_MONTH, MonthInputs
from engine.lines.sold import Wanted
from models.period import Period
from rules.lines.again import Again
from rules.lines.id_again import IdAgain
from rules.lines.sent_twice import stopped_for_twice
from rules.lines.settled_again import SettledAgain
from tasks.facts.history import History
from tasks.facts.sold import may_have_settled


def paid_twice(inputs: MonthInputs, event_ids: pl.Series, history: History) -> tuple[list[str], list[str]]:
    """Return what a person should be warned of, and why the month is stopped, in words.

    `inputs` are as they were read just now, `event_ids` those of all events that were read with them. Closed months are
    read only where lines posted in them come under ids that nobody knows, from the first month of these on, or where
    lines of this month come under ids that they decided.
    """
    when = inputs.programme.stop_when
    again: Sequence[Again] = [
        _lines_again(inputs, history),
        _events_again(inputs, event_ids),
        _ids_again(inputs, history),
    ]
    warned = [words for each in again for words in each.warned(when)]
    stopped = [words for each in again for words in each.stopped(when)]
    return warned, stopped + stopped_for_twice(sent_twice(inputs.lines, inputs.month), when)


def _lines_again(inputs: MonthInputs, history: History) -> SettledAgain:
    if not history.months:
        return SettledAgain()
    late = late_newcomers(inputs.lines, inputs.earlier.settled["line_id"], inputs.month)
    if late.is_empty():
        return SettledAgain()
    first = Period.of(late.sort("posted_on")["posted_on"][0])
    decided = {str(each.period): each.read(LINES) for each in history.months if each.period >= first}
    return settled_again(late, decided, _ids_read(inputs), inputs.lines)


def _ids_again(inputs: MonthInputs, history: History) -> IdAgain:
    if not history.months:
        return IdAgain()
    booked = booked_in(inputs.lines, inputs.month)
    again = booked.join(inputs.earlier.settled, on="line_id", how="semi")
    if again.is_empty():
        return IdAgain(of=booked.height)
    ids = again["line_id"]
    decided = (each.read(LINES) for each in may_have_settled(Wanted(ids, ids.clear()), history))
    return id_again(again, booked.height, decided, inputs.lines)


def _ids_read(inputs: MonthInputs) -> pl.Series:
    """The ids of the lines that the sources bring today, of this month and of others."""
    looked_at = inputs.lines.columns("line_id", "carried_from").filter(pl.col("carried_from").is_null())
    left = texts_from(inputs.beside[OTHER_MONTH])
    return pl.concat([looked_at["line_id"], left["line_id"]]).drop_nulls().unique()


def _events_again(inputs: MonthInputs, event_ids: pl.Series) -> SettledAgain:
    if inputs.event_places is None:
        return SettledAgain()
    looked_at = pl.concat([inputs.events, inputs.event_places], how="horizontal")
    return events_settled_again(looked_at, inputs.earlier.events, event_ids.drop_nulls(), inputs.month)
