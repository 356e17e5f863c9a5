"""Adjusting: an amount that somebody gives or takes by hand, written where the next month reads it."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import select

from flows.office import Office
from models.money import Money
from models.period import Period, Version
from models.rows import StatementRow
from models.vendor import Adjustment
from rules.corrections.adjustments import due, must_be_issued
from rules.programme.file import parse_programme
from tasks.database.database import Database
from tasks.facts.history import next_month, settled_adjustments
from tasks.vendor.adding import add_adjustments
from tasks.vendor.folder import ADJUSTMENTS, VendorFolder, read_vendor


@dataclass(frozen=True)
class ByHand:
    """What somebody says of an adjustment. `amount` is in major units of the programme's currency."""

    adjustment_id: str
    partner_id: str
    amount: str
    why: str
    who: str
    evidence: str = ""
    cites: str = ""
    posted_on: date | None = None  # None: the first day of the next month to be settled


@dataclass(frozen=True)
class Adjusted:
    """An adjustment that the vendor's folder has now, and the month that will settle it."""

    adjustment: Adjustment
    currency: str
    settles_in: Period | None  # None: a month has settled it already
    is_new: bool
    two_persons: bool


def adjust(office: Office, asked: ByHand) -> Adjusted:
    """Add an adjustment to adjustments.csv, once. Raises BadInput, WrongUse where a run would refuse the row.

    The second person is whoever consents to the draft that holds it.
    """
    vendor = read_vendor(office.vendor_folder)
    programme = parse_programme(vendor.programme_text)
    month = next_month(office.database, programme)
    adjustment = Adjustment(
        adjustment_id=asked.adjustment_id,
        partner_id=asked.partner_id,
        posted_on=asked.posted_on or month.first_day,
        amount_minor=Money.parse(asked.amount, programme.currency).minor,
        why=asked.why,
        evidence=asked.evidence,
        who=asked.who,
        cites=asked.cites,
    )
    settled = settled_adjustments(office.database, office.store, programme) if office.database.exists() else ()
    if asked.posted_on is None:  # said again later, without a day, it is the same adjustment
        known = {each.adjustment_id: each.posted_on for each in (*vendor.tables.adjustments, *settled)}
        day = known.get(adjustment.adjustment_id, adjustment.posted_on)
        adjustment = adjustment.model_copy(update={"posted_on": day})
    due([*vendor.tables.adjustments, adjustment], settled, month)
    if asked.cites:
        must_be_issued([adjustment], _statements_of(office.database, adjustment.partner_id))
    added = _added(vendor, adjustment)
    is_settled = adjustment.adjustment_id in {each.adjustment_id for each in settled}
    in_month = max(month, Period.of(adjustment.posted_on))
    return Adjusted(adjustment, programme.currency, None if is_settled else in_month, added, programme.two_persons)


def _added(vendor: VendorFolder, adjustment: Adjustment) -> bool:
    partners = {terms.partner_id for terms in vendor.tables.partners}
    return bool(add_adjustments(vendor.path / ADJUSTMENTS, [adjustment], partners))


def _statements_of(database: Database, partner_id: str) -> list[str]:
    """The statements that were issued to a partner."""
    if not database.exists():
        return []
    columns = select(StatementRow.period, StatementRow.version).where(StatementRow.partner_id == partner_id)
    with database.reading() as session:
        return [Version.of_columns(*each).of(partner_id) for each in session.exec(columns)]
