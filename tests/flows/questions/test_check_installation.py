"""Checking an installation (`settle doctor`): what is said of a healthy one, and of one that is not."""

from pathlib import Path

import pytest
from sqlalchemy import text

from flows.questions.check_installation import check_installation
from models.errors import CannotApprove
from tasks.settings import Settings
from tests.made.vendors import claim, line, office, partner, settle, write_csv, write_vendor


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    return write_vendor(
        tmp_path / "vendor",
        partners=[partner("ana")],
        claims=[claim("acme", "ana")],
        billing={"2026-01.csv": [line("L1", "acme", 100)]},
    )


def test_the_doctor_finds_nothing_wrong_with_a_healthy_office_and_changes_nothing(vendor: Path, tmp_path: Path) -> None:
    settle(tmp_path / "home", vendor, "2026-01")
    assert all(check.passed for check in check_installation(Settings(home=tmp_path / "home", vendor=vendor)))


def test_an_office_that_has_settled_nothing_yet_is_healthy(vendor: Path, tmp_path: Path) -> None:
    found = list(check_installation(Settings(home=tmp_path / "home", vendor=vendor)))
    assert all(check.passed for check in found)
    assert any("does not exist yet" in check.words for check in found)
    assert not (tmp_path / "home" / "settlement.db").exists()


def test_a_missing_trigger_and_an_unreadable_folder_are_named(vendor: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    settle(home, vendor, "2026-01")
    with office(home, vendor).database.locked() as session:
        session.connection().execute(text("DROP TRIGGER statement_refuses_update"))
    (vendor / "partners.csv").write_text("who\n")
    ill = [check.words for check in check_installation(Settings(home=home, vendor=vendor)) if not check.passed]
    assert len(ill) == 2
    assert "statement" in ill[0]
    assert "partners.csv" in ill[1]


def test_without_a_vendor_folder_the_doctor_says_what_it_did_not_look_at_and_how_it_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SETTLE_VENDOR", raising=False)
    *others, last = check_installation(Settings(home=tmp_path / "home"))
    assert all(check.passed and check.looked_at for check in others)
    assert (last.passed, last.looked_at) == (True, False)
    assert last.words.startswith("vendor folder: none is named, so programme and billing were not looked at. ")
    assert "settle doctor --from DIR" in last.words


def test_the_doctor_shows_no_password() -> None:
    settings = Settings(database_url="postgresql://settle:secret@127.0.0.1:1/nowhere")
    said = "\n".join(check.words for check in check_installation(settings))
    assert "SETTLE_DATABASE_URL = postgresql" in said
    assert "secret" not in said


def said_of(vendor: Path, home: Path, part: str) -> tuple[bool, str]:
    (found,) = [
        check for check in check_installation(Settings(home=home, vendor=vendor)) if check.words.startswith(f"{part}: ")
    ]
    return found.passed, found.words


def test_the_doctor_reads_the_first_lines_as_the_next_month_would(vendor: Path, tmp_path: Path) -> None:
    assert said_of(vendor, tmp_path / "home", "billing") == (
        True,
        "billing: 1 lines read as 2026-01 would read them, at most 1000 of each source, and none is rejected",
    )
    settle(tmp_path / "home", vendor, "2026-01")
    write_csv(
        vendor / "billing" / "2026-02.csv",
        [line(f"N{n}", "acme", 100, paid_on="2026-02-03", kind="charge" if n else "gift") for n in range(30)],
    )
    assert said_of(vendor, tmp_path / "home", "billing") == (
        True,
        "billing: 31 lines read as 2026-02 would read them, at most 1000 of each source, "
        "of which rejected: unknown kind: 1",
    )


def test_the_doctor_says_what_a_run_would_stop_for(vendor: Path, tmp_path: Path) -> None:
    wrong = [line(f"L{n}", "acme", 100, paid_on="31.01.2026") for n in range(2)]
    write_csv(vendor / "billing" / "2026-01.csv", wrong)
    passed, words = said_of(vendor, tmp_path / "home", "billing")
    with pytest.raises(CannotApprove) as stopped:
        settle(tmp_path / "home", vendor, "2026-01")
    assert not passed
    assert "2 of 2 new lines are rejected (bad date: 2)" in words
    assert words.partition(": 2 of 2")[2].splitlines()[0] in str(stopped.value)


def test_the_doctor_names_a_calendar_for_which_the_clock_would_stop(vendor: Path, tmp_path: Path) -> None:
    (vendor / "calendar.yaml").write_text("working_day: third\n")
    passed, words = said_of(vendor, tmp_path / "home", "vendor folder")
    assert not passed
    assert "line 1, column 1: working_day: 'third' is not a number" in words
    (vendor / "calendar.yaml").write_text("working_day: 3\n")
    assert said_of(vendor, tmp_path / "home", "vendor folder")[0]


def test_the_doctor_reads_no_more_than_a_thousand_lines_of_a_source(vendor: Path, tmp_path: Path) -> None:
    many = [line(f"L{n}", "acme", 100) for n in range(1_500)]
    write_csv(vendor / "billing" / "2026-01.csv", many)
    assert "billing: 1000 lines read" in said_of(vendor, tmp_path / "home", "billing")[1]
