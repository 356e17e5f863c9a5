"""Documents again: the views of approved statements, made by this version into a folder beside the archive."""

from collections.abc import Sequence
from pathlib import Path

from flows.office import Office
from models.errors import SettlementError, WrongUse
from models.period import Period, Version
from rules.archive.layout import statement_path
from tasks.facts.approved import STATEMENTS, ApprovedMonth, approved_month, issued_statements
from tasks.render import render


def must_be_approved(office: Office, period: Period) -> ApprovedMonth:
    """Return the facts of an approved month. Raises WrongUse for another."""
    facts = approved_month(office.database, Version(period)) if office.database.exists() else None
    if facts is None:
        raise WrongUse(f"{period} is not approved, so it has no statements yet. settle-month settles it.")
    return facts


def reissue(office: Office, period: Period, only: Sequence[str] = ()) -> tuple[Path, int]:
    """Make the documents of a month again; return their folder, and of how many partners. The archive stays as it is.

    Raises WrongUse where a partner has no statement there, SettlementError naming each whose documents failed.
    """
    facts = must_be_approved(office, period)
    if unknown := sorted(set(only) - facts.statements.keys()):
        raise WrongUse(f"{', '.join(unknown)}: no statement in {period} is theirs. See settle status {period}.")
    partners = list(only) or sorted(facts.statements)
    folder = office.settings.home / "reissued" / str(period)
    bodies = office.store.get(*facts.input(STATEMENTS))
    failed: dict[str, str] = {}
    batch = office.settings.batch
    for some in (partners[start : start + batch] for start in range(0, len(partners), batch)):
        rendered = render.function(issued_statements(bodies, facts.issue(some)))
        failed |= rendered.failed
        for partner, documents in rendered.documents.items():
            for name, data in documents.items():
                path = folder / statement_path(partner, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
    if failed:
        raise SettlementError("; ".join(f"{partner}: {reason}" for partner, reason in sorted(failed.items())))
    return folder, len(partners)
