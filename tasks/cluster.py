"""Cluster: a Dask scheduler and its workers, which are other machines with the same code."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from models.errors import ClusterUnreachable, WrongUse
from tasks.code_version import code_version

if TYPE_CHECKING:
    from distributed import Client, Future

T = TypeVar("T")
R = TypeVar("R")

ANSWER_SECONDS = 30  # that the scheduler may take to answer, and a first worker to be there
LOOK_SECONDS = 15  # between two looks whether there are workers still
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
        from distributed import wait

        waiting: dict[Future[R], T] = {self._client.submit(function, item, pure=False): item for item in items}
        failures: list[Exception] = []
        while waiting:
            try:
                done = wait(list(waiting), timeout=LOOK_SECONDS, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                self._must_have_workers()
                continue
            for future in done:
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


@contextmanager
def open_cluster(runner: str) -> Iterator[Cluster]:
    """Open the cluster that SETTLE_TASK_RUNNER names: `dask:` and its scheduler's address, or `dask:local`.

    Raises ClusterUnreachable where it does not answer, WrongUse where Dask is not installed or a worker has other code.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise WrongUse(
            f"SETTLE_TASK_RUNNER={runner} needs Dask, which is not installed ({error}): install this program with its "
            "extra `dask`."
        ) from error
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
