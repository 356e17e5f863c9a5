"""Serving: which lines are of clients that a partner serves by assignment, whoever brought them."""

from collections.abc import Sequence

import polars as pl

from models.vendor import Assignment


def served_by(lines: pl.DataFrame, assignments: Sequence[Assignment]) -> pl.DataFrame:
    """Return the lines somebody serves, once per partner that does, with that partner's id in `server_id`."""
    rows = [(each.client_id, each.partner_id, each.from_day, each.until) for each in assignments]
    schema = {"client_id": pl.String, "server_id": pl.String, "served_from": pl.Date, "served_until": pl.Date}
    return (
        lines.join(pl.DataFrame(rows, schema=schema, orient="row"), on="client_id", how="inner")
        .filter(
            pl.col("paid_on") >= pl.col("served_from"),
            pl.col("served_until").is_null() | (pl.col("paid_on") <= pl.col("served_until")),
        )
        .drop("served_from", "served_until")
        .unique(["line_id", "server_id", *(["position"] if "position" in lines.columns else [])], maintain_order=True)
    )
