"""Drafts and documents by the workers of a Dask cluster: the same bytes, whoever dies, by this very code or not at all."""

import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from flows.consent.deciding import begin_gathering, drafted
from flows.office import Office
from flows.questions.check_installation import Check, check_installation
from models.errors import ClusterUnreachable
from models.period import Period
from models.progress import Work, watching
from rules.draft import Draft
from sample import make_sample
from tasks.code_version import ROOMS, ROOT
from tasks.settings import Settings
from tasks.storage.open import open_store
from tests.runs import finished, started
from tests.servers.dask import Scheduler, Worker, scheduling
from tests.servers.seaweedfs import SeaweedFS
from tests.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.long]

JANUARY = "2026-01"
PARTNERS = 20  # two workers draw them in some three seconds: time enough to kill one in between


def another(name: str) -> str:
    """A name for a run that no run had: a test that is tried again begins anew."""
    return f"{name}-{secrets.token_hex(3)}"


class Bench:
    """A vendor, a bucket, a scheduler with two workers, and runs of January that have only the bucket in common."""

    def __init__(self, folder: Path, vendor: Path, bucket: str, scheduler: Scheduler, s3: Mapping[str, str]) -> None:
        self.folder, self.vendor, self.bucket, self.scheduler, self.s3 = folder, vendor, bucket, scheduler, s3

    def environment(self, name: str, runner: str) -> dict[str, str]:
        return {
            "SETTLE_HOME": str(self.folder / name),
            "SETTLE_CLOCK": "2026-03-03T03:00:00Z",
            "SETTLE_BATCH": "1",
            "SETTLE_ARCHIVE_URL": f"{self.bucket}/{name}",
            "SETTLE_TASK_RUNNER": runner,
            **self.s3,
        }

    @property
    def command(self) -> list[str]:
        return ["run", JANUARY, "--from", str(self.vendor)]

    def run(self, name: str, runner: str) -> tuple[int, str]:
        """Run January of this name to its end; return the exit code and what was said."""
        log = self.folder / f"{name}.log"
        code = finished(self.command, self.environment(name, runner), log)
        return code, log.read_text()

    def start(self, name: str, runner: str) -> Any:
        return started(self.command, self.environment(name, runner), self.folder / f"{name}.log")

    def drafted(self, runner: str) -> Draft:
        """The draft of January, of which a partner or two are a shard."""
        settings = Settings(home=self.folder / "drafts", vendor=self.vendor, task_runner=runner, shards=40)
        office = Office.open(settings)
        return drafted(begin_gathering(Period.parse(JANUARY), office).inputs(), office)

    def archive(self, name: str) -> dict[str, str]:
        """The digest of each object of a run's archive."""
        store = open_store(f"{self.bucket}/{name}", Settings())
        found = (store.find(key) for key in store.keys(""))
        return {stored.key: stored.sha256 for stored in found if stored}

    def statements_stored(self, name: str) -> int:
        keys = open_store(f"{self.bucket}/{name}", Settings()).keys("")
        return sum(key.endswith("statement.pdf") for key in keys)


class Crew:
    """The workers of the scheduler, with the credentials of the bucket and nothing else of the run's.

    Who lives goes on to the next test: a worker takes longer to start than its work takes.
    """

    def __init__(self, bench: Bench, stack: ExitStack) -> None:
        self._bench, self._stack = bench, stack
        self._workers: dict[str, Worker] = {}

    def two(self) -> list[Worker]:
        """Both workers: who died is started again."""
        for name in ("one", "two"):
            if name not in self._workers or self._workers[name].process.returncode is not None:
                self._workers[name] = self._stack.enter_context(self._bench.scheduler.worker(name, self._bench.s3))
        return list(self._workers.values())

    def last(self) -> Worker:
        """The only worker that lives."""
        living = [worker for worker in self._workers.values() if worker.process.returncode is None] or self.two()
        for other in living[1:]:
            other.kill()
        return living[0]

    def worked(self) -> dict[str, int]:
        """How many pieces of work each has done so far, by name."""
        self.two()
        return self._bench.scheduler.worked()

    def both_worked(self, before: Mapping[str, int]) -> None:
        now = self._bench.scheduler.worked()
        assert all(now[name] - before[name] > 1 for name in ("one", "two")), (before, now)


class Executioner:
    """Kills a worker once so many partners of a draft are worked out; knows how many were."""

    def __init__(self, worker: Worker, after: int) -> None:
        self.worker, self.after, self.partners_done = worker, after, 0

    def advanced(self, work: Work) -> None:
        if work.name != "calculate" or work.unit != "partners":
            return
        self.partners_done = work.done
        if work.done >= self.after and self.worker.process.returncode is None:
            self.worker.kill()

    def ended(self, work: Work) -> None:
        pass


@pytest.fixture(scope="module")
def bench(seaweedfs: SeaweedFS, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("cluster")
    make_sample(folder / "vendor", clients=120, partners=PARTNERS, months=1, seed=3, starts=Period(2026, 1))
    bucket = f"cluster-{secrets.token_hex(6)}"
    seaweedfs.client().create_bucket(Bucket=bucket)
    with pytest.MonkeyPatch.context() as patched, scheduling(folder / "dask") as scheduler:
        for name, value in seaweedfs.environment().items():
            patched.setenv(name, value)
        yield Bench(folder, folder / "vendor", f"s3://{bucket}", scheduler, seaweedfs.environment())


@pytest.fixture(scope="module")
def alone(bench: Bench) -> dict[str, str]:
    """The archive of January, drawn by the run itself."""
    code, said = bench.run("alone", "")
    assert code == 0, said
    return bench.archive("alone")


@pytest.fixture(scope="module")
def in_one_place(bench: Bench) -> Draft:
    """The draft of January, worked out by this process."""
    return bench.drafted("")


@pytest.fixture(scope="module")
def crew(bench: Bench) -> Iterator[Crew]:
    with ExitStack() as stack:
        yield Crew(bench, stack)


def test_two_workers_make_the_documents_that_one_machine_makes(bench: Bench, crew: Crew, alone: dict[str, str]) -> None:
    name, before = another("together"), crew.worked()
    together = bench.run(name, f"dask:{bench.scheduler.address}")
    assert together[0] == 0, together[1]
    crew.both_worked(before)
    assert bench.archive(name) == alone
    assert bench.statements_stored(name) == PARTNERS


def test_two_workers_that_see_only_the_bucket_work_out_the_draft_that_one_machine_does(
    bench: Bench, crew: Crew, in_one_place: Draft
) -> None:
    before = crew.worked()
    made = bench.drafted(f"dask:{bench.scheduler.address}")
    crew.both_worked(before)
    assert made.results == in_one_place.results
    assert made.digest == in_one_place.digest


def test_the_doctor_counts_the_workers(bench: Bench, crew: Crew) -> None:
    crew.two()
    settings = Settings(task_runner=f"dask:{bench.scheduler.address}", home=bench.folder / "home")
    found = [check for check in check_installation(settings) if check.words.startswith("cluster")]
    words = "cluster: 2 workers with this very code, 4 statements drawn at a time"
    assert found == [Check(True, words)]


def test_a_worker_with_other_code_is_named_and_asked_nothing(bench: Bench, crew: Crew, tmp_path: Path) -> None:
    name, other = another("refused"), tmp_path / "other"
    for room in (*ROOMS, "migrations"):
        shutil.copytree(ROOT / room, other / room, ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "templates/statement.html.j2").open("a") as template:
        template.write("\n")
    before = crew.worked()
    with bench.scheduler.worker("three", {**bench.s3, "PYTHONPATH": str(other)}):
        code, said = bench.run(name, f"dask:{bench.scheduler.address}")
        assert code == 2, said
        assert "workers of the cluster have other code than this run" in said
        assert said.count("tcp://") == 1, said
        assert bench.scheduler.worked() == before | {"three": 0}
    assert bench.statements_stored(name) == 0


def test_a_worker_that_dies_in_the_middle_of_the_draft_is_survived(
    bench: Bench, crew: Crew, in_one_place: Draft
) -> None:
    dying, _ = crew.two()
    watcher = Executioner(dying, after=PARTNERS // 5)
    with watching(watcher):
        made = bench.drafted(f"dask:{bench.scheduler.address}")
    assert watcher.partners_done == PARTNERS
    assert dying.process.returncode is not None
    assert made.results == in_one_place.results
    assert made.digest == in_one_place.digest


def test_a_draft_whose_last_worker_dies_stops_and_says_so(bench: Bench, crew: Crew) -> None:
    watcher = Executioner(crew.last(), after=PARTNERS // 5)
    with watching(watcher), pytest.raises(ClusterUnreachable, match="has no worker that answers"):
        bench.drafted(f"dask:{bench.scheduler.address}")
    assert watcher.partners_done < PARTNERS


def test_the_work_of_a_worker_that_dies_is_done_by_the_other(bench: Bench, crew: Crew, alone: dict[str, str]) -> None:
    name, (dying, _) = another("killed"), crew.two()
    run = bench.start(name, f"dask:{bench.scheduler.address}")
    wait_for(lambda: bench.statements_stored(name) or not run.is_alive(), "a statement")
    dying.kill()
    run.join()
    assert run.exitcode == 0, (bench.folder / f"{name}.log").read_text()
    assert bench.archive(name) == alone


def test_a_run_whose_last_worker_dies_stops_and_is_finished_by_this_machine(
    bench: Bench, crew: Crew, alone: dict[str, str]
) -> None:
    name, last = another("left"), crew.last()
    run = bench.start(name, f"dask:{bench.scheduler.address}")
    wait_for(lambda: bench.statements_stored(name) or not run.is_alive(), "a statement")
    last.kill()
    run.join()
    said = (bench.folder / f"{name}.log").read_text()
    assert run.exitcode == 1, said
    assert f"the cluster at {bench.scheduler.address} has no worker that answers" in said
    assert bench.run(name, "")[0] == 0
    assert bench.archive(name) == alone


def test_where_no_scheduler_answers_the_sentence_says_so(bench: Bench) -> None:
    code, said = bench.run("nobody", "dask:tcp://127.0.0.1:9")
    assert code == 1
    assert "there is no Dask scheduler at tcp://127.0.0.1:9 that answers" in said
    assert "Traceback" not in said
