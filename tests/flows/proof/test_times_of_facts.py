"""Times of facts run forward, and a database born under a fixed clock is a test's for ever."""

import json
from pathlib import Path

import pytest

from flows import clocks
from flows.consent.give_consent import give_consent
from flows.office import Office
from flows.questions.check_installation import check_installation
from flows.result import Ending
from flows.settle_month import settle_month
from models.errors import WrongUse
from models.period import Period
from tasks import clock
from tasks.database.times import ClockWentBack
from tasks.proof.reconcile import reconcile
from tasks.settings import Settings
from tests.made.tables import stored
from tests.made.vendors import archived, office, two_months

JANUARY, FEBRUARY = Period(2026, 1), Period(2026, 2)


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    return two_months(tmp_path / "vendor", 100_000)


class Clocks:
    """What the clocks of this machine, of the database and of the store show when they are compared."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, here: Office) -> None:
        self.here, self.patch = here, monkeypatch

    def show(self, machine: str, database: str | None, store: str | None) -> None:
        self.patch.setattr(clocks, "utc", lambda: machine)
        self.patch.setattr(type(self.here.database), "clock", lambda self: database)
        self.patch.setattr(type(self.here.store), "clock", lambda self: store)


class Watch:
    """A machine's clock that shows what it is set to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shows = ""
        monkeypatch.setattr(clock, "utc", lambda: self.shows)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(monkeypatch)


def real(home: Path, vendor: Path, **settings: str) -> Office:
    return Office.open(Settings.model_validate({"home": home, "vendor": vendor, **settings}))


def seal_of(home: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((archived(home, "2026-02") / "SEAL").read_bytes())
    return found


@pytest.mark.parametrize(
    ("later", "recorded"),
    [("2026-03-03T02:55:01Z", "2026-03-03T03:00:00Z"), ("2026-03-03T03:00:01Z", "2026-03-03T03:00:01Z")],
)
def test_a_clock_that_goes_back_by_less_than_five_minutes_takes_the_last_time(
    later: str, recorded: str, tmp_path: Path, vendor: Path, watch: Watch, database_url: str
) -> None:
    here = real(tmp_path, vendor, database_url=database_url)
    watch.shows = "2026-03-03T03:00:00Z"
    assert settle_month(JANUARY, here).ending is Ending.CLOSED
    watch.shows = later
    assert settle_month(FEBRUARY, here).ending is Ending.CLOSED
    assert [row["approved_at"] for row in stored(here.database, "approval")] == ["2026-03-03T03:00:00Z", recorded]
    assert [row["sealed_at"] for row in stored(here.database, "seal")] == ["2026-03-03T03:00:00Z", recorded]
    times = [str(row["at"]) for row in stored(here.database, "audit")]
    assert times == sorted(times)
    assert reconcile(here.database, here.store) == []
    assert seal_of(tmp_path)["clock"] == "machine"


def test_a_clock_that_went_back_by_five_minutes_approves_nothing_and_both_times_are_named(
    tmp_path: Path, vendor: Path, watch: Watch, database_url: str
) -> None:
    here = real(tmp_path, vendor, database_url=database_url)
    watch.shows = "2026-03-03T03:00:00Z"
    settle_month(JANUARY, here)
    before = stored(here.database, "audit")
    watch.shows = "2026-03-03T02:55:00Z"
    with pytest.raises(ClockWentBack, match=r"it is 2026-03-03T02:55:00Z by .* recorded at 2026-03-03T03:00:00Z"):
        settle_month(FEBRUARY, here)
    assert stored(here.database, "audit") == before
    assert len(stored(here.database, "approval")) == 1


NOON = "2026-03-03T12:00:00Z"


@pytest.mark.parametrize(
    ("database", "store", "named"),
    [
        ("2026-03-03T11:55:00Z", NOON, "11:55:00Z by that of the database"),
        ("2026-03-03T12:05:00Z", None, "12:05:00Z by that of the database"),
        (None, "2026-03-03T11:55:00Z", "11:55:00Z by that of the archive's store"),
    ],
)
def test_a_clock_that_is_five_minutes_from_another_approves_nothing_and_both_times_are_named(
    tmp_path: Path, vendor: Path, monkeypatch: pytest.MonkeyPatch, database: str | None, store: str | None, named: str
) -> None:
    here = real(tmp_path, vendor)
    Clocks(monkeypatch, here).show(NOON, database, store)
    with pytest.raises(clocks.ClocksDisagree, match=f"it is {NOON} by this machine's clock, and .*{named}"):
        settle_month(JANUARY, here)
    assert stored(here.database, "approval") == []
    (said,) = [check.words for check in check_installation(here.settings) if check.words.startswith("clock: ")]
    assert named in said


def test_a_clock_that_is_less_than_five_minutes_from_the_others_approves(
    tmp_path: Path, vendor: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = real(tmp_path, vendor)
    Clocks(monkeypatch, here).show(NOON, "2026-03-03T11:55:01Z", "2026-03-03T12:04:59Z")
    assert settle_month(JANUARY, here).ending is Ending.CLOSED


def test_a_draft_is_not_approved_before_it_was_made(tmp_path: Path, vendor: Path, watch: Watch) -> None:
    here = real(tmp_path, vendor, approval="on")
    watch.shows = "2026-03-03T03:00:00Z"
    waiting = settle_month(JANUARY, here)
    assert waiting.ending is Ending.WAITING
    watch.shows = "2026-03-02T03:00:00Z"
    with pytest.raises(ClockWentBack):
        give_consent(here, JANUARY, waiting.draft_digest, "anna")
    assert stored(here.database, "consent") == []


def test_a_database_of_real_times_refuses_a_fixed_clock(tmp_path: Path, vendor: Path, database_url: str) -> None:
    here = real(tmp_path, vendor, database_url=database_url, approval="on")
    waiting = settle_month(JANUARY, here)
    before = stored(here.database, "audit")
    fixed = office(tmp_path, vendor, database_url=database_url, approval="on")
    refusal = "only a database whose first run had the setting takes it. Unset it, or use another SETTLE_HOME"
    with pytest.raises(WrongUse, match=refusal):
        give_consent(fixed, JANUARY, waiting.draft_digest, "anna")
    with pytest.raises(WrongUse, match=refusal):
        settle_month(JANUARY, fixed)
    assert stored(here.database, "audit") == before


def test_a_database_born_under_a_fixed_clock_says_so_in_its_first_entry_for_ever(tmp_path: Path, vendor: Path) -> None:
    settle_month(JANUARY, office(tmp_path, vendor, clock="2026-02-03T03:00:00Z"))
    here = office(tmp_path, vendor, clock="2026-03-03T03:00:00Z")
    settle_month(FEBRUARY, here)
    first, *others = stored(here.database, "audit")
    assert (first["event"], first["at"], first["subject"]) == ("clock.fixed", "2026-02-03T03:00:00Z", "SETTLE_CLOCK")
    assert "clock.fixed" not in {entry["event"] for entry in others}
    assert seal_of(tmp_path)["clock"] == "fixed"
    assert reconcile(here.database, here.store) == []
