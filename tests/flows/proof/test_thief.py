"""A thief with a hand on database and archive both: what was tried is named before the next month is approved."""

import json
import shutil
from pathlib import Path

import pytest

from flows.office import Office
from flows.questions.check_installation import check_installation
from flows.result import Ending
from flows.settle_month import settle_month
from models.canonical import sha256
from models.errors import ArchiveAhead, ChangedInStore, UnguardedDatabase
from models.rows import ApprovalRow, StoredRow
from tasks.database.row_digests import rows_digest
from tasks.facts.audit import AuditEntry
from tasks.proof.difference import FactsDisagree
from tasks.verify import verify
from tests.attacks.forger import resealed, rewrite
from tests.made.closed_home import JANUARY, MARCH, Home
from tests.made.tables import run, stored
from tests.made.vendors import office, two_months


def failed(home: Home) -> list[str]:
    return [check.words for check in check_installation(home.settings) if not check.passed]


@pytest.mark.parametrize("file", ["statement.json", "statement.pdf"])
def test_a_statement_of_the_last_month_that_was_changed_or_deleted_is_named(home: Home, file: str) -> None:
    path = home.archive / "2026-02/v1/statements/bo" / file
    data = path.read_bytes()
    rewrite(path, data + b" ")
    home.must_stop(f"2026-02/v1/statements/bo/{file}: was changed: its SHA-256 is {sha256(data + b' ')}")
    path.unlink()
    home.must_stop(f"2026-02/v1/statements/bo/{file}: is gone from the archive; its SHA-256 was {sha256(data)}")
    path.write_bytes(data)
    assert settle_month(MARCH, home.office).ending is Ending.CLOSED


def test_the_doctor_names_a_statement_of_any_month_that_was_deleted(home: Home) -> None:
    (home.archive / "2026-01/v1/statements/bo/statement.html").unlink()
    (words,) = failed(home)
    assert "2026-01/v1/statements/bo/statement.html: is gone from the archive" in words


@pytest.mark.parametrize("month", ["2026-01", "2026-02"])
@pytest.mark.parametrize("name", ["settled.parquet", "carried.parquet", "billing.parquet", "programme.yaml"])
def test_what_a_closed_month_rested_on_or_left_cannot_be_changed_for_a_run_and_put_back(
    home: Home, month: str, name: str
) -> None:
    """What decides about later months, or is an auditor's, is compared before anything is approved; so does the doctor."""
    draft = json.loads((home.archive / month / "v1/draft.json").read_bytes())
    path = home.archive / "inputs" / (draft["inputs"] | draft["results"])[name]
    data = path.read_bytes()
    rewrite(path, data + b" ")
    assert [f"inputs/{path.name}: was changed" in words for words in failed(home)] == [True]
    assert not verify(home.office.store).holds
    if month == "2026-02" or name == "settled.parquet":
        with pytest.raises((FactsDisagree, ChangedInStore), match=path.name):
            settle_month(MARCH, home.office)
    rewrite(path, data)
    assert settle_month(MARCH, home.office).ending is Ending.CLOSED


def test_a_version_forged_beside_an_old_month_is_named(home: Home) -> None:
    shutil.copytree(home.archive / "2026-01/v1", home.archive / "2026-01/v2")
    with pytest.raises(ArchiveAhead, match="2026-01/v2 was closed before, but this database does not know it"):
        settle_month(MARCH, home.office)
    assert ["2026-01/v2" in words for words in failed(home)] == [True]


def test_months_made_anew_in_the_archive_are_named(home: Home) -> None:
    """Twenty lines of Python make sums, seals and chain fit again; the database recorded what was sealed."""
    path = home.archive / "2026-01/v1/totals.csv"
    rewrite(path, path.read_bytes() + b"\n")
    resealed(home.archive)
    home.must_stop("seal 2026-01/v1", "seal 2026-02/v1")


def test_an_approver_of_whom_all_is_told_but_in_the_archive_is_named(home: Home) -> None:
    """Approval, consent, digests of rows and the whole trail are changed, and chained anew: SEAL says who it was."""
    (row,) = (each for each in stored(home.office.database, "approval") if each["period"] == "2026-02")
    at, draft = row["approved_at"], str(row["draft_digest"])
    as_cfo = row | {"approved_by": "cfo"}
    digest = rows_digest(ApprovalRow, [tuple(as_cfo[name] for name in ApprovalRow.model_fields)])

    def change(entry: AuditEntry) -> list[AuditEntry]:
        if (entry.event, entry.period) == ("month.approved", "2026-02"):
            consented = entry._replace(event="draft.consented", subject="cfo", about=draft)
            return [consented, entry._replace(subject="cfo")]
        told = entry.subject == "approval of 2026-02/v1"
        return [entry._replace(about=digest) if told else entry]

    home.retold(
        change,
        "UPDATE approval SET approved_by = 'cfo' WHERE period = '2026-02'",
        f"INSERT INTO consent VALUES('{draft}', 'approved', 'cfo', '2026-02', '{at}')",
    )
    home.must_stop(
        f"2026-02/v1/SEAL: says that system approved it at {at}; the database says cfo at {at}",
        "2026-02/v1/SEAL: says who spoke of the draft: nobody; the database says cfo",
        "2026-02/v1/SEAL: says that audit entry",
    )


def test_a_trail_whose_comments_are_chained_anew_is_named(home: Home) -> None:
    """Nothing but the SEAL knows an entry that no row repeats."""
    home.retold(lambda entry: [entry._replace(event="seen.by.cfo"), entry] if entry.seq == 1 else [entry])
    home.must_stop("2026-01/v1/SEAL: says that audit entry", "2026-02/v1/SEAL: says that audit entry")


def test_a_claim_that_was_accepted_by_no_month_is_named(home: Home) -> None:
    home.run("INSERT INTO claim VALUES('X','newco','bo','2026-01-01','form','','accepted','','2026-02')")
    home.must_stop("claim X: is accepted in 2026-02, and attributed newco to nobody: no month decided it")


def test_a_paper_exchanged_with_its_record_before_the_close_is_named(home: Home, tmp_path: Path) -> None:
    in_the_way = home.archive / "2026-03/v1/statements/bo"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("a file where bo's folder should be")
    assert settle_month(MARCH, home.office).ending is Ending.INCOMPLETE
    in_the_way.unlink()
    paper = home.archive / "2026-03/v1/statements/ana/statement.pdf"
    rewrite(paper, b"%PDF pay more")
    key, digest = "test-partners/2026-03/v1/statements/ana/statement.pdf", sha256(b"%PDF pay more")
    home.unguarded(f"UPDATE stored SET sha256 = '{digest}', size = 13 WHERE key = '{key}'")
    with pytest.raises(FactsDisagree, match="stored of ana/2026-03/v1: its documents are recorded otherwise"):
        settle_month(MARCH, home.office)


def test_what_is_recorded_of_documents_before_the_close_is_no_difference_after_it(home: Home) -> None:
    in_the_way = home.archive / "2026-03/v1/statements/bo"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("a file where bo's folder should be")
    assert settle_month(MARCH, home.office).ending is Ending.INCOMPLETE
    assert len(stored(home.office.database, StoredRow.__tablename__)) > 0
    in_the_way.unlink()
    assert settle_month(MARCH, home.office).ending is Ending.CLOSED
    assert failed(home) == []


def test_a_schema_that_calls_itself_an_older_one_is_refused_in_words(home: Home) -> None:
    home.run("UPDATE alembic_version SET version_num = '0004'")
    with pytest.raises(UnguardedDatabase, match=r"cannot be brought up to date from there: .*already exists"):
        settle_month(MARCH, home.office)


def test_a_database_that_was_emptied_does_not_begin_anew_in_a_later_month(home: Home) -> None:
    """Whose clients are was forgotten, and what was paid: the archive knows that there were months."""
    _emptied(home)
    programme = home.office.vendor_folder / "programme.yaml"
    programme.write_text(programme.read_text().replace("starts: 2026-01", "starts: 2026-03"))
    with pytest.raises(ArchiveAhead, match="2026-01/v1, 2026-02/v1 was closed before"):
        settle_month(MARCH, Office.open(home.settings))


def _emptied(home: Home) -> None:
    database = home.office.database
    if database.engine.dialect.name == "postgresql":
        home.run("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
        return
    database.engine.dispose()
    for path in Path(str(database.url.database)).parent.glob("*.db*"):
        path.unlink()


@pytest.fixture
def anchors(home: Home, tmp_path: Path) -> Home:
    """The home with an anchor elsewhere that has its two seals."""
    from flows.handing_over import anchored_seals

    settings = home.settings.model_copy(update={"anchor_url": (tmp_path / "elsewhere").as_uri()})
    anchored_seals(home.office.store.url, settings)
    return Home(Office.open(settings), settings)


def _archive_taken_away(home: Home) -> None:
    _emptied(home)
    shutil.rmtree(home.archive)


def _home_elsewhere(home: Home) -> Home:
    there = home.settings.model_copy(update={"home": Path(home.settings.home).parent / "another", "database_url": ""})
    return Home(Office.open(there), there)


@pytest.mark.parametrize("taken", ["database and archive", "another home"])
def test_an_anchor_knows_months_that_database_and_archive_no_longer_do(anchors: Home, taken: str) -> None:
    home = _home_elsewhere(anchors) if taken == "another home" else anchors
    if home is anchors:
        _archive_taken_away(home)
    with pytest.raises(FactsDisagree) as refused:
        settle_month(JANUARY, Office.open(home.settings))
    for month in ("2026-01", "2026-02"):
        assert f"anchor test-partners/{month}/v1: was closed, the anchor says, and is not there" in str(refused.value)


def test_an_old_backup_of_database_and_archive_is_known_by_the_anchor(anchors: Home) -> None:
    shutil.rmtree(anchors.archive / "2026-02")
    forgotten = ("posting", "statement", "accrual", "correction", "stored", "seal", "approval", "draft")
    anchors.retold(
        lambda entry: [] if entry.period == "2026-02" else [entry],
        *(f"DELETE FROM {name} WHERE period = '2026-02'" for name in forgotten),
    )
    with pytest.raises(FactsDisagree, match="anchor test-partners/2026-02/v1: was closed, the anchor says") as refused:
        settle_month(anchors_month := MARCH.previous(), anchors.office)
    assert str(anchors_month) in str(refused.value)
    assert any("anchor test-partners/2026-02/v1" in words for words in failed(anchors))


def test_months_that_are_not_anchored_yet_are_settled_after_with_a_warning(
    home: Home, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = home.settings.model_copy(update={"anchor_url": (tmp_path / "elsewhere").as_uri()})
    assert settle_month(MARCH, Office.open(settings)).ending is Ending.CLOSED
    assert "2026-02/v1/SEAL is not anchored: `settle anchor` does it" in caplog.text


@pytest.mark.slow
def test_an_index_of_postgresql_that_leaves_rows_out_is_named(tmp_path: Path, postgres_url: str) -> None:
    """The same by who owns the server: the index is told not to be kept while the draft is stored."""
    vendor = two_months(tmp_path / "vendor", 100_000)
    ready = "UPDATE pg_index SET indisready = {} WHERE indexrelid = 'ix_draft_period'::regclass"
    with_approval = office(tmp_path / "home", vendor, approval="on", database_url=postgres_url)
    with_approval.prepare()
    run(with_approval.database, ready.format("false"))
    with_approval.database.engine.dispose()
    assert settle_month(JANUARY, with_approval).ending is Ending.WAITING
    run(with_approval.database, ready.format("true"))
    here = office(tmp_path / "home", vendor, database_url=postgres_url)
    with pytest.raises(FactsDisagree, match="table draft: its index of period has 0 rows, and the table has 1"):
        settle_month(JANUARY, here)


def test_an_index_that_leaves_rows_out_is_named(tmp_path: Path) -> None:
    """A draft that waited for a person is not found by its month any more, and switching approval off would do."""
    vendor = two_months(tmp_path / "vendor", 100_000)
    assert settle_month(JANUARY, office(tmp_path / "home", vendor, approval="on")).ending is Ending.WAITING
    here = office(tmp_path / "home", vendor)
    empty = "(SELECT rootpage FROM sqlite_master WHERE name = 'correction')"
    run(
        here.database,
        "PRAGMA writable_schema = ON",
        f"UPDATE sqlite_master SET rootpage = {empty} WHERE name = 'ix_draft_period'",
    )
    here.database.engine.dispose()
    with pytest.raises(FactsDisagree, match="database file: wrong # of entries in index ix_draft_period"):
        settle_month(JANUARY, here)
