"""Explain --line: a refund is followed back to its sale, and a sale on to every line that gave it back."""

import shutil
from pathlib import Path

import pytest

from flows.questions.following import followed, followed_in_archive
from models.errors import WrongUse
from models.period import Period
from tasks.storage.directory import DirectoryStore
from tests.flows.corrections.test_refunds import HEADING, TEN, by_month, sale
from tests.made.closing import close_months
from tests.made.vendors import claim, office, partner, settle, write_vendor

LINES = (
    sale("L1", 1000, "2026-01-10"),
    sale("L8", 50, "2026-01-11"),
    sale("L9", -20, "2026-01-12", "L8"),
    sale("L2", -600, "2026-02-10", "L1"),
    sale("L3", -600, "2026-02-11", "L1", kind="chargeback"),
    sale("L4", 400, "2026-03-12", "L3", kind="chargeback_won"),
)
MONTHS = ("2026-01", "2026-02", "2026-03")


def vendor(folder: Path, refunds: str = "original_rate") -> Path:
    return write_vendor(
        folder,
        programme=HEADING.format(refunds=refunds) + TEN,
        partners=[partner("a", **{"from": "2025-12"}), partner("b")],
        claims=[claim("C1", "a", claimed_on="2025-12-01")],
        billing={f"{name}.csv": mine for name, mine in by_month(LINES).items()},
    )


class Home:
    """Three closed months, in which L1 is sold, given back by two lines, and one of those is won."""

    def __init__(self, folder: Path, refunds: str = "original_rate") -> None:
        self.office = office(folder / "home", vendor(folder / "vendor", refunds))
        self.statements = close_months(folder / "home", folder / "vendor", *MONTHS)

    def lines(self, period: str, line: str, partner_id: str = "a") -> list[str]:
        return [each.strip() for each in followed(self.office, partner_id, Period.parse(period), line)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("followed"))


L1 = [
    "Line L1 of 2026-01: statement 2026-000001, a/2026-01/v1",
    "client C1, invoice INV-L1, software, paid 2026-01-10: 1 000.00, base 1 000.00, under software",
    "earned under software, client C1: 100.000000 at 10 %",
    "clause 10 % of software; programme digest {digest}",
    "2026-02-10, month 2026-02: line L2 gave back 600.00; 400.00 left",
    "software, client C1: -60.00 (exactly -60.000000); statement 2026-000003, a/2026-02/v1",
    "2026-02-11, month 2026-02: line L3 gave back 400.00, and 200.00 more than was left; 0.00 left",
    "software, client C1: -40.00 (exactly -40.000000); statement 2026-000003, a/2026-02/v1",
    "2026-03-12, month 2026-03: line L4 gave again 400.00; 400.00 left",
    "software, client C1: 40.00 (exactly 40.000000); statement 2026-000005, a/2026-03/v1",
    "left of it: 400.00; later months changed the payout by -60.00",
]


@pytest.mark.parametrize(
    ("period", "line"),
    [("2026-01", "L1"), ("2026-02", "L1"), ("2026-02", "L2"), ("2026-02", "L3"), ("2026-03", "L1"), ("2026-03", "L4")],
)
def test_from_whichever_end_a_sale_and_all_that_was_given_back_of_it_are_told(
    home: Home, period: str, line: str
) -> None:
    digest = home.statements["2026-01"]["a"].digests.programme
    assert home.lines(period, line) == [each.format(digest=digest) for each in L1]


def test_what_was_given_back_in_the_month_of_the_sale_is_among_its_payments(home: Home) -> None:
    assert home.lines("2026-01", "L9") == home.lines("2026-01", "L8")
    assert home.lines("2026-01", "L8")[-3:] == [
        "2026-01-12, month 2026-01: line L9 gave back 20.00; 30.00 left",
        "in the month of the sale: both are among its payments, and nothing was posted for later",
        "left of it: 30.00; later months changed the payout by 0.00",
    ]


def test_a_refund_that_lowers_its_own_month_says_so(tmp_path: Path) -> None:
    told = Home(tmp_path, "net_current").lines("2026-02", "L2")
    assert "it lowers 2026-02, as a payment below 0 of that month" in told
    assert told[-1] == "left of it: 400.00; later months changed the payout by 0.00"


def test_a_line_that_is_not_on_the_statement_is_not_followed(home: Home) -> None:
    with pytest.raises(WrongUse, match="line L8 is in no payment and no correction of a/2026-02/v1"):
        home.lines("2026-02", "L8")
    with pytest.raises(WrongUse, match="line L1 is in no payment and no correction of b/2026-01/v1"):
        home.lines("2026-01", "L1", "b")


def test_a_partner_or_a_month_that_is_not_there_is_named(home: Home) -> None:
    with pytest.raises(WrongUse, match="c has no statement for 2026-01"):
        home.lines("2026-01", "L1", "c")
    with pytest.raises(WrongUse, match="2026-04 is not approved"):
        home.lines("2026-04", "L1")


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archived")
    settle(folder / "home", vendor(folder / "vendor"), *MONTHS)
    return (folder / "home" / "archive").rename(folder / "archive")


@pytest.fixture
def archive(closed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(closed, tmp_path / "archive"))


def test_an_archive_alone_tells_the_same(archive: Path, home: Home) -> None:
    digest = home.statements["2026-01"]["a"].digests.programme
    for store in (DirectoryStore(archive), DirectoryStore(archive / "test-partners")):
        told = followed_in_archive(store, "a", Period(2026, 2), "L2")
        assert [each.strip() for each in told] == [each.format(digest=digest) for each in L1]


def test_an_archive_tells_as_far_as_it_goes(archive: Path) -> None:
    shutil.rmtree(archive / "test-partners" / "2026-03")
    told = list(followed_in_archive(DirectoryStore(archive), "a", Period(2026, 1), "L1"))
    assert told[-1] == "  left of it: 0.00; later months changed the payout by -100.00"
    shutil.rmtree(archive / "test-partners" / "2026-02")
    told = list(followed_in_archive(DirectoryStore(archive), "a", Period(2026, 1), "L1"))
    assert told[-1] == "  nothing of it was given back up to 2026-01"
