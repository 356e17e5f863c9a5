"""A step of the month: a Prefect task inside a flow run, a plain call outside one.

The command line settles a month with no Prefect server at hand, and a unit test calls the step as
the function it is; inside a flow run the same call is a task run that operators see. Either way the
log says how long it took.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import update_wrapper
from time import monotonic
from typing import Any, Generic, ParamSpec, TypeVar

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext
from prefect.futures import as_completed

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger("settle")


class Step(Generic[P, R]):
    """A function that is a task where a flow run is there to show it. Prefect never caches or keeps its result."""

    def __init__(self, function: Callable[P, R], options: dict[str, Any]) -> None:
        update_wrapper(self, function)
        self.function = function
        self.name: str = options["name"]
        self.task = task(cache_policy=NO_CACHE, persist_result=False, **options)(self._timed)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.task(*args, **kwargs) if FlowRunContext.get() else self._timed(*args, **kwargs)

    def for_each(self, items: Iterable[Any], workers: int, **shared: Any) -> Iterator[R]:
        """Run the step once per item, several at a time, and yield results as they come.

        Every item is tried; then the first exception, if there was one, is raised.
        """
        if FlowRunContext.get():
            futures: list[Any] = [self.task.submit(item, **shared) for item in items]
            done: Iterable[Any] = as_completed(futures)
            yield from _results(done)
            return
        with ThreadPoolExecutor(workers) as pool:
            yield from _results([pool.submit(self._timed, item, **shared) for item in items])

    def _timed(self, *args: Any, **kwargs: Any) -> R:
        started = monotonic()
        result = self.function(*args, **kwargs)
        log.info("%s: %.1f s", self.name, monotonic() - started)
        return result


def _results(futures: Iterable[Any]) -> Iterator[Any]:
    failures: list[BaseException] = []
    for future in futures:
        try:
            result = future.result()
        except Exception as error:
            failures.append(error)
        else:
            yield result
    if failures:
        raise failures[0]


def step(**options: Any) -> Callable[[Callable[P, R]], Step[P, R]]:
    """Make a function a step. `name` is what the log and the Prefect page call it."""
    return lambda function: Step(function, options)
