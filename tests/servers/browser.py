"""A browser for the tests: Chromium, for which there is no host but this machine."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, sync_playwright
from playwright.sync_api import TimeoutError as NotInTime

from tests.servers.prefect import ROOT
from tests.waiting import LONG

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
TRIES, PATIENCE = 8, 120
"""How often a person starts again with a page that does not go on, and after how many seconds."""

CUT_OFF = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"


class Browser:
    """A page of the browser, and every host it has asked."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.asked: set[str] = set()
        page.set_default_timeout(LONG * 1000)
        page.on("request", lambda request: self._note(request.url))

    def _note(self, address: str) -> None:
        if host := urlsplit(address).hostname:  # none where what is asked for is in the address, as data: has it
            self.asked.add(host)

    def open(self, path: str, until: str = "") -> None:
        """Open a page, and wait until it shows the words; none: only open it."""

        def steps() -> None:
            self.page.goto(f"{self.address}{path}")
            if until:
                self.see(until)

        self.again(steps)

    def leave(self) -> None:
        """Leave the page while a run is at work: as long as it is open it asks the server again and again."""
        self.page.goto("about:blank")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def tab(self, name: str) -> None:
        self.page.locator(".p-tab").get_by_text(name, exact=True).click()

    def see(self, words: str) -> None:
        """Wait until the page shows the words."""
        self.page.get_by_text(words).first.wait_for()

    def again(self, steps: Callable[[], None]) -> None:
        """Do what leads to a page, from its start again where it does not go on.

        A page of Prefect asks its server once for what it shows, and stays empty where the server was too busy.
        """
        self.page.set_default_timeout(PATIENCE * 1000)
        try:
            for _ in range(TRIES - 1):
                with suppress(NotInTime):
                    steps()
                    return
            steps()
        finally:
            self.page.set_default_timeout(LONG * 1000)

    def field(self, label: str) -> Locator:
        """Where one writes, beside a label."""
        return self.labelled(label).locator("input, textarea").first

    def labelled(self, label: str) -> Locator:
        return self.page.locator(".p-label").filter(has=self.page.get_by_text(label, exact=True))

    def picture(self, name: str) -> None:
        """Keep what the page shows, in docs/pictures where SETTLE_PICTURES is set: the pages of docs/ show it."""
        if os.environ.get("SETTLE_PICTURES"):
            self.page.screenshot(path=ROOT / "docs" / "pictures" / f"{name}.png", animations="disabled")


@contextmanager
def browsing(address: str) -> Iterator[Browser]:
    """Open a browser for a page that is served here. Skips the test where no Chromium is installed."""
    program = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=Path(program), args=["--no-sandbox", CUT_OFF])
        try:
            page = browser.new_page(viewport={"width": 1400, "height": 900}, color_scheme="light")
            yield Browser(page, address)
        finally:
            browser.close()
