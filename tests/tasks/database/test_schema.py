"""The schema is what the migrations made, to the letter: whatever else hangs on a table is named before it is used."""

from pathlib import Path

import pytest

from migrations.schema import FOLDER, in_words, made_by_migrations, standing
from models.errors import UnguardedDatabase
from tasks.database.database import Database
from tests.made.tables import run


def test_what_the_migrations_make_is_what_is_kept_beside_them(database: Database) -> None:
    dialect = database.engine.dialect.name
    kept = FOLDER / f"schema.{dialect}.json"
    with database.engine.connect() as connection:
        made = in_words(standing(connection))
    assert made == kept.read_text(), f"write it again: python -m migrations.schema URL > migrations/{kept.name}"


def must_be_named(database: Database, *attack: str, named: str) -> None:
    run(database, *attack)
    with pytest.raises(UnguardedDatabase) as refused:
        database.check()
    assert f" (1), so facts could be changed, or be stored otherwise than they were meant: {named}. " in str(
        refused.value
    )


EQUAL = "CREATE FUNCTION equal(varchar, varchar) RETURNS bool LANGUAGE sql AS 'SELECT true'"
BEFORE_INSERT = """CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN NEW.amount_minor := NEW.amount_minor * 2; RETURN NEW; END $$"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("attack", "named"),
    [
        ((BEFORE_INSERT, "CREATE TRIGGER more BEFORE INSERT ON posting FOR EACH ROW EXECUTE FUNCTION more()"),
         "trigger posting.more is not ours"),
        (("CREATE RULE nothing AS ON INSERT TO audit DO INSTEAD NOTHING",), "rule audit.nothing is not ours"),
        (("CREATE RULE also AS ON INSERT TO posting DO ALSO SELECT 1",), "rule posting.also is not ours"),
        (("CREATE TABLE more (LIKE posting); ALTER TABLE more INHERIT posting",),
         "child table more of posting is not ours"),
        (("ALTER TABLE posting ENABLE ROW LEVEL SECURITY",), "table posting was altered"),
        (("CREATE POLICY few ON posting USING (amount_minor > 0)",), "policy posting.few is not ours"),
        (("ALTER TABLE posting ALTER amount_minor SET DEFAULT 5",), "column posting.amount_minor was altered"),
        (("ALTER TABLE posting ALTER amount_minor DROP NOT NULL",), "column posting.amount_minor was altered"),
        (("ALTER TABLE posting ADD COLUMN note text",), "column posting.note is not ours"),
        (("ALTER TABLE posting ADD CHECK (amount_minor < 100000)",),
         "constraint posting.posting_amount_minor_check is not ours"),
        (("DROP INDEX ix_claim_client_id",), "index ix_claim_client_id is missing"),
        (("CREATE UNIQUE INDEX once ON posting (partner_id)",), "index once is not ours"),
        (('ALTER TABLE accrual ALTER rate TYPE varchar COLLATE "C"',), "column accrual.rate was altered"),
        ((EQUAL, "CREATE OPERATOR = (leftarg = varchar, rightarg = varchar, function = equal)"),
         "operator =(character varying,character varying) is not ours"),
        (("CREATE FUNCTION sum(varchar) RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint'",),
         "function sum(character varying) is not ours"),
        (("CREATE FUNCTION number(varchar) RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint'",
          "CREATE CAST (varchar AS bigint) WITH FUNCTION number(varchar) AS IMPLICIT"),
         "cast from character varying to bigint is not ours"),
        (("ALTER FUNCTION refuse_change() SECURITY DEFINER; DROP TRIGGER claim_refuses_change ON claim",
          "ALTER FUNCTION refuse_change() SECURITY INVOKER"), "trigger claim.claim_refuses_change is missing"),
    ],
)  # fmt: skip
def test_what_hangs_on_a_table_of_postgresql_is_named(postgres_url: str, attack: tuple[str, ...], named: str) -> None:
    database = Database(postgres_url)
    database.prepare()
    must_be_named(database, *attack, named=named)


@pytest.mark.slow
def test_a_view_before_a_table_of_postgresql_is_named(postgres_url: str) -> None:
    """Whoever is asked for `posting` is shown the first that the search path finds."""
    database = Database(postgres_url)
    database.prepare()
    run(
        database,
        "CREATE SCHEMA mine",
        "CREATE VIEW mine.posting AS SELECT * FROM public.posting WHERE amount_minor > 0",
        f"ALTER DATABASE {database.url.database} SET search_path = mine, public",
    )
    database.engine.dispose()
    with pytest.raises(UnguardedDatabase, match="table posting was altered"):
        database.check()


@pytest.mark.slow
def test_what_a_search_path_puts_before_postgresqls_own_is_not_asked(postgres_url: str) -> None:
    """A sum of one's own, or a temporary table made at login, would answer for what is stored."""
    database = Database(postgres_url)
    database.prepare()
    run(
        database,
        "CREATE SCHEMA mine",
        "CREATE AGGREGATE mine.max(bigint) (sfunc = int8pl, stype = bigint, initcond = '7')",
        f"ALTER DATABASE {database.url.database} SET search_path = mine, pg_temp, pg_catalog, public",
    )
    database.engine.dispose()
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW search_path").scalar() == "mine, public, pg_temp"
        assert connection.exec_driver_sql("SELECT max(1::bigint)").scalar() == 1
    run(database, "CREATE TEMP TABLE posting (a text)", "SELECT amount_minor FROM posting")


@pytest.mark.slow
def test_tables_of_others_in_the_same_postgresql_are_no_matter_of_ours(postgres_url: str) -> None:
    database = Database(postgres_url)
    database.prepare()
    run(database, "CREATE TABLE invoice (number text PRIMARY KEY)", "CREATE VIEW paid AS SELECT * FROM posting")
    database.check()


@pytest.mark.parametrize(
    ("attack", "named"),
    [
        ("CREATE TRIGGER more AFTER INSERT ON posting BEGIN SELECT 1; END", "trigger more is not ours"),
        ("CREATE TABLE more (a TEXT)", "table more is not ours"),
        ("CREATE VIEW paid AS SELECT * FROM posting", "view paid is not ours"),
        ("ALTER TABLE posting ADD COLUMN note TEXT", "table posting was altered"),
        ("DROP INDEX ix_claim_client_id", "index ix_claim_client_id is missing"),
        ("CREATE UNIQUE INDEX once ON posting (partner_id)", "index once is not ours"),
    ],
)
def test_what_stands_in_the_file_of_sqlite_beside_ours_is_named(tmp_path: Path, attack: str, named: str) -> None:
    database = Database(f"sqlite:///{tmp_path / 'facts.db'}")
    database.prepare()
    must_be_named(database, attack, named=named)


def test_a_trigger_that_is_called_as_if_it_were_sqlites_own_is_named(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'facts.db'}")
    database.prepare()
    words = "CREATE TRIGGER sqlite_more AFTER INSERT ON posting BEGIN SELECT 1; END"
    allowed, written = "PRAGMA writable_schema = ON", "INSERT INTO sqlite_master VALUES"
    must_be_named(
        database, allowed, f"{written} ('trigger', 'sqlite_more', 'posting', 0, '{words}')",
        named="trigger sqlite_more is not ours",
    )  # fmt: skip


def test_statistics_that_the_database_keeps_for_itself_are_no_difference(database: Database) -> None:
    run(database, "ANALYZE")
    database.check()


def test_both_kinds_of_database_have_the_same_tables() -> None:
    tables = [
        {name for name in made_by_migrations(dialect) if name.startswith("table ")}
        for dialect in ("sqlite", "postgresql")
    ]
    assert tables[0] == tables[1]
