"""What a browser opens: the links on a month's page, of a folder by a server of its own, of a bucket signed."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from flows.on_prefect import links
from flows.on_prefect.links import publish_links
from flows.serving.file_server import serving_files
from flows.settle_month import settle_month
from models.period import Period
from tasks.settings import Settings
from tests.made.vendors import PROGRAMME, claim, line, office, partner, write_vendor
from tests.servers.ports import free_port
from tests.servers.seaweedfs import SeaweedFS

JANUARY = Period(2026, 1)


class Published(NamedTuple):
    """What was published of a month, by key: the link, or the Markdown; and where its files are served."""

    shown: dict[str, Any]
    files: str


def published(folder: Path, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> dict[str, str]:
    """Settle a month with a rejected line, and return what is published of it."""
    lines = [line("L1", "acme", 1_000_00), line("L2", "acme", 1_00, kind="bonus")]
    vendor = write_vendor(
        folder / "vendor",
        programme=PROGRAMME + "stop_when: {rejected_above: 50%}\n",
        partners=[partner("ana")],
        claims=[claim("acme", "ana")],
        billing={"2026-01.csv": lines},
    )
    shown: dict[str, str] = {}
    monkeypatch.setattr(links, "create_link_artifact", lambda key, link, **_: shown.update({key: link}))
    monkeypatch.setattr(links, "create_markdown_artifact", lambda key, markdown, **_: shown.update({key: markdown}))
    there = office(folder / "home", vendor, **settings)
    publish_links(settle_month(JANUARY, there), there)
    return shown


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    folder = tmp_path_factory.mktemp("links")
    with pytest.MonkeyPatch.context() as patch, serving_files(Settings(home=folder / "home"), free_port()) as files:
        yield Published(published(folder, patch, files_url=files), files)


def opened(link: str) -> tuple[bytes, Any]:
    with urllib.request.urlopen(link, timeout=60) as answer:
        return answer.read(), answer.headers


def cannot_be_opened(link: str) -> int:
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(link, timeout=60)
    return error.value.code


def documents(shown: dict[str, str]) -> dict[str, str]:
    """The links in the row of ana, by kind of document."""
    row = next(line for line in shown["documents-2026-01"].splitlines() if line.startswith("| ana |"))
    cells = [cell.strip() for cell in row.split("|")[2:-1]]
    return {cell[1:].partition("]")[0]: cell.partition("](")[2][:-1] for cell in cells}


def test_the_links_of_a_month_in_a_folder_open_statements_rejected_lines_and_the_folder(served: Published) -> None:
    pdf, headers = opened(documents(served.shown)["pdf"])
    assert pdf.startswith(b"%PDF-")
    assert headers["Content-Type"] == "application/pdf"
    assert opened(documents(served.shown)["html"])[0].lower().startswith(b"<!doctype html>")
    assert json.loads(opened(documents(served.shown)["json"])[0])["partner"]["partner_id"] == "ana"
    assert list(documents(served.shown)) == ["pdf", "html", "json"], "all that the archive has of a statement"
    report, _ = opened(served.shown["rejected-lines-2026-01"])
    assert b"billing/2026-01.csv,2" in report or b"billing/2026-01.csv,3" in report
    listed, _ = opened(served.shown["archive-2026-01"])
    assert b'href="SEAL"' in listed
    assert b'href="statements/"' in listed


def test_a_statement_in_a_browser_loads_nothing_and_is_kept_nowhere(served: Published) -> None:
    _, headers = opened(documents(served.shown)["html"])
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")


@pytest.mark.parametrize(
    "path",
    [
        "archive/../settlement.db",
        "archive/%2e%2e/settlement.db",
        "archive/..%2fsettlement.db",
        "archive/.incoming/",
        "settlement.db",
        "prefect/files.token",
        "",
    ],
)
def test_nothing_but_archive_and_reports_is_shown(served: Published, path: str) -> None:
    assert cannot_be_opened(f"{served.files}/{path}") == 404


def test_without_the_token_nothing_is_shown(served: Published) -> None:
    link = documents(served.shown)["pdf"]
    token = served.files.rpartition("/")[2]
    assert cannot_be_opened(link.replace(token, "x" * len(token))) == 404
    assert cannot_be_opened(link.replace(f"/{token}", "")) == 404


def test_the_token_is_the_homes_own_and_stays(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with serving_files(settings, free_port()) as first:
        pass
    with serving_files(settings, free_port()) as again:
        pass
    assert first.rpartition("/")[2] == again.rpartition("/")[2]
    assert (tmp_path / "prefect/files.token").stat().st_mode & 0o077 == 0


def test_a_port_that_is_taken_is_no_reason_not_to_serve(tmp_path: Path) -> None:
    port = free_port()
    with serving_files(Settings(home=tmp_path), port) as one, serving_files(Settings(home=tmp_path), port) as other:
        assert f":{port}/" in one
        assert f":{port}/" not in other


def test_without_a_server_of_files_the_page_says_where_the_archive_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = published(tmp_path, monkeypatch)
    assert shown["archive-2026-01"] == (tmp_path / "home/archive/test-partners/2026-01/v1").as_uri()
    assert "a browser does not open links to a folder of a server" in shown["documents-2026-01"]
    assert "rejected-lines-2026-01" not in shown


@pytest.mark.slow
def test_the_links_of_a_private_bucket_are_signed_and_open_without_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seaweedfs: SeaweedFS, seaweedfs_bucket: str
) -> None:
    for name, value in seaweedfs.environment().items():
        monkeypatch.setenv(name, value)
    where = {"archive_url": f"{seaweedfs_bucket}/main", "s3_endpoint": seaweedfs.endpoint}
    shown = published(tmp_path, monkeypatch, **where)
    link = documents(shown)["pdf"]
    assert "X-Amz-Expires=604800" in link
    assert opened(link)[0].startswith(b"%PDF-")
    assert b"bonus" in opened(shown["rejected-lines-2026-01"])[0]
    assert cannot_be_opened(link.partition("?")[0]) == 403
    assert cannot_be_opened(link.replace("statement.pdf", "statement.json")) == 403
    assert "secret" not in "".join(shown.values()).lower()
