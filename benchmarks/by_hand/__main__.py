"""One way of working a month's commissions out by hand, in a process of its own: prints what it cost, as JSON.

    python -m benchmarks.by_hand polars var/vendors/month

The ways: polars, duckdb, pandas, orm; and scan, which reads the columns that are needed and works nothing out.
"""

import json
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.draft import Meter

WAYS = {
    "scan": "benchmarks.by_hand.scan",
    "polars": "benchmarks.by_hand.polars_kernel",
    "duckdb": "benchmarks.by_hand.duckdb_kernel",
    "pandas": "benchmarks.by_hand.pandas_kernel",
    "orm": "benchmarks.by_hand.orm_loop",
}
"""Imported where it is measured, and none beside it: what another would take is not in its memory."""


def main() -> None:
    """Work the month out, and print."""
    name, vendor = sys.argv[1], Path(sys.argv[2])
    meter = Meter()
    way = meter.run("imports", import_module, WAYS[name])
    earned: dict[str, int] = {}
    if name == "scan":
        way.bytes_read(vendor, meter.run)
    else:
        earned = way.commissions_of(vendor, meter.run)
    figures = {"peak MB": meter.peak_mb, "wall s": meter.wall_seconds}
    print(json.dumps({"figures": meter.cpu | figures, "commissions": earned}))


if __name__ == "__main__":
    main()
