"""Events: judged as billing lines are, and given their outcome.

The checks are the suite in `expectations/events.py`; everything the contract says is in `rules/lines/events.py`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from engine.frames.schemas import JudgedEvents, ReceivedEvents
from engine.lines.records import added_up, as_received, entries_of, faults_of, reasons_of, shown, tallies_of
from models.billing import Outcome, RejectedRecord
from models.events import EVENT_COLUMNS
from models.period import Period
from models.vendor import Tally
from rules.lines import events as rules
from rules.lines.events import Standing

# Great Expectations takes seconds to import: only the step itself does, when there are events to judge.
if TYPE_CHECKING:
    from expectations.judging import Verdict


@dataclass(frozen=True, eq=False)
class DecidedEvents:
    """The events this month looks at, each with its outcome, and how many came to which.

    `frame` is JudgedEvents, sorted by what was received. `rejected` has a row per event and check it fails; its
    `line_id` is the event's id. `result` is archived; it is empty where there were no events. `unpaid` says in words
    which kinds no rule pays.
    """

    frame: pl.DataFrame = field(default_factory=JudgedEvents.create_empty)
    tallies: tuple[Tally, ...] = ()
    rejected: tuple[RejectedRecord, ...] = ()
    result: Mapping[str, Any] = field(default_factory=dict)
    unpaid: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class EventsRead:
    """The events a month looks at (ReceivedEvents), where each was read, and how many were left to other months."""

    looked_at: pl.DataFrame
    places: pl.DataFrame  # source String, row Int64
    left: tuple[Tally, ...]


def events_of_month(received: pl.DataFrame, carried: pl.DataFrame, decided: pl.DataFrame, month: Period) -> EventsRead:
    """Return what of the events received, and of our own open ones (`carried`), this month looks at.

    Both are as received (EVENT_COLUMNS; those just received with `source` and `row`); `decided` (JudgedEvents) are
    those that earlier months settled or ended for good.
    """
    every = rules.with_carried(received, carried).with_columns(left=rules.left_because(month, decided))
    left = every.drop_nulls("left").select(
        outcome=pl.lit(Outcome.OTHER_MONTH.value),
        reason="left",
        currency=pl.lit(""),
        amount_minor=rules.worth().fill_null(0),
    )
    looked_at = every.filter(pl.col("left").is_null())
    return EventsRead(
        ReceivedEvents.validate(looked_at), looked_at.select("source", "row"), added_up([tallies_of(left)])
    )


def open_as_received(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the open events of a judged frame as they were received: what the next month carries."""
    text = pl.Struct(dict.fromkeys(EVENT_COLUMNS, pl.String()))
    kept = frame.filter(pl.col("outcome") == Outcome.OPEN.value)["as_received"]
    return kept.str.json_decode(text).struct.unnest() if len(kept) else no_events().select(EVENT_COLUMNS)


def no_events() -> pl.DataFrame:
    """Return no events, as received."""
    return pl.DataFrame(schema=dict.fromkeys((*EVENT_COLUMNS, "source"), pl.String()) | {"row": pl.Int64()})


def decide_events(
    looked_at: pl.DataFrame,
    decided: pl.DataFrame,
    standing: Standing,
    starts: Period,
    places: pl.DataFrame | None = None,
) -> DecidedEvents:
    """Decide what becomes of every event a month looks at (ReceivedEvents).

    `decided` has the events (JudgedEvents) that earlier months settled or ended for good; `places` where each was
    read, None where nobody knows.
    """
    if looked_at.is_empty():
        return DecidedEvents()

    from expectations.events import CHECKS, OF_CANCELLATIONS
    from expectations.judging import judge

    held = rules.with_partner(looked_at, standing)
    verdicts = judge(rules.findings(held), CHECKS)
    beside = rules.with_cancelled(_with_reasons(held, verdicts), decided, starts)
    verdicts += judge(rules.cancellation_findings(beside), OF_CANCELLATIONS)
    judged = rules.with_outcome(_with_reasons(beside, verdicts))
    frame = JudgedEvents.validate(judged.with_columns(as_received=_kept(looked_at, judged["outcome"])))
    # Most events have no amount of their own, which is no fault.
    counted = tallies_of(frame.with_columns(pl.col("amount_minor").fill_null(0), currency=pl.lit("")))
    return DecidedEvents(frame, added_up([counted]), _rejected(looked_at, verdicts, places), _result(frame, verdicts))


def _with_reasons(events: pl.DataFrame, verdicts: Sequence["Verdict"]) -> pl.DataFrame:
    places = pl.int_range(0, events.height, dtype=pl.UInt32, eager=True)
    return events.with_columns(reasons_of(faults_of(verdicts), places).alias("reasons"))


def _kept(events: pl.DataFrame, outcome: pl.Series) -> pl.Series:
    """Canonical JSON of what rejected and open events said."""
    is_kept = outcome.is_in([Outcome.REJECTED.value, Outcome.OPEN.value])
    said = as_received(events, EVENT_COLUMNS)
    return pl.select(pl.when(is_kept).then(said)).to_series()


def _rejected(
    events: pl.DataFrame, verdicts: Sequence["Verdict"], places: pl.DataFrame | None
) -> tuple[RejectedRecord, ...]:
    """Every fault, in the order of the events: where the event was read, and what stood there."""
    reads = {verdict.check.name: verdict.check.reads for verdict in verdicts}
    return tuple(
        shown(
            fault,
            events.row(fault[0], named=True),
            reads[fault[1]],
            ("events-received.parquet", fault[0]) if places is None else places.row(fault[0]),
        )
        for fault in faults_of(verdicts).iter_rows()
    )


def _result(frame: pl.DataFrame, verdicts: Sequence["Verdict"]) -> dict[str, Any]:
    """The result as it is archived: the same for the same events, so no ids, times or hosts."""
    counted = Counter(frame["outcome"])
    return {
        "suite": "events",
        "events": frame.height,
        "rejected": counted[Outcome.REJECTED.value],
        "expectations": entries_of(verdicts),
    }
