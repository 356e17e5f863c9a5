"""Schemas of the frames that cross a border: columns, types, which may be null, and what each means.

A frame that comes in or goes out is passed through `Schema.validate`: it has these columns then, in this
order and of these types, and no others. Columns that a vendor adds to its lines travel beside them.
"""

from collections.abc import Sequence

import dataframely as dy
import polars as pl

from engine.frames.declared import Declared
from models.billing import TEXT_COLUMNS
from models.events import EVENT_COLUMNS


def _text(columns: Sequence[str], said: str) -> dict[str, dy.String]:
    return {name: dy.String(nullable=True, description=said) for name in columns}


class ReceivedLines(Declared):
    """Billing lines as received, and our own open ones; sorted by all their columns."""

    carried_from = dy.String(nullable=True, description="the month in which our open line was first seen; else null")
    measured_in = dy.String(nullable=True, description="the month whose measures counted our open line; else null")

    locals().update(_text(TEXT_COLUMNS, "as the source said; blank is null"))


class Faults(Declared):
    """What is wrong with lines: a row per line and check that it fails, in the order of the lines."""

    line = dy.UInt32(description="the line's place among the received ones, from 0")
    check = dy.String(description="the name of the expectation")
    reason = dy.String(description="models.billing.Reason")


class NewLines(Declared):
    """Lines that no month has seen before, counted: what the gate before approval looks at."""

    source = dy.String(description="the file or query they were read from")
    kind = dy.String(nullable=True, description="charge or credit_note; null for any other")
    currency = dy.String(nullable=True, description="ISO 4217; null for any other")
    month = dy.String(nullable=True, description="2026-01: when they were posted; null where no day can be read")
    reason = dy.String(description="every reason they are rejected for, joined by `; `; blank where they are sound")
    has_decimals = dy.Bool(description="whether `amount_minor` has decimals: 300.50, which is no whole number")
    lines = dy.Int64(description="how many")
    first = dy.List(dy.UInt32(), description="the places of the first of them")


class RejectedLines(Declared):
    """Lines that a month rejected and no month before had, by what they said, sorted."""

    digest = dy.String(description="SHA-256 of the line as received: canonical JSON without what it left blank")


class TypedLines(Declared):
    """Billing lines with their values read, null where a value cannot be."""

    line_id = dy.String(nullable=True, description="the vendor's id of the line")
    invoice_id = dy.String(nullable=True, description="the invoice it is on")
    client_id = dy.String(nullable=True, description="who was billed")
    client_name = dy.String(nullable=True, description="what the client is called")
    product_code = dy.String(nullable=True, description="what was sold")
    category = dy.String(nullable=True, description="what kind of thing was sold")
    quantity = dy.String(nullable=True, description="decimal text")
    amount_minor = dy.Int64(nullable=True, description="minor units of `currency`; negative for a refund")
    currency = dy.String(nullable=True, description="ISO 4217")
    issued_on = dy.Date(nullable=True, description="the day of the invoice")
    paid_on = dy.Date(nullable=True, description="the day of payment; null while unpaid")
    posted_on = dy.Date(nullable=True, description="the day the vendor's books got it; default: the day of payment")
    kind = dy.String(nullable=True, description="charge or credit_note")
    vat_minor = dy.Int64(nullable=True, description="the VAT inside the amount, as the invoice says")
    vat_rate = dy.String(nullable=True, description="percent, decimal text")
    refunds_line_id = dy.String(nullable=True, description="the line a refund gives back")
    discount_minor = dy.Int64(nullable=True, description="what a promo code took off")
    promo_code = dy.String(nullable=True, description="the promo code")
    refunds_invoice_id = dy.String(nullable=True, description="the invoice a refund gives back, where it names no line")
    carried_from = dy.String(nullable=True, description="the month in which our open line was first seen; else null")
    measured_in = dy.String(nullable=True, description="the month whose measures counted our open line; else null")


class JudgedLines(TypedLines):
    """Billing lines, typed. A value that cannot be read is null, and says so in `reasons`."""

    reasons = dy.List(dy.String(), description="why it is rejected, sorted; empty where it is sound")
    as_received = dy.String(nullable=True, description="canonical JSON of what a rejected line said; else null")


class DecidedLines(TypedLines):
    """Every line received and what became of it: the archive's lines.parquet."""

    partner_id = dy.String(nullable=True, description="whose client it is; null while nobody's")
    rule = dy.String(nullable=True, description="the rule that has the line, as the statement names it")
    base_minor = dy.Int64(nullable=True, description="its value, where it settles or the plan excludes it")
    outcome = dy.String(description="models.billing.Outcome")
    reason = dy.String(description="why it is not settled; blank when it is")
    note = dy.String(nullable=True, description="the plan's own words for an exclusion")
    late = dy.Bool(description="settled now, never seen before: paid or posted in an earlier month")
    as_received = dy.String(nullable=True, description="canonical JSON of what a rejected line said; else null")


class PartnerLines(Declared):
    """The lines of partners' clients, as far as sums and statements need them; or of the clients they serve."""

    partner_id = dy.String(description="whose client it is; of served lines: who serves it")
    line_id = dy.String(nullable=True, description="the vendor's id of the line")
    invoice_id = dy.String(nullable=True, description="the invoice it is on")
    client_id = dy.String(nullable=True, description="who was billed")
    client_name = dy.String(nullable=True, description="what the client is called")
    product_code = dy.String(nullable=True, description="what was sold")
    category = dy.String(nullable=True, description="what kind of thing was sold")
    amount_minor = dy.Int64(nullable=True, description="minor units of `currency`; negative for a refund")
    value_minor = dy.Int64(nullable=True, description="what commission can be on; null where it has no value here")
    discount_minor = dy.Int64(nullable=True, description="what a promo code took off")
    currency = dy.String(nullable=True, description="ISO 4217")
    paid_on = dy.Date(nullable=True, description="the day of payment; null while unpaid")
    posted_on = dy.Date(nullable=True, description="the day the vendor's books got it")
    carried_from = dy.String(nullable=True, description="the month in which our open line was first seen; else null")
    of_invoice = dy.String(nullable=True, description="of a refund: the invoice of the sale it gives back")
    own_paid_on = dy.Date(
        nullable=True, description="`paid_on` as received: of a refund judged as its sale its own day"
    )
    own_posted_on = dy.Date(nullable=True, description="`posted_on` as received, in the same way")
    refund_paid_on = dy.Date(nullable=True, description="of a refund judged as its sale: its own day of payment")
    names_no_sale = dy.Bool(nullable=True, description="a refund that settles, though nobody knows of what sale")
    claimed_on = dy.Date(nullable=True, description="the day of the claim that won the client")
    block = dy.String(nullable=True, description="the block of the partner's plan that holds for the line")
    part = dy.Int64(nullable=True, description="its position among the parts of the partner's terms; null: served")
    base_rule = dy.String(nullable=True, description="the rule that has the line, as the programme file names it")
    rule = dy.String(nullable=True, description="the same, as the statement names it")
    outcome = dy.String(description="models.billing.Outcome")
    reason = dy.String(description="why it is not settled; blank when it is")
    note = dy.String(nullable=True, description="the plan's own words for an exclusion")
    late = dy.Bool(nullable=True, description="settled now, never seen before: paid or posted in an earlier month")


class LineIds(Declared):
    """Line ids that a month settled, or ended for good: no later month looks at them again."""

    line_id = dy.String(nullable=True, description="the vendor's id of the line")


class MonthSums(Declared):
    """What the lines of partners' clients came to in a month, by client, category and product."""

    month = dy.String(description="2026-01")
    partner_id = dy.String(description="whose client it is")
    client_id = dy.String(nullable=True, description="who was billed")
    category = dy.String(description="blank where the line names none")
    product_code = dy.String(description="blank where the line names none")
    base_minor = dy.Int64(
        description="paid, as measures see it: lines that earn, that the plan excludes, or that wait "
        "for a rule; each in the month that first saw it paid"
    )
    paid_minor = dy.Int64(description="paid, whether it earns or not, less what later refunds took back")
    billed_minor = dy.Int64(description="issued in the month, paid or not; or in an earlier one, and first seen in it")
    first_paid_on = dy.Date(nullable=True, description="the first payment of the month; null where nothing was paid")
    first_order = dy.String(description="the invoice of that payment; blank where it earned nothing")
    returned_of = dy.String(description="the month whose sales these rows give back; blank for all other rows")
    late_of = dy.String(description="the closed month whose terms they earn by, paid in it; blank for all other rows")
    returned_minor = dy.Int64(description="by how much that month's base is less, of what is given back; else 0")


class EarnedAmounts(Declared):
    """What rules accrued in a month, rounded, by client, event ...: what later months' limits look at."""

    month = dy.String(description="2026-01")
    partner_id = dy.String(description="who earned it")
    rule = dy.String(description="as the programme file names it")
    to = dy.String(description="rules.plan.To: whom it goes to")
    kind = dy.String(description="client, event, person, partner, goal, spending; blank: for no one in particular")
    key = dy.String(description="the id of the client, event ...")
    minor = dy.Int64(description="minor units of the programme's currency")


class Accruals(Declared):
    """What each line earned under each rule, exactly: base_minor * rate_num / rate_den minor units.

    The rows of a rule add up to what it earned before rounding. What is earned on no line (an event, a fee, what
    a cap takes off) is a row without a line, with a base of 1.
    """

    partner_id = dy.String(description="who earned it")
    rule = dy.String(description="as the programme file names it")
    terms = dy.String(description="which of the partner's terms the rule is from; blank: the newest")
    to = dy.String(description="rules.plan.To: whom it goes to")
    shared_by = dy.String(description="client, event, person, partner, goal; blank: for no one in particular")
    key = dy.String(description="the id of the client, event ...; blank: for no one in particular")
    line_id = dy.String(nullable=True, description="the line that earned it; null: earned on no line")
    base_minor = dy.Int64(description="what of the line the rule counts, in minor units")
    rate_num = dy.String(description="numerator of what each minor unit of it earned: a whole number of any size")
    rate_den = dy.String(description="denominator of the same")


class SoldLines(Declared):
    """Lines that an earlier month settled, or ended for good, and that a refund of this month names."""

    month = dy.String(description="the month that did, 2026-01")
    line_id = dy.String(description="the vendor's id of the line")
    invoice_id = dy.String(nullable=True, description="the invoice it is on")
    client_id = dy.String(nullable=True, description="who was billed")
    category = dy.String(nullable=True, description="what kind of thing was sold")
    product_code = dy.String(nullable=True, description="what was sold")
    paid_on = dy.Date(nullable=True, description="the day of payment")
    posted_on = dy.Date(nullable=True, description="the day the vendor's books got it")
    amount_minor = dy.Int64(description="what was paid, in minor units of `currency`")
    currency = dy.String(description="ISO 4217")
    partner_id = dy.String(nullable=True, description="whose client it was; null where only who served it earned")
    base_minor = dy.Int64(nullable=True, description="what of it commission was on; null where it earned nothing")
    outcome = dy.String(description="models.billing.Outcome")
    discount_minor = dy.Int64(nullable=True, description="what a promo code took off")


class SaleAccruals(Accruals):
    """What every line earned the clients, persons ... that a refunded sale earned something: rows of that month."""

    month = dy.String(description="the month that settled the line, 2026-01")


class Returns(Declared):
    """What refunds took of sales: a row for each refund and sale, in the order in which they took it."""

    month = dy.String(description="the month that settled the refund, 2026-02")
    refund_id = dy.String(description="the line that gives back, or, where it is negative, that gives again")
    sale_id = dy.String(description="the line that is given back")
    sale_month = dy.String(description="the month that settled the sale")
    gross_minor = dy.Int64(description="what is taken of the sale; negative where a chargeback was won")
    excess_minor = dy.Int64(description="what of the refund found nothing left to take")
    sale_minor = dy.Int64(description="what was paid for the sale")
    left_minor = dy.Int64(description="what is left of the sale after it")
    posted_on = dy.String(description="the day of the refund, 2026-02-10")
    undoes = dy.String(description="the chargeback that was won; blank for a refund")
    kind = dy.String(description="credit_note, chargeback or chargeback_won; blank where an earlier version kept it")


class Corrections(Declared):
    """What is posted now for an earlier month: taken back with a refund, or given again, and what follows from it."""

    month = dy.String(description="the month that posted it, 2026-02")
    kind = dy.String(description="models.statement.CorrectionKind")
    partner_id = dy.String(description="whose it is")
    rule = dy.String(description="as the programme file names it")
    terms = dy.String(description="which of the partner's terms the rule was from; blank: the newest")
    to = dy.String(description="rules.plan.To: whom it goes to")
    shared_by = dy.String(description="client, person, partner; blank: for no one in particular")
    key = dy.String(description="the id of the client, person ...; blank: for no one in particular")
    corrects = dy.String(description="the month whose earnings it corrects, 2026-01")
    sale_id = dy.String(description="the sale; blank where it follows from others")
    refund_id = dy.String(description="the line that gives the sale back; blank where it follows from others")
    exact_num = dy.String(description="numerator of the exact amount, below 0 where it is taken: minor units")
    exact_den = dy.String(description="its denominator")
    minor = dy.Int64(description="what is posted, in minor units of the programme's currency")
    cites = dy.String(description="the statement it corrects, a/2026-01/v2; blank where an earlier version posted it")


class CitedStatements(Declared):
    """Every statement of the closed months that something may be posted for now."""

    month = dy.String(description="the closed month, 2026-01")
    partner_id = dy.String(description="whose it is")
    version = dy.Int64(description="of the statement: 1 for the one its month was closed with")
    number = dy.String(description="of the statement, 2026-000001")


class Bonds(Declared):
    """Clients and whom they belong to."""

    client_id = dy.String(description="the client")
    partner_id = dy.String(description="the partner it belongs to, for ever")
    claim_id = dy.String(description="the claim that won it")
    claimed_on = dy.Date(description="the day of that claim")


class DecidedClaims(Declared):
    """Claims that one month decided, sorted by id: the accepted ones are the attributions born in it."""

    claim_id = dy.String(description="the claim")
    client_id = dy.String(description="the client claimed")
    partner_id = dy.String(description="who claimed it")
    claimed_on = dy.Date(description="the day of the claim")
    is_accepted = dy.Bool(description="whether it won the client")


class JudgedEvents(Declared):
    """Events, typed, and what became of each: the archive's events.parquet."""

    event_id = dy.String(nullable=True, description="the vendor's id of the event")
    client_id = dy.String(nullable=True, description="the client it is about")
    partner_id = dy.String(nullable=True, description="whom it counts for: as received, or the client's partner")
    kind = dy.String(nullable=True, description="registration, install, training ...")
    product_code = dy.String(nullable=True, description="the product it is about")
    occurred_on = dy.Date(nullable=True, description="the day it happened")
    cancels_event_id = dy.String(nullable=True, description="the event it cancels")
    amount_minor = dy.Int64(nullable=True, description="what it is worth, in minor units")
    outcome = dy.String(description="models.billing.Outcome")
    reason = dy.String(description="blank when settled; a rejected event carries every reason, joined by `; `")
    as_received = dy.String(nullable=True, description="canonical JSON of what a rejected or open event said")


class ReceivedEvents(Declared):
    """Events as received that a month looks at, and our own open ones; sorted by all their columns."""

    is_ours = dy.Bool(description="an open event of an earlier month that the source does not send again")

    locals().update(_text(EVENT_COLUMNS, "as the source said; blank is null"))


class Statements(Declared):
    """Statement bodies as they wait for approval, by partner id."""

    partner_id = dy.String(description="whose statement it is")
    statement = dy.String(description="its canonical JSON, without number, approval and draft")


def of_types(schema: type[dy.Schema]) -> dict[str, pl.DataType]:
    """Return the schema's columns and their types, for a frame that is made from rows."""
    return dict(schema.create_empty().schema)
