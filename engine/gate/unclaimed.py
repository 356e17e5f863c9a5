"""Unclaimed: clients on billing lines that belong to nobody, and look like a client of a partner."""

import polars as pl

from engine.frames.snapshot import Snapshot
from models.money import counted
from rules.lines.lookalikes import lookalikes, spelled

SHOWN = 20


def unclaimed_lookalikes(lines: Snapshot, bonds: pl.DataFrame) -> list[str]:
    """Return a sentence for each client of nobody whose id looks like one in `bonds` (Bonds), with its first line."""
    ids = lines.columns("client_id").drop_nulls().unique()
    unknown = ids.join(bonds, on="client_id", how="anti")
    if unknown.is_empty() or bonds.is_empty():
        return []
    alike = lookalikes(unknown, bonds).join(bonds.select(meant="client_id", of="partner_id"), on="meant")
    if alike.is_empty():
        return []
    where = (
        lines.columns("client_id")
        .with_columns(line=pl.int_range(pl.len(), dtype=pl.UInt32))
        .join(alike, on="client_id", how="inner", maintain_order="left")
        .group_by("client_id", "meant", "of", maintain_order=True)
        .agg(pl.col("line").min(), lines=pl.len())
        .sort("line")
    )
    said = [_words(lines, row) for row in where[:SHOWN].iter_rows(named=True)]
    more = where.height - SHOWN
    return [*said, f"+{more} more clients that look like a client of a partner."] if more > 0 else said


def _words(lines: Snapshot, row: dict[str, object]) -> str:
    source, number = lines.place(int(str(row["line"])))
    count = counted(int(str(row["lines"])), "line")
    return (
        f"{source} row {number}: client_id {spelled(str(row['client_id']))} belongs to nobody ({count}): "
        f"did you mean {spelled(str(row['meant']))} of partner {row['of']}? They look alike, and are two clients here."
    )
