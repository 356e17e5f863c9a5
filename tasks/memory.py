"""Memory: what was freed goes back to the machine, and Python looks for garbage no more often than it pays.

Frames come and go by the hundred megabytes. Left alone, the allocators of Polars, of Arrow and of the C library keep
what was freed for the next time, each for itself. Told to give it back, a month of a million lines needs a third less.
"""

import ctypes
import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ARENA_MAX, MMAP_THRESHOLD = -8, -3
"""What `mallopt` of the GNU C library calls them."""

NEW_OBJECTS = 50_000
"""So many, beyond those that went again, and Python looks for garbage among them: 700 if nobody says otherwise."""

LARGE = 1 << 20
"""Bytes. A block of this size or more is the machine's own again as soon as it is freed."""


def give_back_memory() -> None:
    """Set the allocators up. Polars and Arrow ask when they are loaded, so this comes before them.

    A variable that is set already stays as it is.
    """
    # A tenth of a second: given back at once, a frame's memory is fetched anew for the next one, at a third more time.
    os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:100,muzzy_decay_ms:0")
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    mallopt = _of_c_library("mallopt")
    if mallopt is None:
        return
    # Set by hand it stays; else it rises to 32 MB with the first large block that is freed.
    mallopt(MMAP_THRESHOLD, LARGE)
    # One arena for all threads: a step runs in a thread of its own, whose arena would keep what the step has freed.
    mallopt(ARENA_MAX, 1)


def return_freed() -> None:
    """Give back what the C library keeps of what was freed: after a million lines are read, hundreds of megabytes."""
    if malloc_trim := _of_c_library("malloc_trim"):
        malloc_trim(0)


def _of_c_library(name: str) -> Callable[..., int] | None:
    """A function of the GNU C library; None where another one is loaded."""
    try:
        function: Callable[..., int] = getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        return None
    return function


@contextmanager
def rare_collections() -> Iterator[None]:
    """Have Python look for unreachable circles of objects seldom, and not among what is there at the beginning.

    A draft makes objects by the hundred thousand (claims, ratios, rows) that are all in use, and hardly a circle. With
    half a million of imported modules, they were gone through again and again: a tenth of a draft's time.
    """
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
