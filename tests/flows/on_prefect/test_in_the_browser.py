"""A month in the browser, with the network cut: the form, the question, the answer, and what the page shows of them."""

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
from tests.flows.on_prefect.test_approval import suspended
from tests.servers.browser import Browser, browsing
from tests.servers.prefect import artifacts, ask, clean_environment, ended
from tests.servers.served import Served, make_vendor, serving, with_database
from tests.waiting import wait_for

TRIES = 5

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def browser_and_page(
    tmp_path_factory: pytest.TempPathFactory, prefect_database: Path
) -> Iterator[tuple[Browser, Served]]:
    folder = tmp_path_factory.mktemp("browser")
    with browsing("") as browser:  # first: without one nothing is served
        make_vendor(folder, months=3)
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


def test_a_month_is_started_by_the_form_approved_by_resume_with_one_partner_withheld_and_closed(
    browser: Browser, served: Served
) -> None:
    form(browser, "settle-month", "period (Optional)")
    browser.field("period (Optional)").fill("2026-13")
    browser.press("Submit")
    browser.see("Write a month, as 2026-10")
    assert runs_of(served, "2026-13") == []
    browser.field("period (Optional)").fill("2026-01")
    run = submit(browser, served, lambda run: run["parameters"].get("period") == "2026-01")
    browser.open(f"/runs/flow-run/{run}", "Suspended")
    browser.picture("suspended")
    answers(
        browser,
        lambda: ask(served.api, f"flow_runs/{run}"),
        "approve",
        {"Your name": "anna", "Withhold (Optional)": "P-0001: the tax id is missing"},
    )
    assert ended(served.api, run)["name"] == "Closed"
    browser.see("Closed")
    folder = served.folder / "home/archive/uis-partners/2026-01/v1/statements"
    held = Statement.model_validate_json((folder / "P-0001/statement.json").read_bytes()).summary
    assert (held.to_pay_minor, held.held_minor > 0) == (0, True)
    assert served.rows("SELECT partner_id, word, reason, given_by FROM hold") == [
        ("P-0001", "held", "the tax id is missing", "anna")
    ]

    browser.tab("Artifacts")
    browser.page.get_by_text("programme", exact=True).first.click()
    browser.see("whose turn")  # the month's name stands on the page before, too
    browser.picture("programme")


def test_a_second_run_says_whom_it_waits_for_and_a_reject_ends_it_cancelled(browser: Browser, served: Served) -> None:
    office = Office.open(Settings(home=served.folder / "home"))
    with lease(office.database, "uis-partners", 60):
        run = served.start(period="2026-02")
        browser.open(f"/runs/flow-run/{run}", "WaitingForAnotherRun")
        browser.tab("Details")
        browser.see("another run")
    browser.see("Suspended")
    answers(
        browser,
        lambda: ask(served.api, f"flow_runs/{run}"),
        "reject",
        {"Your name": "bo", "Comment (Optional)": "acme was billed twice"},
    )
    browser.see("Rejected")
    assert ended(served.api, run)["type"] == "CANCELLED"
    assert served.rows("SELECT count(*) FROM approval WHERE period = '2026-02'") == [(0,)]


def test_a_dry_run_of_the_form_shows_the_draft_and_writes_nothing(browser: Browser, served: Served) -> None:
    facts = served.rows("SELECT * FROM audit")
    form(browser, "settle-month", "period (Optional)")
    browser.field("period (Optional)").fill("2026-02")
    browser.labelled("dry_run (Optional)").get_by_role("switch").first.click()
    run = submit(browser, served, lambda run: bool(run["parameters"].get("dry_run")))
    browser.open(f"/runs/flow-run/{run}", "Drafted")
    assert ended(served.api, run)["name"] == "Drafted"
    assert served.rows("SELECT * FROM audit") == facts


def test_a_draft_that_changed_while_it_waited_is_asked_again_and_of_a_month_that_failed_in_part_only_that_is_redone(
    browser: Browser, served: Served
) -> None:
    run = served.start(period="2026-02")
    browser.open(f"/runs/flow-run/{run}", "Suspended")
    before = suspended(served, run)
    leave_out_a_line(served.folder / "vendor/billing/2026-02.csv")
    answers(browser, lambda: ask(served.api, f"flow_runs/{run}"), "approve", {"Your name": "anna"})
    suspended(served, run, before["id"])
    read(browser, served, run, "approval-2026-02", "What changed since the draft before")
    browser.picture("changed-draft")

    statements = served.folder / "home/archive/uis-partners/2026-02/v1/statements"
    statements.mkdir(parents=True)
    for partner in ("P-0002", "P-0004"):
        (statements / partner).write_text("where a folder should be")
    browser.open(f"/runs/flow-run/{run}", "Suspended")
    answers(browser, lambda: ask(served.api, f"flow_runs/{run}"), "approve", {"Your name": "anna"})
    assert "2 of 5 partners are not archived: P-0002, P-0004." in ended(served.api, run)["message"]
    browser.see("Incomplete")
    read(browser, served, run, "failed-2026-02", "File exists")
    browser.picture("failed")
    written, trail = (
        {path: path.stat().st_mtime_ns for path in statements.glob("*/*")},
        "SELECT * FROM audit ORDER BY seq",
    )
    assert {path.parent.name for path in written} == {"P-0001", "P-0003", "P-0005"}

    history = served.rows(trail)
    (statements / "P-0002").unlink()
    form(browser, "settle-partners", "period")
    browser.field("period").fill("2026-02")
    browser.press("Add item")
    browser.page.locator(".p-draggable-list textarea").first.fill("P-0002")
    of_one = submit(browser, served, lambda run: run["parameters"].get("partners") == ["P-0002"])
    assert "1 of 5 partners are not archived: P-0004." in ended(served.api, of_one)["message"]
    assert archived(served, trail, history) == ["P-0002/2026-02/v1"]

    history = served.rows(trail)
    (statements / "P-0004").unlink()
    browser.open(f"/runs/flow-run/{run}")
    browser.press("Retry")
    browser.page.locator(".p-modal").get_by_role("button", name="Retry").click()
    browser.see("Closed")
    assert archived(served, trail, history) == ["P-0004/2026-02/v1"]
    assert {path: path.stat().st_mtime_ns for path in written} == written
    assert served.rows("SELECT count(*) FROM approval WHERE period = '2026-02'") == [(1,)]


def archived(served: Served, trail: str, history: list[tuple[Any, ...]]) -> list[str]:
    """Whose statements the trail says were archived since."""
    now = served.rows(trail)
    assert now[: len(history)] == history
    return [row[4] for row in now[len(history) :] if row[2] == "statement.archived"]


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
    run = served.start(period="2026-03")
    browser.open(f"/runs/flow-run/{run}", "Suspended")
    before = suspended(served, run)
    answers(browser, lambda: ask(served.api, f"flow_runs/{run}"), "approve", {"Your name": "mallory"})
    before = suspended(served, run, before["id"])  # a name alone approves nothing
    read(browser, served, run, "approval-2026-03", "sign first, by")
    browser.picture("sign-first")

    (digest,) = served.rows("SELECT digest FROM draft WHERE period = '2026-03' ORDER BY made_at DESC LIMIT 1")[0]
    signing = ["approve", "2026-03", "--digest", digest, "--sign", str(key)]
    environment = clean_environment() | {"SETTLE_HOME": str(served.folder / "home"), "SETTLE_VENDOR": str(vendor)}
    subprocess.run([str(Path(sys.executable).with_name("settle")), *signing], env=environment, check=True)
    browser.open(f"/runs/flow-run/{run}", "Suspended")
    answers(browser, lambda: ask(served.api, f"flow_runs/{run}"), "approve", {"Your name": "mallory"})
    assert ended(served.api, run)["name"] == "Closed"
    assert served.rows("SELECT approved_by FROM approval WHERE period = '2026-03'") == [("anna",)]


def test_no_other_host_was_asked_and_no_banner_leads_to_the_page_that_would(browser: Browser, served: Served) -> None:
    browser.open("/dashboard", "Flow Runs")
    assert browser.page.get_by_text("V2").count() == 0
    assert browser.asked == {"127.0.0.1"}
    browser.open("/v2/", "Dashboard")  # the page that there is
    assert browser.asked == {"127.0.0.1"}
