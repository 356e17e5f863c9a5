"""The archive in a directory: a file appears whole under its key, once, or not at all."""

import errno
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from models.canonical import sha256
from models.errors import NotStored, UnsafeStore
from rules.archive.layout import safe_key
from tasks.clock import utc_text
from tasks.storage import Store, Stored
from tasks.storage.create_once import same_or_refused

INCOMING = ".incoming"  # files being written; never part of the archive
LEFTOVER_SECONDS = 24 * 60 * 60
NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}


class DirectoryStore(Store):
    """Create-once storage in a folder of a POSIX file system with hard links.

    An object is written to `.incoming/` in the same file system, flushed to the disk, and then linked to
    its key. The link is what creates it: the file system gives the name to one writer only, and what
    it names is whole already. A process killed at any moment leaves at most a file in `.incoming/`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"file://{folder}"
        self._lasting: set[Path] = set()  # folders this store made sure are on the disk

    def parent(self) -> "DirectoryStore":
        """The store one folder up."""
        return DirectoryStore(self.folder.parent)

    def put_once(self, key: str, data: bytes) -> Stored:
        wanted = Stored(safe_key(key), sha256(data), len(data))
        path = self.folder / key
        with self._in_plain_words(key):
            self._must_be_inside(path.parent, key)
            # A run that resumes finds most objects in place: it need not write them again to learn that.
            if not path.exists() and self._create(key, data):
                return wanted
            # Whoever created the file may have been killed before its name was on the disk.
            self._make_lasting(path.parent)
            _flush(path.parent)
        return same_or_refused(self.find(key), wanted, self.url)

    def read_unchecked(self, key: str) -> bytes:
        path = self._existing(key)
        if path is None:
            raise NotStored(f"{self.url} holds no {key}.")
        with self._in_plain_words(key):
            return path.read_bytes()

    def link(self, key: str) -> str | None:
        return None  # a browser does not follow file:// links of a page it got from a server

    def find(self, key: str) -> Stored | None:
        path = self._existing(key)
        if path is None:
            return None
        with self._in_plain_words(key), path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return Stored(key, digest, file.tell())

    def kept(self, key: str) -> None:
        return None

    def keys(self, prefix: str) -> Iterator[str]:
        with self._in_plain_words(f"the list of {prefix or 'everything'}"):
            yield from _walk(self.folder, "", prefix)

    def names(self, prefix: str) -> list[str]:
        with self._in_plain_words(f"the folders of {prefix}"):
            folder = self.folder / prefix
            found = list(folder.iterdir()) if folder.is_dir() else []
            return sorted(f"{each.name}/" if each.is_dir() else each.name for each in found)

    def clock(self) -> str:
        """The file system's: that of the server, where the folder is on a network share."""
        path = self.folder / INCOMING / f"{secrets.token_hex(16)}.clock"
        with self._in_plain_words("a file of this moment"):
            self._make_lasting(path.parent)
            path.touch()
            seconds = path.stat().st_mtime
            path.unlink()
        return utc_text(seconds)

    def probe(self) -> None:
        key = f"{INCOMING}/{secrets.token_hex(16)}.probe"
        path = self.folder / key
        with self._in_plain_words("a probe object"):
            try:
                created, created_again = self._create(key, b"first"), self._create(key, b"second")
                if not created or created_again or path.read_bytes() != b"first":
                    raise UnsafeStore(
                        f"{self.url} let a second file take the name of the first: its file system does not keep "
                        "what an archive needs. Use a local file system (ext4, xfs), or s3://."
                    )
            finally:
                path.unlink(missing_ok=True)
            self._remove_leftovers()

    def _existing(self, key: str) -> Path | None:
        path = self.folder / safe_key(key)
        self._must_be_inside(path, key)
        return path if path.is_file() else None

    def _must_be_inside(self, path: Path, key: str) -> None:
        """Raise UnsafeStore where a symbolic link leads out of the archive: others can change what lies there."""
        below = str(path)
        while len(below) > len(str(self.folder)) and not os.path.islink(below):
            below = os.path.dirname(below)
        if below == str(self.folder):  # there is no link: to follow all names from the root takes ten times as long
            return
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise UnsafeStore(
                f"{self.url}/{key} leads outside the archive, to {path.resolve()}, by a symbolic link. "
                "Put the folder or file itself there, or take the link away."
            )

    def _create(self, key: str, data: bytes) -> bool:
        """Create the object whole. Returns False where the key is taken."""
        target = self.folder / key
        arriving = self.folder / INCOMING / secrets.token_hex(16)
        self._make_lasting(arriving.parent)
        self._make_lasting(target.parent)
        try:
            with arriving.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.link(arriving, target)
        except FileExistsError:
            return False
        finally:
            arriving.unlink(missing_ok=True)
        _flush(target.parent)
        return True

    def _make_lasting(self, folder: Path) -> None:
        """Make the folder, and see to it that its name, and the names above it, are on the disk."""
        if folder in self._lasting:
            return
        if not self.folder.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            _flush(self.folder.parent)
        folder.mkdir(parents=True, exist_ok=True)
        while folder != self.folder and folder not in self._lasting:
            _flush(folder.parent)
            self._lasting.add(folder)
            folder = folder.parent

    def _remove_leftovers(self) -> None:
        """Remove what killed processes left behind.

        Should the writer of such a file live after all, its link fails and nothing is archived: no harm is done.
        """
        oldest = time.time() - LEFTOVER_SECONDS
        for leftover in (self.folder / INCOMING).iterdir():
            with suppress(FileNotFoundError):  # another process removed it first
                if leftover.stat().st_mtime < oldest:
                    leftover.unlink()

    @contextmanager
    def _in_plain_words(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in NO_HARD_LINKS and error.filename2 is not None:  # only a link names two files
                raise UnsafeStore(
                    f"{self.url} is on a file system without hard links ({error.strerror}). Without them a file "
                    "cannot appear whole and only once. Use a local file system (ext4, xfs), or s3://."
                ) from error
            raise UnsafeStore(
                f"{self.url} cannot be used for {what}: {error.strerror or error}. Check the folder that "
                "SETTLE_ARCHIVE_URL names: that it is a folder, its owner and rights, and the space left."
            ) from error


def _walk(folder: Path, above: str, prefix: str) -> Iterator[str]:
    """Yield the keys in a folder in the order of the whole key: `a.b` comes before `a/b`."""
    try:
        entries = [entry.name + "/" * entry.is_dir(follow_symlinks=False) for entry in os.scandir(folder)]
    except FileNotFoundError:  # nothing was stored here yet
        return
    for name in sorted(entries):
        key = above + name
        if name.endswith("/") and key != f"{INCOMING}/" and (key.startswith(prefix) or prefix.startswith(key)):
            yield from _walk(folder / name, key, prefix)
        elif not name.endswith("/") and key.startswith(prefix):
            yield key


def _flush(folder: Path) -> None:
    """Flush a folder to the disk: the names of files are part of it, not of the files."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
