"""`make serve`: the page, the deployment of the month and a worker; a month that fails in part, and its Retry."""

import signal
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from flows.serving.local_server import mark_lost_runs_crashed
from models.period import Period
from tasks.database.process import has_ended
from tests.servers.prefect import Refused, artifacts, ask, delete, ended, is_healthy, is_over, retry
from tests.servers.served import Served, descendants, make_vendor, serving
from tests.waiting import LONG, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.long]

# Put into the processes from outside. Into the flow run's, as a broken typesetter would be: nobody asks the product to
# fail. Into the page's, because what was asked to end takes longer on a busy machine than a person would wait for it.
FROM_OUTSIDE = f"""
import sys
import time
from pathlib import Path

if "flows.serving.local_server" in sys.orig_argv:
    import flows.serving.child_processes

    flows.serving.child_processes.STOP_SECONDS = {LONG}

if "prefect.engine" in sys.orig_argv:
    import tasks.render

    really = tasks.render.documents

    def documents(statement, data):
        while Path(__file__).with_name("held").exists():
            time.sleep(0.05)
        if statement.partner.partner_id == "P-0005" and Path(__file__).with_name("broken").exists():
            raise RuntimeError("the typesetter gave up")
        return really(statement, data)

    tasks.render.documents = documents
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    make_vendor(folder)
    (folder / "sitecustomize.py").write_text(FROM_OUTSIDE)
    with serving(folder) as page:
        yield page


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


def test_partners_that_fail_are_named_and_retry_redoes_only_theirs(served: Served) -> None:
    statements = served.folder / "home/archive/uis-partners/2026-01/v1/statements"
    statements.mkdir(parents=True)
    (statements / "P-0003").write_text("where a folder should be")  # so this upload fails
    (served.folder / "broken").touch()

    run = served.start(period="2026-01")
    state = ended(served.api, run)
    assert (state["type"], state["name"]) == ("FAILED", "Incomplete")
    assert "2 of 5 partners are not archived: P-0003, P-0005." in state["message"]
    shown = artifacts(served.api, run)
    said = shown["failed-2026-01"]["data"]
    assert said.startswith("2 of 5 partners have no documents.\n\n**P-0003**\n\n> ")
    assert "File exists" in said
    assert said.endswith("**P-0005**\n\n> RuntimeError: the typesetter gave up")
    assert shown["progress-2026-01"]["description"] == "documents: 5 of 5 partners"
    assert float(shown["progress-2026-01"]["data"]) == 100
    assert "Traceback" not in (served.folder / "serve.log").read_text()

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


def test_a_run_that_a_power_cut_ended_is_shown_as_crashed_when_the_page_is_served_again(served: Served) -> None:
    start = f"deployments/{served.deployment()['id']}/create_flow_run"
    run = ask(served.api, start, {"state": {"type": "PENDING"}})["id"]  # the worker takes what is scheduled, not this
    assert ask(served.api, f"flow_runs/{run}/set_state", {"state": {"type": "RUNNING"}})["status"] == "ACCEPT"
    mark_lost_runs_crashed(served.api.removesuffix("/api"))
    assert ask(served.api, f"flow_runs/{run}")["state"]["name"] == "Crashed"


def test_serving_that_is_stopped_in_the_middle_of_a_month_leaves_no_process_and_no_lease(served: Served) -> None:
    (served.folder / "held").touch()  # however busy the machine is, it is still in the middle
    run = served.start(period="2026-02")
    lease = "SELECT expires_at FROM lease"
    wait_for(lambda: served.rows(lease) != [(0,)] or is_over(served.api, run), "the lease of the run")
    family = list(descendants(served.process.pid))
    assert len(family) >= 3  # server, worker, flow run, and now and then what one of them starts for a moment
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(timeout=LONG) == 0
    assert all(has_ended(pid, "") for pid in family)
    assert not is_healthy(served.api)
    assert served.rows(lease) == [(0,)]
    with sqlite3.connect(served.folder / "home/prefect/prefect.db") as database:
        assert database.execute("SELECT state_name FROM flow_run WHERE id = ?", [run]).fetchall() == [("Crashed",)]
