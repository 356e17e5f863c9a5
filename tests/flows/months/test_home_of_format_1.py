"""A home left by the version that wrote statements of format 1: it is brought up to date, and goes on as if nothing was.

January and February are closed; March is approved, and two of its four partners' documents are archived; April was
not begun. What the code of then made of it when it went on is in `continued/`: tests/fixtures/home-format-1/README.md.
"""

import csv
import io
import json
import shutil
import sqlite3
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url
from sqlmodel import col, select

from engine.draft import draft
from flows.office import Office
from flows.questions.explaining import approved_statement, explained, sealed_statement
from flows.questions.month_status import Stage, month_statuses
from flows.result import Ending
from flows.settle_month import settle_month
from models.canonical import sha256
from models.errors import BadInput, ChangedInStore, UnguardedDatabase, WrongUse
from models.period import Period, Version
from models.rows import AuditRow, PostingRow
from rules.archive.seal import Seal, parse_sha256sums
from rules.programme.file import parse_programme
from tasks.facts.approved import the_approved_month
from tasks.facts.audit import broken_links
from tasks.facts.history import read_history
from tasks.gather import read_inputs
from tasks.storage.directory import DirectoryStore
from tasks.verify import verify
from tests.made.vendors import digests, office

LEFT = Path(__file__).parents[2] / "fixtures" / "home-format-1"
CONTINUED = LEFT / "continued"
JANUARY, FEBRUARY, MARCH, APRIL = (Period(2026, month) for month in range(1, 5))
PARTNERS = {JANUARY: ("P-1", "P-2", "P-4"), FEBRUARY: ("P-1", "P-2", "P-3", "P-4"), MARCH: ("P-1", "P-2", "P-3", "P-4")}
VIEWS = (".html", ".pdf")


@dataclass(frozen=True)
class Home:
    """The home as it was left, in a folder and a database of its own."""

    folder: Path
    database_url: str

    def office(self, vendor: Path = LEFT / "vendor") -> Office:
        return office(self.folder, vendor, database_url=self.database_url)

    def month(self, period: Period) -> Path:
        return self.folder / "archive" / "uis-bounty" / str(period) / "v1"

    def statement(self, period: Period, partner_id: str) -> bytes:
        return (self.month(period) / "statements" / partner_id / "statement.json").read_bytes()


def unpacked_archive(folder: Path) -> Path:
    with tarfile.open(LEFT / "archive.tar.xz") as packed:
        packed.extractall(folder / "archive", filter="data")
    return folder / "archive"


def restored(database_url: str) -> None:
    """Fill an empty database with what was dumped."""
    if database_url.startswith("sqlite"):
        database = sqlite3.connect(str(make_url(database_url).database))
        database.executescript((LEFT / "sqlite.sql").read_text(encoding="utf-8"))
        database.close()
        return
    import psycopg

    address = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute((LEFT / "postgres.sql").read_bytes())


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Home:
    unpacked_archive(tmp_path)
    restored(database_url)
    return Home(tmp_path, database_url)


def migrated(home: Home) -> Office:
    here = home.office()
    here.database.prepare()
    return here


def test_it_is_not_read_before_it_is_brought_up_to_date(home: Home) -> None:
    here = home.office()
    with pytest.raises(
        UnguardedDatabase, match=r"its schema is 0002, this version works with 0006. `settle run PERIOD`"
    ):
        month_statuses_of(here)
    with pytest.raises(UnguardedDatabase, match="its schema is 0002"):
        list(explained(approved_statement(here, "P-1", JANUARY), None))
    with pytest.raises(UnguardedDatabase, match="its schema is 0002"):
        settle_month(APRIL, here, dry_run=True)


def month_statuses_of(here: Office) -> list[tuple[Period, Stage]]:
    return [(status.period, status.stage) for status in month_statuses(here)] if here.database.exists() else []


def test_naming_a_closed_month_brings_it_up_to_date_and_changes_nothing_else(home: Home) -> None:
    before = digests(home.folder / "archive")
    no_vendor = home.office(home.folder / "no vendor folder")

    assert settle_month(JANUARY, no_vendor).ending is Ending.CLOSED_BEFORE

    assert month_statuses_of(home.office()) == [
        (JANUARY, Stage.CLOSED),
        (FEBRUARY, Stage.CLOSED),
        (MARCH, Stage.APPROVED),
    ]
    assert digests(home.folder / "archive") == before
    with home.office().database.reading() as session:
        assert broken_links(session.exec(select(AuditRow).order_by(AuditRow.seq))) == []  # type: ignore[arg-type]


def test_it_is_verified_and_explained(home: Home) -> None:
    here = migrated(home)

    assert verify(here.store).holds
    for period in (JANUARY, FEBRUARY):
        for partner_id in PARTNERS[period]:
            assert list(explained(approved_statement(here, partner_id, period), None)) == list(
                explained(sealed_statement(here.store, partner_id, period), None)
            )
    of_march = [
        line.strip() for line in explained(approved_statement(here, "P-2", MARCH), "C-13")
    ]  # approved, and not archived yet
    assert of_march[0] == "Statement 2026-000009, P-2/2026-03/v1: ООО «Борис»"
    assert any("open since 2026-01" in line for line in of_march)  # its claim was found in March


def test_the_month_that_was_approved_is_finished_with_the_bytes_the_old_code_gave_it(home: Home) -> None:
    stored_then = digests(home.folder / "archive")
    finished = settle_month(MARCH, home.office(home.folder / "no vendor folder"))

    assert finished.ending is Ending.CLOSED
    was, now = (parse_sha256sums((of / "SHA256SUMS").read_bytes()) for of in (CONTINUED / "2026-03", home.month(MARCH)))
    made_now = {path for path in was if path.endswith(VIEWS) and path.startswith(("statements/P-2", "statements/P-4"))}
    assert len(made_now) == 4  # pages may look otherwise in a later version; nothing else may
    made_now.add("totals.csv")  # it says of each row what kind it is, since corrections stand there too
    assert sha256(without_kinds(home.month(MARCH))) == was["totals.csv"]
    assert {path: now[path] for path in was.keys() - made_now} == {path: was[path] for path in was.keys() - made_now}
    assert now.keys() - was.keys() == {"received.csv.gz", "claims.csv.gz", "audit.jsonl.gz", "verify.py"}
    assert now.keys() >= was.keys()
    old, new = (Seal.parse((of / "SEAL").read_bytes()) for of in (CONTINUED / "2026-03", home.month(MARCH)))
    said_then = set(old.model_dump(exclude_none=True)) - {"format", "sha256sums", "files"}
    assert new.model_dump(include=said_then) == old.model_dump(include=said_then)
    assert (new.format, new.month, new.lock) == (2, 3, "")  # it was drafted before the lock file was said
    assert stored_then.items() <= digests(home.folder / "archive").items()
    assert verify(home.office().store).holds


def says(new: Any, old: Any) -> bool:
    """Whether a newer statement has, under each key an older one has, what that says. It may have more keys."""
    if isinstance(old, dict):
        return isinstance(new, dict) and all(key in new and says(new[key], value) for key, value in old.items())
    if isinstance(old, list):
        return isinstance(new, list) and len(new) == len(old) and all(map(says, new, old))
    return type(new) is type(old) and new == old


def issued(data: bytes) -> dict[str, Any]:
    """A statement without what other code changes: the digests of the draft, which names the code, and of the lines,
    which have more columns now."""
    said: dict[str, Any] = json.loads(data)
    del said["digests"]["draft"], said["digests"]["lines"]
    return said


def without_kinds(month: Path) -> bytes:
    """The month's totals.csv without the column that the old code did not write: all of it is accrued."""
    lines = (month / "totals.csv").read_text(encoding="utf-8").splitlines()
    kinds = {line.rpartition(",")[2] for line in lines}
    assert kinds == {"kind", "accrual"}
    return "".join(line.rpartition(",")[0] + "\n" for line in lines).encode()


def programme_digest(vendor: Path) -> bytes:
    return sha256((vendor / "programme.yaml").read_bytes()).encode()


def used_to_rejected_lines(folder: Path) -> Path:
    """The vendor's folder with a word that more than 5 % may be rejected: 3 lines of 44 are in April."""
    shutil.copytree(LEFT / "vendor", folder / "vendor")
    programme = folder / "vendor" / "programme.yaml"
    programme.write_text(
        programme.read_text(encoding="utf-8") + "\nstop_when: {rejected_above: 10%}\n", encoding="utf-8"
    )
    return folder / "vendor"


def test_the_next_month_has_the_figures_the_old_code_gave_it(home: Home) -> None:
    vendor = used_to_rejected_lines(home.folder)
    ended = [settle_month(period, home.office(vendor)).ending for period in (MARCH, APRIL)]

    assert ended == [Ending.CLOSED, Ending.CLOSED]
    assert without_kinds(home.month(APRIL)) == (CONTINUED / "2026-04/totals.csv").read_bytes()
    journal = home.month(APRIL) / "ledger.journal"
    assert journal.read_bytes() == (CONTINUED / "2026-04/ledger.journal").read_bytes()
    control = json.loads((home.month(APRIL) / "control.json").read_bytes())
    # The lines it left to other months are kept since, and the digests of the billing files.
    assert set(control.pop("beside")) == {"billing-files.json", "other-month.csv.gz"}
    assert control == json.loads((CONTINUED / "2026-04/control.json").read_bytes())
    for file in sorted((CONTINUED / "2026-04" / "statements").iterdir()):
        cites_the_old = home.statement(APRIL, file.stem).replace(
            programme_digest(vendor), programme_digest(LEFT / "vendor")
        )
        assert says(issued(cites_the_old), issued(file.read_bytes())), file.stem
    assert postings(home.office()) == (CONTINUED / "posting.csv").read_text(encoding="utf-8")
    assert verify(home.office().store).holds

    store = DirectoryStore(home.folder / "archive")
    seal = Seal.parse((home.month(APRIL) / "SEAL").read_bytes())
    assert draft(read_inputs(store, "uis-bounty", APRIL)).digest == seal.draft  # of months that kept less, it asks less


def postings(here: Office) -> str:
    """All postings as they were written down then, when they had no version."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [name for name in PostingRow.model_fields if name != "version"]
    writer.writerow(names)
    with here.database.reading() as session:
        ordered = select(PostingRow).order_by(PostingRow.period, col(PostingRow.entry), col(PostingRow.leg))
        writer.writerows([getattr(row, name) for name in names] for row in session.exec(ordered))
    return text.getvalue()


@pytest.mark.parametrize(
    "name", ["lines.parquet", "billing.parquet", "events.parquet", "sums.parquet", "earned.parquet"]
)
def test_what_it_left_to_later_months_is_used_only_as_it_was_approved(home: Home, name: str) -> None:
    here = migrated(home)
    february = the_approved_month(here.database, Version(FEBRUARY))
    programme = parse_programme((LEFT / "vendor" / "programme.yaml").read_text(encoding="utf-8"))
    read_history(here.database, here.store, programme, MARCH)

    file = february.input(name)
    (home.folder / "archive" / file.key).write_bytes(here.store.get(*file) + b" ")
    with pytest.raises(ChangedInStore, match=file.sha256):
        read_history(here.database, here.store, programme, MARCH)


def test_its_archive_alone_is_verified_and_explained(tmp_path: Path) -> None:
    store = DirectoryStore(unpacked_archive(tmp_path))

    found = verify(store)
    assert (found.holds, found.periods) == (True, 2)
    explanation = list(explained(sealed_statement(store, "P-2", FEBRUARY), "C-04"))
    assert explanation[0] == "Statement 2026-000005, P-2/2026-02/v1: ООО «Борис»"
    assert "  commission                     3 216.32 RUB" in explanation
    assert (
        "  client C-04: 1 206.08 (exactly 1206.075000, rounding +1) on 2 412.15; claim K-04 of 2025-11-05"
        in explanation
    )
    with pytest.raises(
        WrongUse, match=r"no statement of P-2 for 2026-03 that is sealed. Sealed there: 2026-01, 2026-02"
    ):
        list(explained(sealed_statement(store, "P-2", MARCH), None))


def test_its_months_kept_too_little_to_be_worked_out_again_and_say_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"uis-bounty/2026-01/v1 was closed by version .* but not worked out again"):
        read_inputs(DirectoryStore(unpacked_archive(tmp_path)), "uis-bounty", JANUARY)
