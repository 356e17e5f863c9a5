"""Memory that was freed goes back to the machine."""

import gc
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tasks.memory import rare_collections

HELD = """
import ctypes, sys
{first}
c = ctypes.CDLL(None)
c.malloc.restype, c.malloc.argtypes, c.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]

def taken(size):
    block = c.malloc(size)
    ctypes.memset(block, 1, size)
    return block

def held():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
"""

A_LARGE_BLOCK = """
c.free(taken(24 << 20))  # from here on the library takes 20 MB for a block it may keep
before = held()
block, last = taken(20 << 20), c.malloc(1000)
c.free(block)
print(round((held() - before) / (1 << 20)))
"""

SMALL_BLOCKS = """
before = held()
blocks, last = [taken(1_000) for _ in range(40_000)], c.malloc(1_000)
for block in blocks:
    c.free(block)
kept = round((held() - before) / (1 << 20))
{last}
print(kept, round((held() - before) / (1 << 20)))
"""


@pytest.fixture
def gnu() -> None:
    if sys.platform != "linux" or not os.confstr("CS_GNU_LIBC_VERSION"):
        pytest.skip("other C libraries have no mallopt")


def printed_by(code: str) -> list[int]:
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    return [int(number) for number in done.stdout.split()]


def held_after(first: str) -> int:
    """The megabytes a process still holds of a block of 20 that it freed."""
    (held,) = printed_by(HELD.format(first=first) + A_LARGE_BLOCK)
    return held


@pytest.mark.usefixtures("gnu")
def test_a_large_block_that_is_freed_is_not_kept() -> None:
    assert held_after("import flows") == 0


@pytest.mark.usefixtures("gnu")
def test_without_it_the_library_keeps_the_block() -> None:
    assert held_after("") >= 19


@pytest.mark.usefixtures("gnu")
def test_small_blocks_that_are_freed_below_one_in_use_are_kept_until_they_are_asked_for() -> None:
    asked = "from tasks.memory import return_freed; return_freed()"
    kept, held = printed_by(HELD.format(first="import flows, tasks.memory") + SMALL_BLOCKS.format(last=asked))
    assert kept >= 35
    assert held <= 5


def test_the_allocators_are_set_up_before_polars_and_arrow_are_loaded() -> None:
    code = (
        "import flows, os, sys; print(os.environ['ARROW_DEFAULT_MEMORY_POOL'], *{'polars', 'pyarrow'} & {*sys.modules})"
    )
    environment = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    assert done.stdout == "system\n"


def test_a_setting_of_the_operators_stays() -> None:
    code = "import flows, os; print(os.environ['_RJEM_MALLOC_CONF'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True, capture_output=True, text=True, env=os.environ | {"_RJEM_MALLOC_CONF": "dirty_decay_ms:5"},
    )  # fmt: skip
    assert done.stdout == "dirty_decay_ms:5\n"


@pytest.fixture
def collector() -> Iterator[None]:
    usual = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*usual)


@pytest.mark.usefixtures("collector")
def test_within_a_draft_what_was_there_before_is_not_gone_through() -> None:
    before, usual = gc.get_freeze_count(), gc.get_threshold()
    with rare_collections():
        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold() == (50_000, *usual[1:])
        assert gc.isenabled()  # what turns into garbage meanwhile is still collected
    assert (gc.get_freeze_count(), gc.get_threshold()) == (before, usual)


@pytest.mark.usefixtures("collector")
def test_after_a_draft_that_fails_python_collects_as_before() -> None:
    usual = gc.get_threshold()
    with pytest.raises(ZeroDivisionError), rare_collections():
        _ = 1 / 0
    assert (gc.get_freeze_count(), gc.get_threshold()) == (0, usual)
