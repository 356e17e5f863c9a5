"""From draft to facts: what a draft is made of, whether the month may be approved now, and the approval."""

import logging

from flows.drafted import Drafted
from flows.drafting import draft_month
from flows.office import Office
from flows.result import Ending, Figures, MonthResult
from models.errors import BadProgramme, CannotApprove, WrongUse
from models.period import Period
from rules.archive.layout import input_key, period_folder
from rules.draft import Draft, file_key
from rules.programme.file import Programme, parse_programme
from rules.programme.used import changed_after_use
from tasks.approve import approve, consented_by, propose
from tasks.clock import now, today
from tasks.close import refuse_if_sealed
from tasks.facts.approved import programme_of
from tasks.facts.history import History, read_history
from tasks.facts.lease import Epoch
from tasks.report import tell_rejected, write_rejected
from tasks.vendor.folder import VendorFolder, read_vendor

log = logging.getLogger("settle")


def approve_draft(month: Period, office: Office, epoch: Epoch) -> MonthResult | None:
    """Make the month's draft facts. Returns None, or the result of a month that waits for somebody's consent.

    Raises CannotApprove where the draft breaks a law or its time has not come.
    """
    drafted = _draft(month, office)
    draft = drafted.draft
    drafted.must_balance()
    consent = "system" if office.settings.approval == "off" else consented_by(office.database, draft.digest)
    _keep_inputs(draft, office)
    if consent is None:
        propose(draft, office.database, epoch, now(office.settings))
        return _result(drafted, office, Ending.WAITING)
    approve(draft, office.database, epoch, consent, now(office.settings))
    return None


def show_draft(month: Period, office: Office) -> MonthResult:
    """The draft as a dry run shows it: nothing is written, not even a database."""
    vendor, programme, history = _inputs(month, office)
    drafted = draft_month(month, vendor, programme, history, office)
    problem = _not_yet(month, programme, history, office)
    for warning in (*drafted.warnings, *drafted.unbalanced, *([problem] if problem else [])):
        log.warning(warning)
    tell_rejected(drafted.rejected)
    return _result(drafted, office, Ending.DRAFTED)


def programme_name(office: Office) -> str:
    """The programme this office settles: the database's own, or the vendor's before the first draft."""
    return programme_of(office.database) or parse_programme(read_vendor(office.vendor_folder).programme_text).programme


def _draft(month: Period, office: Office) -> Drafted:
    """The draft of a month that may become facts now."""
    vendor, programme, history = _inputs(month, office)
    if problem := _not_yet(month, programme, history, office):
        raise CannotApprove(problem)
    refuse_if_sealed(office.store, programme.programme, month)
    drafted = draft_month(month, vendor, programme, history, office)
    for warning in drafted.warnings:
        log.warning(warning)
    tell_rejected(drafted.rejected)
    write_rejected(office.settings.home, month, drafted.rejected)
    return drafted


def _inputs(month: Period, office: Office) -> tuple[VendorFolder, Programme, History]:
    vendor = read_vendor(office.vendor_folder)
    programme = parse_programme(vendor.programme_text)
    if not office.database.exists():
        return vendor, programme, History()
    known = programme_of(office.database)
    if known not in (None, programme.programme):
        raise WrongUse(
            f"{office.vendor_folder}: programme.yaml names {programme.programme!r}, but this database belongs to "
            f"{known!r}: one database keeps one programme. Set SETTLE_HOME (or SETTLE_DATABASE_URL) for another."
        )
    history = read_history(office.database, office.store, programme.programme, month, looks_back=programme.looks_back)
    _refuse_if_used(programme, history, month)
    return vendor, programme, history


def _refuse_if_used(programme: Programme, history: History, month: Period) -> None:
    """Raise BadProgramme where the file changes what an earlier month was settled by."""
    if not history.last_programme or history.last_programme == programme.text:
        return
    if problems := changed_after_use(parse_programme(history.last_programme), programme, month.previous()):
        raise BadProgramme("programme.yaml changes what was used:\n  " + "\n  ".join(problems))


def _not_yet(month: Period, programme: Programme, history: History, office: Office) -> str | None:
    """Why a month must not be approved now, or None. Raises WrongUse where it never can be."""
    if month < programme.starts:
        raise WrongUse(f"{month}: the programme {programme.programme} starts in {programme.starts}.")
    if month in history.closed:
        return f"{month} is closed: nothing of it can change, whatever its inputs say now."
    next_month = history.closed[-1].next() if history.closed else programme.starts
    if month != next_month:
        return f"{month} cannot be approved yet: {next_month} comes first. Run settle run {next_month}..{month}."
    if today(office.settings, programme.zone) <= month.last_day:
        return f"{month} is not over yet: more payments can come until {month.last_day}. --dry-run shows it so far."
    return None


def _keep_inputs(draft: Draft, office: Office) -> None:
    """Store what the draft rests on under its digests, so that any machine can finish the month."""
    for name, data in draft.files.items():
        digest, _, extension = file_key(name, data).partition(".")
        office.store.put_once(input_key(draft.programme.programme, digest, extension), data)


def _result(drafted: Drafted, office: Office, ending: Ending) -> MonthResult:
    draft = drafted.draft
    return MonthResult(
        period=draft.period,
        ending=ending,
        figures=Figures.of_draft(draft),
        draft_digest=draft.digest,
        archive=f"{office.store.url}/{period_folder(draft.programme.programme, draft.period)}",
        changes=drafted.changes(),
    )
