"""What an insider did and nobody noticed, once: each is named before the next month is approved, on either database."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.consent.give_consent import give_consent
from flows.handing_over import anchored_seals
from flows.office import Office
from flows.questions.check_installation import check_installation
from flows.result import Ending
from flows.settle_month import settle_month
from models.canonical import canonical_json
from models.errors import SettlementError, UnguardedDatabase, WrongUse
from tasks.storage.directory import DirectoryStore
from tasks.verify import Asked, verify
from tests.attacks.forger import rewrite
from tests.made.closed_home import FEBRUARY, MARCH, Home
from tests.made.tables import run, stored
from tests.tasks.database.test_schema import BEFORE_INSERT

LAST = "2026-02/v1"


def must_be_named(home: Home, words: str, error: type[SettlementError] = SettlementError) -> None:
    """March is refused before it is approved, and both the refusal and the doctor say the words."""
    with pytest.raises(error) as refused:
        settle_month(MARCH, Office.open(home.settings))
    assert words in str(refused.value)
    assert any(words in check.words for check in check_installation(home.settings) if not check.passed)
    assert {row["period"] for row in stored(home.office.database, "approval")} == {"2026-01", "2026-02"}


def holds(home: Home, anchors: Path) -> bool:
    """Whether `settle verify` lets the archive hold; a link to elsewhere it does not even follow."""
    try:
        return verify(home.office.store, asked=Asked(anchors=DirectoryStore(anchors))).holds
    except SettlementError:
        return False


def last_seal_removed(archive: Path) -> None:
    (archive / LAST / "SEAL").unlink()


def last_month_removed(archive: Path) -> None:
    shutil.rmtree(archive / "2026-02")


def statement_edited_and_last_seal_removed(archive: Path) -> None:
    page = archive / LAST / "statements/bo/statement.json"
    rewrite(page, page.read_bytes().replace(b'"to_pay_minor":', b'"to_pay_minor":9'))
    last_seal_removed(archive)


def no_input(archive: Path) -> None:
    (archive / "inputs/evil.csv").write_bytes(b"more for me\n")


def outside_every_version(archive: Path) -> None:
    (archive / "2026-01/evil.csv").write_bytes(b"more for me\n")


def outside_every_month(archive: Path) -> None:
    (archive / "evil.csv").write_bytes(b"more for me\n")


def in_the_last_month(archive: Path) -> None:
    (archive / LAST / "statements/bo/evil.csv").write_bytes(b"more for me\n")


def seal_says(**said: object) -> Callable[[Path], None]:
    def edit(archive: Path) -> None:
        seal = archive / LAST / "SEAL"
        rewrite(seal, canonical_json(json.loads(seal.read_bytes()) | said))

    return edit


def link_to_elsewhere(archive: Path) -> None:
    statements = archive / LAST / "statements"
    (statements / "bo").rename(archive.parent.parent / "elsewhere")
    (statements / "bo").symlink_to(archive.parent.parent / "elsewhere")


@pytest.mark.parametrize(
    ("attack", "words"),
    [
        (last_seal_removed, "2026-02/v1/SEAL"),
        (last_month_removed, "2026-02/v1/SEAL"),
        (statement_edited_and_last_seal_removed, "2026-02/v1/SEAL"),
        (no_input, "inputs/evil.csv: has no place in an archive"),
        (outside_every_version, "2026-01/evil.csv: has no place in an archive"),
        (outside_every_month, "test-partners/evil.csv: has no place in an archive"),
        (in_the_last_month, "statements/bo/evil.csv: is extra: SHA256SUMS does not list it"),
        (seal_says(code="0.0.1"), "2026-02/v1/SEAL"),
        (seal_says(control="agrees"), "2026-02/v1/SEAL"),
        (link_to_elsewhere, "leads outside the archive"),
    ],
)
def test_an_archive_that_somebody_touched_is_named(
    home: Home, tmp_path: Path, attack: Callable[[Path], None], words: str
) -> None:
    settings = home.settings.model_copy(update={"anchor_url": (tmp_path / "anchors").as_uri()})
    anchored_seals(home.office.store.url, settings)
    attack(home.archive)
    must_be_named(home, words)
    assert not holds(home, tmp_path / "anchors")


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_was_hung_on_a_table_of_postgresql_is_named(home: Home) -> None:
    for attack, undo, words in [
        (f"{BEFORE_INSERT}; CREATE TRIGGER more BEFORE INSERT ON posting FOR EACH ROW EXECUTE FUNCTION more()",
         "DROP FUNCTION more() CASCADE", "trigger posting.more is not ours"),
        ("CREATE RULE nothing AS ON INSERT TO audit DO INSTEAD NOTHING", "DROP RULE nothing ON audit",
         "rule audit.nothing is not ours"),
        ("CREATE TABLE more () INHERITS (posting)", "DROP TABLE more", "child table more of posting is not ours"),
        ("ALTER TABLE posting ENABLE ROW LEVEL SECURITY", "ALTER TABLE posting DISABLE ROW LEVEL SECURITY",
         "table posting was altered"),
    ]:  # fmt: skip
        run(home.office.database, attack)
        must_be_named(home, words, UnguardedDatabase)
        run(home.office.database, undo)
    assert settle_month(MARCH, home.office).ending is Ending.CLOSED


def test_a_guard_that_was_taken_away_is_named(home: Home) -> None:
    on = " ON attribution" if home.office.database.engine.dialect.name == "postgresql" else ""
    name = "attribution_refuses_change" if on else "attribution_refuses_update"
    run(home.office.database, f"DROP TRIGGER {name}{on}")
    must_be_named(home, name, UnguardedDatabase)


def test_nobody_approves_as_the_system(home: Home) -> None:
    settings = home.settings.model_copy(update={"approval": "on"})
    here = Office.open(settings)
    waiting = settle_month(MARCH, here)
    assert waiting.ending is Ending.WAITING
    with pytest.raises(WrongUse, match="is what a month says that nobody approved"):
        give_consent(here, MARCH, waiting.draft_digest, "system")
    assert settle_month(MARCH, here).ending is Ending.WAITING
    assert settle_month(MARCH, home.office).ending is Ending.WAITING  # the setting taken away changes nothing


def test_what_was_stored_and_taken_away_before_the_close_is_named_by_the_doctor(home: Home) -> None:
    in_the_way = home.archive / "2026-03/v1/statements/bo"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("a file where bo's folder should be")
    assert settle_month(MARCH, home.office).ending is Ending.INCOMPLETE
    (home.archive / "2026-03/v1/statements/ana/statement.html").unlink()
    (words,) = [check.words for check in check_installation(home.settings) if not check.passed]
    assert "2026-03/v1/statements/ana/statement.html: is gone from the archive" in words
    assert str(FEBRUARY) not in words
