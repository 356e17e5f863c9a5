"""Connections to a vendor's database that only read, whatever is asked of them; no message shows a secret.

SQLite opens the file read-only and refuses each action but a select, PostgreSQL is asked in a read-only transaction.
"""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from models.errors import BadInput
from tasks.settings import Settings
from tasks.sources import SourceUnreachable
from tasks.sources.plain_files import must_stay_in, named_in

ROWS_AT_ONCE = 20_000
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
LOOKING = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_TRANSACTION,
    }
)
"""What a query may do in SQLite. VACUUM INTO and ATTACH would write a file of their own beside the database."""


@contextmanager
def connected(folder: Path, written: str, asker: str) -> Iterator[Connection]:
    """Give a connection that reads only, where the database knows such a thing.

    `written` is the URL as sources.yaml has it, a relative SQLite path in it starts in `folder`; `asker` is what
    messages begin with. Raises SourceUnreachable for whatever the database complains of.
    """
    url = _url(written)
    options = {"stream_results": True, "max_row_buffer": ROWS_AT_ONCE, "postgresql_readonly": True}
    try:
        with _engine(folder, url, f"{asker}: {shown(written)}").connect() as connection:
            yield connection.execution_options(**options)
    except (SQLAlchemyError, ImportError) as error:
        raise SourceUnreachable(
            f"{asker}: {shown(written)} does not give the billing: {complaint(error, written)}"
        ) from None


def complaint(error: Exception, written: str) -> str:
    """Return what a driver complains of, without the secrets of the URL."""
    reason = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    return _without_secrets(reason, _url(written), written)


def shown(written: str) -> str:
    """Return a URL as sources.yaml has it, for messages: variables by their names, a written password hidden."""
    return re.sub(r"(://[^:/@]*):(?!\$\{)[^@]*@", r"\1:***@", written)


def _url(written: str) -> URL:
    """Return the URL with variables filled in. Errors show it as it is written: it may hold a password."""
    try:
        url = make_url(_filled_in(written))
    except (ArgumentError, ValueError):
        raise BadInput(
            "sources.yaml: `sql:` is no database URL: write for example "
            "postgresql://reader:${BILLING_PASSWORD}@host/billing or sqlite:///billing.db."
        ) from None
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return url


def _engine(folder: Path, url: URL, asker: str) -> Engine:
    """Return the engine of the vendor's database. Raises SourceUnreachable where SQLite would make a new one."""
    if url.get_backend_name() == "sqlite":
        database = url.database or ""
        path = (folder / database).absolute()
        if not path.is_file():
            raise SourceUnreachable(f"{asker}: there is no such SQLite database.")
        must_stay_in(path, f"{asker.partition(':')[0]}: {database}", named_in(folder, database))
        return create_engine(url.set(database=None), poolclass=NullPool, creator=partial(_read_only, path))
    timeout = {"connect_timeout": 10} if "psycopg" in url.drivername else {}
    return create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=timeout)


def _read_only(path: Path) -> sqlite3.Connection:
    """Open a SQLite file so that nothing can be written by this connection, neither in it nor beside it."""
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    connection.execute("pragma query_only = on")

    def judge(action: int, of: str | None, value: str | None, *_: str | None) -> int:
        # SQLAlchemy asks for the isolation level as it connects.
        asked = action == sqlite3.SQLITE_PRAGMA and of == "read_uncommitted" and value is None
        return sqlite3.SQLITE_OK if action in LOOKING or asked else sqlite3.SQLITE_DENY

    connection.set_authorizer(judge)
    return connection


def _filled_in(written: str) -> str:
    """Replace each ${NAME} by that environment variable: a whole URL as it is, a part of one percent-encoded.

    Raises BadInput for a variable that SETTLE_SOURCE_VARIABLES does not list: who writes sources.yaml must not be able
    to send any secret of this process to a host of their own.
    """
    listed = Settings().source_variables.replace(",", " ").split()

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in listed:
            raise BadInput(
                f"sources.yaml: `sql:` names ${{{name}}}, which is not among the variables a source may read. "
                f"If it may, set SETTLE_SOURCE_VARIABLES={','.join([*listed, name])} where settle runs."
            )
        if name not in os.environ:
            raise BadInput(f"sources.yaml: `sql:` names ${{{name}}}, and no such environment variable is set.")
        return os.environ[name] if match[0] == written else quote(os.environ[name], safe="")

    return VARIABLE.sub(value, written)


def _without_secrets(reason: str, url: URL, written: str) -> str:
    """Return what a driver complains of, with the variables of the URL by their names and its password hidden."""
    for name in VARIABLE.findall(written):
        value = os.environ.get(name, "")
        for form in filter(None, (value, quote(value, safe=""))):
            reason = reason.replace(form, f"${{{name}}}")
    secrets = [str(url.password)] if url.password else []
    if VARIABLE.fullmatch(written):
        secrets += [part for part in (url.host, url.username, url.database) if part]
    for secret in secrets:
        reason = reason.replace(secret, "***")
    return reason
