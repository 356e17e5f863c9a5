"""The report of rejected lines: where each is and what is wrong with it, for whoever mends the billing."""

import csv
import logging
from collections.abc import Sequence
from pathlib import Path

from models.billing import RejectedRecord
from models.period import Period

log = logging.getLogger("settle")

TOLD = 10  # the rest is in the file


def tell_rejected(rejected: Sequence[RejectedRecord]) -> None:
    """Say where the first rejected lines are, and what is wrong with them."""
    for line in rejected[:TOLD]:
        place = f"{line.source} row {line.row}, line {line.line_id or '(no id)'}"
        log.warning("rejected: %s, %s %r: %s", place, line.column, line.value, line.reason)
    if len(rejected) > TOLD:
        log.warning("rejected: %d more", len(rejected) - TOLD)


def write_rejected(home: Path, month: Period, rejected: Sequence[RejectedRecord]) -> Path | None:
    """Write the report and return where it is; None where nothing was rejected."""
    if not rejected:
        return None
    path = home / "reports" / f"{month}-rejected.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(RejectedRecord._fields)
        writer.writerows(rejected)
    log.warning("rejected: all of them, with file, row and column, are in %s", path)
    return path
