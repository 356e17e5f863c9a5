"""settle status: where every month stands, and one month in figures."""

import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.main import main
from flows.office import Office
from tasks.database.lease import lease
from tasks.facts.consents import PREPARED, Consent, consent
from tasks.settings import read_settings
from tests.made.vendors import archived, two_months

Settle = Callable[..., tuple[int, str]]


@pytest.fixture
def settle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Settle:
    """Run `settle ...` as a person would, and return its exit code and what it printed."""
    two_months(tmp_path / "vendor", 200_00)
    monkeypatch.setenv("SETTLE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SETTLE_VENDOR", str(tmp_path / "vendor"))
    monkeypatch.setenv("SETTLE_CLOCK", "2026-12-03T03:00:00Z")

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["settle", *arguments])
        code: object = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        return int(str(code or 0)), capsys.readouterr().out

    return run


def test_before_the_first_run_there_is_nothing_and_the_first_command_is_named(settle: Settle, tmp_path: Path) -> None:
    code, printed = settle("status")
    assert code == 0
    assert "Nothing is settled yet" in printed
    assert "Start with settle run." in printed
    assert settle("status", "2026-01")[1] == (
        "2026-01 is open: no draft of it was kept. Settle it with settle run 2026-01.\n"
    )
    assert not (tmp_path / "home" / "settlement.db").exists()


def test_each_month_is_shown_with_the_stage_it_has_reached(
    settle: Settle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle("run", "2026-01")
    monkeypatch.setenv("SETTLE_APPROVAL", "on")
    code, printed = settle("run", "2026-02")
    assert code == 4
    digest = printed.partition("--digest ")[2].partition(",")[0]

    heading, *months = settle("status")[1].splitlines()
    assert heading.startswith("programme test-partners, database ")
    assert months == ["2026-01  closed                 100.00 RUB to pay", f"2026-02  waiting    draft {digest}"]
    assert settle("status", "2026-02")[1] == (
        f"2026-02 is waiting: nobody has approved draft {digest} yet. "
        f"Say yes by settle approve 2026-02 --digest {digest}.\n"
    )

    code, printed = settle("approve", "2026-02", "--digest", digest[:12], "--by", "anna")
    assert (code, printed) == (0, f"anna approved draft {digest} of 2026-02. Now: settle run 2026-02\n")
    assert settle("status")[1].splitlines()[2] == f"2026-02  consented  draft {digest}"
    assert settle("status", "2026-02")[1] == (
        f"2026-02 is consented: somebody approved draft {digest}. Nothing is paid until settle run 2026-02.\n"
    )


def test_several_months_and_ranges_of_them_are_settled_in_order_each_once(settle: Settle) -> None:
    code, printed = settle("run", "2026-02", "2026-01..2026-02", "2026-01")
    assert code == 0
    assert [words for words in printed.splitlines() if " is closed" in words] == [
        f"{month} is closed: 1 statement is archived and sealed." for month in ("2026-01", "2026-02")
    ]


def test_who_only_prepared_a_draft_has_not_consented_to_it(
    settle: Settle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SETTLE_APPROVAL", "on")
    digest = settle("run", "2026-01")[1].partition("--digest ")[2].partition(",")[0]
    office = Office.open(read_settings())
    with lease(office.database, "test-partners", 60) as epoch:
        consent(office.database, epoch, Consent("2026-01", digest, "ivan", PREPARED), "2026-12-03T03:00:00Z")
    assert settle("status")[1].splitlines()[1] == f"2026-01  waiting    draft {digest}"
    assert settle("status", "2026-01")[1].startswith(f"2026-01 is waiting: nobody has approved draft {digest} yet.")


def test_a_rejected_draft_waits_until_somebody_else_approves_it(
    settle: Settle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SETTLE_APPROVAL", "on")
    digest = settle("run", "2026-01")[1].partition("--digest ")[2].partition(",")[0]
    assert settle("approve", "2026-01", "--digest", digest, "--by", "anna")[0] == 0
    monkeypatch.setenv("SETTLE_CLOCK", "2026-12-03T03:00:01Z")
    no = ("reject", "2026-01", "--digest", digest, "--by", "bo", "--comment", "acme was billed twice")
    assert settle(*no) == (
        0,
        f"bo rejected draft {digest} of 2026-01: acme was billed twice. Mend it, then: settle run 2026-01\n",
    )
    assert settle("status", "2026-01")[1].startswith(f"2026-01 is rejected: somebody said no to draft {digest}.")
    assert settle("run", "2026-01")[0] == 4
    monkeypatch.setenv("SETTLE_CLOCK", "2026-12-03T03:00:02Z")
    assert settle("approve", "2026-01", "--digest", digest, "--by", "anna")[0] == 2  # she said so before the no
    assert settle("approve", "2026-01", "--digest", digest, "--by", "cora")[0] == 0
    assert settle("run", "2026-01")[0] == 0
    assert settle("doctor")[1].count("FAIL") == 0
    with sqlite3.connect(tmp_path / "home/settlement.db") as database:
        said = "SELECT event, subject FROM audit WHERE event LIKE 'draft.%' ORDER BY seq"
        assert database.execute(said).fetchall() == [
            ("draft.made", "test-partners"),
            ("draft.consented", "anna"),
            ("draft.rejected", "bo"),
            ("draft.commented", "acme was billed twice"),
            ("draft.consented", "cora"),
        ]


def test_a_month_is_shown_in_figures_with_its_last_audit_entries_oldest_first(settle: Settle, tmp_path: Path) -> None:
    settle("run", "2026-01")
    code, printed = settle("status", "2026-01")
    assert code == 0
    lines = printed.splitlines()
    assert lines[0] == "2026-01 is closed: 1 statement is archived and sealed."
    assert f"  archive           {archived(tmp_path / 'home', '2026-01').as_uri()}" in lines
    entries = lines[lines.index("  last in the audit trail:") + 1 :]
    assert 1 <= len(entries) <= 5
    assert entries[-1].split()[:2] == ["2026-12-03T03:00:00Z", "month.sealed"]
    assert not any("client.attributed" in entry for entry in entries)
