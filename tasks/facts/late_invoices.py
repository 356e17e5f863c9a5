"""Late invoices: those that closed months were read for, as a part of a month's inputs."""

from engine.draft import LINES
from engine.frames.parquet import parquet_bytes
from engine.frames.snapshot import Snapshot
from engine.inputs import LATE_INVOICES
from engine.sums.late_invoices import invoices_of_earlier_months, unseen
from models.period import Period
from rules.programme.file import Programme
from tasks.facts.history import History


def late_invoice_part(received: Snapshot, month: Period, programme: Programme, history: History) -> dict[str, bytes]:
    """Return `late-invoices.parquet` (LineIds): the lines of earlier months' invoices that no month has seen.

    Nothing where there is none, or where no measure counts what was billed. Closed months are read only where lines of
    their invoices come: from the first month of these on.
    """
    if not programme.measures_what_was_billed or not history.months:
        return {}
    invoices = invoices_of_earlier_months(received, programme.starts, month)
    if invoices.is_empty():
        return {}
    first = Period.of(invoices.sort("issued_on")["issued_on"][0])
    ids = unseen(invoices, (each.read(LINES) for each in history.months if each.period >= first))
    return {LATE_INVOICES: parquet_bytes(ids)} if ids.height else {}
