"""Billing lines: the columns the vendor sends, and what becomes of every line.

A billing line is the part of one payment that falls on one product line; negative for a refund.
Frames of lines come in two shapes:

* **as received** (`TEXT_COLUMNS`, all String, blank is null): exactly what the source said. Beside
  them travel `source` (String) and `row` (Int64), where the line was read, which no digest covers;
  `carried_from` (String) is the month in which an open line of ours was first seen, else null.
* **judged** (engine.frames.schemas.JudgedLines): typed; a value that cannot be read is null and says so in `reasons`.
"""

from enum import StrEnum
from typing import NamedTuple

REQUIRED_COLUMNS = (
    "line_id", "invoice_id", "client_id", "client_name", "product_code", "category",
    "quantity", "amount_minor", "currency", "issued_on", "paid_on", "kind",
)  # fmt: skip
OPTIONAL_COLUMNS = (
    "posted_on", "vat_minor", "vat_rate", "refunds_line_id", "amount", "discount_minor", "promo_code",
    "refunds_invoice_id",
)  # fmt: skip
"""`amount` (decimal text, major units) may stand instead of `amount_minor` (a whole number of minor units).
`discount_minor` is what a promo code took off the price, in the terms commission is on: without VAT where `base` is
net of it. A refund names the line it gives back in `refunds_line_id`, or the invoice in `refunds_invoice_id`;
a chargeback that was won names the chargeback."""

TEXT_COLUMNS = REQUIRED_COLUMNS + OPTIONAL_COLUMNS
KINDS = ("charge", "credit_note", "chargeback", "chargeback_won")
GIVES_BACK = ("credit_note", "chargeback")
"""Kinds that are never positive."""

CHARGEBACK = "chargeback"
CHARGEBACK_WON = "chargeback_won"
"""The kind of a line that gives back what a chargeback took: never negative."""


FIRST_YEAR, LAST_YEAR = 1990, 2100
"""No day of billing here is before or after: such a day is a typing error, or a filler."""


class Outcome(StrEnum):
    """What becomes of a line: exactly one of these."""

    SETTLED = "settled"
    CLAWBACK = "clawback"  # gives back a sale that an earlier month settled
    OPEN = "open"
    UNPAID = "unpaid"
    FINAL = "final"
    SKIPPED = "skipped"  # no billing line, as the vendor says: a totals row, a payment that failed
    OTHER_MONTH = "other_month"
    SEEN_BEFORE = "seen_before"
    REJECTED = "rejected"


NOT_KEPT = frozenset({Outcome.SKIPPED.value, Outcome.OTHER_MONTH.value})
"""Outcomes of what is counted as it is read, and then left: no part of a draft."""


class Reason(StrEnum):
    """Why a line is not settled. The texts are what people read in reports, statements and the archive."""

    # open: carried by us and looked at again every month
    NO_CLIENT = "no client"
    NOT_ATTRIBUTED = "not attributed"
    NO_RULE = "category without a rule"
    OTHER_CURRENCY = "other currency"
    NO_SALE = "sale not known"
    SALE_UNPAID = "sale not paid yet"
    # unpaid
    UNPAID = "not paid yet"
    # final: not commissioned, ever
    BEFORE_STARTS = "before the programme starts"
    BEFORE_CLAIM = "paid before the claim"
    BEFORE_TERMS = "paid before the partner's terms"
    AFTER_TERMS = "paid after the partner's terms"
    EXCLUDED = "excluded by the plan"
    SALE_EARNED_NOTHING = "its sale earned nothing"
    # skipped: counted, not kept
    SKIP_WHERE = "by skip_where"
    # other month: counted, not kept
    AFTER_CUT_OFF = "posted after the cut-off"
    BEFORE_LOOK_BACK = "posted before the look-back"
    # rejected: every one that applies
    NO_LINE_ID = "no line id"
    NO_INVOICE = "no invoice"
    BAD_DATE = "bad date"
    BAD_NUMBER = "bad number"
    UNKNOWN_KIND = "unknown kind"
    UNKNOWN_CURRENCY = "unknown currency"
    POSITIVE_CREDIT_NOTE = "positive credit note"
    NEGATIVE_WON = "negative chargeback won"
    REFUNDED_ALREADY = "refunded already"
    BAD_VAT = "VAT does not fit the amount"
    NO_VAT = "VAT is not known"
    CONTRADICTION = "contradiction"
    REPEAT = "repeat"
    REPLACED = "replaced by a newer version"
    BAD_TEXT = "unreadable text"
    # seen before: counted, and no fault
    ALREADY_SETTLED = "already settled"
    ALREADY_OPEN = "already open"


WAS_SEEN_BEFORE = (Reason.ALREADY_SETTLED.value, Reason.ALREADY_OPEN.value)
"""Reasons of a line that an earlier month decided, or that we carry: whatever else is said of it is no fault."""


class RejectedRecord(NamedTuple):
    """One thing that is wrong with one line or event, and where to find it."""

    source: str
    row: int
    line_id: str  # the event's id, where it is an event
    column: str
    value: str
    reason: str
