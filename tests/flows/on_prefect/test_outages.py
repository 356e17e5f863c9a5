"""What a month outlives without anybody in a shell: servers that start again, a store that is down, another machine.

Facts are in PostgreSQL and the archive on S3, each behind what a test may break; the credentials of S3 are in blocks of
Prefect alone. The code is taken from a commit, in which lines are judged plainly and the documents of one partner wait
for the test: so each fault comes while a month is at work.
"""

import json
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from prefect.blocks.system import Secret
from prefect.settings import PREFECT_API_URL, temporary_settings
from pydantic import SecretStr
from sqlalchemy import create_engine, make_url, text

from tasks.code_version import ROOMS, code_version
from tests.servers.breaking import breaking
from tests.servers.ports import free_port
from tests.servers.postgres import Postgres, execute, serving_postgres
from tests.servers.prefect import ROOT, artifacts, ask, clean_environment, ended, is_healthy, is_over
from tests.servers.seaweedfs import SeaweedFS
from tests.servers.served import (
    Served,
    accepted,
    command_of,
    descendants,
    kill,
    make_vendor,
    serving,
    suspended,
    with_database,
)
from tests.waiting import LONG, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.long]

PARTNERS = 5
WAITS_FOR_THE_TEST = """

_made = documents


def documents(statement, data):
    import os
    import time
    from pathlib import Path

    folder = Path({folder!r})
    if statement.partner.partner_id == "P-0003":
        (folder / "reached").touch()
        while (folder / "held").exists():
            time.sleep(0.05)
    return _made(statement, data)
"""


JUDGES_PLAINLY = """

from expectations.plain_judge import judge_plainly

judge_plainly()
"""


class Outages:
    """The page, and what may be broken beside it."""

    def __init__(self, served: Served, postgres: Postgres, store: "Switched", environment: dict[str, str]) -> None:
        self.served, self.postgres, self.store = served, postgres, store
        self.environment = environment  # of a worker: what all machines have in common
        self.credentials: dict[str, str] = {}
        self._engine = create_engine(make_url(environment["SETTLE_DATABASE_URL"]), pool_pre_ping=True)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def states(self, run: str) -> list[dict[str, Any]]:
        """The states a run went through."""
        found: list[dict[str, Any]] = ask(self.served.api, f"flow_run_states/?flow_run_id={run}")
        return found

    def names(self, run: str) -> list[str]:
        return [state["name"] for state in self.states(run)]

    def hold(self) -> None:
        (self.served.folder / "reached").unlink(missing_ok=True)
        (self.served.folder / "held").touch()

    def let_go(self) -> None:
        (self.served.folder / "held").unlink()

    def at_work(self, run: str, month: str) -> None:
        """Wait until the run makes the documents that wait for the test, and all others are archived."""
        archived = f"SELECT DISTINCT partner_id FROM stored WHERE period = '{month}' AND partner_id <> ''"

        def is_there() -> bool:
            assert not is_over(self.served.api, run)
            return (self.served.folder / "reached").exists() and len(self.rows(archived)) == PARTNERS - 1

        wait_for(is_there, f"the documents of {month}")

    def closed_once(self, month: str) -> None:
        """All is archived, sealed and whole; nothing is there twice."""
        (approvals,) = self.rows(f"SELECT count(*), min(approved_by) FROM approval WHERE period = '{month}'")
        assert approvals == (1, "anna")
        assert self.rows(f"SELECT count(*) FROM seal WHERE period = '{month}'") == [(1,)]
        events = (
            f"SELECT subject, count(*) FROM audit WHERE period = '{month}' AND event = 'statement.archived' GROUP BY 1"
        )
        assert self.rows(f"{events} ORDER BY 1") == [
            (f"P-000{number}/{month}/v1", 1) for number in range(1, PARTNERS + 1)
        ]
        command = [str(Path(sys.executable).with_name("settle")), "verify", self.environment["SETTLE_ARCHIVE_URL"]]
        environment = self.environment | self.credentials
        verified = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert verified.returncode == 0, verified.stdout + verified.stderr


class Switched:
    """The way to the store, which may be shut: then every connection is refused."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint, self.port = endpoint, free_port()
        self._open = ExitStack()
        self.up()

    def up(self) -> None:
        self._open.enter_context(breaking(self._endpoint, 0.0, port=self.port))

    def down(self) -> None:
        self._open.close()


@pytest.fixture(scope="module")
def outages(
    tmp_path_factory: pytest.TempPathFactory, seaweedfs: SeaweedFS, prefect_database: Path
) -> Iterator[Outages]:
    folder = tmp_path_factory.mktemp("outages")
    make_vendor(folder)
    with_database(folder, prefect_database)
    seaweedfs.client().create_bucket(Bucket="outages")
    store = Switched(seaweedfs.endpoint)
    with serving_postgres() as postgres:
        execute(postgres.url, "CREATE DATABASE outages")
        database = make_url(postgres.url).set(drivername="postgresql+psycopg", database="outages")
        of_blocks = {"AWS_ACCESS_KEY_ID": seaweedfs.access_key, "AWS_SECRET_ACCESS_KEY": seaweedfs.secret_key}
        common = {name: value for name, value in seaweedfs.environment().items() if name not in of_blocks} | {
            "SETTLE_S3_ENDPOINT": f"http://127.0.0.1:{store.port}",
            "SETTLE_DATABASE_URL": database.render_as_string(hide_password=False),
            "SETTLE_ARCHIVE_URL": "s3://outages/archive",
            "SETTLE_APPROVAL": "on",
            "SETTLE_BATCH": "1",
            "SETTLE_LEASE_SECONDS": "30",
        }
        code = commit(folder)
        (folder / "sitecustomize.py").write_text("")  # what its runs do first is in the commit
        with serving(folder, None, SETTLE_CODE=code, **common) as served:
            outages = Outages(served, postgres, store, clean_environment() | common)
            outages.credentials = of_blocks
            ask(served.api, "deployments/", {"name": "monthly", "flow_id": served.deployment()["flow_id"]})
            keep_credentials(served.api, code, seaweedfs)
            yield outages
    store.down()


def keep_credentials(api: str, code: str, seaweedfs: SeaweedFS) -> None:
    """Write the credentials of the store into blocks, as on the page, and register again."""
    with temporary_settings({PREFECT_API_URL: api}):
        Secret(value=SecretStr(seaweedfs.access_key)).save("settlement-s3-key")
        Secret(value=SecretStr(seaweedfs.secret_key)).save("settlement-s3-secret")
    environment = clean_environment() | {"PREFECT_API_URL": api, "SETTLE_CODE": code}
    subprocess.run([sys.executable, "-m", "flows.on_prefect.register"], cwd=ROOT, env=environment, check=True)


def commit(folder: Path) -> str:
    """Put our code, with documents that wait for the test, into a repository, and return where it is."""
    repository = folder / "repository"
    repository.mkdir()
    for name in (*ROOMS, "cli", "migrations", "alembic.ini", "pyproject.toml", "uv.lock"):
        subprocess.run(["cp", "-r", str(ROOT / name), str(repository / name)], check=True)
    render = repository / "tasks/render.py"
    render.write_text(render.read_text() + WAITS_FOR_THE_TEST.format(folder=str(folder)))
    copy(ROOT / "tests/made/plain_judge.py", repository / "expectations")
    judging = repository / "expectations/judging.py"
    judging.write_text(judging.read_text() + JUDGES_PLAINLY)
    (repository / ".gitignore").write_text("__pycache__\n")

    def git(*words: str) -> str:
        who = ("-c", "user.name=test", "-c", "user.email=test@example.com")
        done = subprocess.run(["git", *who, *words], cwd=repository, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "The program")
    return f"{repository.as_uri()}@{git('rev-parse', 'HEAD')}"


def approved(outages: Outages, run: str) -> None:
    """Say yes to the draft that waits."""
    suspended(outages.served, run)
    accepted(outages.served, run, decision="approve", name="anna")


def test_a_month_outlives_prefects_server_while_it_is_suspended_and_postgresql_and_the_store_while_it_is_at_work(
    outages: Outages,
) -> None:
    """The store refuses every connection for two minutes, and the state of the run says so."""
    served = outages.served
    run = served.start(period="2026-01")
    suspended(served, run)
    (server,) = (pid for pid in descendants(served.process.pid) if "server start" in command_of(pid))
    kill(server)
    wait_for(lambda: "Prefect's server ended by itself; it is started again." in served.said(), "another server")
    wait_for(lambda: is_healthy(served.api), "the server's health")
    outages.hold()
    approved(outages, run)

    outages.at_work(run, "2026-01")
    outages.postgres.crash_and_start_again()
    outages.store.down()
    since = time.monotonic()
    outages.let_go()
    wait_for(lambda: time.monotonic() > since + 120 or is_over(served.api, run), "two minutes")
    told = {state["message"] for state in outages.states(run) if state["name"] == "TryingAgain"}
    assert all(said.startswith("StoreUnreachable: s3://outages/archive") for said in told), told
    assert "15 s." in {said.rpartition("It is tried again in ")[2] for said in told}, told
    outages.store.up()
    assert ended(served.api, run)["name"] == "Closed"
    outages.closed_once("2026-01")
    code = artifacts(served.api, run)["summary-2026-01"]["data"].rpartition("This run's code: ")[2].strip("`")
    assert code.partition("+")[0] == code_version().partition("+")[0]
    assert code != code_version()  # that of the commit, not of the folder that serves the page


def test_a_worker_of_another_machine_finishes_a_month_that_began_on_one_that_died(
    outages: Outages, tmp_path: Path
) -> None:
    served = outages.served
    began = served.start(period="2026-02")
    outages.hold()
    approved(outages, began)
    outages.at_work(began, "2026-02")
    (worker,) = (pid for pid in descendants(served.process.pid) if "worker start" in command_of(pid))
    served.process.send_signal(signal.SIGSTOP)  # nobody starts the dead machine's worker again
    kill(worker, *descendants(worker))
    outages.let_go()
    try:
        with worker_elsewhere(outages, tmp_path):
            run = served.start(period="2026-02")
            assert ended(served.api, run)["name"] == "Closed"
            outages.closed_once("2026-02")
            assert ask(served.api, f"flow_runs/{began}")["state"]["type"] != "COMPLETED"  # Crashed, as time goes by
    finally:
        served.process.send_signal(signal.SIGCONT)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["prefect", "worker.log"]  # all facts are in common


@contextmanager
def worker_elsewhere(outages: Outages, folder: Path) -> Iterator[None]:
    """Run a worker under the name of another machine, with folders of its own and without the vendor's."""
    environment = outages.environment | {
        "PREFECT_API_URL": outages.served.api,
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_WORKER_QUERY_SECONDS": "3",
        "SETTLE_HOME": str(folder / "home"),
    }
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "settlement"]
    if not subprocess.run(["unshare", "--uts", "true"], capture_output=True, check=False).returncode:  # root alone may
        command = ["unshare", "--uts", "sh", "-c", f"hostname elsewhere && exec {shlex.join(command)}"]
    with (folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        yield
    finally:  # not by SIGTERM: Prefect's worker may go on waiting for a run that it was just given
        kill(worker.pid, *descendants(worker.pid))
        worker.wait(timeout=LONG)


def test_what_an_earlier_version_registered_is_gone_and_one_clock_starts_the_month(outages: Outages) -> None:
    found = ask(outages.served.api, "deployments/filter", {})
    assert "monthly" not in {each["name"] for each in found}
    of_months = [each for each in found if each["entrypoint"].endswith(":settle_period")]
    assert [len(each["schedules"]) for each in of_months] == [1]


def test_no_secret_stands_in_what_prefect_shows_nor_in_any_log(outages: Outages) -> None:
    served = outages.served
    kinds = ("flow_runs", "task_runs", "deployments", "artifacts", "work_pools", "automations", "block_documents")
    shown = {kind: json.dumps(ask(served.api, f"{kind}/filter", {})) for kind in kinds}
    for start in range(0, 10_000, 200):
        logs = ask(served.api, "logs/filter", {"offset": start, "limit": 200})
        shown[f"logs from {start}"] = json.dumps(logs)
        if not logs:
            break
    for path in (served.folder / "serve.log", *(served.folder / "home").rglob("*.*")):
        if path.is_file() and not path.name.startswith("prefect.db"):  # which has the block, encrypted
            shown[str(path)] = path.read_bytes().decode(errors="replace")
    assert "settlement-s3-secret" in shown["work_pools"]  # the reference
    assert len(shown) > len(kinds) + 3
    secret = outages.credentials["AWS_SECRET_ACCESS_KEY"]
    assert [place for place, text in shown.items() if secret in text] == []
