"""The doctor: whether everything a settlement needs is there and keeps its word. It changes nothing."""

from collections.abc import Callable, Iterator

from sqlmodel import select

from models.errors import SettlementError, WrongUse
from models.rows import AuditRow
from rules.programme.file import parse_programme
from tasks.facts.audit import broken_links
from tasks.facts.database import Database
from tasks.settings import Settings
from tasks.storage.open import open_store
from tasks.vendor.folder import read_vendor


def examine(settings: Settings) -> Iterator[tuple[bool, str]]:
    """Yield (whether it is well, what was found) for every setting and part."""
    for name in Settings.model_fields:
        yield True, f"SETTLE_{name.upper()} = {_shown(name, getattr(settings, name))}"
    yield _tried("database", lambda: _database(settings))
    yield _tried("archive", lambda: _archive(settings))
    yield _tried("vendor folder", lambda: _vendor(settings))


def _shown(name: str, value: object) -> str:
    """A setting as it can be read by anybody: without the database's password."""
    if value in ("", None):
        return "(default)"
    return str(Database(str(value))) if name == "database_url" else str(value)


def _tried(what: str, check: Callable[[], str]) -> tuple[bool, str]:
    try:
        return True, f"{what}: {check()}"
    except SettlementError as error:
        return False, f"{what}: {error}"


def _database(settings: Settings) -> str:
    database = Database(settings.database)
    if not database.exists():
        return f"{database} does not exist yet; settle run makes it"
    database.check()
    with database.reading() as session:
        broken = broken_links(session.exec(select(AuditRow).order_by(AuditRow.seq)))  # type: ignore[arg-type]
    if broken:
        raise SettlementError("the audit trail is broken: " + "; ".join(broken[:5]))
    return f"{database}: schema and triggers are in place, the audit trail is whole"


def _archive(settings: Settings) -> str:
    store = open_store(settings.archive, settings)
    store.probe()
    return f"{store.url} creates objects once and does not overwrite"


def _vendor(settings: Settings) -> str:
    if settings.vendor is None:
        raise WrongUse("SETTLE_VENDOR is not set: settle run needs --from DIR")
    vendor = read_vendor(settings.vendor)
    programme = parse_programme(vendor.programme_text)
    found = "; ".join(f"{source.name}: {source.check()}" for source in vendor.sources)
    partners, claims = len({terms.partner_id for terms in vendor.tables.partners}), len(vendor.tables.claims)
    return f"{settings.vendor}: programme {programme.programme}, {partners} partners, {claims} claims; {found}"
