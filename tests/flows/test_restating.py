"""A closed month by a corrected programme or table: what it would have come to, and the rows that put it right once."""

from pathlib import Path

import pytest

from flows.restating import Restatement, accept, restated
from models.errors import BadInput, WrongUse
from models.period import Period
from tests.closing import close_months
from tests.flows.test_refunds import HEADING, TEN, sale
from tests.vendors import claim, office, partner, write_csv, write_vendor

JANUARY = Period(2026, 1)
SAID = {"who": "olga", "why": "the contract says 12 %"}


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    return write_vendor(
        tmp_path / "vendor",
        programme=HEADING.format(refunds="original_rate") + TEN,
        partners=[partner("a"), partner("a-1"), partner("b")],
        claims=[claim("C1", "a"), claim("C2", "a-1"), claim("C3", "b")],
        billing={
            "2026-01.csv": [
                sale("L1", 1000, "2026-01-10"),
                sale("L2", 500, "2026-01-11", client_id="C2"),
                sale("L3", 300, "2026-01-12", client_id="C3"),
            ],
            "2026-02.csv": [sale("L4", 100, "2026-02-10")],
            "2026-03.csv": [sale("L5", -100, "2026-03-10", "L1")],
        },
    )


@pytest.fixture
def corrected(tmp_path: Path, vendor: Path) -> Path:
    folder = tmp_path / "corrected"
    folder.mkdir()
    right = (vendor / "programme.yaml").read_text().replace("rate: 10%", "rate: 12%")
    (folder / "programme.yaml").write_text(right)
    return folder


def worked_out(tmp_path: Path, vendor: Path, corrected: Path) -> Restatement:
    return restated(office(tmp_path / "home", vendor), JANUARY, corrected)


def test_what_a_wrong_rate_came_to_is_shown_and_put_right_once(tmp_path: Path, vendor: Path, corrected: Path) -> None:
    close_months(tmp_path / "home", vendor, "2026-01")
    here = office(tmp_path / "home", vendor)
    found = worked_out(tmp_path, vendor, corrected)
    assert list(found.words()) == [
        "2026-01 with programme.yaml as corrected:",
        "  a: was 100.00, would be 120.00; open 20.00",
        "  a-1: was 50.00, would be 60.00; open 10.00",
        "  b: was 30.00, would be 36.00; open 6.00",
    ]
    assert accept(found, here, SAID, vendor / "adjustments.csv") == 3
    again = worked_out(tmp_path, vendor, corrected)
    assert [each.open_minor for each in again.partners] == [0, 0, 0]
    assert accept(again, here, SAID, vendor / "adjustments.csv") == 0
    february = close_months(tmp_path / "home", vendor, "2026-02")["2026-02"]
    assert {who: each.summary.corrections_minor for who, each in february.items()} == {"a": 2000, "a-1": 1000, "b": 600}
    (entry,) = february["a"].corrections
    assert (entry.cites, entry.words) == ("a/2026-01/v1", "the contract says 12 % (olga; programme.yaml)")
    assert [each.settled_minor for each in worked_out(tmp_path, vendor, corrected).partners] == [2000, 1000, 600]


def test_a_wrong_table_is_corrected_in_the_same_way(tmp_path: Path, vendor: Path) -> None:
    close_months(tmp_path / "home", vendor, "2026-01")
    folder = tmp_path / "tables"
    rows = [partner("a"), partner("a-1"), partner("b", **{"from": "2026-02"})]
    folder.mkdir()
    write_csv(folder / "partners.csv", rows)
    assert list(worked_out(tmp_path, vendor, folder).words())[1:] == ["  b: was 30.00, would be 0.00; open -30.00"]


def test_nothing_is_written_where_sales_of_the_month_were_given_back_since(
    tmp_path: Path, vendor: Path, corrected: Path
) -> None:
    close_months(tmp_path / "home", vendor, "2026-01", "2026-02", "2026-03")
    found = worked_out(tmp_path, vendor, corrected)
    assert list(found.words())[-1] == (
        "  sales of 2026-01 were given back in 2026-03, at the rates of its statements: that is not in these figures"
    )
    with pytest.raises(WrongUse, match="nothing was written: figure what is left"):
        accept(found, office(tmp_path / "home", vendor), SAID, vendor / "adjustments.csv")
    assert not (vendor / "adjustments.csv").exists()


def test_what_cannot_be_corrected_so_is_refused_by_name(tmp_path: Path, vendor: Path, corrected: Path) -> None:
    with pytest.raises(WrongUse, match="2026-01 is not closed"):
        worked_out(tmp_path, vendor, corrected)
    close_months(tmp_path / "home", vendor, "2026-01")
    with pytest.raises(WrongUse, match="there is no folder"):
        worked_out(tmp_path, vendor, tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(WrongUse, match=r"is empty: what may be corrected is programme\.yaml, partners\.csv"):
        worked_out(tmp_path, vendor, tmp_path / "empty")
    (corrected / "claims.csv").write_text("claim_id\n")
    with pytest.raises(WrongUse, match=r"has claims\.csv: what may be corrected"):
        worked_out(tmp_path, vendor, corrected)
    (corrected / "claims.csv").unlink()
    programme = (corrected / "programme.yaml").read_text()
    (corrected / "programme.yaml").write_text(programme.replace("currency: RUB", "currency: USD"))
    with pytest.raises(BadInput, match="is another programme, or in another currency"):
        worked_out(tmp_path, vendor, corrected)
