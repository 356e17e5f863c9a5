"""Checking an installation (`settle doctor`): what is said of a healthy one, and of one that is not."""

from pathlib import Path

import pytest
from sqlalchemy import text

from flows.check_installation import check_installation
from tasks.settings import Settings
from tests.vendors import claim, line, office, partner, settle, write_vendor


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


def test_the_doctor_shows_no_password() -> None:
    settings = Settings(database_url="postgresql://settle:secret@127.0.0.1:1/nowhere")
    said = "\n".join(check.words for check in check_installation(settings))
    assert "SETTLE_DATABASE_URL = postgresql" in said
    assert "secret" not in said
