"""After approval nothing of a month changes, whatever happens to its inputs; before it, the old consent is void."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from flows.consent.give_consent import give_consent
from flows.result import Ending
from flows.settle_month import settle_month
from models.errors import ArchiveAhead, CannotApprove, WrongUse
from models.period import Period
from tasks.settings import Settings
from tasks.storage.open import open_store
from tasks.verify import verify
from tests.made.vendors import (
    PROGRAMME,
    archived,
    claim,
    digests,
    line,
    office,
    partner,
    settle,
    write_csv,
    write_vendor,
)

JANUARY = Period(2026, 1)
FEBRUARY = [line("F1", "nobody yet", 100, issued_on="2026-02-10", paid_on="2026-02-12")]  # so that it is not empty


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    return write_vendor(
        tmp_path / "vendor",
        partners=[partner("ana"), partner("bo")],
        claims=[claim("acme", "ana"), claim("bell", "bo")],
        billing={
            "2026-01.csv": [
                line("L1", "acme", 1_000_000),
                line("L2", "bell", 2_000_001, category="telephony"),
                line("L3", "nobody", 5_000),
            ]
        },
    )


def spoil(vendor: Path) -> None:
    """Change everything the vendor said, some of it beyond reading."""
    write_csv(vendor / "billing" / "2026-01.csv", [line("L1", "acme", 9_999_999), line("L9", "bell", 77)])
    write_csv(vendor / "claims.csv", [claim("acme", "bo", claimed_on="2025-01-01")])
    (vendor / "programme.yaml").write_text("plans: [this is no programme")


def test_after_approval_changed_billing_claims_and_programme_change_nothing_of_the_month(
    vendor: Path, tmp_path: Path
) -> None:
    settle(tmp_path / "undisturbed", vendor, "2026-01")
    home = tmp_path / "home"
    in_the_way = archived(home, "2026-01") / "statements" / "bo"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("a file where bo's folder should be")
    (stopped,) = settle(home, vendor, "2026-01")
    assert stopped.ending is Ending.INCOMPLETE
    assert list(stopped.missing) == ["bo"]
    assert "bo" in stopped.failed

    spoil(vendor)
    in_the_way.unlink()
    (finished,) = settle(home, vendor, "2026-01")

    assert finished.ending is Ending.CLOSED
    assert digests(archived(home, "2026-01")) == digests(archived(tmp_path / "undisturbed", "2026-01"))
    (again,) = settle(home, vendor, "2026-01")
    assert again.ending is Ending.CLOSED_BEFORE


def test_the_partners_that_did_not_fail_are_archived_and_not_made_again(vendor: Path, tmp_path: Path) -> None:
    in_the_way = archived(tmp_path, "2026-01") / "statements" / "bo"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("")
    settle(tmp_path, vendor, "2026-01")
    ana = archived(tmp_path, "2026-01") / "statements" / "ana"
    made = {path.name: path.stat().st_mtime_ns for path in ana.iterdir()}
    assert set(made) == {"statement.json", "statement.html", "statement.pdf"}
    in_the_way.unlink()
    settle(tmp_path, vendor, "2026-01")
    assert {path.name: path.stat().st_mtime_ns for path in ana.iterdir()} == made


def test_a_consent_is_void_when_the_billing_changes_before_approval(vendor: Path, tmp_path: Path) -> None:
    (waiting,) = settle(tmp_path, vendor, "2026-01", approval="on")
    assert waiting.ending is Ending.WAITING
    give_consent(office(tmp_path, vendor, approval="on"), JANUARY, waiting.draft_digest, "anna")

    write_csv(vendor / "billing" / "more.csv", [line("L4", "acme", 100)])
    (other,) = settle(tmp_path, vendor, "2026-01", approval="on")

    assert other.ending is Ending.WAITING
    assert other.draft_digest != waiting.draft_digest


def test_a_consent_given_to_the_draft_lets_the_next_run_close_the_month(vendor: Path, tmp_path: Path) -> None:
    (waiting,) = settle(tmp_path, vendor, "2026-01", approval="on")
    give_consent(office(tmp_path, vendor), JANUARY, waiting.draft_digest[:12], "anna")
    (closed,) = settle(tmp_path, vendor, "2026-01", approval="on")
    assert closed.ending is Ending.CLOSED
    assert closed.draft_digest == waiting.draft_digest
    with sqlite3.connect(tmp_path / "settlement.db") as database:
        assert database.execute("SELECT approved_by FROM approval").fetchall() == [("anna",)]
        events = [event for (event,) in database.execute("SELECT DISTINCT event FROM audit ORDER BY seq")]
    assert "draft.consented" in events


@pytest.mark.parametrize("setting", ["off", "on"])
def test_a_programme_that_asks_for_approval_waits_whatever_the_environment_says(
    vendor: Path, tmp_path: Path, setting: str
) -> None:
    programme = vendor / "programme.yaml"
    programme.write_text(programme.read_text(encoding="utf-8").replace("plans:", "approval: on\nplans:"), "utf-8")
    (waiting,) = settle(tmp_path, vendor, "2026-01", approval=setting)
    assert waiting.ending is Ending.WAITING
    give_consent(office(tmp_path, vendor), JANUARY, waiting.draft_digest, "anna")
    (closed,) = settle(tmp_path, vendor, "2026-01", approval=setting)
    assert closed.ending is Ending.CLOSED


def test_lines_of_a_later_month_do_not_void_a_consent(vendor: Path, tmp_path: Path) -> None:
    (waiting,) = settle(tmp_path, vendor, "2026-01", approval="on")
    write_csv(vendor / "billing" / "2026-02.csv", [line("L4", "acme", 100, paid_on="2026-02-01")])
    (again,) = settle(tmp_path, vendor, "2026-01", approval="on")
    assert again.draft_digest == waiting.draft_digest


def test_consent_to_a_draft_nobody_made_is_refused(vendor: Path, tmp_path: Path) -> None:
    settle(tmp_path, vendor, "2026-01", approval="on")
    with pytest.raises(WrongUse, match="no draft of 2026-01 has the digest"):
        give_consent(office(tmp_path, vendor), JANUARY, "0" * 64, "anna")


def test_deleting_the_database_after_the_close_loses_no_statement(vendor: Path, tmp_path: Path) -> None:
    settle(tmp_path, vendor, "2026-01")
    before = digests(tmp_path / "archive")
    for file in tmp_path.glob("settlement.db*"):
        file.unlink()
    assert verify(open_store((tmp_path / "archive").as_uri(), Settings())).holds
    with pytest.raises(ArchiveAhead, match="Restore the database"):
        settle(tmp_path, vendor, "2026-01")
    assert digests(tmp_path / "archive") == before


def test_a_client_stays_with_the_partner_who_brought_them(vendor: Path, tmp_path: Path) -> None:
    settle(tmp_path, vendor, "2026-01")
    write_csv(
        vendor / "claims.csv",
        [claim("acme", "bo", claim_id="earlier", claimed_on="2025-06-01"), claim("acme", "ana"), claim("bell", "bo")],
    )
    write_csv(vendor / "billing" / "2026-02.csv", [line("F1", "acme", 200, paid_on="2026-02-03")])
    settle(tmp_path, vendor, "2026-02")
    with sqlite3.connect(tmp_path / "settlement.db") as database:
        bonds = database.execute("SELECT client_id, partner_id, period FROM attribution ORDER BY 1").fetchall()
        (reason,) = database.execute("SELECT reason FROM claim WHERE claim_id = 'earlier'").fetchone()
    assert bonds == [("acme", "ana", "2026-01"), ("bell", "bo", "2026-01")]
    assert reason.startswith("the client belongs to ana since 2026-01-01")


def test_a_payout_below_the_minimum_is_carried_forward_and_paid_with_the_next(tmp_path: Path) -> None:
    vendor = write_vendor(
        tmp_path / "vendor",
        partners=[partner("ana")],
        claims=[claim("acme", "ana")],
        billing={
            "2026-01.csv": [line("L1", "acme", 9_998)],  # 50 % is 49.99, the minimum is 50.00
            "2026-02.csv": [line("L2", "acme", 2, paid_on="2026-02-01")],  # and 0.01 more
            "2026-03.csv": [line("L3", "acme", -1_000, paid_on="2026-03-01")],  # a refund: 5.00 back
        },
    )
    results = settle(tmp_path, vendor, "2026-01", "2026-02", "2026-03")
    figures = [(result.figures.to_pay_minor, result.figures.carried_minor) for result in results]
    assert figures == [(0, 4_999), (5_000, 0), (0, -500)]


def test_an_open_line_is_looked_at_again_and_settles_when_its_client_is_attributed(
    vendor: Path, tmp_path: Path
) -> None:
    settle(tmp_path, vendor, "2026-01")
    shutil.copy(vendor / "billing" / "2026-01.csv", vendor / "billing" / "again.csv")  # old lines read once more
    write_csv(vendor / "billing" / "2026-02.csv", FEBRUARY)
    write_csv(
        vendor / "claims.csv",
        [claim("acme", "ana"), claim("bell", "bo"), claim("nobody", "ana", claimed_on="2026-01-01", claim_id="late")],
    )
    (february,) = settle(tmp_path, vendor, "2026-02")
    assert february.figures.commission_minor == 2_500  # 50 % of 50.00, paid in January after the claim's date
    settled = [tally for tally in february.figures.tallies if tally.outcome == "settled"]
    assert [(tally.lines, tally.amount_minor) for tally in settled] == [(1, 5_000)]


def test_a_line_of_a_closed_month_that_was_never_seen_settles_now_and_is_flagged_late(
    vendor: Path, tmp_path: Path
) -> None:
    settle(tmp_path, vendor, "2026-01")
    write_csv(vendor / "billing" / "2026-02.csv", FEBRUARY)
    write_csv(vendor / "billing" / "late.csv", [line("L7", "acme", 600, paid_on="2026-01-31", posted_on="2026-01-31")])
    (february,) = settle(tmp_path, vendor, "2026-02")
    assert february.figures.commission_minor == 300
    statement = (archived(tmp_path, "2026-02") / "statements" / "ana" / "statement.json").read_text()
    assert '"late":true' in statement


def test_months_are_settled_in_order_and_not_before_they_are_over(vendor: Path, tmp_path: Path) -> None:
    with pytest.raises(CannotApprove, match="2026-01 comes first"):
        settle(tmp_path, vendor, "2026-02", clock="2026-01-31T20:59:59Z")
    with pytest.raises(CannotApprove, match="2026-01 is not over yet"):
        settle(tmp_path, vendor, "2026-01", clock="2026-01-31T20:59:59Z")  # 23:59:59 in Moscow
    assert settle(tmp_path, vendor, "2026-01", clock="2026-01-31T21:00:00Z")[0].ending is Ending.CLOSED
    with pytest.raises(WrongUse, match="starts in 2026-01"):
        settle(tmp_path, vendor, "2025-12")


def test_a_dry_run_writes_nothing(vendor: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    result = settle_month(JANUARY, office(home, vendor), dry_run=True)
    assert result.ending is Ending.DRAFTED
    assert result.figures.commission_minor == 500_000 + 160_000
    assert not home.exists()


def test_control_totals_that_differ_by_one_kopeck_stop_the_month(vendor: Path, tmp_path: Path) -> None:
    agreed = {"period": "2026-01", "currency": "RUB", "lines": 3, "amount_minor": 3_005_001}
    write_csv(vendor / "control.csv", [agreed | {"amount_minor": 3_005_002}])
    with pytest.raises(CannotApprove, match=r"control.csv says 3 lines, 30050\.02"):
        settle(tmp_path, vendor, "2026-01")
    write_csv(vendor / "control.csv", [agreed])
    assert settle(tmp_path, vendor, "2026-01")[0].figures.control == "agrees"


def test_one_database_keeps_one_programme(vendor: Path, tmp_path: Path) -> None:
    settle(tmp_path, vendor, "2026-01")
    (vendor / "programme.yaml").write_text(PROGRAMME.replace("test-partners", "other-partners"))
    with pytest.raises(WrongUse, match="belongs to 'test-partners'"):
        settle(tmp_path, vendor, "2026-02")
