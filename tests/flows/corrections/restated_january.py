"""A January that is restated at 12 %, settled by February; in March half of a sale of January is given back."""

from pathlib import Path

from flows.corrections.restating import Restatement, Said, accept, restated
from models.formats import read_statement
from models.period import Period
from models.statement import Statement
from tests.flows.corrections.test_refunds import HEADING, TEN, sale
from tests.made.vendors import archived, claim, digests, office, partner, settle, write_vendor

JANUARY = Period(2026, 1)
OLGA = Said("olga", "the contract says 12 %")


def written(folder: Path) -> Path:
    return write_vendor(
        folder,
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
            "2026-03.csv": [sale("L5", -500, "2026-03-10", "L1")],
        },
    )


def right_rate(folder: Path, vendor: Path) -> Path:
    folder.mkdir()
    right = (vendor / "programme.yaml").read_text().replace("rate: 10%", "rate: 12%")
    (folder / "programme.yaml").write_text(right)
    return folder


def worked_out(tmp_path: Path, vendor: Path, corrected: Path, said: Said = OLGA) -> Restatement:
    return restated(office(tmp_path / "home", vendor), JANUARY, corrected, said)


def three_months(root: Path, seal_key: Path | None = None) -> Path:
    """Close January, restate it, and close February and March with all their documents. Returns `root`."""
    vendor = written(root / "vendor")
    settle(root / "home", vendor, "2026-01", seal_key=seal_key)
    before = digests(archived(root / "home", "2026-01"))
    assert accept(worked_out(root, vendor, right_rate(root / "corrected", vendor)), office(root / "home", vendor))
    settle(root / "home", vendor, "2026-02", "2026-03", seal_key=seal_key)
    assert digests(archived(root / "home", "2026-01")) == before
    return root


def statement(root: Path, who: str, folder: str) -> Statement:
    path = root / "home/archive/test-partners" / folder / "statements" / who / "statement.json"
    return read_statement(path.read_bytes())
