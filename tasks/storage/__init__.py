"""The archive's store: objects that are created once and never change, in a directory or on S3.

What is read back is used only after it was compared with the digest that was recorded when it was
stored. That comparison is made here, for every kind of store.
"""

from abc import abstractmethod
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from models.canonical import sha256 as sha256_of
from models.errors import ChangedInStore

CALLS_AT_A_TIME = 32
"""The most calls of one store that are made at a time, and the connections kept to a store on the network."""


class Stored(NamedTuple):
    """An object as the store holds it."""

    key: str
    sha256: str
    size: int


class Kept(NamedTuple):
    """How a store keeps an object: which version of it, and until when nobody deletes it. Blank: it does not say."""

    version: str
    mode: str  # COMPLIANCE or GOVERNANCE
    until: str  # as 2033-11-29T10:00:00Z


class Store(Protocol):
    """Create-once storage. Keys are relative to the store's URL, with `/` between parts."""

    url: str

    @abstractmethod
    def put_once(self, key: str, data: bytes) -> Stored:
        """Create the object. Identical bytes already there: fine. Other bytes: StoredDifferently, nothing changed."""
        ...

    def get(self, key: str, sha256: str) -> bytes:
        """Return the object's bytes, whose recorded digest is `sha256`. Raises ChangedInStore, NotStored."""
        data = self.read_unchecked(key)
        if (found := sha256_of(data)) != sha256:
            raise ChangedInStore(self.url, key, sha256, found)
        return data

    @abstractmethod
    def read_unchecked(self, key: str) -> bytes:
        """Return the object's bytes as they are now: for what judges them itself, or is judged by a person.

        Raises NotStored.
        """
        ...

    @abstractmethod
    def find(self, key: str) -> Stored | None:
        """Return what is stored under the key, or None."""
        ...

    @abstractmethod
    def kept(self, key: str) -> Kept | None:
        """Return how the store keeps an object that is there; None where it is of no kind that could say so."""
        ...

    @abstractmethod
    def keys(self, prefix: str) -> Iterator[str]:
        """Yield every key that starts with `prefix`, sorted."""
        ...

    @abstractmethod
    def names(self, prefix: str) -> list[str]:
        """Return the names right below `prefix`, which ends with a slash, sorted. A folder's ends with one too."""
        ...

    def folders(self, prefix: str) -> list[str]:
        """Return the names of the folders right below `prefix`, without a slash."""
        return [name[:-1] for name in self.names(prefix) if name.endswith("/")]

    @abstractmethod
    def clock(self) -> str | None:
        """Return the time by the store's own clock, as UTC text; None where it does not say."""
        ...

    @abstractmethod
    def link(self, key: str) -> str | None:
        """Return an address at which a browser gets the object for some days, or None where the store has none."""
        ...

    @abstractmethod
    def probe(self) -> None:
        """Try to overwrite a probe object. Raises UnsafeStore where the store lets it happen or cannot be reached."""
        ...
