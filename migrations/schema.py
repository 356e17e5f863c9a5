"""The schema as it must stand: tables, triggers and rules as the database words them, kept beside the migrations.

A trigger of one's own, a rule, a child table or row security changes what is stored or read without a word. So what
stands is compared with what the migrations made, to the letter. After a new migration, write what it makes on each
kind of database: `python -m migrations.schema URL > migrations/schema.sqlite.json`, and `schema.postgresql.json`.
"""

import json
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, create_engine

FOLDER = Path(__file__).parent

# What SQLite makes for itself: the indexes of keys, which have no words, and statistics. The beginning of a name says
# nothing: who may write to sqlite_master calls a trigger as they like.
OF_SQLITE = """
SELECT type || ' ' || name AS name, coalesce(sql, '') AS words FROM sqlite_master
WHERE NOT (type = 'index' AND sql IS NULL AND name LIKE 'sqlite~_autoindex~_%' ESCAPE '~')
AND NOT (type = 'table' AND name IN ('sqlite_stat1', 'sqlite_stat4'))
"""

# What hangs on the tables that are ours; the schema may hold those of others. A function is told by its whole body.
OF_POSTGRESQL = """
WITH ours AS (
    SELECT * FROM pg_class WHERE relname = ANY(%(tables)s) AND pg_table_is_visible(oid)
)
SELECT 'table ' || relname AS name,
       concat_ws(' ', 'kind', relkind, 'persistence', relpersistence, 'row security', relrowsecurity,
                 relforcerowsecurity, 'options', array_to_string(reloptions, ' ')) AS words
FROM ours
UNION ALL
SELECT format('column %%s.%%s', relname, attname),
       concat_ws(' ', attnum, format_type(atttypid, atttypmod), 'not null', attnotnull, 'identity', attidentity,
                 'generated', attgenerated, 'default', pg_get_expr(adbin, adrelid),
                 CASE WHEN attcollation <> typcollation THEN 'collation ' || attcollation::regcollation::text END)
FROM ours JOIN pg_attribute ON attrelid = ours.oid LEFT JOIN pg_type ON pg_type.oid = atttypid
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attnum > 0 AND NOT attisdropped
UNION ALL
SELECT format('constraint %%s.%%s', relname, conname),
       concat(pg_get_constraintdef(pg_constraint.oid, true), ' ', convalidated)
FROM ours JOIN pg_constraint ON conrelid = ours.oid WHERE contype <> 'n'  -- the columns say what is not null
UNION ALL
SELECT format('index %%s', indexrelid::regclass), concat(pg_get_indexdef(indexrelid, 0, true), ' ', indisvalid)
FROM ours JOIN pg_index ON indrelid = ours.oid
UNION ALL
SELECT format('trigger %%s.%%s', relname, tgname),
       concat_ws(' ', tgenabled, pg_get_triggerdef(pg_trigger.oid, true), prosecdef,
                 array_to_string(proconfig, ' '), prosrc)
FROM ours JOIN pg_trigger ON tgrelid = ours.oid JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal
UNION ALL
SELECT format('rule %%s.%%s', relname, rulename), concat_ws(' ', ev_enabled, pg_get_ruledef(pg_rewrite.oid, true))
FROM ours JOIN pg_rewrite ON ev_class = ours.oid
UNION ALL
SELECT format('policy %%s.%%s', relname, polname), concat_ws(' ', polcmd, polpermissive)
FROM ours JOIN pg_policy ON polrelid = ours.oid
UNION ALL
SELECT format('child table %%s of %%s', inhrelid::regclass, inhparent::regclass), 'its rows are read as the other''s'
FROM pg_inherits WHERE inhparent IN (SELECT oid FROM ours) OR inhrelid IN (SELECT oid FROM ours)
UNION ALL  -- what is called like a part of PostgreSQL is taken for it, wherever its types fit better
SELECT format('operator %%s', mine.oid::regoperator), 'stands for one of PostgreSQL'
FROM pg_operator mine WHERE mine.oid >= 16384 AND mine.oprleft < 16384 AND mine.oprright < 16384
AND EXISTS (SELECT FROM pg_operator WHERE oid < 16384 AND oprname = mine.oprname) AND pg_operator_is_visible(mine.oid)
AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = mine.oid AND deptype = 'e')
UNION ALL
SELECT format('function %%s', mine.oid::regprocedure), 'stands for one of PostgreSQL'
FROM pg_proc mine WHERE mine.oid >= 16384 AND pg_function_is_visible(mine.oid)
AND EXISTS (SELECT FROM pg_proc WHERE oid < 16384 AND proname = mine.proname)
AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = mine.oid AND deptype = 'e')
UNION ALL
SELECT format('cast from %%s to %%s', castsource::regtype, casttarget::regtype), castcontext::text
FROM pg_cast WHERE oid >= 16384 AND castsource < 16384 AND casttarget < 16384
AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_cast.oid AND deptype = 'e')
"""


def standing(connection: Connection) -> dict[str, str]:
    """Return what stands in the database: the words for each table, column, index, trigger and so on, by its name."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(OF_SQLITE)
    else:
        rows = connection.exec_driver_sql(OF_POSTGRESQL, {"tables": sorted(our_tables())})
    # Alembic quotes the name of a table that it rebuilds, and breaks lines in its own way.
    return {row.name: " ".join(row.words.replace('"', "").split()) for row in rows}


def departures(connection: Connection) -> list[str]:
    """Return what differs from the schema as the migrations made it, a few words for each; nothing where all stands."""
    made, found = made_by_migrations(connection.dialect.name), standing(connection)
    return [
        *(f"{name} is missing" for name in made if name not in found),
        *(f"{name} was altered" for name in made if name in found and found[name] != made[name]),
        *(f"{name} is not ours" for name in found if name not in made),
    ]


@cache
def made_by_migrations(dialect: str) -> Mapping[str, str]:
    """Return what stands in a database of this kind that the newest migration has been applied to."""
    made: dict[str, str] = json.loads((FOLDER / f"schema.{dialect}.json").read_text())
    return made


def in_words(made: Mapping[str, str]) -> str:
    """Return the text of the file that keeps it."""
    return json.dumps(dict(sorted(made.items())), indent=2) + "\n"


def our_tables() -> set[str]:
    """Return the names of our tables: those that SQLite has."""
    return {name.removeprefix("table ") for name in made_by_migrations("sqlite") if name.startswith("table ")}


if __name__ == "__main__":
    with create_engine(sys.argv[1]).connect() as reading:
        sys.stdout.write(in_words(standing(reading)))
