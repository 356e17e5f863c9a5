"""The report of rejected lines: each fault with file, row and column, for whoever mends the billing.

A fault is one thing wrong with one line or event; each may have several. All of them are written; the log has the
first few, and how many there are.
"""

import csv
import logging
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from models.billing import RejectedRecord
from models.money import grouped
from models.period import Period
from models.safe_text import safe_cell

log = logging.getLogger("settle")

MOST_LOGGED = 3


def tell_rejected(first: Sequence[RejectedRecord], total: int) -> None:
    """Log the first faults, and how many more were found."""
    for fault in first[:MOST_LOGGED]:
        place = f"{fault.source} row {fault.row}, line {fault.line_id or '(no id)'}"
        log.warning("rejected: %s, %s %r: %s", place, fault.column, fault.value, fault.reason)
    if total > MOST_LOGGED:
        log.warning("rejected: %s more", grouped(total - MOST_LOGGED))


def write_rejected(home: Path, month: Period, faults: Iterable[RejectedRecord]) -> Path | None:
    """Write every fault to the month's report, in place of an earlier draft's, and return where it is.

    Where there are none the earlier report is removed, and None returned.
    """
    path = home / "reports" / f"{month}-rejected.csv"
    every = iter(faults)
    if (first := next(every, None)) is None:
        path.unlink(missing_ok=True)
        return None
    try:
        total = _write(path, chain([first], every))
    except OSError as error:  # a full disk: what is rejected is kept in the archive, too
        log.warning("rejected: the report %s could not be written: %s", path, error.strerror or error)
        return None
    log.warning("rejected: all %s faults, with file, row and column, are in %s", grouped(total), path)
    return path


def _write(path: Path, faults: Iterable[RejectedRecord]) -> int:
    """Write the report, and return how many faults it has."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(RejectedRecord._fields)
        total = 0
        for total, fault in enumerate(faults, start=1):  # noqa: B007, it counts
            writer.writerow([safe_cell(str(cell)) for cell in fault])
    return total
