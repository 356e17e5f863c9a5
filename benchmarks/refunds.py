"""A month whose refunds give back sales of every month before it, against the same month without them.

    python -m benchmarks.refunds [--months 24] [--lines 66000] [--share 3]

Makes a vendor, closes its months without documents, and drafts the last one twice, without and with refunds; each is
settled whole, too, documents and all, on a copy of the home. Prints CPU seconds and bytes read back, and their ratio.
"""

import argparse
import csv
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import flows  # noqa: F401  (as in every run, before Polars is loaded: it sets the allocators up)
from engine.draft import draft
from flows.consent import deciding
from flows.documenting import archive_documents
from flows.office import Office
from models.billing import REQUIRED_COLUMNS
from models.period import Period, Version
from tasks.clock import now
from tasks.close import Closing, close
from tasks.database.lease import lease
from tasks.settings import Settings
from tasks.storage.directory import DirectoryStore

PARTNERS = 300
CLIENTS = 13_000
PROGRAMME = """\
programme: refunds
starts: 2024-01
currency: RUB
timezone: Europe/Moscow
base: gross
plans:
  integrator:
    from: 2024-01
    earn:
      software: {plan: percentage, categories: [software], rate: 50%}
      telephony:
        plan: tiered
        categories: [telephony]
        by: volume
        measure: {categories: [telephony], window: month}
        tiers: {0: 8%, 100000: 10%, 300000: 12%, 1000000: 15%}
"""
COLUMNS = (*REQUIRED_COLUMNS, "refunds_line_id")


class Cost(NamedTuple):
    """What a month cost: gathering and drafting it alone, and the whole of it, from billing to the sealed archive."""

    gather: float  # CPU seconds
    draft: float
    read_back: int  # bytes
    month: float  # CPU seconds, those of the processes that draw included
    wall: float  # seconds of the whole month


def main() -> None:
    """Make the vendor, close its months, and print what the last one costs without and with refunds."""
    said = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    said.add_argument("--months", type=int, default=24, help="months before the one that is measured (24)")
    said.add_argument("--lines", type=int, default=66_000, help="lines a month (66000)")
    said.add_argument("--share", type=int, default=3, help="percent of the lines that are refunds (3)")
    asked = said.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home, vendor = Path(folder) / "home", Path(folder) / "vendor"
        months = [Period(2024, 1).plus(number) for number in range(asked.months + 1)]
        _write_vendor(vendor)
        office = office_of(home, vendor)
        office.database.prepare()
        for month in months[:-1]:
            _write_billing(vendor, month, _lines(month, asked.lines))
            _close(office, month)
            (vendor / "billing" / f"{month}.csv").unlink()  # a source that gives each month its own lines
        last = months[-1]
        refunds = list(_refunds(last, months[:-1], asked.lines, asked.lines * asked.share // 100))
        costs = []
        for given_back in ([], refunds):
            _write_billing(vendor, last, [*_lines(last, asked.lines), *given_back])
            copied = office_of(Path(shutil.copytree(home, Path(folder) / f"home-{len(given_back)}")), vendor)
            costs.append(_cost(office, copied, last))
    _print(costs[0], costs[1], len(refunds))


def office_of(home: Path, vendor: Path) -> Office:
    """Return what a month is settled with, long after it was over."""
    return Office.open(Settings(home=home, vendor=vendor, clock="2099-01-01T00:00:00Z"))


def _print(without: Cost, with_refunds: Cost, refunds: int) -> None:
    print(f"{'':24}{'without':>12}{f'{refunds} refunds':>16}{'times':>8}")
    for name in ("gather", "draft"):
        before, after = getattr(without, name), getattr(with_refunds, name)
        print(f"{name + ', CPU s':24}{before:12.2f}{after:16.2f}{after / before:8.2f}")
    before, after = without.gather + without.draft, with_refunds.gather + with_refunds.draft
    print(f"{'together, CPU s':24}{before:12.2f}{after:16.2f}{after / before:8.2f}")
    for words, before, after in (
        ("whole month, CPU s", without.month, with_refunds.month),
        ("whole month, wall s", without.wall, with_refunds.wall),
    ):
        print(f"{words:24}{before:12.2f}{after:16.2f}{after / before:8.2f}")
    print(f"{'read back, MB':24}{without.read_back / 1e6:12.1f}{with_refunds.read_back / 1e6:16.1f}")


def _cost(office: Office, copied: Office, month: Period) -> Cost:
    read_back = [0]
    get = DirectoryStore.get

    def counted(self, key, sha256):  # type: ignore[no-untyped-def]
        data = get(self, key, sha256)
        read_back[0] += len(data)
        return data

    DirectoryStore.get = counted  # type: ignore[method-assign]
    began = time.process_time()
    inputs = deciding.begin_gathering(month, office).inputs()
    gathered = time.process_time()
    draft(inputs, lines_at_once=deciding.lines_at_once(inputs, office))
    ended = time.process_time()
    DirectoryStore.get = get  # type: ignore[method-assign]
    del inputs
    cpu, wall = _cpu(), time.perf_counter()
    _close(copied, month, documents=True)
    return Cost(gathered - began, ended - gathered, read_back[0], _cpu() - cpu, time.perf_counter() - wall)


def _cpu() -> float:
    """CPU seconds of this process, and of those it started that have ended."""
    return sum(os.times()[:4])


def _close(office: Office, month: Period, *, documents: bool = False) -> None:
    with lease(office.database, "refunds", 60) as epoch:
        assert deciding.approve_draft(month, office, epoch) is None
        if documents:
            assert archive_documents(Version(month), office, epoch, ()) == {}
        close(Version(month), office.database, office.store, epoch, Closing(now(office.settings)))


def _write_vendor(vendor: Path) -> None:
    vendor.mkdir(parents=True)
    (vendor / "programme.yaml").write_text(PROGRAMME, encoding="utf-8")
    partners = [[f"P-{number:04d}", f"Partner {number}", "integrator", "2024-01"] for number in range(PARTNERS)]
    _write(vendor / "partners.csv", ("partner_id", "name", "plan", "from"), partners)
    claims = [[f"C-{number:05d}", f"P-{number % PARTNERS:04d}", "2023-12-01", "form", ""] for number in range(CLIENTS)]
    _write(vendor / "claims.csv", ("client_id", "partner_id", "claimed_on", "channel", "evidence"), claims)


def _lines(month: Period, count: int) -> Iterator[list[Any]]:
    for number in range(count):
        yield _line(f"L-{month}-{number:06d}", number, month, 1_000 + number * 37 % 500_000)


def _refunds(month: Period, before: list[Period], lines: int, count: int) -> Iterator[list[Any]]:
    """Refunds of half of a sale each, spread over the months before."""
    for number in range(count):
        sold_in, place = before[number % len(before)], number * 7919 % lines
        minor = 1_000 + place * 37 % 500_000
        refund = _line(f"R-{month}-{number:06d}", place, month, -minor // 2)
        yield [*refund[:-2], "credit_note", f"L-{sold_in}-{place:06d}"]


def _line(line_id: str, client: int, month: Period, minor: int) -> list[Any]:
    day = month.first_day.replace(day=1 + client % 28).isoformat()
    client_id, category = f"C-{client % CLIENTS:05d}", "telephony" if client % 3 else "software"
    return [
        line_id, f"I-{line_id}", client_id, f"Client {client_id}", "SKU", category, "1", minor, "RUB", day, day,
        "charge", "",
    ]  # fmt: skip


def _write_billing(vendor: Path, month: Period, lines: Any) -> None:
    _write(vendor / "billing" / f"{month}.csv", COLUMNS, lines)


def _write(path: Path, columns: tuple[str, ...], rows: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
