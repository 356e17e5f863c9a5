"""Same payment: what two billing lines say alike that are one payment, whatever their ids."""

import polars as pl

from rules.lines.reading import amount_minor_of, date_of, posted_on_of

SAME = ("client_id", "product_code", "category", "kind", "currency", "amount_minor", "paid_on", "posted_on")
"""Columns that are the same."""

MUST_SAY = ("line_id", "client_id", "currency", "amount_minor", "posted_on")
"""Columns that are not blank: a line without one of them is rejected, or is nobody's, and earns nothing."""


def payments(received: pl.DataFrame) -> pl.DataFrame:
    """Return the lines received that may earn, with the columns of SAME read; other columns as they are."""
    return received.with_columns(date_of("paid_on"), posted_on_of(), amount_minor_of()).drop_nulls(MUST_SAY)
