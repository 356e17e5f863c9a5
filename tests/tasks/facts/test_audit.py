"""The audit trail is one chain: what was changed, taken out or put in afterwards shows."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import col

from models.rows import AuditRow
from tasks.database.database import Database
from tasks.database.lease import lease
from tasks.facts.audit import AuditEntry, Trail, broken_links

NOW = "2026-02-03T03:00:00Z"
ZEROS = "0" * 64

CONTENT = st.fixed_dictionaries(
    {
        "event": st.text(max_size=5),
        "period": st.text(max_size=5),
        "subject": st.text(max_size=5),
        "about": st.text(max_size=5),
        "amount_minor": st.none() | st.integers(-(2**63), 2**63 - 1),
        "currency": st.text(max_size=3),
    }
)


def trail(*subjects: str) -> list[AuditEntry]:
    made = Trail(None, NOW)
    for subject in subjects:
        made.record("client.attributed", period="2026-01", subject=subject, about="d", currency="RUB")
    return made.entries


def of(database: Database) -> list[AuditRow]:
    with database.reading() as session:
        return list(session.scalars(select(AuditRow).order_by(col(AuditRow.seq))))


def test_the_first_entry_is_number_1_and_follows_nothing() -> None:
    [entry] = trail("acme-42")
    assert (entry.seq, entry.previous) == (1, ZEROS)
    # As an auditor finds it: printf '%s\n' '{"about":"d","amount_minor":null,"at":"2026-02-03T03:00:00Z",
    # "currency":"RUB","event":"client.attributed","period":"2026-01","previous":"000...","seq":1,
    # "subject":"acme-42"}' on one line, piped to sha256sum.
    assert entry.digest == "57235aabd4f34f53bafad743bf5d184bbf6afd629ea4e472de38c6b312e91ac0"


def test_each_entry_names_the_digest_of_the_one_before() -> None:
    first, second, third = trail("a", "b", "c")
    assert [second.previous, third.previous] == [first.digest, second.digest]
    assert [first.seq, second.seq, third.seq] == [1, 2, 3]


def test_a_whole_trail_has_no_broken_links() -> None:
    assert broken_links([]) == []
    assert broken_links(trail("a", "b", "c")) == []


def test_an_entry_taken_out_is_found() -> None:
    first, second, third = trail("a", "b", "c")
    gap, link = broken_links([first, third])
    assert gap == "audit entry 3 follows 1: the trail has no gaps, 2 should come next"
    assert link == f"audit entry 3 follows {second.digest}, but the entry before bears {first.digest}"
    assert broken_links([second, third])[0].startswith("audit entry 2 follows 0: ")


def test_an_entry_rewritten_together_with_its_digest_breaks_the_next() -> None:
    first, second = trail("a", "b")
    [forged] = trail("mallory")
    assert broken_links([forged, second]) == [
        f"audit entry 2 follows {first.digest}, but the entry before bears {forged.digest}"
    ]


@given(contents=st.lists(CONTENT, min_size=1, max_size=4), other=CONTENT, place=st.integers(0, 3))
def test_any_trail_is_whole_and_any_changed_content_is_found(
    contents: list[dict[str, object]], other: dict[str, object], place: int
) -> None:
    made = Trail(None, NOW)
    for content in contents:
        made.record(**content)  # type: ignore[arg-type]
    entries = made.entries
    assert broken_links(entries) == []
    place %= len(entries)
    is_same = all(getattr(entries[place], name) == value for name, value in other.items())
    entries[place] = entries[place]._replace(**other)  # type: ignore[arg-type]
    assert bool(broken_links(entries)) is not is_same


def test_the_fields_of_an_entry_are_the_columns_of_its_row() -> None:
    assert list(AuditEntry._fields) == list(AuditRow.model_fields)


def test_a_row_changed_behind_the_guards_is_found(database: Database) -> None:
    with lease(database, "uis", 60) as epoch, database.writing(epoch, NOW) as transaction:
        for partner, amount in (("ana", 1000), ("bo", 2000), ("cy", 3000)):
            transaction.record(
                "statement.issued", period="2026-01", subject=partner, about="d", amount_minor=amount, currency="RUB"
            )
    assert broken_links(of(database)) == []
    is_sqlite = database.engine.dialect.name == "sqlite"
    with database.locked() as session:
        behind = session.connection().exec_driver_sql
        behind("DROP TRIGGER audit_refuses_update" if is_sqlite else "DROP TRIGGER audit_refuses_change ON audit")
        behind("UPDATE audit SET amount_minor = 2001 WHERE seq = 2")
    [found] = broken_links(of(database))
    assert found.startswith("audit entry 2 bears ")


def test_the_entries_of_two_writers_are_one_chain(database: Database) -> None:
    failures: list[BaseException] = []

    def write(subject: str) -> None:
        try:
            for number in range(10):
                with database.writing(epoch, NOW) as transaction:
                    for step in ("begun", "done"):
                        transaction.record(step, period="2026-01", subject=f"{subject}-{number}", about="d")
        except BaseException as failure:
            failures.append(failure)

    with lease(database, "uis", 60) as epoch:
        writers = [threading.Thread(target=write, args=(subject,)) for subject in ("ana", "bo", "cy")]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
    assert failures == []
    entries = of(database)
    assert [entry.seq for entry in entries] == list(range(1, 61))
    assert broken_links(entries) == []
    # The two entries of one transaction stand side by side.
    assert all(begun.subject == done.subject for begun, done in zip(entries[::2], entries[1::2], strict=True))


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_a_trail_goes_on_from_one_transaction_to_the_next(database: Database, kept: int) -> None:
    with lease(database, "uis", 60) as epoch:
        for number in range(kept + 1):
            with database.writing(epoch, NOW) as transaction:
                transaction.record("month.approved", period=f"2026-0{number + 1}", subject="uis", about="d")
    entries = of(database)
    assert [entry.seq for entry in entries] == list(range(1, kept + 2))
    assert broken_links(entries) == []
