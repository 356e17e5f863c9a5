"""Reading what decides a month's commissions, and nothing more: what everybody who works them out has to pay."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.by_hand.contract import NEEDED, billing_of


def bytes_read(vendor: Path, run: Callable[..., Any]) -> int:
    """Return how many bytes of text the needed columns hold; `run(name, function, *arguments)` runs a step."""
    return int(run("read and leave out", _bytes_read, vendor))


def _bytes_read(vendor: Path) -> int:
    needed = pl.scan_parquet(billing_of(vendor)).select(NEEDED)
    sizes = needed.select(pl.col(NEEDED).str.len_bytes().cast(pl.Int64).sum()).collect(engine="streaming")
    return sum(sizes.row(0))
