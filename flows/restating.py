"""Restating: what a closed month would have come to by another programme or other tables, and the rows that pay it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.reconcile import commission_of
from flows.effects import Cause, Effect, Said, effects_of, put_right
from flows.office import Office
from models.errors import BadInput, WrongUse
from models.period import Period, Version
from rules.programme.file import parse_programme
from tasks.facts.approved import seal_of
from tasks.facts.history import gave_back_later, settled_adjustments
from tasks.gather import corrected_inputs, read_inputs
from tasks.vendor.folder import read_corrected, read_vendor


@dataclass(frozen=True)
class Restatement:
    """A closed month by corrected files."""

    month: Period
    currency: str
    files: tuple[str, ...]  # those that were corrected
    partners: tuple[Effect, ...]  # for whom anything changes
    given_back_in: tuple[Period, ...]  # months that gave back sales of it: by what stood then

    def words(self) -> Iterator[str]:
        """Say it, a line each."""
        yield f"{self.month} with {', '.join(self.files)} as corrected:"
        yield from (f"  {each.words(self.currency)}" for each in self.partners)
        if not self.partners:
            yield "  no partner's commission changes"
        if self.given_back_in:
            yield f"  {self._given_back()}: that is not in these figures"

    def must_be_whole(self) -> None:
        """Raise WrongUse where what went back of the month's sales would have to be figured again, too."""
        if self.given_back_in:
            raise WrongUse(
                f"{self._given_back()}. What that changes is not worked out here, so nothing was written: figure what "
                f"is left of those sales, and write it with settle adjust."
            )

    def _given_back(self) -> str:
        months = ", ".join(map(str, self.given_back_in))
        return f"sales of {self.month} were given back in {months}, at the rates of its statements"


def restated(office: Office, month: Period, corrected: Path) -> Restatement:
    """Work a closed month out again from its own inputs, with the files of a folder in place of its own.

    Writes nothing. Raises WrongUse for a month that is not closed, or a file that is none of those that may differ.
    """
    programme = parse_programme(read_vendor(office.vendor_folder).programme_text)
    if not office.database.exists() or seal_of(office.database, Version(month)) is None:
        raise WrongUse(f"{month} is not closed: until it is, `settle run {month}` reads what the vendor's folder says.")
    sealed = read_inputs(office.store, programme.programme, month)
    files = read_corrected(corrected)
    again = corrected_inputs(sealed, files)
    if again.programme.programme != programme.programme or again.programme.currency != sealed.programme.currency:
        raise BadInput(f"{corrected}/programme.yaml is another programme, or in another currency: correct its own.")
    was, now = commission_of(sealed), commission_of(again)
    by_hand = {
        each.adjustment_id: each
        for each in (
            *read_vendor(office.vendor_folder).tables.adjustments,
            *settled_adjustments(office.database, office.store, programme),
        )
    }
    partners = effects_of(Cause("restate", month), was, now, by_hand.values())
    later = gave_back_later(office.database, office.store, programme, month)
    return Restatement(month, sealed.programme.currency, tuple(sorted(files)), tuple(partners), later)


def accept(found: Restatement, office: Office, said: Mapping[str, str], file: Path) -> int:
    """Add a row to a file of adjustments for each partner for whom something is open, and return how many.

    `said` has `who` accepts it, and `why`. All rows are added, or none. Raises WrongUse where sales of the month were
    given back since.
    """
    found.must_be_whole()
    words = Said(why=said["why"], evidence=", ".join(found.files), who=said["who"])
    return put_right(Cause("restate", found.month), found.partners, words, office, file)
