"""Random months: whatever is done to the files, none closes on more rejected lines than allowed, and none loses a line.

Twenty by default, one of which cannot be read; `SETTLE_FUZZ_MONTHS=300` is a thorough look.
"""

import csv
import io
import os
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.draft import draft
from flows.consent.deciding import begin_gathering
from flows.result import Ending
from flows.settle_month import settle_month
from models.billing import Reason
from models.errors import SettlementError
from models.money import LARGEST_MINOR
from models.period import Period
from rules.draft import Draft
from tests.made.vendors import archived, claim, line, office, partner, write_csv, write_vendor

JANUARY = Period(2026, 1)
MONTHS = int(os.environ.get("SETTLE_FUZZ_MONTHS", "20"))
COPIES = {Reason.REPEAT.value, Reason.REPLACED.value}

Change = Callable[[random.Random, list[list[str]]], None]
"""What happens to a table of text: its header, and its rows."""


def column(name: str, *texts: str) -> Change:
    """Write one of the texts into a column of some rows, few or many."""

    def change(chance: random.Random, rows: list[list[str]]) -> None:
        place, share = rows[0].index(name), chance.choice((0.01, 0.04, 0.06, 0.5, 1))
        for row in rows[1:]:
            if chance.random() < share:
                row[place] = chance.choice(texts)

    return change


def of_kind(name: str, text: str) -> Change:
    """Write a text into a column of every credit note."""

    def change(chance: random.Random, rows: list[list[str]]) -> None:
        place, kind = rows[0].index(name), rows[0].index("kind")
        for row in rows[1:]:
            if row[kind] == "credit_note":
                row[place] = text

    return change


def twice(chance: random.Random, rows: list[list[str]]) -> None:
    rows += [list(row) for row in chance.sample(rows[1:], k=len(rows) // 2)]


def shuffled(chance: random.Random, rows: list[list[str]]) -> None:
    body = rows[1:]
    chance.shuffle(body)
    rows[1:] = body


CHANGES: tuple[Change, ...] = (
    column("paid_on", "31.01.2026", "2026-02-30", "9999-12-31", "2026-01-12 10:00", ""),
    column("kind", "invoice", "", "CHARGE"),
    column("currency", "rub", "", "EUR"),
    column("amount_minor", "900.00-", "(500)", "\u221280", "1e3", "12.50", "", "9" * 15, "-" + "9" * 15, "9" * 25),
    column("line_id", "", "L1", "L1\u200b", "1.23457E+11"),
    column("client_id", "", "c-1", "\u0421-1", "C-1\u00ad", "x" * 201),
    column("client_name", "A\x00B", "=1+1", '"', "a,b"),
    of_kind("amount_minor", "(70)"),
    of_kind("paid_on", "x"),
    twice,
    shuffled,
)


def lines(count: int) -> list[list[str]]:
    """A sound file: every tenth line is a credit note."""
    rows = [line(f"L{n}", f"C-{n % 7}", -100 if n % 10 == 0 else 1000 + n) for n in range(count)]
    return [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]


def text_of(chance: random.Random, rows: list[list[str]]) -> str:
    """The file, now and then with something done to its bytes."""
    text = io.StringIO()
    csv.writer(text, lineterminator=chance.choice(("\n", "\r\n"))).writerows(rows)
    written = text.getvalue()
    if chance.random() < 0.1:
        place = chance.randrange(len(written))
        written = written[:place] + chance.choice(('"', ",", "\n", "\x00", "")) + written[place + 1 :]
    return written


def made(vendor: Path, home: Path) -> Draft:
    return draft(begin_gathering(JANUARY, office(home, vendor)).inputs())


def judged_by_hand(month: Draft) -> tuple[int, int]:
    """(new lines, those of them that are rejected) of a first month: all that are no copies."""
    new = [tally for tally in month.tallies if tally.outcome != "other_month"]
    new = [tally for tally in new if not COPIES & set(tally.reason.split("; "))]
    return sum(tally.lines for tally in new), sum(tally.lines for tally in new if tally.outcome == "rejected")


def readable_minor(vendor: Path) -> int:
    """Every amount of the files that can be read, in integers of any size."""
    amounts = [
        row["amount_minor"]
        for name in ("a.csv", "b.csv")
        for row in csv.DictReader(io.StringIO((vendor / "billing" / name).read_text()))
    ]
    whole = [int(amount) for amount in amounts if re.fullmatch(r"[+-]?[0-9]{1,30}", amount)]
    return sum(amount for amount in whole if abs(amount) <= LARGEST_MINOR)


@pytest.mark.parametrize("seed", range(MONTHS))
def test_no_month_of_mutated_files_closes_with_more_than_one_in_twenty_rejected(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    vendor = write_vendor(
        tmp_path / "vendor", partners=[partner("ana")], claims=[claim(f"C-{n}", "ana") for n in range(5)]
    )
    (vendor / "billing").mkdir()
    for name in ("a.csv", "b.csv"):
        rows = lines(chance.choice((3, 40, 300)))
        for row in rows[1:]:
            row[0] = f"{name}-{row[0]}"
        for change in chance.sample(CHANGES, k=chance.randrange(4)):
            change(chance, rows)
        (vendor / "billing" / name).write_bytes(text_of(chance, rows).encode())
    physical = sum(
        1 for name in ("a.csv", "b.csv") for row in csv.reader(io.StringIO((vendor / "billing" / name).read_text()))
        if row
    ) - 2  # fmt: skip

    home = tmp_path / "home"
    try:
        month = made(vendor, home)
    except SettlementError:
        return  # a file that cannot be read at all: nothing was settled
    assert sum(tally.lines for tally in month.tallies) == physical
    assert sum(tally.amount_minor for tally in month.tallies) == readable_minor(vendor)
    new, rejected = judged_by_hand(month)
    too_many = rejected >= 2 and rejected * 20 > new
    assert bool(month.findings.stopped) >= too_many
    try:
        result = settle_month(JANUARY, office(home, vendor))
    except SettlementError:
        assert month.findings.stopped
        assert not archived(home, "2026-01").exists()
    else:
        assert result.ending is Ending.CLOSED
        assert not month.findings.stopped
        assert not too_many


def test_a_hundred_thousand_lines_of_which_one_in_nineteen_is_bad_stop(tmp_path: Path) -> None:
    vendor = write_vendor(tmp_path / "vendor", partners=[partner("ana")], claims=[claim("C-0", "ana")])
    rows = [line(f"L{n}", "C-0", 100, **({"paid_on": "soon"} if n % 19 == 0 else {})) for n in range(100_000)]
    write_csv(vendor / "billing" / "a.csv", rows)
    month = made(vendor, tmp_path / "home")
    assert sum(tally.lines for tally in month.tallies) == 100_000
    assert judged_by_hand(month) == (100_000, 5_264)
    assert month.findings.stopped[0].startswith("5264 of 100000 new lines are rejected (bad date: 5264)")
