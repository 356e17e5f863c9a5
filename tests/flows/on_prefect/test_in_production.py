"""The example of docs/deploying at work: Prefect's server with a password and CSRF protection, the registering, a worker.

What compose.yaml says is taken as it is, but for the addresses: SQLite and folders stand for PostgreSQL and the bucket.
Its flow runs judge with Great Expectations, as the product does.
"""

import re
import shlex
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from shutil import copy
from typing import Any, NamedTuple

import pytest
import yaml
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings
from prefect.utilities.importtools import import_object

from flows.on_prefect.registered.names import AUTOMATION
from flows.serving.child_processes import kept_running
from flows.serving.local_server import without_newer_page
from tests.servers.ports import free_port
from tests.servers.prefect import FINAL, ROOT, clean_environment, is_healthy
from tests.servers.served import make_vendor
from tests.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.long]

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docs/deploying/compose.yaml").read_text(encoding="utf-8"))
PASSWORD = "admin:geheim"
OF_OTHER_PARTS = re.compile("DATABASE|^AWS_|_S3_|ARCHIVE_URL")


class Production(NamedTuple):
    """A server that asks for a password and a token, and its client."""

    api: str
    client: SyncPrefectClient
    folder: Path

    def run(self, deployment: str, **parameters: Any) -> FlowRun:
        found = self.client.read_deployment_by_name(deployment)
        return self.client.create_flow_run_from_deployment(found.id, parameters=parameters)

    def comes_to(self, run: FlowRun, *names: str) -> FlowRun:
        """Wait until the run is in a state of one of these names, or has ended."""

        def found() -> FlowRun | None:
            read = self.client.read_flow_run(run.id)
            assert read.state is not None
            return read if read.state.name in names or read.state.type.value in FINAL else None

        answer = wait_for(found, f"{run.id} in {names}")
        assert answer is not None
        assert answer.state is not None
        assert answer.state.name in names, answer.state
        return answer


def settings_of(service: str, page: str) -> dict[str, str]:
    """The environment of a service of the example, without what leads to PostgreSQL and the bucket."""
    ours = {"PAGE": page, "PREFECT_AUTH": PASSWORD}
    found = {}
    for name, value in COMPOSE["services"][service]["environment"].items():
        if not OF_OTHER_PARTS.search(name):
            text = re.sub(r"\$\{(\w+):[^}]*\}", lambda variable: ours.get(variable[1], ""), value)
            found[name] = text.replace("http://prefect:4200", page)
    return found


def command_of(service: str, port: int) -> list[str]:
    program, *words = shlex.split(COMPOSE["services"][service]["command"])
    replaced = {"0.0.0.0": "127.0.0.1", "4200": str(port)}
    return [str(Path(sys.executable).with_name(program)), *(replaced.get(word, word) for word in words)]


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory, prefect_database: Path) -> Iterator[Production]:
    folder = tmp_path_factory.mktemp("production")
    make_vendor(folder, months=1)
    (folder / "prefect").mkdir()
    copy(prefect_database, folder / "prefect")
    port = free_port()
    page = f"http://127.0.0.1:{port}"
    here = {"PREFECT_HOME": str(folder / "prefect"), "SETTLE_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)}
    worker = settings_of("worker", page) | here | {"SETTLE_VENDOR": str(folder / "vendor")}
    with ExitStack() as stack:
        output = stack.enter_context((folder / "all.log").open("wb")).fileno()
        clean = clean_environment()
        without_newer_page(folder / "page")
        serving = (
            clean | settings_of("prefect", page) | here | {"PREFECT_SERVER_UI_STATIC_DIRECTORY": str(folder / "page")}
        )
        stack.enter_context(kept_running(command_of("prefect", port), serving, folder, output))
        wait_for(lambda: is_healthy(f"{page}/api"), "Prefect's server")
        registering = command_of("register", port)
        subprocess.run(registering, env=clean | settings_of("register", page) | here, cwd=ROOT, check=True)
        stack.enter_context(kept_running(command_of("worker", port), clean | worker, folder, output))
        stack.enter_context(
            temporary_settings({PREFECT_API_URL: f"{page}/api", PREFECT_API_AUTH_STRING: PASSWORD}),
        )
        client = stack.enter_context(get_client(sync_client=True))
        yield Production(f"{page}/api", client, folder)


def refusal(request: urllib.request.Request) -> int:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=600)
    return refused.value.code


def test_nobody_reads_without_the_password_and_no_other_page_changes_anything(production: Production) -> None:
    headers = {"Content-Type": "application/json"}
    assert refusal(urllib.request.Request(f"{production.api}/flow_runs/filter", b"{}", headers)) in (401, 403)
    assert refusal(urllib.request.Request(f"{production.api.removesuffix('/api')}/v2/")) == 404
    assert refusal(urllib.request.Request(f"{production.api}/deployments/name/settle-period/settle-month")) == 401
    known = headers | {"Authorization": "Basic YWRtaW46Z2VoZWlt"}  # admin:geheim, as a browser that knows it sends it
    assert refusal(urllib.request.Request(f"{production.api}/flow_runs/filter", b"{}", known)) == 403


def test_what_has_no_token_is_not_registered_and_what_crashes_silent_runs_is(production: Production) -> None:
    names = {each.name for each in production.client.read_automations()}
    assert "settlement: a run that died is Crashed" in names
    assert AUTOMATION not in names


def test_a_month_is_settled_approved_and_closed_behind_the_password(production: Production) -> None:
    run = production.run("settle-period/settle-month", period="2026-01")
    asked = production.comes_to(run, "Suspended")
    assert asked.name == "settle-2026-01"
    assert asked.state is not None
    assert asked.state.state_details.run_input_keyset is not None
    (digest,) = rows(production, "SELECT digest FROM draft")[0]
    answer = {"decision": "approve", "name": "anna"}  # the draft as the form has it
    wait_for(lambda: production.client.resume_flow_run(run.id, run_input=answer).status.value == "ACCEPT", "the answer")
    production.comes_to(run, "Closed")
    assert rows(production, "SELECT approved_by, draft_digest FROM approval") == [("anna", digest)]


def rows(production: Production, sql: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(production.folder / "home/settlement.db") as database:
        return database.execute(sql).fetchall()


def test_previews_checks_and_documents_made_again_are_started_by_a_form_and_change_nothing(
    production: Production, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the month is closed. The worker starts one; the others are called as their deployments name them."""
    kept = archived(production)
    by_the_worker = production.run("reissue-documents/reissue-documents", period="2026-01", partners=["P-0001"])
    for name, value in {"HOME": production.folder / "home", "VENDOR": production.folder / "vendor"}.items():
        monkeypatch.setenv(f"SETTLE_{name}", str(value))
    for ending, name, parameters in (
        ("Drafted", "preview-month", {"period": "2026-01"}),
        ("Holds", "verify-archive", {}),
        ("Well", "doctor", {}),
        ("ClosedBefore", "settle-partners", {"period": "2026-01", "partners": ["P-0001"]}),
    ):
        deployment = production.client.read_deployment_by_name(f"{name}/{name}")
        assert deployment.entrypoint is not None
        state = import_object(str(ROOT / deployment.entrypoint))(**parameters, return_state=True)
        assert (name, state.name) == (name, ending), state.message
    done = production.comes_to(by_the_worker, "Reissued")
    assert done.name == "reissue-2026-01"
    assert archived(production) == kept
    reissued = (production.folder / "home/reissued").rglob("statement.*")
    assert {path.suffix for path in reissued} >= {".json", ".pdf", ".html"}


def archived(production: Production) -> dict[Path, int]:
    """The files of the archive, and when each was written."""
    files = (path for path in (production.folder / "home/archive").rglob("*") if path.is_file())
    found = {path: path.stat().st_mtime_ns for path in files}
    assert found
    return found
