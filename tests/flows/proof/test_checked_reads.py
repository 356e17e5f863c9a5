"""What an earlier month left in the archive is used only as it was approved: one changed byte stops the next month."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import polars as pl
import pytest
from moto import mock_aws

from engine.frames.parquet import frame_from, parquet_bytes
from flows.office import Office
from flows.questions.explaining import approved_statement, explained
from flows.result import Ending
from flows.settle_month import settle_month
from models.errors import ChangedInDatabase, ChangedInStore
from models.period import Period, Version
from rules.archive.layout import statement_key
from tasks.facts.approved import STATEMENTS, the_approved_month
from tasks.proof.difference import FactsDisagree
from tasks.verify import verify
from tests.made.vendors import archived, claim, line, office, partner, settle, write_vendor

JANUARY, FEBRUARY = Period(2026, 1), Period(2026, 2)

Edit = Callable[[str, bytes], None]


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    return write_vendor(
        tmp_path / "vendor",
        partners=[partner("ana")],
        claims=[claim("acme", "ana")],
        billing={
            "2026-01.csv": [line("L1", "acme", 1_000_000), line("L2", "nobody", 5_000)],
            # The vendor sends January's line once more: it was settled, so it earns nothing.
            "2026-02.csv": [line("L1", "acme", 1_000_000), line("L3", "acme", 600, paid_on="2026-02-03")],
        },
    )


@pytest.fixture(params=["directory", "s3"])
def kept(
    request: pytest.FixtureRequest, tmp_path: Path, vendor: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Office, Edit]]:
    """An office in which January is closed, and a way to change an object behind its back."""
    if request.param == "directory":
        here = office(tmp_path / "home", vendor)

        def edit_file(key: str, data: bytes) -> None:
            (tmp_path / "home" / "archive" / key).write_bytes(data)

        settle_month(JANUARY, here)
        yield here, edit_file
        return
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "moto")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "moto")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="archive")

        def edit_object(key: str, data: bytes) -> None:
            client.put_object(Bucket="archive", Key=f"main/{key}", Body=data)

        there = office(tmp_path / "home", vendor, archive_url="s3://archive/main")
        settle_month(JANUARY, there)
        yield there, edit_object


def unsettled(data: bytes) -> bytes:
    """January's lines as somebody would like them: none was settled, so that all are paid once more."""
    buffer = io.BytesIO()
    pl.read_parquet(io.BytesIO(data)).with_columns(outcome=pl.lit("unpaid")).write_parquet(buffer)
    return buffer.getvalue()


def test_a_line_is_not_paid_twice_because_somebody_edited_what_became_of_it(kept: tuple[Office, Edit]) -> None:
    here, edit = kept
    settled = the_approved_month(here.database, Version(JANUARY)).input("settled.parquet")
    whole = here.store.get(*settled)
    edit(settled.key, parquet_bytes(frame_from(whole).clear()))  # none was settled, so that all are paid once more
    with pytest.raises(FactsDisagree, match=rf"{settled.key}: was changed: .* and was {settled.sha256}"):
        settle_month(FEBRUARY, here)

    edit(settled.key, whole)
    february = settle_month(FEBRUARY, here)
    assert february.ending is Ending.CLOSED
    assert february.figures.commission_minor == 300  # 50 % of 6.00: January's line earned in January


@pytest.mark.parametrize("name", ["settled.parquet", "carried.parquet", "lines.parquet"])
def test_every_file_that_the_last_month_rests_on_is_checked_whether_the_next_one_reads_it_or_not(
    kept: tuple[Office, Edit], name: str
) -> None:
    here, edit = kept
    file = the_approved_month(here.database, Version(JANUARY)).input(name)
    edit(file.key, here.store.get(*file) + b" ")
    with pytest.raises(FactsDisagree, match=file.sha256):
        settle_month(FEBRUARY, here)


def test_a_statement_that_was_changed_in_the_archive_is_not_explained(kept: tuple[Office, Edit]) -> None:
    here, edit = kept
    assert any("acme" in words for words in explained(approved_statement(here, "ana", JANUARY), None))
    month = the_approved_month(here.database, Version(JANUARY))
    key = statement_key(month.programme, month.version, "ana", "statement.json")
    edit(key, here.store.read_unchecked(key) + b" ")
    with pytest.raises(ChangedInStore, match=month.statements["ana"].digest):
        list(explained(approved_statement(here, "ana", JANUARY), None))


def test_a_statement_that_is_not_archived_yet_is_explained_from_the_drafts_bodies_and_these_are_checked(
    vendor: Path, tmp_path: Path
) -> None:
    in_the_way = archived(tmp_path, "2026-01") / "statements" / "ana"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("a file where ana's folder should be")
    settle(tmp_path, vendor, "2026-01")
    here = office(tmp_path, vendor)
    assert any("acme" in words for words in explained(approved_statement(here, "ana", JANUARY), None))
    bodies = tmp_path / "archive" / the_approved_month(here.database, Version(JANUARY)).input(STATEMENTS).key
    bodies.write_bytes(bodies.read_bytes() + b" ")
    with pytest.raises(ChangedInStore):
        approved_statement(here, "ana", JANUARY)


def test_a_changed_copy_in_the_months_folder_stops_the_next_month_and_verification_finds_it(
    vendor: Path, tmp_path: Path
) -> None:
    settle(tmp_path, vendor, "2026-01")
    copy = archived(tmp_path, "2026-01") / "lines.parquet"
    copy.write_bytes(unsettled(copy.read_bytes()))
    with pytest.raises(FactsDisagree, match=r"2026-01/v1/lines\.parquet: was changed"):
        settle(tmp_path, vendor, "2026-02")
    found = verify(office(tmp_path, vendor).store)
    assert [finding.where for finding in found.findings] == ["test-partners/2026-01/v1/lines.parquet"]


def test_documents_are_not_made_from_bodies_that_were_changed(vendor: Path, tmp_path: Path) -> None:
    in_the_way = archived(tmp_path, "2026-01") / "statements" / "ana"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("a file where ana's folder should be")
    settle(tmp_path, vendor, "2026-01")
    here = office(tmp_path, vendor)
    bodies = tmp_path / "archive" / the_approved_month(here.database, Version(JANUARY)).input(STATEMENTS).key
    bodies.write_bytes(bodies.read_bytes() + b" ")
    in_the_way.unlink()
    with pytest.raises(ChangedInStore):
        settle_month(JANUARY, here)


def test_an_approved_draft_that_the_database_holds_otherwise_is_not_used(vendor: Path, tmp_path: Path) -> None:
    settle(tmp_path, vendor, "2026-01")
    here = office(tmp_path, vendor)
    # Whoever owns the file can take the guards away.
    with here.database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.executescript(
            "PRAGMA query_only = OFF; DROP TRIGGER draft_refuses_update; UPDATE draft SET document = document || ' '"
        )
    with pytest.raises(ChangedInDatabase, match="was changed"):
        list(explained(approved_statement(here, "ana", JANUARY), None))
