"""Explain, of a month that has a second version: from its archive alone the same is told as from the database.

By hand: in January a earns 10 % of L1, 1000.00, and b 10 % of L7, 200.00; a gives 500.00 of L1 back in February, 50.00. Then
a's plan of January is put right, 12 %: 120.00. March posts the 20.00, and 10.00 more that go with the half given back.
"""

from pathlib import Path

import pytest

from flows.corrections.restating import Said, accept, restated
from flows.office import Office
from flows.questions.explaining import approved_statement, explained, sealed_statement
from flows.questions.following import followed, followed_in_archive
from models.formats import read_statement
from models.period import Period
from tasks.storage.directory import DirectoryStore
from tests.flows.corrections.test_refunds import HEADING, TEN, by_month, sale
from tests.made.vendors import claim, office, partner, settle, write_vendor

JANUARY, FEBRUARY, MARCH = Period(2026, 1), Period(2026, 2), Period(2026, 3)
LINES = (
    sale("L1", 1000, "2026-01-10"),
    sale("L7", 200, "2026-01-11", client_id="C7"),
    sale("R1", -500, "2026-02-10", "L1"),
    sale("L8", 100, "2026-03-10"),
    sale("L9", 100, "2026-03-10", client_id="C7"),
)
PROGRAMME = f"{HEADING.format(refunds='original_rate')}{TEN}  other:\n{TEN}"


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Three closed months; January has a second version, which holds a's statement alone."""
    folder = tmp_path_factory.mktemp("versions")
    vendor = write_vendor(
        folder / "vendor",
        programme=PROGRAMME,
        partners=[partner("a"), partner("b", plan="other")],
        claims=[claim("C1", "a"), claim("C7", "b")],
        billing={f"{name}.csv": mine for name, mine in by_month(LINES).items()},
    )
    settle(folder / "home", vendor, "2026-01", "2026-02")
    corrected = folder / "corrected"
    corrected.mkdir()
    (corrected / "programme.yaml").write_text(PROGRAMME.replace("10%", "12%", 1))
    open_office = office(folder / "home", vendor)
    accept(restated(open_office, JANUARY, corrected, Said("olga", "the contract says so")), open_office)
    settle(folder / "home", vendor, "2026-03")
    return open_office


@pytest.fixture(scope="module")
def archive(there: Office) -> DirectoryStore:
    return DirectoryStore(Path(there.store.url.removeprefix("file://")))


def test_the_newest_version_of_a_statement_is_explained_and_says_beside_which_it_stands(
    there: Office, archive: DirectoryStore
) -> None:
    told = list(explained(sealed_statement(archive, "a", JANUARY), None))

    assert told[0] == "Statement 2026-000005, a/2026-01/v2: Partner a"
    assert told[2:4] == [
        "  stands beside 2026-000001, a/2026-01/v1: 100.00 there; the difference, 20.00, is posted in 2026-03",
        "    the contract says so; made by olga",
    ]
    assert told == list(explained(approved_statement(there, "a", JANUARY), None))


def test_a_partner_of_whom_nothing_was_restated_has_its_first_version(archive: DirectoryStore) -> None:
    assert read_statement(sealed_statement(archive, "b", JANUARY)).statement == "b/2026-01/v1"


def test_a_line_of_a_restated_month_is_followed_with_what_it_earns_now_and_what_was_figured_again(
    archive: DirectoryStore,
) -> None:
    told = list(followed_in_archive(archive, "a", JANUARY, "L1"))

    assert told[0] == "Line L1 of 2026-01: statement 2026-000005, a/2026-01/v2"
    assert told[2] == "  earned under software, client C1: 120.000000 at 12 %"
    assert told[4:] == [
        "  2026-02-10, month 2026-02: line R1 gave back 500.00; 500.00 left",
        "    software, client C1: -50.00 (exactly -50.000000); statement 2026-000003, a/2026-02/v1",
        "  month 2026-03: what R1 gave back is figured again by a/2026-01/v2",
        "    software, client C1: -10.00 (exactly -10.000000), taken again: the contract says so (olga); "
        "statement 2026-000006, a/2026-03/v1",
        "  left of it: 500.00; later months changed the payout by -60.00",
    ]


@pytest.mark.parametrize(
    ("who", "month", "line"),
    [("a", JANUARY, "L1"), ("a", FEBRUARY, "R1"), ("a", MARCH, "R1"), ("a", MARCH, "L8"), ("b", JANUARY, "L7")],
)
def test_an_archive_alone_follows_a_line_as_the_database_does(
    there: Office, archive: DirectoryStore, who: str, month: Period, line: str
) -> None:
    told = list(followed_in_archive(archive, who, month, line))

    assert told
    assert told == list(followed(there, who, month, line))
