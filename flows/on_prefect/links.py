"""Links a browser opens: the month's folder, each partner's statement, and the report of rejected lines.

Where the archive is a folder they lead to the server of files that SETTLE_FILES_URL names. Where it is a private bucket
they are signed, and end after some days: a run of the same month makes new ones.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from prefect.artifacts import create_link_artifact, create_markdown_artifact

from flows.artifacts import APPROVED, escaped
from flows.office import Office
from flows.result import Ending, MonthResult
from flows.serving.file_server import ARCHIVE, REPORTS
from models.canonical import sha256
from models.money import grouped
from models.period import Period, Version
from rules.archive.layout import input_key, statement_key
from rules.programme.file import parse_programme
from tasks.facts.approved import missing_partners, programme_of, the_approved_month
from tasks.storage.directory import DirectoryStore
from tasks.vendor.programme_file import read_programme_text

MOST_ROWS = 1_000  # of the list of documents; the folder has them all
DOCUMENTS = ("pdf", "html", "json")


def publish_links(result: MonthResult, office: Office) -> None:
    """Publish `archive` and `documents` of an approved month, and `rejected-lines` where lines were rejected."""
    if result.ending is Ending.DRAFTED:  # a dry run leaves nothing to open
        return
    publish_rejected_lines(result.period, office)
    month = str(result.period)
    if result.ending not in APPROVED:
        return
    create_link_artifact(
        key=f"archive-{month}",
        link=_folder_link(result, office) or result.archive,
        link_text=result.archive,
        description=f"{month}: the archive. To check it: settle verify {result.archive}",
    )
    facts = the_approved_month(office.database, Version(result.period))
    partners = sorted(facts.statements.keys() - set(missing_partners(office.database, facts)))
    create_markdown_artifact(
        key=f"documents-{month}",
        markdown="\n".join(_documents(partners, facts.programme, Version(result.period), office)),
        description=f"{month}: every partner's statement",
    )


def publish_rejected_lines(period: Period, office: Office) -> None:
    """Publish `rejected-lines`: the link to the report of rejected lines. Nothing where there is no report."""
    report = office.settings.home.absolute() / "reports" / f"{period}-rejected.csv"
    if (link := _report_link(report, office)) is not None:
        create_link_artifact(
            key=f"rejected-lines-{period}",
            link=link,
            link_text=report.name,
            description=f"{period}: what is wrong with each rejected line, with file, row and column",
        )


def _documents(partners: Iterable[str], programme: str, version: Version, office: Office) -> Iterator[str]:
    partners = list(partners)
    yield f"The statements of {grouped(len(partners))} partners."
    if isinstance(office.store, DirectoryStore) and not office.settings.files_url:
        yield f"They are in {escaped(office.store.url)}; a browser does not open links to a folder of a server."
        return
    yield ""
    yield f"| partner | {' | '.join(DOCUMENTS)} |"
    yield f"|:--|{':--|' * len(DOCUMENTS)}"
    for partner in partners[:MOST_ROWS]:
        keys = (statement_key(programme, version, partner, f"statement.{kind}") for kind in DOCUMENTS)
        cells = (f"[{kind}]({_link(key, office)})" for kind, key in zip(DOCUMENTS, keys, strict=True))
        yield f"| {escaped(partner)} | {' | '.join(cells)} |"
    if len(partners) > MOST_ROWS:
        yield ""
        yield f"The first {grouped(MOST_ROWS)}; the others are in the month's folder."


def _link(key: str, office: Office) -> str | None:
    if isinstance(office.store, DirectoryStore):
        return f"{office.settings.files_url}/{ARCHIVE}/{quote(key)}" if office.settings.files_url else None
    return office.store.link(key)


def _folder_link(result: MonthResult, office: Office) -> str | None:
    """The month's folder, where a browser can show one: a bucket has no folders."""
    if not isinstance(office.store, DirectoryStore):
        return None
    link = _link(result.archive.removeprefix(f"{office.store.url}/"), office)
    return f"{link}/" if link else None


def _report_link(report: Path, office: Office) -> str | None:
    """The report of rejected lines. A bucket is given a copy: whoever reads the page is on another machine."""
    if not report.is_file():
        return None
    if isinstance(office.store, DirectoryStore):
        return f"{office.settings.files_url}/{REPORTS}/{quote(report.name)}" if office.settings.files_url else None
    # A first month that cannot be approved has kept no draft yet.
    programme = programme_of(office.database) or parse_programme(read_programme_text(office.vendor_folder)).programme
    data = report.read_bytes()
    key = input_key(programme, sha256(data), "csv")
    office.store.put_once(key, data)
    return office.store.link(key)
