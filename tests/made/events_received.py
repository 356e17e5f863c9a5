"""Events as received, for tests: a clean event, events that differ from it in what is named, and a month of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import polars as pl

from engine.frames.schemas import JudgedEvents, of_types
from engine.lines.attribute import bonds_of
from engine.lines.events import DecidedEvents, decide_events, events_of_month
from models.events import EVENT_COLUMNS
from models.period import Period
from models.vendor import Attribution
from rules.lines.events import Standing

Event = Mapping[str, str | None]

JANUARY = Period(2026, 1)
CLEAN: Event = {"event_id": "E-1", "client_id": "acme", "kind": "registration", "occurred_on": "2026-01-20"}
"""A registration of ana's client, after the claim of January 10th."""

BONDS = (
    Attribution(client_id="acme", partner_id="ana", claim_id="c1", claimed_on=date(2026, 1, 10)),
    Attribution(client_id="zeta", partner_id="bo", claim_id="c2", claimed_on=date(2026, 1, 10)),
)
STANDING = Standing(
    bonds=bonds_of(BONDS),
    since={"ana": date(2026, 1, 5), "bo": date(2026, 1, 15), "cy": date(2026, 1, 1)},
    kinds={"ana": frozenset({"registration", "install"}), "bo": frozenset({"training"})},
)


def events(*rows: Event) -> pl.DataFrame:
    """Return a frame as the folder gives it: a clean event per argument, changed as that says; ids are E-1, E-2 ..."""
    columns = dict.fromkeys((*EVENT_COLUMNS, "source"), pl.String()) | {"row": pl.Int64()}
    every = [
        {**CLEAN, "event_id": f"E-{number}", **row, "source": "events.csv", "row": number + 1}
        for number, row in enumerate(rows, start=1)
    ]
    return pl.DataFrame(every, schema=columns)


def cancels(event_id: str, **others: str | None) -> Event:
    """The cancellation of an event, which says nothing else but its day."""
    return {"client_id": None, "kind": None, "cancels_event_id": event_id, "occurred_on": "2026-01-25", **others}


def decided(*rows: Mapping[str, str | int | date | None]) -> pl.DataFrame:
    """Return what earlier months decided: a settled registration of ana's client per argument, changed as that says."""
    settled = {"client_id": "acme", "partner_id": "ana", "kind": "registration", "outcome": "settled", "reason": ""}
    return pl.DataFrame([{**settled, **row} for row in rows], schema=of_types(JudgedEvents))


def decided_month(
    received: pl.DataFrame,
    carried: pl.DataFrame,
    before: pl.DataFrame,
    standing: Standing = STANDING,
    month: Period = JANUARY,
) -> DecidedEvents:
    """Return what becomes of the events of a month, those left to other months counted first."""
    read = events_of_month(received, carried, before, month)
    found = decide_events(read.looked_at, before, standing, JANUARY, read.places)
    return replace(found, tallies=(*read.left, *found.tallies))
