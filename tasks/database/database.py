"""The database: where facts are kept. Opened, migrated and checked here; read and written only through here."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import get_args

from sqlalchemy import BigInteger, ColumnElement, Connection, insert, inspect, literal_column, select, text, update
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlmodel import Session, SQLModel, col

from migrations.schema import departures
from models.errors import CannotApprove, LeaseLost, UnguardedDatabase
from models.rows import AuditRow, LeaseRow
from tasks.clock import utc_text
from tasks.database.connection import DatabaseUnavailable, address, insert_rows, open_engine
from tasks.database.times import no_earlier, suit_the_clock
from tasks.facts.audit import NOTHING_BEFORE, Trail

ALEMBIC = Path(__file__).parents[2] / "alembic.ini"
MIGRATIONS = Path(__file__).parents[2] / "migrations" / "versions"
AT_ONCE = 10_000  # rows; bounds the memory of one insert
ONE_MIGRATION_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('partner settlement: migration'))"
CLOCK = {
    "sqlite": "CAST(strftime('%s', 'now') AS INTEGER)",
    "postgresql": "CAST(floor(extract(epoch FROM clock_timestamp())) AS BIGINT)",
}


@dataclass(frozen=True)
class Epoch:
    """The right to write for a programme, as the lease gave it. It ends when the next epoch begins."""

    programme: str
    number: int
    holder: str
    seconds: int = 60


class Transaction:
    """Facts, and the audit entries that speak of them: all are stored, or none."""

    def __init__(self, session: Session, now: str) -> None:
        self.session = session
        self._newest = newest_entry(session)
        self.now = no_earlier(now, self._newest)
        """The UTC text that the facts of this transaction bear, and their audit entries."""
        self._trail: Trail | None = None

    def add(self, *rows: SQLModel) -> None:
        """Insert rows, in this order. A value of another type than its column's is an error: a float is no amount."""
        for kind, group in groupby(rows, key=type):
            while values := [row.model_dump(warnings="error") for row in islice(group, AT_ONCE)]:
                self.session.connection().execute(insert(kind), values)

    def insert(self, kind: type[SQLModel], rows: Iterable[tuple[object, ...]]) -> None:
        """Insert many rows of one table, each the values of its columns in their order, as fast as the database can.

        A value of another type than its column's is an error here, too.
        """
        waiting = iter(rows)
        while batch := list(islice(waiting, AT_ONCE)):
            _must_fit(kind, batch)
            insert_rows(self.session.connection(), SQLModel.metadata.tables[str(kind.__tablename__)], batch)

    def record(
        self, event: str, *, period: str, subject: str, about: str, amount_minor: int | None = None, currency: str = ""
    ) -> None:
        """Append one entry to the audit trail."""
        if self._trail is None:
            self._trail = Trail(self._newest, self.now)
        self._trail.record(
            event, period=period, subject=subject, about=about, amount_minor=amount_minor, currency=currency
        )
        if len(self._trail.entries) >= AT_ONCE:
            self.flush()

    def follow(self, trail: Trail) -> None:
        """Append entries that were chained before the transaction began, instead of recording them in it.

        Raises CannotApprove where something else was recorded since.
        """
        newest = self._newest
        if self._trail or trail.follows != (newest.digest if newest else NOTHING_BEFORE):
            raise CannotApprove(
                f"something was recorded while the facts were prepared: the newest audit entry is "
                f"{newest.seq if newest else 0} now ({newest.event if newest else 'none'}). "
                "Nothing was written: run again."
            )
        self._trail = trail

    def flush(self) -> None:
        """Hand over to the database what is still here."""
        self.session.flush()
        if self._trail:
            self.insert(AuditRow, self._trail.entries)
            self._trail.entries.clear()


class Database:
    """SQLite in a file, or PostgreSQL. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        self.url = address(url)
        self.engine = open_engine(self.url)
        self._writer = self.engine.execution_options(mode="writing")

    def __str__(self) -> str:
        return self.url.render_as_string(hide_password=True)

    def exists(self) -> bool:
        """Whether there is a database of ours. Creates nothing. Raises UnguardedDatabase for another version's."""
        found = self._revision()
        self._must_be_todays(found)
        return found is not None

    def prepare(self) -> None:
        """Create what is missing, bring the schema up to date, and check it."""
        if self._revision() in (None, *revisions()[1:]):
            # Imported where there is something to bring up to date: most commands only ask which schema there is.
            from alembic import command
            from alembic.config import Config

            try:
                with self.migrating() as connection:
                    command.upgrade(Config(ALEMBIC, attributes={"connection": connection}), "head")
            except (OperationalError, ProgrammingError) as fault:
                raise UnguardedDatabase(
                    f"{self}: its schema says that it is {self._revision()}, and cannot be brought up to date from "
                    f"there: {fault.orig}. It is another than it says: restore the backup."
                ) from fault
        self.check()

    def check(self) -> None:
        """Raise UnguardedDatabase unless the schema is the one the migrations made, and nothing hangs on it beside."""
        if not self.exists():
            raise UnguardedDatabase(f"{self}: its schema is not there. `settle run` creates it.")
        with self.engine.connect() as connection:
            found = departures(connection)
        if found:
            raise UnguardedDatabase(
                f"{self}: its schema is not the one the migrations made ({len(found)}), so facts could be changed, or "
                f"be stored otherwise than they were meant: {'; '.join(found)}. Find out who did it and what was "
                "changed since, then restore the backup, or undo it by hand and let `settle doctor` look again."
            )

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read, at one moment of the database. Nothing can be written."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self, epoch: Epoch, now: str) -> Iterator[Transaction]:
        """Write in one transaction, while `epoch` lasts. `now` is the UTC text of its facts; it never goes back."""
        with self.locked() as session:
            if not keep(session, epoch):
                raise LeaseLost(
                    f"{epoch.programme}: this run ({epoch.holder}) no longer holds the programme: its epoch "
                    f"{epoch.number} is over. It wrote nothing more. `settle status` shows who holds it now."
                )
            transaction = Transaction(session, now)
            yield transaction
            transaction.flush()
            # The heartbeat had to wait for us: without this, a long transaction would cost us the lease.
            keep(session, epoch)

    def suit(self, fixed_clock: str) -> None:
        """Let a new database be of this clock (SETTLE_CLOCK) for ever. Raises WrongUse where it is another's."""
        with self.locked() as session:
            if born := suit_the_clock(session, fixed_clock):
                insert_rows(session.connection(), SQLModel.metadata.tables["audit"], born.entries)

    def time(self, now: str) -> str:
        """Return the UTC text that a fact bears which is made now. Raises ClockWentBack."""
        with self.reading() as session:
            return no_earlier(now, newest_entry(session))

    def clock(self) -> str | None:
        """Return the time by the server's clock, as UTC text; None of SQLite, which is a file of this machine."""
        if self.engine.dialect.name == "sqlite":
            return None
        with self.reading() as session:
            seconds = session.scalars(select(clock(session))).one()
        return utc_text(seconds)

    @contextmanager
    def locked(self) -> Iterator[Session]:
        """Begin a transaction that may write; on SQLite, the only one. It is stored when the block ends, not before."""
        with self._writer.begin() as connection, Session(connection, expire_on_commit=False) as session:
            yield session
            session.flush()

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Begin a transaction that may change the schema; a second process waits for the first."""
        if self.url.database and self.engine.dialect.name == "sqlite":
            try:
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
                Path(self.url.database).touch()
            except OSError as reason:
                raise DatabaseUnavailable(f"{self}: cannot be created ({reason}). Check SETTLE_HOME.") from reason
        with self._writer.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(ONE_MIGRATION_AT_A_TIME)
            yield connection

    def _must_be_todays(self, found: str | None) -> None:
        known = revisions()
        if found in known[1:]:
            raise UnguardedDatabase(
                f"{self}: its schema is {found}, this version works with {known[0]}. `settle run PERIOD` brings it up "
                "to date, whichever month it names: a closed one stays as it is."
            )
        if found not in (None, known[0]):
            raise UnguardedDatabase(
                f"{self}: its schema is {found}, this version works with {known[0]}. A later version made it: run that."
            )

    def _revision(self) -> str | None:
        if self.engine.dialect.name == "sqlite" and not Path(str(self.url.database)).exists():
            return None
        with self.engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def revisions() -> list[str]:
    """Return every revision of the schema, the newest first: what the names of the migrations begin with."""
    return sorted((file.name.partition("_")[0] for file in MIGRATIONS.glob("[0-9]*_*.py")), reverse=True)


def newest_entry(session: Session) -> AuditRow | None:
    """Return the last entry of the audit trail, or None where there is none yet."""
    return session.scalars(select(AuditRow).order_by(col(AuditRow.seq).desc()).limit(1)).first()


def _must_fit(kind: type[SQLModel], rows: Sequence[tuple[object, ...]]) -> None:
    """Raise TypeError for a value that is not of its column's type. A bool is no number."""
    for (name, field), values in zip(kind.model_fields.items(), zip(*rows, strict=True), strict=True):
        allowed = set(get_args(field.annotation)) or {field.annotation}
        if wrong := set(map(type, values)) - allowed:
            raise TypeError(f"{kind.__tablename__}.{name} takes {field.annotation}, and was given {wrong}.")


def clock(session: Session) -> ColumnElement[int]:
    """Return the database's own clock, in seconds since 1970: the one clock all machines share."""
    return literal_column(CLOCK[session.get_bind().dialect.name], BigInteger())


def keep(session: Session, epoch: Epoch) -> bool:
    """Show a sign of life, and lock the lease until the transaction ends. False where the epoch is over."""
    ours = update(LeaseRow).where(
        col(LeaseRow.programme) == epoch.programme, col(LeaseRow.epoch) == epoch.number, col(LeaseRow.expires_at) > 0
    )
    return session.connection().execute(ours.values(expires_at=clock(session) + epoch.seconds)).rowcount == 1
