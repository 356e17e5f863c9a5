"""Indexes of PostgreSQL against their tables: whoever owns the server can let one leave rows out."""

from collections.abc import Iterator

from sqlalchemy import Integer, Table
from sqlmodel import Session, SQLModel

from models.rows import LeaseRow
from tasks.proof.difference import Difference
from tasks.proof.rows import rows

BY_INDEX = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")


def hidden_rows(session: Session) -> Iterator[Difference]:
    """Yield each index that finds another number of rows than its table has. The session uses no index from then on."""
    tables = [table for table in SQLModel.metadata.sorted_tables if table.name != LeaseRow.__tablename__]
    _read_by(session, indexes=True)
    by_index = {(table.name, column): _count(session, table, column) for table in tables for column in _leading(table)}
    _read_by(session, indexes=False)
    there = {table.name: _count(session, table, "") for table in tables}
    for (table, column), found in by_index.items():
        if found != there[table]:
            words = f"its index of {column} has {found} rows, and the table has {there[table]}"
            yield Difference(f"table {table}", words)


def _leading(table: Table) -> list[str]:
    """The first column of each index: what a row is looked for by."""
    keys = [table.primary_key.columns.keys()[0], *(next(iter(index.columns)).name for index in table.indexes)]
    return sorted(set(keys))


def _count(session: Session, table: Table, column: str) -> int:
    least = "0" if column and isinstance(table.c[column].type, Integer) else "''"
    where = f" WHERE {column} >= {least}" if column else ""
    ((found,),) = rows(session, f"SELECT count(*) FROM {table.name}{where}")  # noqa: S608  (our own names)
    return int(found)


def _read_by(session: Session, *, indexes: bool) -> None:
    for setting in BY_INDEX:
        session.connection().exec_driver_sql(f"SET LOCAL {setting} = {'on' if indexes else 'off'}")
    session.connection().exec_driver_sql(f"SET LOCAL enable_seqscan = {'off' if indexes else 'on'}")
