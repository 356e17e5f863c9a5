"""Sealed: the files of a closed month, read from its archive alone and compared with what its seal vouches for."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.errors import BadInput, NotStored
from models.period import Version
from rules.archive.layout import SEAL, SHA256SUMS
from rules.archive.seal import Seal, parse_sha256sums
from tasks.storage import Store


@dataclass(frozen=True)
class SealedMonth:
    """A version of a month that has its SEAL: it names the digest of SHA256SUMS, and that the digest of every file."""

    store: Store
    folder: str
    digests: Mapping[str, str]  # by path within the folder
    seal: Seal

    def read(self, path: str) -> bytes:
        """Return a file of the month. Raises ChangedInStore, NotStored."""
        if path not in self.digests:
            raise NotStored(f"{self.store.url}/{self.folder}/{SHA256SUMS} lists no {path}: the month has no such file.")
        return self.store.get(f"{self.folder}/{path}", self.digests[path])


def sealed_month(store: Store, folder: str, version: Version) -> SealedMonth:
    """Return the month in a folder. Raises NotStored where it has no SEAL; ChangedInStore, BadInput.

    That the SEAL itself is the one that was made, the next month's SEAL says: `settle verify` follows the chain.
    """
    key = f"{folder}/{SEAL}"
    seal = Seal.parse(store.read_unchecked(key))
    if (seal.period, seal.version) != version.columns:
        raise BadInput(f"{store.url}/{key} is not the seal of {version}: it closes {seal.period}/v{seal.version}.")
    return SealedMonth(store, folder, parse_sha256sums(store.get(f"{folder}/{SHA256SUMS}", seal.sha256sums)), seal)
