"""Approval: prepared first, stored in one short transaction, and the same facts as the slow, obvious way stores."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from flows.consent import deciding
from flows.consent.give_consent import give_consent
from flows.office import Office
from flows.result import Ending
from flows.settle_month import settle_month
from models.errors import CannotApprove
from models.period import Period
from models.rows import AccrualRow, AttributionRow, StatementRow
from sample import make_sample
from tasks.database.database import Database, Transaction
from tasks.database.lease import Epoch, lease
from tasks.facts import audit
from tasks.facts.consents import PREPARED, Consent, consent, consented_by, consents
from tests.made.tables import a_row, stored
from tests.made.vendors import PROGRAMME, claim, line, office, partner, write_vendor
from tests.twins.approval_twin import approve_slowly

NOW = "2026-02-03T03:00:00Z"
EXAMPLES = Path(__file__).parents[2] / "examples"
JANUARY, FEBRUARY = Period(2026, 1), Period(2026, 2)


def small_vendor(folder: Path) -> Path:
    """Two partners who claim one client, a client of each; then one more client, a lost claim, and a refund."""
    return write_vendor(
        folder,
        programme=PROGRAMME.replace("net_current", "original_rate"),
        partners=[partner("ana", segments="north;large"), partner("bo", name='B "o" \\ Co')],
        claims=[
            claim("acme", "ana"),
            claim("acme", "bo", claim_id="K-late", claimed_on="2026-01-09", evidence="a\u2028letter"),
            claim("bell", "bo", evidence='"number":""'),
            claim("core", "bo", claimed_on="2026-02-01"),
        ],
        billing={
            "2026-01.csv": [
                line("L1", "acme", 1_000_000, client_name='"digests":{"draft":""'),
                line("L2", "bell", 2_000_001, category="telephony"),
                line("L3", "bell", -100),
            ],
            "2026-02.csv": [
                line("L4", "core", 700, paid_on="2026-02-04"),
                line("L5", "acme", 5, paid_on="2026-02-04"),
                line("L6", "acme", -300_000, kind="credit_note", paid_on="2026-02-05", refunds_line_id="L1"),
            ],
        },
    )


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but the lease, in order."""
    return {
        name: sorted(tuple(row.values()) for row in stored(database, name))
        for name in SQLModel.metadata.tables
        if name != "lease"
    }


def test_what_is_stored_is_what_the_slow_way_stores_row_for_row(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = small_vendor(tmp_path / "vendor")
    fast = office(tmp_path / "fast", vendor, database_url=database_url)
    slow = office(tmp_path / "slow", vendor)
    for month in (JANUARY, FEBRUARY):
        settle_month(month, fast)
    monkeypatch.setattr(deciding, "approve", approve_slowly)
    for month in (JANUARY, FEBRUARY):
        settle_month(month, slow)
    # Stored, archived and sealed by the same clock, so nothing at all may differ.
    expected = everything(slow.database)
    assert everything(fast.database) == expected
    assert {row[0] for row in expected["approval"]} == {"2026-01", "2026-02"}
    (taken,) = expected["correction"]
    assert taken == ("2026-02", 1, "ana", "clawback", "software", "partner", "RUB", -150_000)
    assert "rejected" in {value for row in expected["claim"] for value in row}


@pytest.mark.parametrize("programme", [path.stem for path in sorted(EXAMPLES.glob("*.yaml"))])
def test_a_month_of_each_example_becomes_the_facts_of_the_slow_way(
    programme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_sample(tmp_path / "vendor", clients=40, partners=6, months=1, programme=programme)
    fast, slow = (office(tmp_path / name, tmp_path / "vendor") for name in ("fast", "slow"))
    approved(fast)
    monkeypatch.setattr(deciding, "approve", approve_slowly)
    approved(slow)
    assert everything(fast.database) == everything(slow.database)
    assert len(stored(fast.database, "statement")) == 6


def approved(here: Office) -> None:
    """Take January as far as its approval: no documents are made."""
    here.database.prepare()
    with lease(here.database, "sample", 60) as epoch:
        deciding.approve_draft(JANUARY, here, epoch)


def test_a_draft_that_was_consented_to_becomes_the_same_facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = small_vendor(tmp_path / "vendor")
    offices = [office(tmp_path / name, vendor, approval="on") for name in ("fast", "slow")]
    for each in offices:
        waiting = settle_month(JANUARY, each)
        give_consent(each, JANUARY, waiting.draft_digest, "anna")
    settle_month(JANUARY, offices[0])
    monkeypatch.setattr(deciding, "approve", approve_slowly)
    settle_month(JANUARY, offices[1])
    assert everything(offices[0].database) == everything(offices[1].database)


def test_an_approval_names_everybody_who_consented_and_whoever_prepared_it_stands_beside_them(tmp_path: Path) -> None:
    here = office(tmp_path, small_vendor(tmp_path / "vendor"), approval="on")
    digest = settle_month(JANUARY, here).draft_digest
    with lease(here.database, "test-partners", 60) as epoch:
        consent(here.database, epoch, Consent("2026-01", digest, "zoe", PREPARED), "2026-12-03T03:00:01Z")
    assert consented_by(here.database, digest) == ()
    assert settle_month(JANUARY, here).ending is Ending.WAITING  # to prepare is not to approve

    with lease(here.database, "test-partners", 60) as epoch:
        for by, at in (
            ("bo", "2026-12-03T03:00:03Z"),
            ("anna", "2026-12-03T03:00:02Z"),  # a machine a second behind
            ("bo", "2026-12-03T03:00:04Z"),
        ):
            consent(here.database, epoch, Consent("2026-01", digest, by), at)
    assert consented_by(here.database, digest) == ("anna", "bo")
    assert settle_month(JANUARY, here).ending is Ending.CLOSED
    [approval] = stored(here.database, "approval")
    assert (approval["approved_by"], approval["draft_digest"]) == ("anna, bo", digest)
    assert consents(here.database, digest) == [
        Consent("2026-01", digest, "zoe", PREPARED),
        Consent("2026-01", digest, "anna"),
        Consent("2026-01", digest, "bo"),
    ]
    said = [(row["event"], row["subject"]) for row in stored(here.database, "audit") if row["about"] == digest]
    assert said == [
        ("draft.made", "test-partners"),
        ("draft.prepared", "zoe"),
        ("draft.consented", "bo"),
        ("draft.consented", "anna"),
        ("month.approved", "anna, bo"),
    ]
    with (
        lease(here.database, "test-partners", 60) as epoch,
        pytest.raises(CannotApprove, match="approved already; nothing was added"),
    ):
        consent(here.database, epoch, Consent("2026-01", digest, "cy"), "2026-12-03T03:00:05Z")


@contextmanager
def before_the_transaction(monkeypatch: pytest.MonkeyPatch, action: Any) -> Iterator[None]:
    """Do something after the approval was prepared, and before its transaction begins."""
    writing = Database.writing
    done: list[bool] = []

    def meddling(self: Database, *given: Any) -> Any:
        if not done:
            done.append(True)
            action(self, *given)
        return writing(self, *given)

    with monkeypatch.context() as changed:
        changed.setattr(Database, "writing", meddling)
        yield


def test_an_approval_prepared_before_something_was_recorded_is_not_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = office(tmp_path, small_vendor(tmp_path / "vendor"))

    def record(database: Database, *given: Any) -> None:
        with database.writing(*given) as tx:
            tx.record("somebody.wrote", period="2026-01", subject="without asking", about="")

    with before_the_transaction(monkeypatch, record), pytest.raises(CannotApprove, match="newest audit entry is 2 now"):
        settle_month(JANUARY, here)
    for name in ("approval", "statement", "posting", "attribution", "draft"):
        assert stored(here.database, name) == []
    assert [row["event"] for row in stored(here.database, "audit")] == ["clock.fixed", "somebody.wrote"]
    assert settle_month(JANUARY, here).figures.partners == 2  # a second run goes on from what is there


def test_a_month_approved_meanwhile_is_not_approved_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = office(tmp_path, small_vendor(tmp_path / "vendor"))

    def approve_otherwise(database: Database, *given: Any) -> None:
        with database.writing(*given) as tx:
            tx.session.execute(
                SQLModel.metadata.tables["approval"].insert(), {**a_row("approval"), "period": "2026-01", "version": 1}
            )

    with before_the_transaction(monkeypatch, approve_otherwise), pytest.raises(CannotApprove, match="approved already"):
        settle_month(JANUARY, here)
    assert stored(here.database, "statement") == []


def test_a_number_given_meanwhile_is_not_given_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = office(tmp_path, small_vendor(tmp_path / "vendor"))

    def number(database: Database, *given: Any) -> None:
        with database.writing(*given) as tx:
            row = {**a_row("statement"), "number": "2026-000001"}
            tx.session.execute(SQLModel.metadata.tables["statement"].insert(), row)

    with before_the_transaction(monkeypatch, number), pytest.raises(CannotApprove, match="2026-000001 was given"):
        settle_month(JANUARY, here)
    assert len(stored(here.database, "statement")) == 1


def test_nothing_is_worked_out_while_the_database_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = office(tmp_path, small_vendor(tmp_path / "vendor"))
    worked_out: list[str] = []
    held: list[bool] = []
    insert, digest = Transaction.insert, audit.digest

    def inserting(self: Transaction, *given: Any) -> None:
        held.append(True)
        insert(self, *given)

    def digesting(entry: audit.Chained) -> str:
        if held:
            worked_out.append(entry.event)
        return digest(entry)

    monkeypatch.setattr(Transaction, "insert", inserting)
    monkeypatch.setattr(audit, "digest", digesting)
    settle_month(JANUARY, here)
    # What comes after the approval: the archive, and the close.
    assert worked_out[0] == "statement.archived"
    assert set(worked_out) == {"statement.archived", "rows.recorded", "month.sealed"}


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (AccrualRow, {"base_minor": 1.0}),
        (AccrualRow, {"base_minor": True}),
        (AccrualRow, {"base_minor": "1"}),
        (AccrualRow, {"base_minor": None}),
        (StatementRow, {"number": 1}),
        (AttributionRow, {"period": None}),
    ],
)
def test_many_rows_are_as_strict_about_their_types_as_one(
    database: Database, kind: type[SQLModel], change: dict[str, object]
) -> None:
    name = str(kind.__tablename__)
    whole = tuple(a_row(name).values())
    broken = tuple({**a_row(name), **change}.values())
    with lease(database, "uis", 60) as epoch:
        with pytest.raises(TypeError, match=rf"{name}\.{next(iter(change))} takes"), database.writing(epoch, NOW) as tx:
            tx.insert(kind, [whole, broken])
        assert stored(database, name) == []


def test_many_rows_are_stored_in_one_transaction_with_what_stands_beside_them(database: Database) -> None:
    with lease(database, "uis", 60) as epoch:
        with database.writing(epoch, NOW) as tx:
            tx.insert(
                AttributionRow, ((f"client-{n}", "ana", "\u0436\t\\N\n\"'", NOW, "2026-01") for n in range(20_001))
            )
            tx.record("client.attributed", period="2026-01", subject="all", about="d")
        assert len(stored(database, "attribution")) == 20_001
        assert {row["claim_id"] for row in stored(database, "attribution")} == {"\u0436\t\\N\n\"'"}


def test_many_rows_of_a_transaction_that_fails_are_not_stored(database: Database) -> None:
    def fail(epoch: Epoch) -> None:
        with database.writing(epoch, NOW) as tx:
            tx.insert(AttributionRow, [("acme", "ana", "K", NOW, "2026-01")])
            assert tx.session.get_one(AttributionRow, "acme").partner_id == "ana"
            raise ZeroDivisionError

    with lease(database, "uis", 60) as epoch, pytest.raises(ZeroDivisionError):
        fail(epoch)
    assert stored(database, "attribution") == []


def test_a_fact_that_is_there_is_not_inserted_again_with_many(database: Database) -> None:
    row = tuple(a_row("attribution").values())
    with lease(database, "uis", 60) as epoch:
        with database.writing(epoch, NOW) as tx:
            tx.insert(AttributionRow, [row])
        with pytest.raises(IntegrityError), database.writing(epoch, NOW) as tx:
            tx.insert(AttributionRow, [("b", *row[1:]), row])
        assert len(stored(database, "attribution")) == 1
