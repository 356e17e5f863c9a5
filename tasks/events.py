"""Events: read from the vendor's folder, judged as billing lines are, and given their outcome.

The checks are the suite in `expectations/events.py`; everything the contract says is in `rules/lines/events.py`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from models.billing import Outcome
from models.canonical import canonical_json
from models.errors import BadInput
from models.events import EVENT_COLUMNS, EVENT_REQUIRED, EVENT_SCHEMA
from models.period import Period
from models.vendor import Attribution, Tally
from rules.lines import events as rules
from tasks.step import step
from tasks.validate import RejectedLine
from tasks.vendor.table import read_table

# Great Expectations takes seconds to import: only the step itself does, when there are events to judge.
if TYPE_CHECKING:
    from expectations.judging import Verdict

CHUNK_EVENTS = 1_000_000
RECEIVED_SCHEMA: dict[str, pl.DataType] = dict.fromkeys((*EVENT_COLUMNS, "source"), pl.String()) | {"row": pl.Int64()}


@dataclass(frozen=True, eq=False)
class Events:
    """The events this month looks at, each with its outcome, and how many came to which.

    `frame` has EVENT_SCHEMA, sorted by what was received. Events left to another month are in the tallies
    alone. `rejected` has a row per event and check it fails; its `line_id` is the event's id. `result` is
    archived; it is empty where there were no events.
    """

    seen: int  # events that came in, and our own open ones that did not come again
    received: pl.DataFrame  # those looked at, as received (EVENT_COLUMNS)
    frame: pl.DataFrame
    tallies: tuple[Tally, ...]
    rejected: tuple[RejectedLine, ...]
    result: dict[str, Any]


def no_events() -> pl.DataFrame:
    """Return no events, as received."""
    return pl.DataFrame(schema=RECEIVED_SCHEMA)


def read_events(folder: Path) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the events of `events.csv` and `events/*.csv` as received, and warnings. No file: no events."""
    paths = [folder / "events.csv", *sorted((folder / "events").glob("*.csv"))]
    frames = [no_events()]
    warnings: list[str] = []
    for path in (path for path in paths if path.exists()):
        name = path.relative_to(folder).as_posix()
        try:
            table = read_table(name, path.read_bytes(), EVENT_REQUIRED, ("amount_minor",))
        except OSError as error:
            raise BadInput(f"{name} cannot be read: {error.strerror or error}.") from None
        table.stop_if_wrong()
        rows = [(*(row.text[column] or None for column in EVENT_COLUMNS), name, row.number) for row in table.rows]
        frames.append(pl.DataFrame(rows, RECEIVED_SCHEMA, orient="row"))
        warnings += table.warnings
    return pl.concat(frames), tuple(warnings)


def open_as_received(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the open events of a judged frame as they were received: what the next month carries."""
    text = pl.Struct(dict.fromkeys(EVENT_COLUMNS, pl.String()))
    kept = frame.filter(pl.col("outcome") == Outcome.OPEN.value)["as_received"]
    return kept.str.json_decode(text).struct.unnest() if len(kept) else no_events().select(EVENT_COLUMNS)


@step(name="events")
def decide_events(
    received: pl.DataFrame,
    carried: pl.DataFrame,
    decided: pl.DataFrame,
    by_client: Mapping[str, Attribution],
    since: Mapping[str, date],
    kinds: Mapping[str, frozenset[str]],
    starts: Period,
    month: Period,
) -> Events:
    """Decide what becomes of every event received, and of our own open ones (`carried`, EVENT_COLUMNS as received).

    `decided` has the events (EVENT_SCHEMA) that earlier months settled or ended for good; `since` the first
    day of the terms of every partner there is; `kinds` the kinds of events that each partner's rules name.
    """
    every = rules.together(received, carried).with_columns(left=rules.left_because(month, decided))
    left = _tallies(every.drop_nulls("left"), pl.lit(Outcome.OTHER_MONTH.value), pl.col("left"))
    looked_at = every.filter(pl.col("left").is_null())
    if looked_at.is_empty():
        return Events(
            every.height, looked_at.select(EVENT_COLUMNS), pl.DataFrame(schema=EVENT_SCHEMA), tuple(left), (), {}
        )

    from expectations.events import CHECKS, OF_CANCELLATIONS
    from expectations.judging import judge

    held = rules.held_against(looked_at, rules.Standing(by_client, since, kinds))
    verdicts = judge(rules.findings(held), CHECKS, CHUNK_EVENTS)
    beside = rules.with_cancelled(_with_reasons(held, verdicts), decided, starts)
    verdicts += judge(rules.cancellation_findings(beside), OF_CANCELLATIONS, CHUNK_EVENTS)
    judged = rules.decide(_with_reasons(beside, verdicts))
    frame = judged.with_columns(as_received=_as_received(looked_at, judged)).select(*EVENT_SCHEMA)
    tallies = _tallies(looked_at, judged["outcome"], judged["reason"])
    return Events(
        every.height,
        looked_at.select(EVENT_COLUMNS),
        frame,
        (*left, *tallies),
        _rejected(looked_at, verdicts),
        _result(frame, verdicts),
    )


def _with_reasons(events: pl.DataFrame, verdicts: Sequence["Verdict"]) -> pl.DataFrame:
    reasons: list[set[str]] = [set() for _ in range(events.height)]
    for verdict in verdicts:
        for place in verdict.failing:
            reasons[place].add(str(verdict.check.reason))
    return events.with_columns(reasons=pl.Series([sorted(each) for each in reasons], dtype=pl.List(pl.String)))


def _as_received(events: pl.DataFrame, judged: pl.DataFrame) -> pl.Series:
    """Canonical JSON of what rejected and open events said."""
    kept = judged["outcome"].is_in([Outcome.REJECTED.value, Outcome.OPEN.value])
    said = events.select(EVENT_COLUMNS).rows(named=True)
    texts = [
        canonical_json({column: text for column, text in event.items() if text is not None}).decode().rstrip("\n")
        if is_kept
        else None
        for event, is_kept in zip(said, kept, strict=True)
    ]
    return pl.Series(texts, dtype=pl.String)


def _tallies(events: pl.DataFrame, outcome: pl.Expr | pl.Series, reason: pl.Expr | pl.Series) -> list[Tally]:
    parts = events.with_columns(outcome=outcome, reason=reason).partition_by("outcome", "reason", as_dict=True)
    return [
        Tally(
            outcome=str(key[0]), reason=str(key[1]), currency="", lines=part.height, amount_minor=rules.worth_of(part)
        )
        for key, part in sorted(parts.items())
    ]


def _rejected(events: pl.DataFrame, verdicts: Sequence["Verdict"]) -> tuple[RejectedLine, ...]:
    """Every fault, in the order of the events: where the event was read, and what stood there."""
    faults = sorted((place, number) for number, verdict in enumerate(verdicts) for place in verdict.failing)
    found = []
    for place, number in faults:
        event, check = events.row(place, named=True), verdicts[number].check
        column = next((column for column in check.reads if event[column] is not None), check.reads[0])
        found.append(
            RejectedLine(
                event["source"], event["row"], event["event_id"] or "", column, event[column] or "", str(check.reason)
            )
        )
    return tuple(found)


def _result(frame: pl.DataFrame, verdicts: Sequence["Verdict"]) -> dict[str, Any]:
    """The result as it is archived: the same for the same events, so no ids, times or hosts."""
    counted = Counter(frame["outcome"])
    return {
        "suite": "events",
        "events": frame.height,
        "rejected": counted[Outcome.REJECTED.value],
        "expectations": [verdict.entry() for verdict in verdicts],
    }
