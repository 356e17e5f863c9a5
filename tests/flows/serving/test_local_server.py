"""`make serve`: the page, its clock and its forms; months that fail in part, are killed or stopped, and their Retry.

One page serves all: what is killed is a run's process alone, the worker with its run, Prefect's server, `make serve`.
"""

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flows.serving.local_server import mark_lost_runs_crashed
from models.period import Period
from tasks.database.process import has_ended
from tests.servers.prefect import Refused, artifacts, ask, begin_retry, delete, ended, is_healthy, is_over, retry
from tests.servers.served import JUDGES_PLAINLY, Served, command_of, descendants, kill, make_vendor, serving
from tests.waiting import LONG, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.long]

# Put into the processes from outside. Into the flow run's, as a broken typesetter would be: nobody asks the product to
# fail. Into the page's, because what was asked to end takes longer on a busy machine than a person would wait for it.
FROM_OUTSIDE = f"""{JUDGES_PLAINLY}
import time
from pathlib import Path

if "flows.serving.local_server" in sys.orig_argv:
    import flows.serving.child_processes

    flows.serving.child_processes.STOP_SECONDS = {LONG}

if "prefect.engine" in sys.orig_argv:
    import tasks.render

    really = tasks.render.documents

    def documents(statement, data):
        if Path(__file__).with_name("held").exists():
            Path(__file__).with_name("reached").touch()
        while Path(__file__).with_name("held").exists():
            time.sleep(0.05)
        if statement.partner.partner_id == "P-0005" and Path(__file__).with_name("broken").exists():
            raise RuntimeError("the typesetter gave up")
        return really(statement, data)

    tasks.render.documents = documents
"""


HELD = "SELECT expires_at FROM lease WHERE expires_at > 0"
SEEN, SAID = "Check whether the flow run exceeded its memory allocation", 2


class Pages:
    """The page that is served, and how it is served again in its place."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack, self._folder = stack, folder
        self.served = stack.enter_context(serving(folder))

    def serve_again(self) -> None:
        """Serve the same folder on the same port."""
        port = int(self.served.api.rpartition(":")[2].partition("/")[0])
        self.served = self._stack.enter_context(serving(self._folder, port))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """A page that begins with nothing: its server makes its own database."""
    folder = tmp_path_factory.mktemp("served")
    make_vendor(folder, months=4)
    (folder / "sitecustomize.py").write_text(FROM_OUTSIDE)
    with ExitStack() as stack:
        yield Pages(stack, folder)


@pytest.fixture
def served(pages: Pages) -> Served:
    return pages.served


def at_work(served: Served, run: str) -> None:
    """Wait until a run holds the programme."""
    database = served.folder / "home/settlement.db"
    wait_for(lambda: (database.exists() and holds(served)) or is_over(served.api, run), "the run's lease")
    assert not is_over(served.api, run)


def holds(served: Served) -> bool:
    tables = served.rows("SELECT name FROM sqlite_master WHERE name = 'lease'")
    return bool(tables) and bool(served.rows(HELD))


def hold(served: Served) -> None:
    """Let the next documents wait: however busy the machine is, their run is still in the middle of its month."""
    (served.folder / "reached").unlink(missing_ok=True)
    (served.folder / "held").touch()


def held(served: Served, run: str) -> None:
    """Wait until a run has come to the documents that wait."""
    wait_for(lambda: (served.folder / "reached").exists() or is_over(served.api, run), "the documents")
    assert not is_over(served.api, run)
    assert served.rows(HELD) != []


def let_go(served: Served) -> None:
    (served.folder / "held").unlink()


def has_been_heard(served: Served, run: str) -> bool:
    """Whether a run has given a sign of life: one that never did cannot fall silent."""
    wanted = {"event": {"name": ["prefect.flow-run.heartbeat"]}, "resource": {"id": [f"prefect.flow-run.{run}"]}}
    return bool(ask(served.api, "events/filter", {"filter": wanted})["total"])


def process(served: Served, words: str) -> int:
    """The one process of the page whose command has these words."""
    (pid,) = (pid for pid in descendants(served.process.pid) if words in command_of(pid))
    return pid


def test_the_clock_starts_last_month_on_the_first_at_six(served: Served) -> None:
    (schedule,) = served.deployment()["schedules"]
    assert schedule["schedule"]["cron"] == "0 6 1 * *"
    assert schedule["schedule"]["timezone"] == "Europe/Moscow"
    assert schedule["active"]
    assert served.deployment()["parameters"] == {}  # no month is named: it is the one that has just ended
    of_the_clock = {
        "deployments": {"name": {"any_": ["settle-month"]}},
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
    }
    wait_for(lambda: ask(served.api, "flow_runs/count", of_the_clock) > 0, "the next run that the clock starts")


def test_a_run_that_the_clock_started_is_put_off_until_the_books_are_closed_and_says_so(served: Served) -> None:
    calendar = served.folder / "vendor/calendar.yaml"
    calendar.write_text("{day: 1, books_closed_through: 2026-01-31}\n")
    schedules = f"deployments/{served.deployment()['id']}/schedules"
    each_minute = {"interval": 60, "anchor_date": datetime.now(UTC).isoformat(), "timezone": "Europe/Moscow"}
    (added,) = ask(served.api, schedules, [{"schedule": each_minute, "active": True}])
    waiting = {"flow_runs": {"state": {"name": {"any_": ["WaitingForTheBooks"]}}}, "sort": "START_TIME_ASC"}
    run, *_ = wait_for(lambda: ask(served.api, "flow_runs/filter", waiting), "the run that was put off")
    delete(served.api, f"{schedules}/{added['id']}")
    today = datetime.now(ZoneInfo("Europe/Moscow")).date()
    month = Period.of(today).previous()
    assert (run["name"], run["parameters"]["period"]) == (f"settle-{month}", str(month))
    assert run["state"]["type"] == "SCHEDULED"
    assert run["state"]["message"].startswith(
        f"{month} is settled once the books are closed through {month.last_day}; calendar.yaml says "
        "books_closed_through: 2026-01-31."
    )
    planned = datetime.fromisoformat(run["next_scheduled_start_time"])
    assert planned.astimezone(ZoneInfo("Europe/Moscow")).date() > today
    assert not (served.folder / "home/settlement.db").exists()

    calendar.write_text(f"{{day: 1, books_closed_through: {month.last_day}}}\n")
    wish = {"type": "SCHEDULED", "name": "Scheduled"}  # as the server does on that day
    assert ask(served.api, f"flow_runs/{run['id']}/set_state", {"state": wish, "force": True})["status"] == "ACCEPT"
    end = ended(served.api, run["id"])
    assert end["name"] == "CannotApprove"  # it went on: its books are closed
    assert end["message"].startswith(f"{month} cannot be approved yet: 2026-01 comes first.")
    calendar.unlink()


def test_the_form_says_what_each_parameter_is_and_takes_no_month_that_does_not_exist(served: Served) -> None:
    fields = served.deployment()["parameter_openapi_schema"]["properties"]
    assert {name: (field["type"], field["description"]) for name, field in fields.items()} == {
        "period": ("string", "The month, as 2026-10. Blank: the month before this one."),
        "partners": ("array", "Only these partners' documents, of a month that is approved. None: everybody's."),
        "dry_run": ("boolean", "Show the draft and its changes; write nothing."),
        "empty": ("boolean", "The month may be without a new billing line."),
    }
    with pytest.raises(Refused, match=r"Write a month, as 2026-10") as error:
        served.start(period="2026-13")
    assert error.value.status == 409


def test_a_run_whose_process_alone_is_killed_is_crashed_and_its_retry_names_partners_that_fail_and_redoes_only_theirs(
    served: Served,
) -> None:
    statements = served.folder / "home/archive/uis-partners/2026-01/v1/statements"
    statements.mkdir(parents=True)
    (statements / "P-0003").write_text("where a folder should be")  # so this upload fails
    (served.folder / "broken").touch()

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
    said_before = len(served.said())
    state = retry(served.api, run)
    assert (state["type"], state["name"]) == ("FAILED", "Incomplete")
    assert "2 of 5 partners are not archived: P-0003, P-0005." in state["message"]
    shown = artifacts(served.api, run)
    said = shown["failed-2026-01"]["data"]
    assert said.startswith("2 of 5 partners have no documents.\n\n**P-0003**\n\n> ")
    assert "File exists" in said
    assert said.endswith("**P-0005**\n\n> RuntimeError: the typesetter gave up")
    assert shown["progress-2026-01"]["description"] == "documents: 5 of 5 partners"
    assert float(shown["progress-2026-01"]["data"]) == 100
    assert "Traceback" not in served.said()[said_before:]

    stored, trail = "SELECT key, period, partner_id FROM stored ORDER BY key", "SELECT * FROM audit ORDER BY seq"
    before, history = served.rows(stored), served.rows(trail)
    written = {path: path.stat().st_mtime_ns for path in statements.glob("*/*")}
    assert {row[2] for row in before} == {"P-0001", "P-0002", "P-0004"}

    (statements / "P-0003").unlink()
    (served.folder / "broken").unlink()
    state = retry(served.api, run)
    assert (state["type"], state["name"]) == ("COMPLETED", "Closed")
    assert artifacts(served.api, run)["failed-2026-01"]["data"] == "Every partner has its documents."
    assert {path: path.stat().st_mtime_ns for path in written} == written
    assert set(before) < set(served.rows(stored))
    assert {row[2] for row in set(served.rows(stored)) - set(before)} == {"P-0003", "P-0005", ""}  # "": the month's own
    assert served.rows(trail)[: len(history)] == history
    assert [(row[2], row[4]) for row in served.rows(trail)[len(history) :]] == [
        ("statement.archived", "P-0003/2026-01/v1"),
        ("rows.recorded", "stored of P-0003/2026-01/v1"),
        ("statement.archived", "P-0005/2026-01/v1"),
        ("rows.recorded", "stored of P-0005/2026-01/v1"),
        ("rows.recorded", "stored of 2026-01/v1"),
        ("month.sealed", "uis-partners"),
    ]
    assert process(served, "worker start") == worker
    assert served.rows("SELECT period, count(*) FROM approval GROUP BY 1") == [("2026-01", 1)]
    assert served.rows("SELECT period, count(*) FROM seal GROUP BY 1") == [("2026-01", 1)]
    archived = "SELECT subject, count(*) FROM audit WHERE event = 'statement.archived' GROUP BY 1 ORDER BY 1"
    assert served.rows(archived) == [(f"P-000{number}/2026-01/v1", 1) for number in range(1, 6)]


def test_a_run_that_a_power_cut_ended_is_shown_as_crashed_when_the_page_is_served_again(served: Served) -> None:
    start = f"deployments/{served.deployment()['id']}/create_flow_run"
    run = ask(served.api, start, {"state": {"type": "PENDING"}})["id"]  # the worker takes what is scheduled, not this
    assert ask(served.api, f"flow_runs/{run}/set_state", {"state": {"type": "RUNNING"}})["status"] == "ACCEPT"
    mark_lost_runs_crashed(served.api.removesuffix("/api"))
    assert ask(served.api, f"flow_runs/{run}")["state"]["name"] == "Crashed"


def test_a_run_killed_with_its_worker_is_crashed_by_its_silence_and_its_retry_goes_on_when_prefects_server_is_killed(
    served: Served,
) -> None:
    hold(served)
    run = served.start(period="2026-02")
    wait_for(lambda: has_been_heard(served, run), "a sign of life")
    held(served, run)
    worker = process(served, "worker start")
    kill(worker, *descendants(worker))
    wait_for(lambda: is_over(served.api, run), "the automation")
    state = ask(served.api, f"flow_runs/{run}")["state"]
    assert (state["type"], state["name"]) == ("CRASHED", "Crashed")
    assert "no sign of life for 2 minutes. Retry goes on where it stopped." in state["message"]
    assert "Prefect's worker ended by itself; it is started again." in served.said()

    hold(served)
    crashed = begin_retry(served.api, run)
    wait_for((served.folder / "reached").exists, "the documents")
    kill(process(served, "server start"))
    wait_for(lambda: "Prefect's server ended by itself; it is started again." in served.said(), "another server")
    wait_for(lambda: is_healthy(served.api), "the server's health")
    let_go(served)
    assert ended(served.api, run, not_state=crashed)["name"] == "Closed"
    assert served.rows("SELECT period, count(*) FROM approval GROUP BY 1") == [("2026-01", 1), ("2026-02", 1)]


def test_serving_again_after_it_was_killed_replaces_what_it_left(pages: Pages) -> None:
    left = pages.served
    run = left.start(period="2026-03")
    at_work(left, run)
    family = list(descendants(left.process.pid))
    kill(left.process.pid)
    left.process.wait()
    assert is_healthy(left.api)  # an orphan, on the port that is wanted
    pages.serve_again()
    assert all(has_ended(pid, "") for pid in family)
    assert ended(pages.served.api, run)["type"] == "CRASHED"
    assert retry(pages.served.api, run)["name"] == "Closed"


def test_serving_that_is_stopped_in_the_middle_of_a_month_leaves_no_process_and_no_lease(served: Served) -> None:
    hold(served)
    run = served.start(period="2026-04")
    at_work(served, run)
    family = list(descendants(served.process.pid))
    assert len(family) >= 3  # server, worker, flow run, and now and then what one of them starts for a moment
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(timeout=LONG) == 0
    assert all(has_ended(pid, "") for pid in family)
    assert not is_healthy(served.api)
    assert served.rows("SELECT expires_at FROM lease") == [(0,)]
    with sqlite3.connect(served.folder / "home/prefect/prefect.db") as database:
        assert database.execute("SELECT state_name FROM flow_run WHERE id = ?", [run]).fetchall() == [("Crashed",)]
