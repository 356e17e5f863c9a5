"""Files that were damaged at random: never a traceback; a file, a row and a reason, or lines that are judged one by one."""

import os
import random
from pathlib import Path

import polars as pl
import pytest

from engine.frames.snapshot import Snapshot
from engine.lines.faults import every_told
from models.billing import TEXT_COLUMNS
from models.errors import SettlementError
from sample import make_sample
from tasks.sources.describe import describe
from tasks.vendor.folder import read_vendor
from tests.made.received import judged
from tests.tasks.sources.test_sources_as_written import JANUARY, RENAME, TABLE, row

LINES = int(os.environ.get("SETTLE_FUZZ_LINES", "400"))
"""Of each damaged file; and how many of them: `SETTLE_FUZZ_LINES=5000 SETTLE_FUZZ_FILES=20` is a thorough look."""

FILES = int(os.environ.get("SETTLE_FUZZ_FILES", "20"))
KEYS = f"""\
billing:
- files: [billing/*]
  delimiter: ";"
  rename: {RENAME}
  decimal: ","
  thousands: " "
  negatives: ["1-", "(1)"]
  currency_signs: {{$: USD}}
  dates: DD.MM.YYYY
  timezone: Europe/Moscow
  map: {{kind: {{sale: charge}}}}
  skip_where: {{Nr: Total*}}
"""
STRANGE = ("", " ", "\u00a0", "-", "(", ")", "'", '"', '""', ";", ",", ".", "\n", "\r\n", "\t", "\0", "e9", "\u2212", "\u200b",
           "=1+1", "9" * 30, "99.99.9999", "31.02.2026", "2026-01-31T25:00:00Z", "$", "NaN", "Total", "\ufeff", "🙂")  # fmt: skip


def damaged(chance: random.Random, text: str, times: int) -> str:
    """The text with so many characters taken away, doubled, or put in."""
    for _ in range(times):
        at = chance.randrange(len(text))
        match chance.randrange(3):
            case 0:
                text = text[:at] + text[at + 1 :]
            case 1:
                text = text[:at] + chance.choice(STRANGE) + text[at:]
            case 2:
                text = text[:at] + chance.choice(STRANGE) + text[at + chance.randrange(8) :]
    return text


def billing(chance: random.Random, lines: int) -> str:
    """A table of which one line in five is damaged within a cell; one file in three also where cells and lines end."""
    rows = []
    for number in range(lines):
        cells = row(Nr=f"L{number}", Amount="1 234,50", Paid="09.01.2026", Kind="sale").rstrip("\n").split(";")
        if chance.random() < 0.2:
            at = chance.randrange(len(cells))
            cells[at] = damaged(chance, cells[at], 1).translate(dict.fromkeys(map(ord, '";\r\n\0')))
        rows.append(";".join(cells) + "\n")
    return damaged(chance, TABLE + "".join(rows), chance.choice((0, 0, 2)))


@pytest.mark.parametrize("seed", range(FILES))
def test_a_damaged_file_is_refused_by_name_and_row_or_its_lines_are_judged(seed: int, tmp_path: Path) -> None:
    look_at_damaged_billing(seed, LINES, tmp_path)


def look_at_damaged_billing(seed: int, lines: int, folder: Path) -> bool:
    """Return whether the file was read to its end."""
    chance = random.Random(seed)
    path = folder / "billing/a.csv"
    path.parent.mkdir(exist_ok=True)
    text = billing(chance, lines)
    path.write_text(text, encoding="utf-8", newline="")
    (source,) = describe(KEYS, folder).sources
    try:
        frame = pl.concat(source.read(*JANUARY))
    except SettlementError as refused:
        said = str(refused)
    else:
        said = ""
    assert said.startswith("billing/a.csv") or not said
    if said:
        return False
    skipped = sum(tally.lines for tally in source.skipped)
    read = frame.height + skipped
    # Nothing is lost without a word: each row that is not blank is a line, or is skipped.
    assert read == sum(1 for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[1:] if line)
    for number in range(frame.height):
        assert 2 <= frame["row"][number] <= text.count("\n") + text.count("\r") + 1
    received = frame.with_columns(carried_from=pl.lit(None, pl.String), measured_in=pl.lit(None, pl.String))
    try:
        month = judged(received, pl.DataFrame({"line_id": []}, schema={"line_id": pl.String}), "gross")
    except SettlementError:
        return True
    assert set(TEXT_COLUMNS) <= set(frame.columns)
    lines_received = Snapshot.of(received)
    for fault in every_told(month.faults, lines_received):
        assert fault.source == "billing/a.csv"
        assert fault.row >= 2
        assert fault.column
        assert fault.reason
    return True


PAIRS = 300
"""Files with a pair of stray quotes."""


def test_two_stray_quotes_anywhere_never_lose_a_line_without_a_word(tmp_path: Path) -> None:
    """One quote in each of two rows may be legal CSV, one record: each such file is refused by a row, or read whole."""
    chance = random.Random(0)
    path = tmp_path / "billing/a.csv"
    path.parent.mkdir()
    refused: list[str] = []
    for _ in range(PAIRS):
        rows = [row(Nr=f"L{number}").rstrip("\n").split(";") for number in range(20)]
        for at in chance.sample(range(20), 2):
            cell = chance.randrange(len(rows[at]))
            place = chance.choice((0, len(rows[at][cell])))
            rows[at][cell] = rows[at][cell][:place] + '"' + rows[at][cell][place:]
        path.write_text(TABLE + "".join(";".join(cells) + "\n" for cells in rows))
        (source,) = describe(KEYS, tmp_path).sources
        try:
            frame = pl.concat(source.read(*JANUARY))
        except SettlementError as error:
            refused.append(str(error))
        else:
            assert frame.height == 20
    assert 0 < len(refused) < PAIRS  # both happen
    assert all(said.startswith("billing/a.csv row ") for said in refused)


OTHER_TABLES = {
    "events.csv": "event_id,client_id,partner_id,kind,product_code,occurred_on,cancels_event_id\n"
    "E1,C-1,P-0001,install,,2026-01-10,\nE2,C-2,P-0002,install,P,2026-01-11,E1\n",
    "exclusions.csv": "client_id,reason,rule,from\nC-1,own,,\nC-2,own,,2026-01-01\n",
    "assignments.csv": "client_id,partner_id,from,until,assignment_id\nC-1,P-0001,2026-01-01,2026-05-31,A1\n",
    "employees.csv": "partner_id,person_id,name,role,from,until\nP-0001,W1,Anna,seller,2026-01-01,\n",
    "spending.csv": "entry_id,partner_id,spent_on,activity,amount_minor\nS1,P-0001,2026-01-10,fair,1250\n",
    "adjustments.csv": "adjustment_id,partner_id,posted_on,amount_minor,why,evidence,who,cites\n"
    "J1,P-0001,2026-01-20,-500,wrong rate,mail,anna,\n",
    "sources.yaml": "billing:\n- files: [billing/*]\n  decimal: ','\n  dates: DD.MM.YYYY\nlook_back_months: 2\n",
}


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("vendor")
    make_sample(folder, clients=60, partners=6, months=1)
    for name, text in OTHER_TABLES.items():
        (folder / name).write_text(text)
    read_vendor(folder)  # sound as it is
    return folder


@pytest.mark.parametrize("seed", range(max(5, FILES // 4)))
def test_a_damaged_table_of_the_vendor_is_refused_by_its_name_or_read(vendor: Path, seed: int) -> None:
    chance = random.Random(seed)
    tables = sorted(path for path in vendor.iterdir() if path.suffix in (".csv", ".yaml"))
    assert {"partners.csv", "claims.csv", "programme.yaml", *OTHER_TABLES} <= {path.name for path in tables}
    for path in tables:
        whole = path.read_bytes()
        for damage in (in_text, in_bytes):
            path.write_bytes(damage(chance, whole))
            said = path.name
            try:
                read_vendor(vendor)
            except SettlementError as refused:
                said = str(refused)
            path.write_bytes(whole)
            assert path.name in said


def in_text(chance: random.Random, whole: bytes) -> bytes:
    return damaged(chance, whole.decode(), 3).encode()


def in_bytes(chance: random.Random, whole: bytes) -> bytes:
    data = bytearray(whole)
    for _ in range(3):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)
