"""Roles: whether whoever settles the month could also take the guards of its facts away."""

from sqlalchemy import text

from migrations.schema import our_tables
from tasks.database.database import Database

OWNS = """
SELECT current_user FROM pg_class
WHERE relname = ANY(:tables) AND pg_table_is_visible(oid) AND pg_has_role(current_user, relowner, 'MEMBER') LIMIT 1
"""


def owner_who_settles(database: Database) -> str:
    """Return the name of the role that settles, where it owns tables of facts on PostgreSQL; else blank.

    An owner can drop triggers and change rows. On SQLite that is anybody who may write to the file.
    """
    if database.engine.dialect.name == "sqlite":
        return ""
    with database.reading() as session:
        return str(session.connection().execute(text(OWNS), {"tables": sorted(our_tables())}).scalar() or "")
