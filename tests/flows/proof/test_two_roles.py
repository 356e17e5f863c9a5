"""Two roles on PostgreSQL: one owns the tables, the other settles, and can neither change a fact nor its guards."""

import subprocess
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.exc import ProgrammingError

from flows.office import Office
from flows.questions.check_installation import check_installation
from flows.result import Ending
from flows.settle_month import settle_month
from models.period import Period
from tasks.database.connection import DatabaseUnavailable
from tasks.database.database import Database
from tasks.settings import Settings
from tests.docs.pages import blocks
from tests.made.tables import run
from tests.made.vendors import claim, line, partner, write_vendor

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]


def execute(url: URL, statements: str) -> None:
    with create_engine(url.set(drivername="postgresql+psycopg")).begin() as connection:
        connection.exec_driver_sql(statements)


def test_a_month_is_settled_by_a_role_that_may_only_read_and_add(postgres_url: str, tmp_path: Path) -> None:
    as_administrator, as_owner = blocks("docs/settings.md", "sql")
    (command,) = (block for block in blocks("docs/settings.md", "sh") if "alembic" in block)
    administrator = make_url(postgres_url)
    owner = administrator.set(username="settlement_owner", password="one")
    app = administrator.set(username="settlement", password="another")
    execute(administrator, as_administrator)
    try:
        vendor = write_vendor(
            tmp_path / "vendor", partners=[partner("anna")], claims=[claim("acme", "anna")],
            billing={"2026-01.csv": [line("L1", "acme", 100_000)]},
        )  # fmt: skip
        settings = Settings(
            home=tmp_path / "home", vendor=vendor, database_url=app.render_as_string(hide_password=False)
        )
        with pytest.raises(
            DatabaseUnavailable, match=r"its role may not do that \(permission denied for schema public"
        ):
            Database(settings.database).prepare()
        there = "url=postgresql://settlement_owner:one@localhost/settlement"
        assert there in command
        migrate = command.replace(there, f"url={owner.render_as_string(hide_password=False)}").split()
        subprocess.run(migrate, cwd=ROOT, check=True, capture_output=True)
        execute(owner, as_owner)
        assert settle_month(Period(2026, 1), Office.open(settings)).ending is Ending.CLOSED
        said = [check for check in check_installation(settings) if "schema and triggers" in check.words]
        assert [(check.passed, "owns the tables" in check.words) for check in said] == [(True, False)]
        for attack in (
            "DROP TRIGGER posting_refuses_change ON posting", "ALTER TABLE posting DISABLE TRIGGER ALL",
            "UPDATE posting SET amount_minor = 0", "DELETE FROM audit", "TRUNCATE audit", "CREATE TABLE more (a text)",
            "CREATE RULE nothing AS ON INSERT TO audit DO INSTEAD NOTHING", "UPDATE alembic_version SET version_num = '1'",
        ):  # fmt: skip
            with pytest.raises((ProgrammingError, DatabaseUnavailable), match=r"permission denied|must be owner"):
                run(Database(settings.database), attack)
        owning = settings.model_copy(update={"database_url": owner.render_as_string(hide_password=False)})
        said = [check for check in check_installation(owning) if "schema and triggers" in check.words]
        assert "Its role settlement_owner owns the tables" in said[0].words
    finally:
        for role in ("settlement", "settlement_owner"):
            execute(administrator, f"DROP OWNED BY {role}; DROP ROLE {role}")
