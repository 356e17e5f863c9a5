"""What is killed under `make serve`: a run's process alone, the worker with its run, Prefect's server, `make serve` itself."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tasks.database.process import has_ended
from tests.servers.prefect import ask, ended, is_healthy, is_over, retry
from tests.servers.served import Served, command_of, descendants, kill, make_vendor, serving, with_database
from tests.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.long]

HELD = "SELECT expires_at FROM lease WHERE expires_at > 0"
SEEN, SAID = "Check whether the flow run exceeded its memory allocation", 2
ONCE = [(f"P-000{number}/2026-01/v1", 1) for number in range(1, 6)]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, prefect_database: Path) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("killed")
    make_vendor(folder, months=4)
    with_database(folder, prefect_database)
    with serving(folder) as page:
        yield page


def at_work(served: Served, run: str) -> None:
    """Wait until a run holds the programme."""
    database = served.folder / "home/settlement.db"
    wait_for(lambda: (database.exists() and holds(served)) or is_over(served.api, run), "the run's lease")
    assert not is_over(served.api, run)


def holds(served: Served) -> bool:
    tables = served.rows("SELECT name FROM sqlite_master WHERE name = 'lease'")
    return bool(tables) and bool(served.rows(HELD))


def has_been_heard(served: Served, run: str) -> bool:
    """Whether a run has given a sign of life: one that never did cannot fall silent."""
    wanted = {"event": {"name": ["prefect.flow-run.heartbeat"]}, "resource": {"id": [f"prefect.flow-run.{run}"]}}
    return bool(ask(served.api, "events/filter", {"filter": wanted})["total"])


def process(served: Served, words: str) -> int:
    """The one process of the page whose command has these words."""
    (pid,) = (pid for pid in descendants(served.process.pid) if words in command_of(pid))
    return pid


def test_a_run_whose_process_alone_is_killed_is_crashed_by_its_worker_and_retry_finishes_it_once(
    served: Served,
) -> None:
    run = served.start(period="2026-01")
    at_work(served, run)
    worker = process(served, "worker start")
    kill(process(served, "prefect.engine"))
    state = ended(served.api, run)
    assert (state["type"], state["name"]) == ("CRASHED", "Crashed")
    assert "status code: -9" in state["message"]  # the worker saw it: nobody waited for two silent minutes
    assert not has_ended(worker, "")
    assert ask(served.api, f"flow_runs/{run}")["name"] == "settle-2026-01"

    # The worker says it once more when it has put its own things away: a Retry in between would be Crashed by that.
    wait_for(lambda: served.said().count(SEEN) == SAID, "the worker's second word")
    assert retry(served.api, run)["name"] == "Closed"
    assert process(served, "worker start") == worker
    assert served.rows("SELECT period, count(*) FROM approval GROUP BY 1") == [("2026-01", 1)]
    assert served.rows("SELECT period, count(*) FROM seal GROUP BY 1") == [("2026-01", 1)]
    archived = "SELECT subject, count(*) FROM audit WHERE event = 'statement.archived' GROUP BY 1 ORDER BY 1"
    assert served.rows(archived) == ONCE


def test_a_run_that_is_killed_with_its_worker_is_crashed_by_its_silence_and_retry_finishes_it(
    served: Served,
) -> None:
    run = served.start(period="2026-02")
    wait_for(lambda: has_been_heard(served, run), "a sign of life")
    at_work(served, run)
    worker = process(served, "worker start")
    kill(worker, *descendants(worker))
    wait_for(lambda: is_over(served.api, run), "the automation")
    state = ask(served.api, f"flow_runs/{run}")["state"]
    assert (state["type"], state["name"]) == ("CRASHED", "Crashed")
    assert "no sign of life for 2 minutes. Retry goes on where it stopped." in state["message"]
    assert "Prefect's worker ended by itself; it is started again." in served.said()
    assert retry(served.api, run)["name"] == "Closed"
    assert served.rows("SELECT period, count(*) FROM approval GROUP BY 1") == [("2026-01", 1), ("2026-02", 1)]


def test_a_run_goes_on_when_prefects_server_is_killed_and_started_again(served: Served) -> None:
    run = served.start(period="2026-03")
    at_work(served, run)
    kill(process(served, "server start"))
    wait_for(lambda: "Prefect's server ended by itself; it is started again." in served.said(), "another server")
    wait_for(lambda: is_healthy(served.api), "the server's health")
    assert ended(served.api, run)["name"] == "Closed"


def test_serving_again_after_it_was_killed_replaces_what_it_left(served: Served) -> None:
    run = served.start(period="2026-04")
    at_work(served, run)
    family = list(descendants(served.process.pid))
    port = int(served.api.rpartition(":")[2].partition("/")[0])
    kill(served.process.pid)
    served.process.wait()
    assert is_healthy(served.api)  # an orphan, on the port that is wanted
    with ExitStack() as stack:
        again = stack.enter_context(serving(served.folder, port))
        assert all(has_ended(pid, "") for pid in family)
        assert ended(again.api, run)["type"] == "CRASHED"
        assert retry(again.api, run)["name"] == "Closed"
