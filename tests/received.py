"""Billing lines as received, for tests: a clean line, and lines that differ from it in what is named."""

from collections.abc import Mapping

import polars as pl

from models.billing import TEXT_COLUMNS

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
    columns = dict.fromkeys([*TEXT_COLUMNS, *(key for line in lines for key in line), "carried_from"])
    rows = [CLEAN | {"line_id": f"L-{number}"} | dict(line) for number, line in enumerate(lines, start=1)]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String()))
    return frame.with_columns(source=pl.lit("billing/january.csv"), row=pl.int_range(2, pl.len() + 2, dtype=pl.Int64))


def line_ids(*ids: str) -> pl.DataFrame:
    """Return the frame of ids that closed months are done with."""
    return pl.DataFrame({"line_id": ids}, schema={"line_id": pl.String()})
