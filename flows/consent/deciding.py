"""From draft to facts: what a draft is made of, whether the month may be approved now, and the approval."""

import logging
from dataclasses import dataclass, replace

from engine.draft import STATEMENTS, Run, adjustments_of, draft
from engine.frames.bodies import bodies_in
from engine.frames.snapshot import LINES_AT_ONCE
from engine.inputs import MonthInputs
from flows.clocks import must_agree_on_the_time
from flows.consent.approving import asked, signed_by, signed_for
from flows.consent.rewritten_rows import rewritten_rows
from flows.consent.shards import shards_by
from flows.loading import begin_loading
from flows.office import Office
from flows.result import Ending, Figures, MonthResult
from models.errors import BadProgramme, CannotApprove, WrongUse
from models.money import Money
from models.period import Period, Version
from models.statement import Approved
from rules.archive.layout import input_key, period_folder
from rules.draft import Draft, file_key
from rules.lines.gate import far_from_last_month
from rules.programme.blocks.approval import SYSTEM, Approval, without_a_second
from rules.programme.changes import changes
from rules.programme.file import Programme, parse_programme
from rules.programme.used import changed_after_use
from tasks.approve import approve, propose
from tasks.clock import today
from tasks.database.lease import Epoch
from tasks.extract import Window
from tasks.facts.approved import approved_month, programme_of
from tasks.facts.consents import consented_by, prepared_by
from tasks.facts.history import History, closed_months, last_programme_text, read_history
from tasks.facts.holds import words_of_month
from tasks.facts.paid_twice import paid_twice
from tasks.gather import gather
from tasks.memory import rare_collections
from tasks.proof.archive import must_know_its_archive
from tasks.report import tell_rejected, write_rejected
from tasks.step import run_step
from tasks.vendor.folder import VendorFolder, read_vendor

log = logging.getLogger("settle")


@rare_collections()
def approve_draft(month: Period, office: Office, epoch: Epoch, *, may_be_empty: bool = False) -> MonthResult | None:
    """Make the month's draft facts. Returns None, or the result of a month that waits for somebody's consent.

    Raises CannotApprove where the draft breaks a law or its time has not come.
    """
    if not office.settings.clock:
        must_agree_on_the_time(office.database, office.store)
    gathering = begin_gathering(month, office)
    if problem := _not_yet(month, gathering.programme, office):
        raise CannotApprove(problem)
    must_know_its_archive(office.database, office.store, gathering.programme.programme)
    begin_loading()
    inputs = gathering.inputs()
    made = drafted(inputs, office)
    _tell(made, office)
    write_rejected(office.settings.home, month, made.findings.every_rejected())
    made.must_balance(may_be_empty=may_be_empty)
    wanted = asked(made.period, inputs.programme, office)
    consented = _consented(made, inputs, wanted, office)
    keep_files(made, inputs, office)
    if not consented:
        propose(made, office.database, epoch, office.now())
        return _result(made, office, Ending.WAITING, wanted)
    approved = Approved(at=office.now(), by=", ".join(consented))
    approve(made, bodies_in(made.results[STATEMENTS]), office.database, epoch, approved)
    return None


def _consented(made: Draft, inputs: MonthInputs, wanted: Approval, office: Office) -> tuple[str, ...]:
    """Who said yes to the draft, as far as that is enough to approve it: nobody, where somebody is missing."""
    programme = inputs.programme
    if wanted is Approval.OFF:
        return (SYSTEM,)
    consented = consented_by(office.database, made.digest)
    if wanted is Approval.SIGNED:
        pays = Money(minor=sum(each.summary.to_pay_minor for each in made.statements), currency=programme.currency)
        judging = signed_for(made.period, inputs.vendor.approvers, pays, office)
        signed = signed_by(made.period, made.digest, judging, office)
        consented = tuple(name for name in consented if name in signed)
    if not programme.two_persons:
        return consented
    wrote = [each.who for each in adjustments_of(inputs)] + list(prepared_by(office.database, made.digest))
    wrote += [each.given_by for each in words_of_month(office.database, made.period)]
    wrote += [each.restated.made_by for each in made.versions if each.restated]
    alone = without_a_second(wrote, consented)
    if consented and alone:
        log.warning(
            "%s: two_persons is on, and nobody but %s has approved of what %s wrote or prepared: a second person does.",
            made.period,
            ", ".join(consented),
            ", ".join(alone),
        )
    return () if alone else consented


@rare_collections()
def show_draft(month: Period, office: Office) -> MonthResult:
    """The draft as a dry run shows it: nothing is written, not even a database."""
    gathering = begin_gathering(month, office)
    begin_loading()
    inputs = gathering.inputs()
    made = drafted(inputs, office)
    problem = _not_yet(month, gathering.programme, office)
    _tell(made, office)
    for warning in (*made.findings.stopped, *made.findings.empty, *([problem] if problem else [])):
        log.warning(warning)
    return _result(made, office, Ending.DRAFTED)


@dataclass(frozen=True)
class Gathering:
    """The vendor's folder and its programme, before the billing and the facts are read."""

    month: Period
    vendor: VendorFolder
    programme: Programme
    office: Office

    def inputs(self) -> MonthInputs:
        """Read the billing and the facts, and freeze all that the draft rests on."""
        history = History()
        database = self.office.database
        if database.exists():
            history = read_history(database, self.office.store, self.programme, self.month)
        look_back = self.office.settings.look_back_months
        window = Window(self.month, self.vendor.look_back_months if look_back is None else look_back)
        inputs = gather(window, self.vendor, self.programme, history)
        warned, stopped = paid_twice(inputs, self.vendor.events["event_id"], history)
        warnings = (*inputs.warnings, *_warnings(self), *warned)
        return replace(inputs, warnings=warnings, changed=tuple(_changed(self, history)), stopped=tuple(stopped))


def begin_gathering(month: Period, office: Office) -> Gathering:
    """Read the vendor's folder. Raises WrongUse, BadProgramme where the programme is not the one that was used."""
    vendor = read_vendor(office.vendor_folder)
    programme = parse_programme(vendor.programme_text)
    if office.database.exists():
        known = programme_of(office.database)
        if known not in (None, programme.programme):
            raise WrongUse(
                f"{office.vendor_folder}: programme.yaml names {programme.programme!r}, but this database belongs to "
                f"{known!r}: one database keeps one programme. Set SETTLE_HOME (or SETTLE_DATABASE_URL) for another."
            )
        _refuse_if_used(programme, last_programme_text(office.database, month), month)
    vendor.must_be_in(programme)
    return Gathering(month, vendor, programme, office)


def drafted(inputs: MonthInputs, office: Office, run: Run = run_step) -> Draft:
    """Return the month's draft, whose steps are shown and whose shards are worked out by whoever the settings name.

    Raises ClusterUnreachable where they name a cluster that does not answer.
    """
    with shards_by(office.settings.task_runner) as each:
        return draft(inputs, run, lines_at_once(inputs, office), each)


def lines_at_once(inputs: MonthInputs, office: Office) -> int:
    """How many lines are looked at together: SETTLE_SHARDS says into how many parts a month is cut at least."""
    return max(1, min(LINES_AT_ONCE, -(-inputs.lines.height // office.settings.shards)))


def _refuse_if_used(programme: Programme, last: str, month: Period) -> None:
    """Raise BadProgramme where the file changes what an earlier month was settled by."""
    if not last or last == programme.text:
        return
    if problems := changed_after_use(parse_programme(last), programme, month.previous()):
        raise BadProgramme("programme.yaml changes what was used:\n  " + "\n  ".join(problems))


def _changed(gathering: Gathering, history: History) -> list[str]:
    """What the last month was settled by and is written otherwise now, in words."""
    found: list[str] = []
    database, programme = gathering.office.database, gathering.programme
    last = last_programme_text(database, gathering.month) if database.exists() else ""
    if last and last != programme.text:
        found += [f"programme.yaml changed: {words}" for words in changes(parse_programme(last), programme)]
    return found + rewritten_rows(gathering.vendor.tables, history)


def _warnings(gathering: Gathering) -> list[str]:
    if gathering.vendor.tables.control is not None:
        return []
    return ["there is no control.csv: the vendor's own totals could not be compared, and the seal will say so."]


def _not_yet(month: Period, programme: Programme, office: Office) -> str | None:
    """Why a month must not be approved now, or None. Raises WrongUse where it never can be."""
    closed = closed_months(office.database) if office.database.exists() else ()
    if month < programme.starts:
        raise WrongUse(f"{month}: the programme {programme.programme} starts in {programme.starts}.")
    if month in closed:
        return f"{month} is closed: nothing of it can change, whatever its inputs say now."
    next_month = closed[-1].next() if closed else programme.starts
    if month != next_month:
        return f"{month} cannot be approved yet: {next_month} comes first. Run settle run {next_month}..{month}."
    if today(office.settings, programme.zone) <= month.last_day:
        return f"{month} is not over yet: more payments can come until {month.last_day}. --dry-run shows it so far."
    return None


def keep_files(made: Draft, inputs: MonthInputs, office: Office) -> None:
    """Store the draft's inputs and results under their digests, so that any machine can finish the month."""
    files = [*inputs.parts.items(), *inputs.beside.items(), *made.results.items()]
    files += [each for version in made.versions for each in version.results.items()]
    for name, data in files:
        digest, _, extension = file_key(name, data).partition(".")
        office.store.put_once(input_key(made.programme.programme, digest, extension), data)


def _tell(made: Draft, office: Office) -> None:
    for warning in (*made.findings.changed, *made.findings.warnings, *_far_from_last_month(made, office)):
        log.warning(warning)
    tell_rejected(made.findings.rejected, made.findings.faults)


def _far_from_last_month(made: Draft, office: Office) -> list[str]:
    database = office.database
    last = approved_month(database, Version(made.period.previous())) if database.exists() else None
    return [] if last is None else far_from_last_month(made.tallies, Figures.of_facts(last).tallies)


def _result(made: Draft, office: Office, ending: Ending, asked: Approval = Approval.ON) -> MonthResult:
    return MonthResult(
        period=made.period,
        ending=ending,
        figures=Figures.of_draft(made),
        draft_digest=made.digest,
        archive=f"{office.store.url}/{period_folder(made.programme.programme, Version(made.period))}",
        changes=made.changes(),
        restates=[str(each.version) for each in made.versions],
        asked=asked,
        draft=made,
    )
