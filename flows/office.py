"""The office: settings, the database of facts and the archive's store. A month is settled in one office."""

from dataclasses import dataclass
from pathlib import Path

from models.errors import WrongUse
from tasks.clock import now
from tasks.database.database import Database
from tasks.settings import Settings
from tasks.storage import Store
from tasks.storage.open import open_store


@dataclass(frozen=True)
class Office:
    """The settings, and the two places where something is kept. Every flow is given it."""

    settings: Settings
    database: Database
    store: Store

    @classmethod
    def open(cls, settings: Settings) -> "Office":
        """Make it from the settings. Does not connect to the database or the store."""
        return cls(settings, Database(settings.database), open_store(settings.archive, settings))

    def prepare(self) -> None:
        """Make the database ready for facts: created, brought up to date, checked, and of the clock that is set."""
        self.database.prepare()
        self._suit_the_clock()

    def check(self) -> None:
        """Raise UnguardedDatabase or WrongUse unless the database is ready for facts."""
        self.database.check()
        self._suit_the_clock()

    def now(self) -> str:
        """Return the UTC text that a fact bears which is made now. Raises ClockWentBack."""
        return self.database.time(now(self.settings))

    def _suit_the_clock(self) -> None:
        if self.settings.clock:
            self.database.suit(self.settings.clock)

    @property
    def vendor_folder(self) -> Path:
        """The folder SETTLE_VENDOR names. Raises WrongUse where it is not set."""
        if self.settings.vendor is None:
            raise WrongUse("no vendor folder: say --from DIR, or set SETTLE_VENDOR. `settle sample DIR` makes one.")
        return self.settings.vendor
