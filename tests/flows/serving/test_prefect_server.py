"""A month on a real Prefect server: what its page shows, and that it shows the facts."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.consent.give_consent import give_consent
from flows.office import Office
from flows.settle_period import exit_code, settle_period
from models.period import Period
from sample import make_sample
from tasks.database.lease import holder
from tasks.settings import Settings, read_settings
from tests.flows.mishaps.test_two_runs import stop_between_transactions
from tests.servers.prefect import artifacts, ask, clean_environment, flow_runs
from tests.waiting import LONG, Beside, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.long]

SETTLE = str(Path(sys.executable).with_name("settle"))
STEPS = {
    "extract", "validate", "attribute", "events", "calculate", "approve", "documents 1 of 1", "render", "archive", "close",
}  # fmt: skip


class TwoRuns(NamedTuple):
    """Two flow runs of one month; the second came while the first was at work."""

    api: str
    vendor: Path
    home: Path
    first: dict[str, Any]
    first_process: int
    first_exit_code: int
    second: dict[str, Any]
    second_exit_code: int
    second_printed: str


@pytest.fixture(scope="module")
def two_runs(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> TwoRuns:
    folder = tmp_path_factory.mktemp("two-runs")
    make_sample(folder / "vendor", clients=60, partners=5, months=1, seed=5, starts=Period(2026, 2))
    environment = clean_environment() | {
        "PREFECT_API_URL": prefect_server,
        "PREFECT_LOGGING_EXTRA_LOGGERS": "settle",
        "SETTLE_HOME": str(folder / "home"),
        "SETTLE_VENDOR": str(folder / "vendor"),
        "SETTLE_LEASE_SECONDS": "600",  # the first run stands still for a while, and is not to be taken for dead
    }
    command = [SETTLE, "run", "2026-02"]
    office = Office.open(Settings(home=folder / "home"))
    with (folder / "first.log").open("wb") as log:
        first = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            wait_for(lambda: is_held(office), "the lease of the first run", Beside(first, folder / "first.log"))
            stop_between_transactions(first.pid, folder / "home")
            second = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LONG)
            first.send_signal(signal.SIGCONT)
            first.wait(timeout=LONG)
        finally:
            first.kill()
    one, other = flow_runs(prefect_server, "settle-2026-02")
    return TwoRuns(
        api=prefect_server,
        vendor=folder / "vendor",
        home=folder / "home",
        first=one,
        first_process=first.pid,
        first_exit_code=first.returncode,
        second=other,
        second_exit_code=second.returncode,
        second_printed=second.stderr,
    )


def is_held(office: Office) -> bool:
    return office.database.exists() and holder(office.database, "uis-partners") is not None


def amounts(home: Path) -> list[str]:
    """Partners, opening balances, commission, corrections, to pay and carried forward, as people write them."""
    with sqlite3.connect(home / "settlement.db") as database:
        partners, *sums = database.execute(
            "SELECT count(*), sum(opening_minor), sum(commission_minor), "
            "sum(to_pay_minor + carried_minor - opening_minor - commission_minor), "
            "sum(to_pay_minor), sum(carried_minor) FROM statement"
        ).fetchone()
    return [str(partners), *(f"{minor // 100:,}.{minor % 100:02d} RUB".replace(",", " ") for minor in sums)]


def test_a_month_settled_on_the_server_ends_closed(two_runs: TwoRuns) -> None:
    assert two_runs.first_exit_code == 0
    assert two_runs.first["state"]["type"] == "COMPLETED"
    assert two_runs.first["state"]["name"] == "Closed"
    assert two_runs.first["state"]["message"] == "2026-02 is closed: 5 statements are archived and sealed."


def test_every_step_of_the_month_is_a_task_run(two_runs: TwoRuns) -> None:
    wanted = {"flow_runs": {"id": {"any_": [two_runs.first["id"]]}}}

    def are_there() -> bool:  # Prefect writes them down a little later than they happen
        runs = ask(two_runs.api, "task_runs/filter", wanted)
        return {run["name"] for run in runs if run["state"]["type"] == "COMPLETED"} == STEPS

    wait_for(are_there, f"task runs {', '.join(sorted(STEPS))}")


def test_the_page_shows_a_summary_what_is_open_or_rejected_who_failed_and_where_the_archive_is(
    two_runs: TwoRuns,
) -> None:
    shown = artifacts(two_runs.api, two_runs.first["id"])
    names = ("summary", "open", "rejected", "failed", "archive", "documents")
    assert set(shown) == {"programme", *(f"{name}-2026-02" for name in names)}
    archive = (two_runs.home / "archive/uis-partners/2026-02/v1").as_uri()
    assert shown["archive-2026-02"]["data"] == f"[{archive}]({archive})"
    assert shown["failed-2026-02"]["data"] == "Every partner has its documents."


def test_the_figures_of_the_summary_are_those_of_the_facts(two_runs: TwoRuns) -> None:
    summary = artifacts(two_runs.api, two_runs.first["id"])["summary-2026-02"]["data"]
    partners, opening, commission, corrections, to_pay, carried = amounts(two_runs.home)
    with (two_runs.vendor / "billing/2026-02.csv").open() as billing:
        received = sum(1 for _ in billing) - 1
    assert summary.splitlines()[:9] == [
        "| 2026-02 | Closed |",
        "|:--|--:|",
        f"| partners | {partners} |",
        f"| opening balances | {opening} |",
        f"| commission | {commission} |",
        f"| corrections | {corrections} |",
        f"| **to pay** | **{to_pay}** |",
        f"| carried forward | {carried} |",
        f"| lines received | {received} |",
    ]
    assert partners == "5"
    assert commission != "0.00 RUB"


def test_the_logs_of_the_month_are_on_the_page(two_runs: TwoRuns) -> None:
    wanted = {"logs": {"flow_run_id": {"any_": [two_runs.first["id"]]}}, "limit": 200}

    def say_it() -> bool:
        return any(log["message"] == "documents of 5 of 5 partners" for log in ask(two_runs.api, "logs/filter", wanted))

    wait_for(say_it, "the log of the documents")


def test_of_two_runs_at_once_one_settles_and_the_other_names_who_is_at_work(two_runs: TwoRuns) -> None:
    assert two_runs.second_exit_code == 3
    assert two_runs.second["state"]["type"] == "FAILED"
    assert two_runs.second["state"]["name"] == "LeaseHeld"
    assert f"process {two_runs.first_process}, since " in two_runs.second["state"]["message"]
    assert "Traceback" not in two_runs.second_printed


def test_a_month_waits_for_approval_and_is_closed_by_the_run_after_it(
    prefect_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_sample(tmp_path / "vendor", clients=40, partners=4, months=1, seed=5, starts=Period(2026, 4))
    for name, value in {"HOME": tmp_path / "home", "VENDOR": tmp_path / "vendor", "APPROVAL": "on"}.items():
        monkeypatch.setenv(f"SETTLE_{name}", str(value))
    office = Office.open(read_settings())
    with temporary_settings({PREFECT_API_URL: prefect_server}):
        waiting = settle_period(period="2026-04", return_state=True)
        assert (waiting.type.value, waiting.name, exit_code(waiting)) == ("COMPLETED", "WaitingForApproval", 4)
        assert not (tmp_path / "home/archive/uis-partners/2026-04").exists()
        (run,) = flow_runs(prefect_server, "settle-2026-04")
        shown = {f"{name}-2026-04" for name in ("summary", "open", "rejected")}
        assert set(artifacts(prefect_server, run["id"])) == {"programme", *shown}

        digest = str(waiting.message).partition("--digest ")[2][:64]
        assert give_consent(office, Period(2026, 4), digest, "anna").startswith(digest)
        closed = settle_period(period="2026-04", return_state=True)
    assert (closed.type.value, closed.name, exit_code(closed)) == ("COMPLETED", "Closed", 0)
    with sqlite3.connect(tmp_path / "home/settlement.db") as database:
        assert database.execute("SELECT approved_by, draft_digest FROM approval").fetchall() == [("anna", digest)]


def test_a_problem_of_the_vendor_is_a_sentence_on_the_page_and_no_traceback(
    prefect_server: str, tmp_path: Path
) -> None:
    make_sample(tmp_path / "vendor", clients=20, partners=2, months=1, seed=5, starts=Period(2026, 6))
    billing = tmp_path / "vendor/billing/2026-06.csv"
    billing.write_text(billing.read_text().replace("paid_on", "paid", 1))
    environment = clean_environment() | {"PREFECT_API_URL": prefect_server, "SETTLE_HOME": str(tmp_path / "home")}
    command = [SETTLE, "run", "2026-06", "--from", str(tmp_path / "vendor")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LONG, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    (run,) = flow_runs(prefect_server, "settle-2026-06")
    assert (run["state"]["type"], run["state"]["name"]) == ("FAILED", "BadInput")
    assert "paid_on" in run["state"]["message"]
