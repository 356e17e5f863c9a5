"""Reconciling: what the source says of a closed month today, what that is in money, and the rows that put it right."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from engine.closed_months.reconcile import Change, LineChange, commission_of, compared
from engine.closed_months.restating import returned_later, taken_of
from engine.frames.schemas import LineIds
from engine.frames.snapshot import no_lines
from engine.inputs import adjustments_in, returns_in, settled_in
from flows.corrections.effects import Effect, effects_of
from flows.office import Office
from models.errors import WrongUse
from models.money import counted
from models.period import Period
from models.vendor import Adjustment
from rules.programme.file import parse_programme
from tasks.documents.wording import wording
from tasks.extract import Window, extract
from tasks.facts.approved import versions_of
from tasks.facts.history import newest_version, next_month, read_history
from tasks.gather import read_inputs_of
from tasks.vendor.adding import add_adjustments
from tasks.vendor.folder import read_vendor

MOST_SHOWN = 20


@dataclass(frozen=True)
class Reconciliation:
    """A closed month against its source today."""

    month: Period
    currency: str
    changes: tuple[LineChange, ...]
    effects: tuple[Effect, ...]  # of partners for whom anything changes
    given_back: tuple[str, ...] = ()  # lines that differ, and of which something was given back since
    whose: Mapping[str, str] = field(default_factory=dict)  # partner by line that differs and was settled

    def lines_behind(self, partner_id: str) -> list[str]:
        """Return the lines that differ and that a partner may be told of: its own, and those that may be its own now.

        Where there are none the difference follows from partners below it, or from its group: all lines.
        """
        mine = [
            each.line_id
            for each in self.changes
            if self.whose.get(each.line_id) == partner_id or "client_id" in each.now.keys() & each.was.keys()
        ]
        return mine or [each.line_id for each in self.changes]

    def words(self) -> Iterator[str]:
        """Say it, a line each."""
        if not self.changes:
            yield f"{self.month}: the source says today what it said when the month was settled."
            return
        counts = {kind: sum(each.change is kind for each in self.changes) for kind in Change}
        said = (f"{counted(count, 'line')} {kind.value}" for kind, count in counts.items() if count)
        yield f"{self.month}: {', '.join(said)}"
        for each in self.changes[:MOST_SHOWN]:
            yield f"  {each.change.value} {each.line_id}: {_difference(each)}"
        if counts[Change.ADDED]:
            yield "  what was added settles by itself, as late, in the next month that is run"
        if len(self.changes) > MOST_SHOWN:
            yield f"  and {len(self.changes) - MOST_SHOWN} more"
        yield from (f"  {effect.words(self.currency)}" for effect in self.effects)
        if not self.effects:
            yield "  no partner's commission changes"
        if self.given_back:
            yield f"  it cannot be accepted: {self._given_back_since()}"

    def must_be_possible(self) -> None:
        """Raise WrongUse where accepting it would take the same money twice."""
        if self.given_back:
            raise WrongUse(f"nothing was written: {self._given_back_since()}.")

    def _given_back_since(self) -> str:
        return (
            f"of {', '.join(self.given_back)} something was given back since, which these amounts do not know; "
            "figure what is left of it, and say that by `settle adjust`"
        )


def reconciled(office: Office, month: Period) -> Reconciliation:
    """Compare a closed month with its source today. Writes nothing. Raises WrongUse for a month that is not closed."""
    vendor = read_vendor(office.vendor_folder)
    programme = parse_programme(vendor.programme_text)
    newest = newest_version(office.database, month) if office.database.exists() else None
    if newest is None:
        raise WrongUse(f"{month} is not closed: until it is, `settle run {month}` reads the source as it is.")
    # As the month stands now. What a later version supersedes is no question here: every partner is looked at.
    sealed = replace(read_inputs_of(office.store, programme.programme, newest), restated_by=None)
    history = read_history(office.database, office.store, programme, next_month(office.database, programme))
    look_back = office.settings.look_back_months
    window = Window(month, vendor.look_back_months if look_back is None else look_back)
    read = extract(window, vendor.sources, no_lines(), LineIds.create_empty())
    source = pl.concat([chunk for _, chunk in read.lines.chunks()])
    found = compared(sealed, source, settled_in(history.parts)["line_id"].drop_nulls())
    known = {each.adjustment_id: each for each in (*vendor.tables.adjustments, *adjustments_in(history.parts))}
    effects: list[Effect] = []
    if found.changes:
        was, now = commission_of(sealed), commission_of(replace(sealed, lines=found.lines))
        effects = effects_of(was, now, _put_right(month, known.values()))
    changed = tuple(each for each in effects if each.open_minor or each.settled_minor)
    taken = taken_of(returned_later(returns_in(history.parts), str(month)))
    given_back = tuple(each.line_id for each in found.changes if each.line_id in taken)
    whose = history.partners_of(str(month), pl.Series([each.line_id for each in found.changes], dtype=pl.String))
    return Reconciliation(month, programme.currency, found.changes, changed, given_back, whose)


def accept(found: Reconciliation, office: Office, by: str, file: Path) -> int:
    """Add a row to a file of adjustments for each partner for whom something is open, and return how many.

    All of them or none. Put into the vendor's folder as adjustments.csv they settle in the next month, once somebody
    consents to its draft; another than `by`, where the programme asks for two persons. Raises WrongUse where a line
    that differs was given back since.
    """
    found.must_be_possible()
    vendor = read_vendor(office.vendor_folder)
    locales = {terms.partner_id: terms.locale for terms in sorted(vendor.tables.partners, key=lambda row: row.from_day)}
    day = next_month(office.database, parse_programme(vendor.programme_text)).first_day
    rows = [
        Adjustment(
            adjustment_id=f"{_prefix(found.month, each.partner_id)}{each.settled_count + 1}",
            partner_id=each.partner_id,
            posted_on=day,
            amount_minor=each.open_minor,
            why=wording(locales.get(each.partner_id, "en")).billing_changed(str(found.month)),
            evidence=", ".join(found.lines_behind(each.partner_id)[:MOST_SHOWN]),
            who=by,
            cites=_newest_statement(office, found.month, each.partner_id),
        )
        for each in found.effects
        if each.open_minor
    ]
    return add_adjustments(file, rows, {terms.partner_id for terms in vendor.tables.partners})


def _newest_statement(office: Office, month: Period, partner_id: str) -> str:
    """The statement that says what the month came to for the partner; blank where it has none."""
    mine = versions_of(office.database, month, partner_id)
    return mine[-1].of(partner_id) if mine else ""


def _prefix(month: Period, partner_id: str) -> str:
    """What the ids of the rows begin with that put a partner's month right."""
    return f"reconcile-{month}-{partner_id}-"


def _put_right(month: Period, known: Iterable[Adjustment]) -> dict[str, list[int]]:
    """The amounts that have put the month right already, by partner."""
    found: dict[str, list[int]] = {}
    for each in known:
        if each.adjustment_id.startswith(_prefix(month, each.partner_id)):
            found.setdefault(each.partner_id, []).append(each.amount_minor)
    return found


def _difference(change: LineChange) -> str:
    """What a line says, or what it said and says now."""
    if change.change is Change.CHANGED:
        return ", ".join(f"{name} was {change.was[name]!r}, is {change.now[name]!r}" for name in change.now)
    said = change.was or change.now
    shown = ("client_id", "category", "amount_minor", "amount", "currency", "paid_on")
    return ", ".join(f"{name} {said[name]}" for name in shown if name in said)
