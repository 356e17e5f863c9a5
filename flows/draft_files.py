"""What was worked out for a draft, as files: every line, event and statement, and how they were judged."""

import polars as pl

from models.billing import LINE_SCHEMA
from models.canonical import canonical_json
from tasks.calculate import Calculated
from tasks.events import Events
from tasks.facts.history import EVENTS
from tasks.frames import parquet_bytes
from tasks.past import EARNED, SUMS
from tasks.validate import Validated

STATEMENTS_PER_GROUP = 50  # a batch of documents unpacks a few groups, not all statements

ARCHIVED_COLUMNS = (
    *(name for name in LINE_SCHEMA if name not in ("reasons", "as_received")),
    "partner_id",
    "rule",
    "base_minor",
    "outcome",
    "reason",
    "note",
    "late",
    "as_received",
)
NOT_ARCHIVED = (
    "reasons",
    "source",
    "row",
    "claim_id",
    "claimed_on",
    "block",
    "part",
    "base_rule",
    "served",
    "value_minor",
)


def result_files(
    lines: pl.DataFrame, sums: pl.DataFrame, events: Events, calculated: Calculated, valid: Validated
) -> dict[str, bytes]:
    """Return what was worked out by name: lines and events with what became of them, sums, accruals, bodies."""
    extras = [name for name in lines.columns if name not in (*ARCHIVED_COLUMNS, *NOT_ARCHIVED)]
    bodies = pl.DataFrame(
        {
            "partner_id": [body.partner_id for body in calculated.statements],
            "statement": [body.data.decode() for body in calculated.statements],
        },
        schema={"partner_id": pl.String, "statement": pl.String},
    )
    of_events = {
        "events-received.parquet": parquet_bytes(events.received),
        EVENTS: parquet_bytes(events.frame),
        "event_expectations.json": canonical_json(events.result),
    }
    return {
        "lines.parquet": parquet_bytes(lines.select(*ARCHIVED_COLUMNS, *extras)),
        "statements.parquet": parquet_bytes(bodies, STATEMENTS_PER_GROUP),
        "expectations.json": canonical_json(valid.result),
        SUMS: parquet_bytes(sums),
        EARNED: parquet_bytes(calculated.earned),
        **(of_events if events.frame.height else {}),
    }
