"""The archive's store: objects that are created once and never change, in a directory or on S3."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol


class Stored(NamedTuple):
    """An object as the store holds it."""

    key: str
    sha256: str
    size: int


class Store(Protocol):
    """Create-once storage. Keys are relative to the store's URL, with `/` between parts."""

    url: str

    def put_once(self, key: str, data: bytes) -> Stored:
        """Create the object. Identical bytes already there: fine. Other bytes: StoredDifferently, nothing changed."""
        ...

    def get(self, key: str) -> bytes:
        """Return the object's bytes. Raises NotStored."""
        ...

    def find(self, key: str) -> Stored | None:
        """Return what is stored under the key, or None."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield every key that starts with `prefix`, sorted."""
        ...

    def probe(self) -> None:
        """Try to overwrite a probe object. Raises UnsafeStore where the store lets it happen or cannot be reached."""
        ...
