"""A month in the browser, with the network cut: the form, the question, the answer, and what the page shows of them."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from flows.office import Office
from models.statement import Statement
from tasks.facts.lease import lease
from tasks.settings import Settings
from tests.servers.browser import Browser, browsing
from tests.servers.prefect import ask, ended
from tests.servers.served import Served, make_vendor, serving
from tests.waiting import wait_for

TRIES = 5

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def browser_and_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Browser, Served]]:
    folder = tmp_path_factory.mktemp("browser")
    with browsing("") as browser:  # first: without one nothing is served
        make_vendor(folder)
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


def answers(browser: Browser, run: Callable[[], dict[str, Any]], decision: str, fields: dict[str, str]) -> None:
    """Fill the form behind Resume, as a person does, and send it: again where Prefect's database was busy."""
    asked = run()["state"]["id"]
    for _ in range(TRIES):
        _fill_and_send(browser, decision, fields)
        with suppress(pytest.fail.Exception):
            wait_for(lambda: run()["state"]["id"] != asked, "the answer to be taken", seconds=60)
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
    browser.open("/deployments")
    browser.page.get_by_text("settle-month").first.click()
    browser.press("Run")
    browser.page.get_by_text("Custom run").first.click()
    browser.field("period (Optional)").fill("2026-13")
    browser.press("Submit")
    browser.see("Write a month, as 2026-10")
    assert runs_of(served, "2026-13") == []
    browser.field("period (Optional)").fill("2026-01")
    browser.press("Submit")

    wait_for(lambda: runs_of(served, "2026-01"), "the run")
    run = runs_of(served, "2026-01")[0]["id"]
    browser.open(f"/runs/flow-run/{run}")
    browser.see("Suspended")
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
    browser.see("2026-01")
    browser.picture("programme")


def test_a_second_run_says_whom_it_waits_for_and_a_reject_ends_it_cancelled(browser: Browser, served: Served) -> None:
    office = Office.open(Settings(home=served.folder / "home"))
    with lease(office.database, "uis-partners", 60):
        run = served.start(period="2026-02")
        browser.open(f"/runs/flow-run/{run}")
        browser.see("WaitingForAnotherRun")
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


def test_no_other_host_was_asked_and_no_banner_leads_to_the_page_that_would(browser: Browser, served: Served) -> None:
    browser.open("/dashboard")
    browser.see("Flow Runs")
    assert browser.page.get_by_text("V2").count() == 0
    assert browser.asked == {"127.0.0.1"}
    browser.open("/v2/")
    browser.see("Dashboard")  # the page that there is
    assert browser.asked == {"127.0.0.1"}
