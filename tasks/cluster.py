"""Cluster: a Dask scheduler and its workers, which are other machines with the same code."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from models.errors import ClusterUnreachable, WrongUse
from tasks.code_version import code_version
from tasks.packing import packed, unpacked

if TYPE_CHECKING:
    from distributed import Client, Future

C = TypeVar("C")
T = TypeVar("T")
R = TypeVar("R")

ANSWER_SECONDS = 30  # that the scheduler may take to answer, and a first worker to be there
LOOK_SECONDS = 15  # between two looks whether there are workers still
AHEAD = 3  # pieces of work for each thread that are with the cluster, where results are wanted in order
LARGE_WORK = "1GB"
HERE = "local"


class Answer(NamedTuple, Generic[T, R]):
    """What became of one piece of work: its result, or why no worker could end it."""

    item: T
    result: R | None
    ended: str = ""


class Cluster:
    """What the workers of a scheduler do for this process. Each has this very code, or nothing is asked of it."""

    def __init__(self, client: "Client") -> None:
        """Raises ClusterUnreachable where there is no worker, WrongUse where one has other code."""
        self._client = client
        self._must_have_workers()
        self._must_have_this_code()

    @property
    def workers(self) -> int:
        """How many workers there are now."""
        return len(self._client.nthreads())

    @property
    def threads(self) -> int:
        """How many pieces of work they do at a time, together."""
        return sum(self._client.nthreads().values())

    def each(self, function: Callable[[T], R], items: Sequence[T]) -> Iterator[Answer[T, R]]:
        """Have the workers call `function` with every item, and yield the answers as they come.

        `function` is one of this program's modules; what it is given and what it returns travel by pickle. Work of a
        worker that ended is done by another. Every item is tried; then the first exception, if a call raised one, is
        raised. Raises ClusterUnreachable where the scheduler, or the last worker, is gone.
        """
        waiting: dict[Future[R], T] = {self._client.submit(function, item, pure=False): item for item in items}
        failures: list[Exception] = []
        while waiting:
            for future in self._done(list(waiting)):
                try:
                    answer = self._answer(waiting[future], future)
                except ClusterUnreachable:
                    raise
                except Exception as error:
                    failures.append(error)
                else:
                    if answer is None:  # its worker ended before the result was fetched: it is done again
                        continue
                    yield answer
                del waiting[future]
        if failures:
            raise failures[0]

    def in_order(self, function: Callable[[C, T], R], common: C, items: Sequence[T]) -> Iterator[R]:
        """Have the workers call `function(common, item)` of every item, and yield the results in the items' order.

        `common` goes to each worker once. A few items for each thread are with the cluster at a time. Work of a worker
        that ended is done by another. Raises what a call raised; ClusterUnreachable where the scheduler, or the last
        worker, is gone, or each that was given an item has ended.
        """
        # As a piece of work, what is common is made again where the worker that had it has ended.
        shared = self._client.submit(unpacked, packed(common), pure=False)
        call = partial(_called, function, code_version())
        coming = iter(items)
        waiting: deque[Future[bytes]] = deque()
        while True:
            for item in islice(coming, max(0, AHEAD * self.threads - len(waiting))):
                waiting.append(self._client.submit(call, shared, packed(item), pure=False))
            if not waiting:
                return
            yield unpacked(self._result(waiting.popleft()))

    def _result(self, future: "Future[bytes]") -> bytes:
        """Wait for a piece of work."""
        while True:
            if self._done([future]) and (answer := self._answer(None, future)) is not None:
                if answer.result is None:
                    raise ClusterUnreachable(
                        f"{answer.ended}. Nothing of the draft is kept. Where workers run out of memory, set "
                        "SETTLE_SHARDS higher, or unset SETTLE_TASK_RUNNER, and run again."
                    )
                return answer.result

    def _done(self, futures: "Sequence[Future[R]]") -> "set[Future[R]]":
        """Wait some seconds for a first of them to be done. Raises ClusterUnreachable where nobody is there."""
        from distributed import wait

        try:
            return set(wait(futures, timeout=LOOK_SECONDS, return_when="FIRST_COMPLETED").done)
        except TimeoutError:
            self._must_have_workers()
            return set()

    def _answer(self, item: T, future: "Future[R]") -> Answer[T, R] | None:
        """What became of a piece of work that was done; None where its result is not to be had now."""
        from distributed import KilledWorker

        try:
            return Answer(item, future.result(timeout=LOOK_SECONDS))
        except KilledWorker as killed:
            return Answer(item, None, f"WorkerEnded: each worker that was given it ended: {killed}")
        except CancelledError as gone:  # the scheduler forgot the work: it is another one now, or none
            raise self._gone() from gone
        except TimeoutError:
            if future.status == "error":
                raise
            return None

    def _must_have_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=ANSWER_SECONDS)
        except (TimeoutError, OSError) as error:
            raise self._gone() from error

    def _must_have_this_code(self) -> None:
        """Raise WrongUse naming each worker that does not run this very code, or not this program."""
        ours = code_version()
        answers: Mapping[str, Any] = self._client.run(code_version, on_error="return")
        others = [f"{worker}: {answer!s}" for worker, answer in sorted(answers.items()) if answer != ours]
        if others:
            raise WrongUse(
                "\n  ".join([f"workers of the cluster have other code than this run, which is {ours}:", *others])
                + "\nNothing was asked of them. Install this version there, start them again, and run again."
            )

    def _gone(self) -> ClusterUnreachable:
        return ClusterUnreachable(
            f"the cluster at {self._client.scheduler.address if self._client.scheduler else '?'} has no worker that "
            "answers. Start its scheduler and workers, or unset SETTLE_TASK_RUNNER, and run again: what is done stays "
            "done."
        )


def must_have_the_code_of_the_run(code: str) -> None:
    """Raise WrongUse where this worker has other code than the run that asks it."""
    if (here := code_version()) != code:
        raise WrongUse(
            f"a worker of the cluster has the code {here}, and this run {code}: it did nothing. "
            "Install this version there, start it again, and run again."
        )


def _called(function: Callable[[C, T], R], code: str, common: C, item: bytes) -> bytes:
    """What a worker does: it calls the function, where it has the code of the run that asks."""
    must_have_the_code_of_the_run(code)
    return packed(function(common, unpacked(item)))


@contextmanager
def open_cluster(runner: str) -> Iterator[Cluster]:
    """Open the cluster that SETTLE_TASK_RUNNER names: `dask:` and its scheduler's address, or `dask:local`.

    Raises ClusterUnreachable where it does not answer, WrongUse where Dask is not installed or a worker has other code.
    """
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise WrongUse(
            f"SETTLE_TASK_RUNNER={runner} needs Dask, which is not installed ({error}): install this program with its "
            "extra `dask`."
        ) from error
    # A shard of some megabytes is nothing that a person has to be told of.
    dask.config.set({"distributed.admin.large-graph-warning-threshold": LARGE_WORK})
    address = runner.removeprefix("dask:")
    if address == HERE:
        with LocalCluster(dashboard_address=None) as machine, Client(machine) as client:
            yield Cluster(client)
        return
    try:
        client = Client(address, timeout=ANSWER_SECONDS)
    except (OSError, TimeoutError) as error:
        raise ClusterUnreachable(
            f"there is no Dask scheduler at {address} that answers ({error}). Start it with `dask scheduler`, correct "
            "SETTLE_TASK_RUNNER, or unset it: then this machine does all."
        ) from error
    with client:
        yield Cluster(client)
