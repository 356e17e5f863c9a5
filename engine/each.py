"""Each: how one function is called for every shard of a month: here one after another, or by others side by side."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

C = TypeVar("C")
I = TypeVar("I")  # noqa: E741 (an item)
R = TypeVar("R")


class Each(Protocol):
    """Calls a function of this program for every item, and yields the results in the order of the items."""

    def __call__(self, function: Callable[[C, I], R], common: C, items: Sequence[I]) -> Iterator[R]:
        """Yield `function(common, item)` of each item.

        Function, `common`, items and results can be pickled: another process may be asked. Where a call raises, so does
        this, and nothing after it is yielded.
        """


def one_by_one(function: Callable[[C, I], R], common: C, items: Sequence[I]) -> Iterator[R]:
    """Call the function here: only one item's result is in memory at a time."""
    for item in items:
        yield function(common, item)
