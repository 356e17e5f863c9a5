"""A home in which January and February are closed, on either kind of database, for each test."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from flows.result import Ending
from flows.settle_month import settle_month
from tasks.database.database import Database
from tests.made.closed_home import FEBRUARY, JANUARY, Home
from tests.made.vendors import claim, line, office, partner, write_vendor


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which January and February are closed, on SQLite; each test has a copy of its own."""
    folder = tmp_path_factory.mktemp("made")
    vendor = write_vendor(
        folder / "vendor",
        partners=[partner("ana"), partner("bo")],
        claims=[claim("acme", "ana"), claim("bell", "bo"), claim("acme", "bo", claim_id="later")],
        billing={
            "2026-01.csv": [line("L1", "acme", 1_000_000), line("L2", "bell", 9_998), line("L0", "nobody", 5_000)],
            "2026-02.csv": [line("L3", "acme", 600_000, paid_on="2026-02-03")],
            "2026-03.csv": [line("L4", "acme", 600, paid_on="2026-03-03")],
        },
    )
    here = office(folder / "home", vendor)
    for month in (JANUARY, FEBRUARY):
        assert settle_month(month, here).ending is Ending.CLOSED
    here.database.engine.dispose()
    return folder


@pytest.fixture
def home(made: Path, tmp_path: Path, database: Database) -> Home:
    shutil.copytree(made / "vendor", tmp_path / "vendor")
    shutil.copytree(made / "home" / "archive", tmp_path / "home" / "archive")
    theirs = Database(f"sqlite:///{made / 'home' / 'settlement.db'}")
    with theirs.reading() as session, database.locked() as ours:
        for each in SQLModel.metadata.sorted_tables:
            rows = [dict(row) for row in session.execute(select(each)).mappings()]
            if rows:
                ours.execute(each.insert(), rows)
    here = office(
        tmp_path / "home", tmp_path / "vendor", database_url=database.url.render_as_string(hide_password=False)
    )
    return Home(here, here.settings)
