"""Billing lines as received, for tests: a clean line, lines that differ from it in what is named, and their judgement."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from engine.frames.snapshot import LINES_AT_ONCE, Snapshot
from engine.lines.validate import Base, judged_lines, validate
from models.billing import TEXT_COLUMNS, RejectedRecord
from rules.lines.findings import copies, findings

Line = dict[str, str | None]

CLEAN: Line = {
    "line_id": "L-1",
    "invoice_id": "INV-1",
    "client_id": "C-1",
    "client_name": "Romashka",
    "product_code": "PBX",
    "category": "telephony",
    "quantity": "1",
    "amount_minor": "12200",
    "currency": "RUB",
    "issued_on": "2026-01-05",
    "paid_on": "2026-01-12",
    "kind": "charge",
    "posted_on": "2026-01-13",
    "vat_minor": "2200",
    "vat_rate": "22",
}
"""122.00 RUB, of which 22.00 are VAT."""


def received(*lines: Mapping[str, str | None]) -> pl.DataFrame:
    """Return a frame as extract gives it: a clean line per argument, changed as that says; ids are L-1, L-2 ..."""
    columns = dict.fromkeys([*TEXT_COLUMNS, *(key for line in lines for key in line), "carried_from", "measured_in"])
    rows = [CLEAN | {"line_id": f"L-{number}"} | dict(line) for number, line in enumerate(lines, start=1)]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String()))
    return frame.with_columns(source=pl.lit("billing/january.csv"), row=pl.int_range(2, pl.len() + 2, dtype=pl.Int64))


def line_ids(*ids: str) -> pl.DataFrame:
    """Return the frame of ids that closed months are done with."""
    return pl.DataFrame({"line_id": ids}, schema={"line_id": pl.String()})


class JudgedMonth(NamedTuple):
    """Received lines as the month judges them: typed, in their order, and what is wrong with them."""

    lines: pl.DataFrame  # JudgedLines, and the vendor's extra columns
    faults: pl.DataFrame
    result: dict[str, Any]
    first_rejected: tuple[RejectedRecord, ...]


def judged(
    lines: pl.DataFrame, settled_before: pl.DataFrame, base: Base, lines_at_once: int = LINES_AT_ONCE
) -> JudgedMonth:
    """Judge lines as received, so many at a time, and put the typed ones together again."""
    snapshot = Snapshot.of(lines)
    found = validate(snapshot, settled_before, base, lines_at_once)
    typed = [judged_lines(chunk, start, found.faults) for start, chunk in snapshot.chunks(lines_at_once)]
    return JudgedMonth(pl.concat(typed), found.faults, found.result, found.first_rejected)


def findings_of(lines: pl.DataFrame, settled_before: pl.DataFrame) -> pl.DataFrame:
    """What is found of lines as received, alone and beside each other."""
    snapshot = Snapshot.of(lines)
    of_copies = copies(lines["line_id"], snapshot.at)
    return findings(lines, settled_before["line_id"], of_copies.of(0, lines.height))
