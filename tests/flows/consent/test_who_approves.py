"""Who approves: a person, by a name; and nobody takes that away alone."""

from pathlib import Path

import pytest

from flows.consent.give_consent import give_consent
from flows.result import Ending
from flows.settle_month import settle_month
from models.errors import WrongUse
from models.period import Period
from tests.made.tables import stored
from tests.made.vendors import PROGRAMME, office, two_months

JANUARY, FEBRUARY = Period(2026, 1), Period(2026, 2)
WITH_APPROVAL = PROGRAMME + "approval: on\n"


def vendor(folder: Path, programme: str = PROGRAMME) -> Path:
    return two_months(folder / "vendor", 100_000, programme)


@pytest.mark.parametrize("name", ["system", " System", "", "  ", "anna, bo", "anna\x1b[2J", "a" * 101])
def test_nobody_approves_under_a_name_that_is_no_persons(name: str, tmp_path: Path) -> None:
    here = office(tmp_path, vendor(tmp_path, WITH_APPROVAL))
    waiting = settle_month(JANUARY, here)
    with pytest.raises(WrongUse, match=r"is no name of one person|is what a month says that nobody approved"):
        give_consent(here, JANUARY, waiting.draft_digest, name)
    assert stored(here.database, "consent") == []
    assert settle_month(JANUARY, here).ending is Ending.WAITING


def test_a_month_that_waited_for_a_person_waits_on_when_approval_is_switched_off(
    tmp_path: Path, database_url: str
) -> None:
    folder = vendor(tmp_path)
    waiting = settle_month(JANUARY, office(tmp_path, folder, approval="on", database_url=database_url))
    here = office(tmp_path, folder, database_url=database_url)
    assert settle_month(JANUARY, here).ending is Ending.WAITING
    give_consent(here, JANUARY, waiting.draft_digest, "anna")
    assert settle_month(JANUARY, here).ending is Ending.CLOSED
    assert settle_month(FEBRUARY, here).ending is Ending.CLOSED  # it never waited, and the programme asks for nobody
    assert [row["approved_by"] for row in stored(here.database, "approval")] == ["anna", "system"]


def test_a_programme_that_switches_approval_off_is_approved_by_a_person_once(tmp_path: Path, database_url: str) -> None:
    here = office(tmp_path, vendor(tmp_path, WITH_APPROVAL), database_url=database_url)
    give_consent(here, JANUARY, settle_month(JANUARY, here).draft_digest, "anna")
    assert settle_month(JANUARY, here).ending is Ending.CLOSED
    vendor(tmp_path, PROGRAMME)
    waiting = settle_month(FEBRUARY, here)
    assert waiting.ending is Ending.WAITING
    give_consent(here, FEBRUARY, waiting.draft_digest, "anna")
    assert settle_month(FEBRUARY, here).ending is Ending.CLOSED
