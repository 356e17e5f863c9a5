"""Progress: how far a long piece of work has come, told to whoever watches. No result depends on it.

Works are not told one inside another: what is done within a work, on its own thread or another, belongs to it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from threading import Lock
from typing import Protocol


@dataclass(frozen=True)
class Work:
    """A piece of work: what it is called, and how much of what it has done."""

    name: str
    done: int = 0
    of: int | None = None  # None: not known
    unit: str = ""
    bytes_read: int = 0  # of files, where the work reads some
    bytes_of: int | None = None

    @property
    def percent(self) -> Fraction | None:
        """How much of it is done, up to 100; None where that is not known."""
        done, of = (self.bytes_read, self.bytes_of) if self.of is None else (self.done, self.of)
        return min(Fraction(100), Fraction(100 * done, of)) if of else None


class Watcher(Protocol):
    """Whoever is told of works, one call at a time."""

    def advanced(self, work: Work) -> None:
        """A work has begun, or has come further."""

    def ended(self, work: Work) -> None:
        """A work has ended, also by an error."""


class _Watched:
    """The work at hand, and who watches: one of each in a process."""

    lock = Lock()
    watcher: Watcher | None = None
    work: Work | None = None


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Tell the watcher of every work until the block ends."""
    before, _Watched.watcher = _Watched.watcher, watcher
    try:
        yield
    finally:
        _Watched.watcher = before


@contextmanager
def working(name: str, of: int | None = None, unit: str = "") -> Iterator[None]:
    """Tell of the block as a work of this name. Within another work it is a part of that, and nothing is told."""
    with _Watched.lock:
        watcher = _Watched.watcher if _Watched.work is None else None
        if watcher is not None:
            _Watched.work = Work(name, 0, of, unit)
            watcher.advanced(_Watched.work)
    try:
        yield
    finally:
        with _Watched.lock:
            work = _Watched.work
            if watcher is not None and work is not None:
                _Watched.work = None
                watcher.ended(work)


def advance(by: int, unit: str, of: int | None = None) -> None:
    """Say that the work at hand has done so many more of these. Another unit than before begins at 0."""
    with _Watched.lock:
        watcher, work = _Watched.watcher, _Watched.work
        if watcher is None or work is None:
            return
        if work.unit != unit:
            work = replace(work, done=0, of=None, unit=unit)
        _Watched.work = replace(work, done=work.done + by, of=work.of if of is None else of)
        watcher.advanced(_Watched.work)


def read_bytes(by: int, more: int = 0) -> None:
    """Say that the work at hand has read so many more bytes of files, and has so many more to read."""
    with _Watched.lock:
        watcher, work = _Watched.watcher, _Watched.work
        if watcher is None or work is None:
            return
        of = (work.bytes_of or 0) + more if more or work.bytes_of else None
        _Watched.work = replace(work, bytes_read=work.bytes_read + by, bytes_of=of)
        watcher.advanced(_Watched.work)
