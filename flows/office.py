"""The office a month is settled in: settings, the database of facts, and the archive."""

from dataclasses import dataclass
from pathlib import Path

from models.errors import WrongUse
from tasks.facts.database import Database
from tasks.settings import Settings
from tasks.storage import Store
from tasks.storage.open import open_store


@dataclass(frozen=True)
class Office:
    """What every step needs to reach. Opening it asks nothing of anybody."""

    settings: Settings
    database: Database
    store: Store

    @classmethod
    def open(cls, settings: Settings) -> "Office":
        return cls(settings, Database(settings.database), open_store(settings.archive, settings))

    @property
    def vendor_folder(self) -> Path:
        """Where the vendor's files are. Raises WrongUse when nobody said."""
        if self.settings.vendor is None:
            raise WrongUse("no vendor folder: say --from DIR, or set SETTLE_VENDOR. `settle sample DIR` makes one.")
        return self.settings.vendor
