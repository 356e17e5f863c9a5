"""No cell of a fact can be changed, and no row taken away, unnoticed: of every table one row, column by column."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Integer

from flows.consent.give_consent import give_consent
from flows.consent.withholding import withhold
from flows.office import Office
from flows.result import Ending
from flows.settle_month import settle_month
from rules.payout import words_of
from tasks.database.database import Database
from tasks.proof.reconcile import reconcile
from tests.made.closed_home import FEBRUARY, JANUARY, Home
from tests.made.tables import INSERT_ONLY, stored, table
from tests.made.vendors import PROGRAMME, claim, line, office, partner, write_csv, write_vendor

UNUSED = ("signature",)  # of a programme that asks for no signatures

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """January closed with ana withheld, February with bo's claim upheld, an adjustment, and a refund that was matched."""
    folder = tmp_path_factory.mktemp("closed")
    vendor = write_vendor(
        folder / "vendor",
        programme=PROGRAMME.replace("net_current", "original_rate") + "approval: on\n",
        partners=[partner("ana"), partner("bo")],
        claims=[claim("acme", "ana"), claim("bell", "bo"), claim("acme", "bo", claim_id="late")],
        billing={
            "2026-01.csv": [line("L1", "acme", 100_000), line("L2", "bell", 100_000)],
            "2026-02.csv": [line("R1", "bell", -5_000, paid_on="2026-02-12", refunds_line_id="L-2")],
        },
    )
    write_csv(vendor / "matches.csv", [{"line_id": "R1", "sale_id": "L2", "who": "olga", "why": "a typing error"}])
    bonus = {"adjustment_id": "A1", "partner_id": "bo", "posted_on": "2026-02-01", "amount_minor": 5_000}
    write_csv(vendor / "adjustments.csv", [bonus | {"why": "a bonus", "who": "olga"}])
    here = office(folder / "home", vendor)
    for month, holds in ((JANUARY, ["ana=the tax id is missing"]), (FEBRUARY, [])):
        digest = settle_month(month, here).draft_digest
        if holds:
            digest = withhold(here, month, digest, words_of(holds, ()), "anna").draft_digest
        give_consent(here, month, digest, "anna")
        assert settle_month(month, here).ending is Ending.CLOSED
    assert reconcile(here.database, here.store) == []
    return here


@pytest.mark.parametrize("name", [name for name in INSERT_ONLY if name not in UNUSED])
def test_each_cell_that_is_changed_and_each_row_that_is_taken_away_is_named(
    closed: Office, tmp_path: Path, name: str
) -> None:
    columns = table(name).columns
    *_, row = stored(closed.database, name)
    this = " AND ".join(f"{column.name} = '{row[column.name]}'" for column in table(name).primary_key)
    attacks = {"the row": f"DELETE FROM {name} WHERE {this}"}
    for column in columns:
        cell = column.name
        other = f"coalesce({cell}, 0) + 1" if isinstance(column.type, Integer) else f"coalesce({cell}, '') || 'x'"
        attacks[cell] = f"UPDATE {name} SET {cell} = {other} WHERE {this}"
    unnoticed = []
    for number, (what, attack) in enumerate(attacks.items()):
        database = Database(f"sqlite:///{tmp_path / f'{number}.db'}")
        with closing(sqlite3.connect(closed.settings.home / "settlement.db")) as facts:
            facts.execute("VACUUM INTO ?", [str(tmp_path / f"{number}.db")])
        Home(replace(closed, database=database), closed.settings).unguarded(attack)
        if not reconcile(database, closed.store):
            unnoticed.append(what)
        database.engine.dispose()
    assert unnoticed == []
