"""A run of a deployment whose process alone is killed, while its worker lives: Crashed at once, Retry finishes."""

from pathlib import Path

import pytest

from tasks.database.process import has_ended
from tests.flows.on_prefect.test_killed import at_work, process
from tests.servers.prefect import ask, ended, retry
from tests.servers.served import kill, make_vendor, serving
from tests.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.long]

SEEN, SAID = "Check whether the flow run exceeded its memory allocation", 2
ONCE = [(f"P-000{number}/2026-01/v1", 1) for number in range(1, 6)]


def test_a_run_whose_process_alone_is_killed_is_crashed_by_its_worker_and_retry_finishes_it_once(
    tmp_path: Path,
) -> None:
    make_vendor(tmp_path, months=1)
    with serving(tmp_path) as served:
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
