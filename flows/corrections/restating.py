"""Restating: what a closed month would have come to by corrected files, and its later version, which is accepted."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.closed_months.taken_again import returned_since, taken_again
from engine.closed_months.versions import against, as_restated, cancelled_since
from engine.draft import draft, earned_of
from engine.inputs import MONTH, Code, EarlierMonths, month_json
from engine.lines.sold import Wanted
from flows.corrections.effects import Effect, effects_of
from flows.office import Office
from models.errors import WrongUse
from models.period import Period
from models.restated import AcceptedRestatement
from rules.corrections.taken_back import Correction
from rules.draft import Draft
from rules.plan import To
from rules.programme.blocks.approval import person
from rules.programme.file import parse_programme
from tasks.code_version import code_version, lock_digest
from tasks.facts.history import newest_version, next_month, read_history
from tasks.facts.sold import sold_parts
from tasks.gather import later_inputs
from tasks.vendor.folder import folder_of, read_corrected, read_vendor
from tasks.vendor.restating import add_restatement


@dataclass(frozen=True)
class Restatement:
    """A closed month by corrected files."""

    asked: AcceptedRestatement
    currency: str
    partners: tuple[Effect, ...]  # for whom anything changes
    against: tuple[str, ...]  # why it cannot become a version of the month
    settles_in: Period  # what is accepted now

    def words(self) -> Iterator[str]:
        """Say it, a line each."""
        yield f"{self.asked.period} with {', '.join(self.asked.files)} as corrected:"
        yield from (f"  {each.words(self.currency)}" for each in self.partners)
        yield from (f"  it cannot be accepted: {words}" for words in self.against)

    def must_be_possible(self) -> None:
        """Raise WrongUse where it cannot be accepted."""
        if self.against:
            raise WrongUse(f"nothing was written: {'; '.join(self.against)}.")


@dataclass(frozen=True)
class Said:
    """Who restates a month, and why."""

    made_by: str = ""
    reason: str = ""


NOBODY = Said()


def restated(office: Office, month: Period, corrected: Path, said: Said = NOBODY) -> Restatement:
    """Work a closed month out again from its own inputs, with the files of a folder in place of its own.

    Writes nothing. Raises WrongUse for a month that is not closed, or a file that is none of those that may differ.
    """
    vendor = read_vendor(office.vendor_folder)
    programme = parse_programme(vendor.programme_text)
    newest = newest_version(office.database, month) if office.database.exists() else None
    if newest is None:
        raise WrongUse(f"{month} is not closed: until it is, `settle run {month}` reads what the vendor's folder says.")
    asked = AcceptedRestatement(
        folder=folder_of(newest.after),
        version=newest.after,
        made_by=person(said.made_by) if said.made_by else "",
        reason=said.reason,
        files=read_corrected(corrected),
    )
    settles_in = next_month(office.database, programme)
    history = read_history(office.database, office.store, programme, settles_in)
    code = Code(code_version(), lock_digest())
    parts = history.version_of(asked, settles_in, code)
    assert parts is not None, f"{asked.version} is the next version"
    version = later_inputs(asked, parts)
    made = draft(version)
    beside = {**vendor.files, **history.parts, MONTH: month_json(settles_in, code, None, history.balances)}
    earlier = EarlierMonths.from_parts(beside)
    found = [*against(made, earlier, vendor.tables.adjustments, programme), *cancelled_since(made, version, earlier)]
    given_back = returned_since(earlier, str(month), programme)["sale_id"]
    sold = earlier.with_sales({**beside, **sold_parts(Wanted(given_back, given_back.clear()), history)})
    again = taken_again(as_restated(sold, {str(month): made}), version, programme, earned_of)
    return Restatement(asked, programme.currency, tuple(_effects(made, again)), tuple(found), settles_in)


def _effects(made: Draft, taken: Iterable[Correction]) -> list[Effect]:
    assert made.restated is not None, "it is a later version"
    again: dict[str, int] = defaultdict(int)
    for each in taken:
        if each.earning.to == To.PARTNER:
            again[each.earning.partner_id] += each.minor
    was = {partner_id: each.total_minor for partner_id, each in made.restated.superseded.items()}
    totals = {
        body.partner_id: body.summary.commission_minor + body.summary.corrections_minor for body in made.statements
    }
    return effects_of(was, was | totals, again=again)


def accept(found: Restatement, office: Office) -> bool:
    """Put the restatement into the vendor's folder: the next month settles it. Returns whether it was not there yet.

    Raises WrongUse where it cannot be made; BadInput where another is there already.
    """
    found.must_be_possible()
    return add_restatement(office.vendor_folder, found.asked)
