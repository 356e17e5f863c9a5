"""A step of the month: a Prefect task inside a flow run, a plain call outside one.

The command line settles a month with no Prefect server at hand, and a unit test calls the step as
the function it is; inside a flow run the same call is a task run that operators see. Either way the
log says how long it took.
"""

import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial, update_wrapper
from time import monotonic
from typing import Any, Generic, ParamSpec, TypeVar

from models.errors import SettlementError
from models.progress import working
from tasks.memory import return_freed

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger("settle")


class Step(Generic[P, R]):
    """A function that is a task where a flow run is there to show it. Prefect never caches or keeps its result."""

    def __init__(self, function: Callable[P, R], name: str) -> None:
        update_wrapper(self, function)
        self.function = function
        self.name = name

    @cached_property
    def task(self) -> Any:
        from prefect import task
        from prefect.cache_policies import NO_CACHE

        return task(name=self.name, task_run_name=self.name, cache_policy=NO_CACHE, persist_result=False)(_call)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        call = partial(self._timed, *args, **kwargs)
        return self.task(call) if _is_in_flow_run() else call()

    def for_each(self, items: Sequence[Any], workers: int, **shared: Any) -> Iterator[R]:
        """Run the step once per item, several at a time, and yield results as they come.

        Every item is tried; then the first exception, if there was one, is raised. In a flow run it is the
        flow's task runner that bounds how many run at a time.
        """
        calls = [partial(self._timed, item, **shared) for item in items]
        if _is_in_flow_run():
            from prefect.futures import as_completed

            futures = [
                self.task.with_options(task_run_name=f"{self.name} {number} of {len(calls)}").submit(call)
                for number, call in enumerate(calls, start=1)
            ]
            yield from _results(as_completed(futures))
            return
        with ThreadPoolExecutor(workers) as pool:
            yield from _results([pool.submit(call) for call in calls])

    def _timed(self, *args: Any, **kwargs: Any) -> R:
        started = monotonic()
        return_freed()  # by what came before: else it counts towards the most that this step needs
        with working(self.name):
            result = self.function(*args, **kwargs)
        log.info("%s: %.1f s", self.name, monotonic() - started)
        return result


def _is_in_flow_run() -> bool:
    # Prefect takes seconds to load, and a flow run has loaded it: where it is not loaded, there is none.
    if "prefect" not in sys.modules:
        return False
    from prefect.context import FlowRunContext

    return FlowRunContext.get() is not None


def _call(call: Callable[[], Any]) -> Any:
    # What a task is given, Prefect walks through to the last field, looking for results of other tasks: 8 s for
    # the statements of 65 000 lines, at every step. A call whose arguments are bound is a single thing to it.
    return call()


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


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a traceback tells more than the state of the run: an error a person has to act on is a sentence there."""
    return not (record.exc_info and isinstance(record.exc_info[1], SettlementError | KeyboardInterrupt))


for runs in ("prefect.flow_runs", "prefect.task_runs"):
    logging.getLogger(runs).addFilter(_is_news)


def step(name: str) -> Callable[[Callable[P, R]], Step[P, R]]:
    """Make a function a step. `name` is what the log and the Prefect page call it."""
    return lambda function: Step(function, name)


def run_step(name: str, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a function as the step of this name: what `engine.draft` takes, so that operators see its steps."""
    return Step(function, name)(*args, **kwargs)
