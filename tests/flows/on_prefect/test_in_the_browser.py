"""A month in the browser, with the network cut: the form, the question, the answer, and what the page shows of them.

One page serves it all: January fails in part and is mended, February is rejected, then approved by signature. What the
API of the page would say of each is asked beside it; Resume without a browser is in `test_in_production.py`.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from flows.office import Office
from models.statement import Statement
from tasks.database.lease import lease
from tasks.settings import Settings
from tests.servers.browser import Browser, browsing
from tests.servers.prefect import artifacts, ask, clean_environment, ended
from tests.servers.served import Served, answer, make_vendor, serving, suspended, with_database
from tests.waiting import wait_for

TRIES = 5

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def browser_and_page(
    tmp_path_factory: pytest.TempPathFactory, prefect_database: Path
) -> Iterator[tuple[Browser, Served]]:
    folder = tmp_path_factory.mktemp("browser")
    with browsing("") as browser:  # first: without one nothing is served
        make_vendor(folder)
        with_database(folder, prefect_database)
        with serving(folder, SETTLE_APPROVAL="on") as served:
            browser.address = served.api.removesuffix("/api")
            yield browser, served


@pytest.fixture
def browser(browser_and_page: tuple[Browser, Served]) -> Browser:
    return browser_and_page[0]


@pytest.fixture
def served(browser_and_page: tuple[Browser, Served]) -> Served:
    return browser_and_page[1]


def runs_of(served: Served, month: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(served.api, "flow_runs/filter", {"sort": "START_TIME_ASC"})
    return [run for run in found if run["parameters"].get("period") == month]


def form(browser: Browser, deployment: str, field: str) -> None:
    """Open the form that starts a deployment with parameters, one of which is the field."""

    def steps() -> None:
        browser.page.goto(f"{browser.address}/deployments")
        browser.page.get_by_text(deployment).first.click()
        browser.press("Run")
        browser.page.get_by_text("Custom run").first.click()
        browser.field(field).wait_for()

    browser.again(steps)


def submit(browser: Browser, served: Served, is_it: Callable[[dict[str, Any]], bool]) -> str:
    """Send the form, again where Prefect's database was busy, and return the id of the run that it starts."""
    for _ in range(TRIES):
        browser.press("Submit")
        with suppress(pytest.fail.Exception):
            found = wait_for(
                lambda: [run for run in ask(served.api, "flow_runs/filter", {}) if is_it(run)], "the run", seconds=180
            )
            return str(found[0]["id"])
    pytest.fail(f"the form was not taken in {TRIES} times")


def read(browser: Browser, served: Served, run: str, artifact: str, words: str) -> None:
    """Open the newest artifact of this name, and read these words."""
    browser.open(f"/artifacts/artifact/{artifacts(served.api, run)[artifact]['id']}", words)


def leave_out_a_line(billing: Path) -> None:
    first, _, *others = billing.read_text().splitlines(keepends=True)
    billing.write_text("".join([first, *others]))
    billing.parent.with_name("control.csv").unlink(missing_ok=True)


def answers(browser: Browser, run: Callable[[], dict[str, Any]], decision: str, fields: dict[str, str]) -> None:
    """Fill the form behind Resume, as a person does, and send it: again where Prefect's database was busy."""
    asked = run()["state"]["id"]
    for _ in range(TRIES):
        _fill_and_send(browser, decision, fields)
        with suppress(pytest.fail.Exception):
            wait_for(lambda: run()["state"]["id"] != asked, "the answer to be taken", seconds=180)
            return
        browser.page.reload()
    pytest.fail(f"the answer was not taken in {TRIES} times")


def _fill_and_send(browser: Browser, decision: str, fields: dict[str, str]) -> None:
    browser.press("Resume")
    browser.see("Resume Flow Run")
    browser.page.locator(".p-modal .p-select-button__control").first.focus()
    browser.page.keyboard.press("ArrowDown")  # a click opens the list, and the focus it brings shuts it again
    browser.page.get_by_role("option", name=decision).click()
    for label, words in fields.items():
        browser.field(label).fill(words)
    if decision == "approve":
        browser.picture("resume-approve")
    browser.page.locator(".p-modal").get_by_role("button", name="Submit").click()


def test_a_month_is_started_by_the_form_and_approved_by_resume_with_one_partner_withheld(
    browser: Browser, served: Served
) -> None:
    form(browser, "settle-month", "period (Optional)")
    browser.field("period (Optional)").fill("2026-13")
    browser.press("Submit")
    browser.see("Write a month, as 2026-10")
    assert runs_of(served, "2026-13") == []
    browser.field("period (Optional)").fill("2026-01")
    run = submit(browser, served, lambda run: run["parameters"].get("period") == "2026-01")
    browser.leave()
    assert suspended(served, run)["type"] == "PAUSED"
    assert served.rows("SELECT expires_at FROM lease") == [(0,)]  # the run that waits holds nothing
    assert served.rows("SELECT count(*) FROM approval") == [(0,)]
    (digest,) = served.rows("SELECT digest FROM draft")[0]
    page = artifacts(served.api, run)["approval-2026-01"]["data"]
    assert "It is a person's turn" in page
    assert "This is the programme's first month" in page
    assert page.endswith(f"Draft `{digest}`")
    refused = answer(served, run, decision="perhaps", name="anna", draft_digest=digest)
    assert refused["status"] == "REJECT"
    assert "'perhaps' is not one of ['approve', 'reject']" in refused["details"]["reason"]

    statements = statements_of(served)
    statements.mkdir(parents=True)
    for partner in ("P-0002", "P-0004"):
        (statements / partner).write_text("where a folder should be")
    browser.open(f"/runs/flow-run/{run}", "Suspended")
    browser.picture("suspended")
    answers(
        browser,
        lambda: ask(served.api, f"flow_runs/{run}"),
        "approve",
        {"Your name": "anna", "Withhold (Optional)": "P-0001: the tax id is missing"},
    )
    browser.leave()
    end = ended(served.api, run)
    assert (end["type"], end["name"]) == ("FAILED", "Incomplete")
    assert "2 of 5 partners are not archived: P-0002, P-0004." in end["message"]
    assert served.rows("SELECT approved_by FROM approval") == [("anna",)]
    held = Statement.model_validate_json((statements / "P-0001/statement.json").read_bytes()).summary
    assert (held.to_pay_minor, held.held_minor > 0) == (0, True)
    assert served.rows("SELECT partner_id, word, reason, given_by FROM hold") == [
        ("P-0001", "held", "the tax id is missing", "anna")
    ]


def test_of_a_month_that_failed_in_part_only_that_is_redone_and_its_retry_closes_it(
    browser: Browser, served: Served
) -> None:
    (run,) = (str(run["id"]) for run in runs_of(served, "2026-01"))
    browser.open(f"/runs/flow-run/{run}", "Incomplete")
    read(browser, served, run, "failed-2026-01", "File exists")
    browser.picture("failed")
    statements, trail = statements_of(served), "SELECT * FROM audit ORDER BY seq"
    written = {path: path.stat().st_mtime_ns for path in statements.glob("*/*")}
    assert {path.parent.name for path in written} == {"P-0001", "P-0003", "P-0005"}

    history = served.rows(trail)
    (statements / "P-0002").unlink()
    form(browser, "settle-partners", "period")
    browser.field("period").fill("2026-01")
    browser.press("Add item")
    browser.page.locator(".p-draggable-list textarea").first.fill("P-0002")
    of_one = submit(browser, served, lambda run: run["parameters"].get("partners") == ["P-0002"])
    browser.leave()
    assert "1 of 5 partners are not archived: P-0004." in ended(served.api, of_one)["message"]
    assert archived(served, trail, history) == ["P-0002/2026-01/v1"]

    history = served.rows(trail)
    (statements / "P-0004").unlink()
    failed = ask(served.api, f"flow_runs/{run}")["state"]["id"]
    browser.open(f"/runs/flow-run/{run}")
    browser.press("Retry")
    browser.page.locator(".p-modal").get_by_role("button", name="Retry").click()
    assert ended(served.api, run, not_state=failed)["name"] == "Closed"
    browser.see("Closed")
    assert archived(served, trail, history) == ["P-0004/2026-01/v1"]
    assert {path: path.stat().st_mtime_ns for path in written} == written
    assert served.rows("SELECT count(*) FROM approval") == [(1,)]

    browser.tab("Artifacts")
    browser.page.get_by_text("programme", exact=True).first.click()
    browser.see("look at")  # the month's name stands on the page before, too
    browser.picture("programme")


def statements_of(served: Served) -> Path:
    return served.folder / "home/archive/uis-partners/2026-01/v1/statements"


def archived(served: Served, trail: str, history: list[tuple[Any, ...]]) -> list[str]:
    """Whose statements the trail says were archived since."""
    now = served.rows(trail)
    assert now[: len(history)] == history
    return [row[4] for row in now[len(history) :] if row[2] == "statement.archived"]


def test_a_second_run_says_whom_it_waits_for_a_draft_that_changed_is_asked_again_and_a_reject_ends_it_cancelled(
    browser: Browser, served: Served
) -> None:
    office = Office.open(Settings(home=served.folder / "home"))
    with lease(office.database, "uis-partners", 60):
        run = served.start(period="2026-02")
        browser.open(f"/runs/flow-run/{run}", "WaitingForAnotherRun")
        browser.tab("Details")
        browser.see("another run")
        browser.leave()
    before = suspended(served, run)
    leave_out_a_line(served.folder / "vendor/billing/2026-02.csv")
    browser.open(f"/runs/flow-run/{run}", "Suspended")
    answers(browser, lambda: ask(served.api, f"flow_runs/{run}"), "approve", {"Your name": "anna"})
    browser.leave()
    suspended(served, run, before["id"])
    read(browser, served, run, "approval-2026-02", "What changed since the draft before")
    browser.picture("changed-draft")
    page = artifacts(served.api, run)["approval-2026-02"]["data"]
    assert "what was read differs: billing.parquet" in page
    assert "From 2026-01 to 2026-02: commission and corrections" in page

    browser.open(f"/runs/flow-run/{run}", "Suspended")
    answers(
        browser,
        lambda: ask(served.api, f"flow_runs/{run}"),
        "reject",
        {"Your name": "bo", "Comment (Optional)": "acme was billed twice"},
    )
    end = ended(served.api, run)
    assert (end["type"], end["name"]) == ("CANCELLED", "Rejected")
    assert end["message"].startswith("2026-02 was rejected by bo: acme was billed twice. Nothing was paid.")
    browser.see("Rejected")
    browser.leave()
    assert served.rows("SELECT count(*) FROM approval WHERE period = '2026-02'") == [(0,)]
    assert served.rows("SELECT subject FROM audit WHERE event = 'draft.commented'") == [("acme was billed twice",)]


def test_a_dry_run_of_the_form_shows_the_draft_and_writes_nothing(browser: Browser, served: Served) -> None:
    facts = served.rows("SELECT * FROM audit")
    form(browser, "settle-month", "period (Optional)")
    browser.field("period (Optional)").fill("2026-02")
    browser.labelled("dry_run (Optional)").get_by_role("switch").first.click()
    run = submit(browser, served, lambda run: bool(run["parameters"].get("dry_run")))
    browser.leave()
    assert ended(served.api, run)["name"] == "Drafted"
    browser.open(f"/runs/flow-run/{run}", "Drafted")
    browser.leave()
    assert served.rows("SELECT * FROM audit") == facts


def test_where_months_are_approved_by_signature_resume_only_wakes_the_run(
    browser: Browser, served: Served, tmp_path: Path
) -> None:
    key = tmp_path / "anna"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    vendor = served.folder / "vendor"
    public = key.with_suffix(".pub").read_text().strip()
    (vendor / "approvers.csv").write_text(f"name,key,from,until,up_to_minor\nanna,{public},2026-01,,\n")
    with (vendor / "programme.yaml").open("a") as programme:
        programme.write("\napproval: signed\n")
    run = served.start(period="2026-02")
    before = suspended(served, run)
    browser.open(f"/runs/flow-run/{run}", "Suspended")
    answers(browser, lambda: ask(served.api, f"flow_runs/{run}"), "approve", {"Your name": "mallory"})
    browser.leave()
    suspended(served, run, before["id"])  # a name alone approves nothing, and is asked again
    read(browser, served, run, "approval-2026-02", "sign first, by")
    browser.picture("sign-first")

    (digest,) = served.rows("SELECT digest FROM draft WHERE period = '2026-02' ORDER BY made_at DESC LIMIT 1")[0]
    signing = ["approve", "2026-02", "--digest", digest, "--sign", str(key)]
    environment = clean_environment() | {"SETTLE_HOME": str(served.folder / "home"), "SETTLE_VENDOR": str(vendor)}
    subprocess.run([str(Path(sys.executable).with_name("settle")), *signing], env=environment, check=True)
    browser.open(f"/runs/flow-run/{run}", "Suspended")
    answers(browser, lambda: ask(served.api, f"flow_runs/{run}"), "approve", {"Your name": "mallory"})
    browser.leave()
    assert ended(served.api, run)["name"] == "Closed"
    assert served.rows("SELECT approved_by FROM approval WHERE period = '2026-02'") == [("anna",)]


def test_no_other_host_was_asked_and_no_banner_leads_to_the_page_that_would(browser: Browser, served: Served) -> None:
    browser.open("/dashboard", "Flow Runs")
    assert browser.page.get_by_text("V2").count() == 0
    assert browser.asked == {"127.0.0.1"}
    browser.open("/v2/", "Dashboard")  # the page that there is
    assert browser.asked == {"127.0.0.1"}
