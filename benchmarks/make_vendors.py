"""Vendors to measure a month on: the sample vendor in the sizes the benchmarks ask for, its billing as Parquet.

    python -m benchmarks.make_vendors var/vendors              # all sizes
    python -m benchmarks.make_vendors var/vendors month million

Each is a folder that `settle run --from` takes, made by `settle sample`'s own generator, so that its lines, its
open and its rejected ones have the same shape at every size. The billing becomes Parquet, one file a month, every
column text: what is wrong with a line must survive the conversion. A folder that is there is left as it is.
"""

import argparse
import hashlib
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from sample import make_sample

LINES_PER_GROUP = 100_000
"""Rows of a group of the Parquet files; a source reads as many at a time."""


@dataclass(frozen=True)
class Size:
    """How large a vendor is. A client has about five lines a month."""

    clients: int
    partners: int
    months: int = 1
    programme: str = "uis"
    random_ids: bool = False  # ids that do not compress, as those of most billing systems; else counted ones
    copies: int = 1  # how often each client buys all it buys, under other ids: more lines of the same clients


SIZES = {
    "month": Size(13_000, 300),  # 66 000 lines: what UIS has
    "large": Size(65_000, 300),  # 330 000 lines
    "million": Size(197_000, 300),  # 1 000 000 lines
    "million-3000": Size(197_000, 3_000),  # the same lines, ten times the partners
    "ten-million": Size(197_000, 300, copies=10),  # 50 lines a client
    "hundred-million": Size(197_000, 300, copies=100),  # 500 lines a client
    "years-20k": Size(4_000, 300, months=24),  # 20 000 lines a month
    "years-66k": Size(13_000, 300, months=24),
    "years-20k-random": Size(4_000, 300, months=24, random_ids=True),
    "years-20k-looking-back": Size(4_000, 300, months=24, programme="tiered-partnership"),
}


def main() -> None:
    """Make the vendors that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sizes", nargs="*", metavar="SIZE", help=", ".join(SIZES))
    asked = parser.parse_args()
    for name in asked.sizes or SIZES:
        lines = make_vendor(asked.folder / name, SIZES[name])
        print(f"{name}: {lines} lines", file=sys.stderr)


def make_vendor(folder: Path, size: Size) -> int:
    """Make the vendor unless it is there; return how many billing lines it has."""
    if not folder.exists():
        making = folder.with_name(f".{folder.name}")
        shutil.rmtree(making, ignore_errors=True)
        make_sample(making, clients=size.clients, partners=size.partners, months=size.months, programme=size.programme)
        for file in sorted((making / "billing").glob("*.csv")):
            _to_parquet(file, size)
        if size.copies > 1:
            _multiply_control(making / "control.csv", size.copies)
        (making / "SAMPLE.json").unlink()  # the folder is no longer what `settle sample` wrote
        making.rename(folder)
    return sum(pl.scan_parquet(file).select(pl.len()).collect().item() for file in (folder / "billing").iterdir())


def _to_parquet(file: Path, size: Size) -> None:
    lines = pl.read_csv(file, infer_schema=False)
    if size.random_ids:
        lines = lines.with_columns(pl.col("line_id", "refunds_line_id").map_elements(_random_id, pl.String))
    writer = None
    for copy in range(size.copies):
        table = (lines if copy == 0 else _copied(lines, copy)).to_arrow(compat_level=pl.CompatLevel.oldest())
        writer = writer or pq.ParquetWriter(file.with_suffix(".parquet"), table.schema, compression="zstd")
        writer.write_table(table, row_group_size=LINES_PER_GROUP)
    assert writer is not None
    writer.close()
    file.unlink()


def _copied(lines: pl.DataFrame, copy: int) -> pl.DataFrame:
    """The same lines under ids of their own: none of them is a copy in the eyes of a month."""
    return lines.with_columns(pl.col("line_id", "refunds_line_id", "invoice_id") + f"-{copy}")


def _multiply_control(file: Path, copies: int) -> None:
    """The vendor counts what it sends: as many times the lines, and the amount."""
    totals = pl.read_csv(file)
    totals.with_columns(pl.col("lines", "amount_minor") * copies).write_csv(file)


def _random_id(line_id: str) -> str:
    """32 digits that look drawn by lot; the same line has the same ones."""
    return hashlib.sha256(line_id.encode()).hexdigest()[:32]


if __name__ == "__main__":
    main()
