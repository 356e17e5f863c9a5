"""Check an installation: settings, database, archive and vendor folder, one by one. Changes nothing."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from engine.gate.gated import too_much_rejected
from engine.lines.validate import validate
from flows.clocks import must_agree_on_the_time
from flows.consent.deciding import begin_gathering
from flows.office import Office
from models.errors import CannotApprove, SettlementError
from rules.programme.file import parse_programme
from tasks.database.database import Database
from tasks.database.roles import owner_who_settles
from tasks.facts.approved import programme_of
from tasks.facts.history import next_month
from tasks.proof.archive import must_be_anchored, must_know_its_archive
from tasks.proof.reconcile import must_agree
from tasks.proof.seals import ReliedOn
from tasks.settings import Settings
from tasks.sources.first_rows import FirstRows
from tasks.storage.open import open_store
from tasks.vendor.calendar import read_calendar
from tasks.vendor.folder import read_vendor
from tasks.vendor.programme_file import read_programme_text

FIRST_ROWS = 1_000
"""Lines of each source that are read and judged: enough to see a form that is not declared."""


NO_FOLDER = (
    "vendor folder: none is named, so programme and billing were not looked at. "
    "settle doctor --from DIR looks at them, and so does settle doctor where SETTLE_VENDOR=DIR is set"
)


class Check(NamedTuple):
    """One thing: whether it is as it must be, and what was found; or why it was not looked at."""

    passed: bool
    words: str
    looked_at: bool = True


def check_installation(settings: Settings) -> Iterator[Check]:
    """Yield every setting, then what was found at the database, the archive and the vendor folder."""
    for name in Settings.model_fields:
        yield Check(True, f"SETTLE_{name.upper()} = {_printable(name, getattr(settings, name))}")
    yield _checked("database", lambda: _database(settings))
    yield _checked("clock", lambda: _clock(settings))
    facts = _checked("facts", lambda: _facts(settings))
    yield facts
    yield _checked("archive", lambda: _archive(settings))
    if settings.task_runner:
        yield _checked("cluster", lambda: _cluster(settings.task_runner))
    if (vendor := settings.vendor) is None:
        yield Check(True, NO_FOLDER, looked_at=False)
        return
    folder = _checked("vendor folder", lambda: _vendor(vendor))
    yield folder
    if facts.passed and folder.passed:  # what a run begins with
        yield _checked("billing", lambda: _billing(settings))


def _printable(name: str, value: object) -> str:
    """The value of a setting without the database's password, so that anybody may read it."""
    if value in ("", None):
        return "(default)"
    return str(Database(str(value))) if name == "database_url" else str(value)


def _checked(part: str, check: Callable[[], str]) -> Check:
    try:
        return Check(True, f"{part}: {check()}")
    except SettlementError as error:
        return Check(False, f"{part}: {error}")


def _database(settings: Settings) -> str:
    database = Database(settings.database)
    if not database.exists():
        return f"{database} does not exist yet; settle run makes it"
    database.check()
    if owner := owner_who_settles(database):
        return (
            f"{database}: schema and triggers are in place. Its role {owner} owns the tables, so whoever has its "
            "password can take the triggers away: let another role own them (docs/settings.md, Two roles)"
        )
    return f"{database}: schema and triggers are in place"


def _clock(settings: Settings) -> str:
    if settings.clock:
        return "is fixed by SETTLE_CLOCK"
    must_agree_on_the_time(Database(settings.database), open_store(settings.archive, settings))
    return "this machine's, the database's and the archive's agree"


def _facts(settings: Settings) -> str:
    database = Database(settings.database)
    if not database.exists():
        return "nothing is recorded yet"
    store = open_store(settings.archive, settings)
    must_agree(database, store, ReliedOn(signers=settings.allowed_signers))
    if programme := programme_of(database):
        must_know_its_archive(database, store, programme)
        if settings.anchor_url:
            must_be_anchored(database, open_store(settings.anchor_url, settings), programme)
    return "the audit trail is whole; facts, audit trail and archive agree"


def _archive(settings: Settings) -> str:
    store = open_store(settings.archive, settings)
    store.probe()
    return f"{store.url} creates objects once and does not overwrite"


def _cluster(runner: str) -> str:
    from tasks.cluster import open_cluster

    with open_cluster(runner) as cluster:
        return f"{cluster.workers} workers with this very code, {cluster.threads} statements drawn at a time"


def _vendor(folder: Path) -> str:
    vendor = read_vendor(folder)
    read_calendar(folder)
    programme = parse_programme(vendor.programme_text)
    vendor.must_be_in(programme)
    found = "; ".join(f"{source.name}: {source.check()}" for source in vendor.sources)
    partners, claims = len({terms.partner_id for terms in vendor.tables.partners}), len(vendor.tables.claims)
    return f"{folder}: programme {programme.programme}, {partners} partners, {claims} claims; {found}"


def _billing(settings: Settings) -> str:
    """Read and judge the first lines of each source as a run of the next month would. Raises what that run would."""
    office = Office.open(settings)
    programme = parse_programme(read_programme_text(office.vendor_folder))
    month = next_month(office.database, programme)
    gathering = begin_gathering(month, office)
    few = tuple(FirstRows(source, FIRST_ROWS) for source in gathering.vendor.sources)
    inputs = replace(gathering, vendor=replace(gathering.vendor, sources=few)).inputs()
    judged = validate(inputs.lines, inputs.earlier.settled, programme.base, rejected_before=inputs.earlier.rejected)
    if stopped := too_much_rejected(judged, inputs):
        raise CannotApprove(
            f"the first lines that {month} would look at ({inputs.lines.height}): " + "\n".join(stopped)
        )
    reasons = Counter(each.reason for each in judged.first_rejected)
    rejected = f", of which rejected: {_in_words(reasons)}" if reasons else ", and none is rejected"
    return f"{inputs.lines.height} lines read as {month} would read them, at most {FIRST_ROWS} of each source{rejected}"


def _in_words(reasons: Counter[str]) -> str:
    return ", ".join(f"{reason}: {lines}" for reason, lines in sorted(reasons.items()))
