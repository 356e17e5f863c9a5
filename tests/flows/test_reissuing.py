"""Documents of approved statements, made again beside the archive."""

from pathlib import Path

import pytest

from flows.reissuing import reissue
from models.errors import WrongUse
from models.period import Period
from tests.made.vendors import archived, claim, line, office, partner, settle, write_vendor

JANUARY = Period(2026, 1)


def test_documents_made_again_are_those_of_the_archive_and_lie_beside_it(tmp_path: Path) -> None:
    vendor = tmp_path / "vendor"
    write_vendor(
        vendor,
        partners=[partner("ana"), partner("bo")],
        claims=[claim("acme", "ana"), claim("beta", "bo")],
        billing={"2026-01.csv": [line("L1", "acme", 200_00), line("L2", "beta", 300_00)]},
    )
    here = office(tmp_path / "home", vendor)
    with pytest.raises(WrongUse, match="2026-01 is not approved"):
        reissue(here, JANUARY)
    settle(tmp_path / "home", vendor, "2026-01")
    statements = archived(tmp_path / "home", "2026-01") / "statements"
    before = {path: path.stat().st_mtime_ns for path in statements.rglob("*")}

    folder, count = reissue(here, JANUARY, ["bo"])
    assert count == 1
    made = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {path.name for path in made} >= {"statement.json", "statement.html", "statement.pdf"}
    stored = {path.relative_to(statements.parent): path.read_bytes() for path in (statements / "bo").rglob("*")}
    assert made == stored
    assert {path: path.stat().st_mtime_ns for path in statements.rglob("*")} == before
    with pytest.raises(WrongUse, match=r"cy: no statement in 2026-01 is theirs"):
        reissue(here, JANUARY, ["cy"])
