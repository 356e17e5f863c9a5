"""What was billed counts once: in the month of its invoice, or, booked later, in the month that first sees it.

Of software ana earns 10 %, and 20 % from 1 000.00 billed in the month. In major units.
"""

from pathlib import Path

from engine.draft import draft
from engine.inputs import LATE_INVOICES
from models.period import Period
from tasks.gather import read_inputs
from tasks.storage.directory import DirectoryStore
from tests.flows.corrections.test_refunds import HEADING
from tests.made.closing import close_months
from tests.made.vendors import Row, claim, line, partner, write_csv, write_vendor

BY_BILLED = (
    HEADING.format(refunds="net_current")
    + """\
    - from: 2026-01
      earn:
        software:
          {plan: tiered, categories: [software], by: volume, measure: {of: billed WINDOW}, tiers: {0: 10%, 1000: 20%}}
"""
)


def invoice(line_id: str, amount: int, issued_on: str, paid_on: str | None = None, **others: str) -> Row:
    return line(line_id, "C1", amount * 100, issued_on=issued_on, paid_on=paid_on, **others)


PAID = invoice("paid", 500, "2026-02-03", "2026-02-04")
JANUARY = invoice("jan", 100, "2026-01-05", "2026-01-06")


class Vendor:
    """A vendor whose only partner ana has the client C1. Each month it sends its whole billing anew."""

    def __init__(self, folder: Path, window: str = "") -> None:
        self.folder = folder
        self.programme = BY_BILLED.replace(" WINDOW", window)

    def month(self, period: str, *lines: Row) -> float:
        """Close a month that reads these lines, and return what ana earns."""
        vendor = write_vendor(
            self.folder / "vendor",
            programme=self.programme,
            partners=[partner("ana")],
            claims=[claim("C1", "ana")],
        )
        write_csv(vendor / "billing" / "all.csv", lines, tuple(JANUARY))
        statements = close_months(self.folder / "home", vendor, period)
        return statements[period]["ana"].summary.commission_minor / 100

    @property
    def store(self) -> DirectoryStore:
        return DirectoryStore(self.folder / "home" / "archive")


def test_an_unpaid_invoice_that_is_booked_a_month_late_counts_in_the_month_that_first_sees_it(tmp_path: Path) -> None:
    vendor, late = Vendor(tmp_path), invoice("late", 600, "2026-01-30")
    assert vendor.month("2026-01", JANUARY) == 10
    assert vendor.month("2026-02", JANUARY, PAID, late) == 100  # 1 100.00 billed: 20 % of 500.00
    assert vendor.month("2026-03", late, invoice("mar", 500, "2026-03-01", "2026-03-02")) == 50  # and never again


def test_one_that_january_saw_unpaid_counts_in_january_alone_whenever_it_is_paid(tmp_path: Path) -> None:
    vendor, seen = Vendor(tmp_path), invoice("seen", 950, "2026-01-30")
    assert vendor.month("2026-01", JANUARY, seen) == 20  # 1 050.00 billed: 20 % of 100.00
    assert vendor.month("2026-02", PAID, seen) == 50
    assert vendor.month("2026-03", invoice("seen", 950, "2026-01-30", "2026-03-05")) == 95


def test_a_late_invoice_that_is_paid_when_it_is_booked_counts_and_earns_in_the_same_month(tmp_path: Path) -> None:
    vendor = Vendor(tmp_path)
    assert vendor.month("2026-01", JANUARY) == 10
    late = invoice("late", 600, "2026-01-30", "2026-01-31", posted_on="2026-02-02")
    assert vendor.month("2026-02", JANUARY, PAID, late) == 220  # 1 100.00 billed: 20 % of 1 100.00


def test_one_that_was_rejected_counts_when_it_is_put_right(tmp_path: Path) -> None:
    vendor, wrong = Vendor(tmp_path), {**invoice("late", 600, "2026-01-30"), "kind": "bonus"}
    assert vendor.month("2026-01", JANUARY, wrong) == 10
    assert vendor.month("2026-02", PAID, invoice("late", 600, "2026-01-30")) == 100


def test_invoices_of_before_the_programme_starts_count_in_no_month(tmp_path: Path) -> None:
    vendor, old = Vendor(tmp_path), invoice("old", 900, "2025-12-31")
    assert vendor.month("2026-01", JANUARY, old) == 10
    assert vendor.month("2026-02", PAID, old, invoice("older", 900, "2025-12-30")) == 50


def test_a_window_of_months_has_it_once(tmp_path: Path) -> None:
    vendor, late = Vendor(tmp_path, ", window: 2 months"), invoice("late", 300, "2026-01-30")
    assert vendor.month("2026-01", JANUARY) == 10
    assert vendor.month("2026-02", PAID, late) == 50  # 100 + 500 + 300
    assert vendor.month("2026-03", late, invoice("mar", 200, "2026-03-01", "2026-03-02")) == 40  # 800 + 200


def test_the_archive_alone_knows_which_they_were(tmp_path: Path) -> None:
    vendor = Vendor(tmp_path)
    vendor.month("2026-01", JANUARY)
    vendor.month("2026-02", PAID, invoice("late", 600, "2026-01-30"))
    kept = read_inputs(vendor.store, "test-partners", Period(2026, 2))
    assert kept.late_invoices == {"late"}
    assert [body.summary.commission_minor for body in draft(kept).statements] == [100_00]


def test_where_no_measure_counts_what_was_billed_nothing_is_kept_of_them(tmp_path: Path) -> None:
    vendor = Vendor(tmp_path)
    vendor.programme = vendor.programme.replace("of: billed", "of: paid")
    vendor.month("2026-01", JANUARY)
    vendor.month("2026-02", PAID, invoice("late", 600, "2026-01-30"))
    assert LATE_INVOICES not in read_inputs(vendor.store, "test-partners", Period(2026, 2)).parts
