"""Facts prove each other: what somebody with a hand on the database changes is named before the next month is approved.

Each attack takes the guards away, does what it wants, and puts the guards back from their own text.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.questions.check_installation import check_installation
from flows.result import Ending
from flows.settle_month import settle_month
from tasks.facts.audit import AuditEntry
from tasks.proof.difference import FactsDisagree
from tasks.proof.reconcile import reconcile
from tests.made.closed_home import MARCH, Home


def test_what_nobody_touched_agrees_and_the_next_month_is_settled(home: Home) -> None:
    assert reconcile(home.office.database, home.office.store) == []
    assert settle_month(MARCH, home.office).ending is Ending.CLOSED
    assert reconcile(home.office.database, home.office.store) == []
    assert all(check.passed for check in check_installation(home.settings))


def test_a_posting_that_was_put_in_is_named_before_it_can_pay(home: Home) -> None:
    home.run(
        "INSERT INTO posting VALUES('2026-02',1,9002,1,'bo','liabilities:accrued',-99999900,'RUB','bo/2026-02/v1')"
    )
    home.must_stop(
        "posting 2026-02/v1 entry 9002: 1 legs (bo, liabilities:accrued) come to -999 999.00 RUB, not to 0",
        "postings of bo: liabilities:accrued comes to 1 000 048.99 RUB, and its last statement, 2026-02/v1, carries "
        "49.99 RUB",
        "in the database: liabilities:bo:accrued RUB -999999.00",
        "posting of 2026-02/v1: rows were added, changed or removed",
    )


@pytest.mark.parametrize("period", ["2026-01", "2026-03", "2099-01"])
def test_an_even_entry_is_named_whatever_month_it_says(home: Home, period: str) -> None:
    home.run(
        f"INSERT INTO posting VALUES('{period}',1,9002,1,'bo','liabilities:accrued',-100,'RUB','bo/{period}/v1')",
        f"INSERT INTO posting VALUES('{period}',1,9002,2,'ana','liabilities:accrued',100,'RUB','ana/{period}/v1')",
    )
    home.must_stop("postings of bo: liabilities:accrued comes to 50.99 RUB", "carries 49.99 RUB", period)


def test_a_fund_that_was_filled_by_hand_is_named(home: Home) -> None:
    home.run(
        "INSERT INTO posting VALUES('2026-02',1,9002,1,'bo','liabilities:fund',-100,'RUB','bo/2026-02/v1')",
        "INSERT INTO posting VALUES('2026-02',1,9002,2,'bo','expenses:adjustment',100,'RUB','bo/2026-02/v1')",
    )
    home.must_stop("in the database: liabilities:bo:fund RUB -1.00")


def test_a_client_given_to_another_partner_is_named(home: Home) -> None:
    home.unguarded("UPDATE attribution SET partner_id = 'bo' WHERE client_id = 'acme'")
    home.must_stop(
        "attribution acme to bo: has no entry in the audit trail that says so",
        "is without its fact, or the fact says otherwise: client.attributed acme to ana",
        "attributions of 2026-01: are not those that were approved",
    )


def test_the_same_with_the_claim_changed_is_named(home: Home) -> None:
    home.unguarded(
        "UPDATE attribution SET partner_id = 'bo' WHERE client_id = 'acme'",
        "UPDATE claim SET partner_id = 'bo' WHERE claim_id = 'K-acme'",
    )
    home.must_stop("attribution acme to bo", "attributions of 2026-01")


def test_an_invented_attribution_is_named(home: Home) -> None:
    home.run(
        "INSERT INTO claim VALUES('X','nobody','bo','2026-01-01','form','','accepted','','2026-02')",
        "INSERT INTO attribution VALUES('nobody','bo','X','2026-01-01','2026-02')",
    )
    home.must_stop("attribution nobody to bo", "attributions of 2026-02: are not those that were approved: 1 are there")


def test_a_rejected_claim_that_was_taken_out_or_explained_otherwise_is_named(home: Home) -> None:
    home.unguarded("UPDATE claim SET reason = 'too late' WHERE claim_id = 'later'")
    home.must_stop("rejected claims of 2026-01: are not those that were approved")
    home.unguarded("DELETE FROM claim WHERE claim_id = 'later'")
    home.must_stop("claim.rejected later", "0 are there, 1 were approved")


def test_an_invented_consent_is_named(home: Home) -> None:
    (digest,) = _column(home, "SELECT draft_digest FROM approval WHERE period = '2026-02'")
    home.run(f"INSERT INTO consent VALUES('{digest}','approved','cfo','2026-02','2026-12-03T03:00:00Z')")
    home.must_stop("consent cfo: has no entry in the audit trail that says so: draft.consented cfo, 2026-02")


def test_a_consent_in_a_role_that_there_is_not_is_named(home: Home) -> None:
    home.run("INSERT INTO consent VALUES('d','reviewed','cfo','2026-02','2026-12-03T03:00:00Z')")
    home.must_stop("consent cfo: has no entry in the audit trail that says so: draft.reviewed cfo, 2026-02")


def test_an_approver_whose_name_was_put_in_is_named(home: Home) -> None:
    home.unguarded("UPDATE approval SET approved_by = 'cfo' WHERE period = '2026-02'")
    home.must_stop(
        "approval 2026-02/v1: was approved by cfo, and those who consented are: nobody",
        "approval of 2026-02/v1: rows were added, changed or removed",
    )


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE statement SET carried_minor = carried_minor + 1 WHERE partner_id = 'bo'", "statement bo/2026-02/v1"),
        ("UPDATE statement SET digest = 'f00d' WHERE period = '2026-02' AND partner_id = 'bo'", "statement bo/2026-02"),
        ("DELETE FROM statement WHERE period = '2026-02' AND partner_id = 'bo'", "was approved with the draft, and is"),
        ("UPDATE accrual SET commission_minor = 1 WHERE period = '2026-02'", "its accruals: 0.01; its commission"),
        ("DELETE FROM accrual WHERE period = '2026-01' AND partner_id = 'bo'", "statement bo/2026-01/v1: its accruals"),
        ("UPDATE accrual SET base_minor = base_minor + 1 WHERE period = '2026-01'", "accrual of 2026-01/v1: rows were"),
        (
            "INSERT INTO correction VALUES('2026-02',1,'bo','clawback','software','partner','RUB',-100)",
            "statement bo/2026-02/v1: its corrections: -1.00; what is corrected on it: 0.00 RUB",
        ),
        (
            "INSERT INTO correction VALUES('2026-02',1,'bo','clawback','software','fund','RUB',-100)",
            "correction of 2026-02/v1: rows were added, changed or removed",
        ),
        ("UPDATE stored SET size = size + 1 WHERE period = '2026-01'", "stored of 2026-01/v1: rows were"),
        ("UPDATE seal SET digest = 'f00d' WHERE period = '2026-01'", "seal 2026-01/v1"),
        ("UPDATE approval SET control = '{}' WHERE period = '2026-02'", "are not the sealed control.json"),
        ("UPDATE draft SET document = '{}' WHERE period = '2026-01'", "the database's draft"),
        ("UPDATE programme SET text = replace(text, ': 50', ': 60')", "approval 2026-01/v1: the database's programme"),
        ("DELETE FROM programme", "is gone, and an approval names it"),
        ("DELETE FROM draft WHERE period = '2026-02'", "is gone, and an approval names it"),
        ("DELETE FROM stored WHERE partner_id = 'bo'", "stored of 2026-01/v1: rows were"),
        (
            "UPDATE statement SET number = '2026-000099' WHERE number = '2026-000004'",
            "statement of 2026-02/v1: rows were",
        ),
        ("UPDATE posting SET statement = 'ana/2026-01/v1' WHERE partner_id = 'bo'", "posting of 2026-01/v1: rows were"),
        ("UPDATE claim SET partner_id = 'eve' WHERE claim_id = 'K-bell'", "attribution bell to bo: has no entry"),
        ("DELETE FROM attribution WHERE client_id = 'bell'", "attributions of 2026-01: are not those"),
    ],
)
def test_a_changed_row_is_named(home: Home, statement: str, said: str) -> None:
    home.unguarded(statement)
    home.must_stop(said)


def test_a_draft_exchanged_together_with_its_digest_is_named(home: Home) -> None:
    """What a later month reads of the archive is named in the draft: SEAL and audit trail say which draft it was."""
    (document,) = _column(home, "SELECT document FROM draft WHERE period = '2026-01'")
    from models.canonical import sha256

    other = document.replace('"lines.parquet":"', '"lines.parquet":"0')
    home.unguarded(
        f"INSERT INTO draft VALUES('{sha256(other.encode())}','2026-01','{other}','2026-12-03T03:00:00Z')",
        f"UPDATE approval SET draft_digest = '{sha256(other.encode())}' WHERE period = '2026-01'",
    )
    home.must_stop("SEAL: names the draft", "approval of 2026-01/v1", "draft test-partners: has no entry")


def test_an_emptied_audit_trail_is_named(home: Home) -> None:
    home.unguarded("DELETE FROM audit")
    home.must_stop("attribution acme to ana: has no entry in the audit trail", "approval system: has no entry")


def test_an_audit_trail_that_was_never_written_is_named(home: Home) -> None:
    home.unguarded("DELETE FROM audit WHERE period = '2026-02'")
    home.must_stop("statement ana/2026-02/v1: has no entry in the audit trail")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda entry: entry._replace(at="2026-12-03T04:00:00Z"), "approval system: has no entry"),
        (
            lambda entry: entry._replace(subject="bo/2026-01/v1") if entry.event == "statement.issued" else entry,
            "statement ana/2026-01/v1: has no entry",
        ),
        (
            lambda entry: entry._replace(amount_minor=0) if entry.event == "statement.issued" else entry,
            "statement ana/2026-01/v1: has no entry",
        ),
        (
            lambda entry: None if entry.event == "rows.recorded" and "posting" in entry.subject else entry,
            "posting of 2026-01/v1: the audit trail has no digest of these rows",
        ),
    ],
)
def test_an_audit_trail_refilled_otherwise_and_chained_anew_is_named(
    home: Home, change: Callable[[AuditEntry], AuditEntry | None], said: str
) -> None:
    home.retold(lambda entry: filter(None, [change(entry)]))
    home.must_stop(said)


def _column(home: Home, query: str) -> list[str]:
    with home.office.database.reading() as session:
        return [row[0] for row in session.connection().exec_driver_sql(query)]


def test_a_dry_run_says_it_too(home: Home) -> None:
    home.run("INSERT INTO consent VALUES('d','approved','cfo','2026-02','2026-12-03T03:00:00Z')")
    with pytest.raises(FactsDisagree, match="consent cfo"):
        settle_month(MARCH, home.office, dry_run=True)


def test_a_removed_seal_is_named_before_the_next_month(home: Home) -> None:
    (Path(home.settings.home) / "archive" / "test-partners" / "2026-01" / "v1" / "SEAL").unlink()
    home.must_stop("seal 2026-01/v1")
