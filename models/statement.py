"""A statement: what one partner is shown for one period. Its canonical JSON is the truth; documents are views.

Amounts are integer minor units of `currency`, positive when owed to the partner. Rates are percent
text ("12", "7.5"). `exact` is decimal text in major units with six decimals, before rounding.

What older formats were, models/formats says. It reads them as the value of this file.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from models.canonical import canonical_json
from models.older_terms import OlderTerms
from models.phrase import Phrase, PhraseValue
from models.restated import Supersedes
from models.summary import Summary
from models.value import Known, Unread, Value

FORMAT: Literal[2] = 2
"""The format of the canonical JSON that is written today."""


class Party(Value):
    """Who the statement is for."""

    partner_id: str
    name: str
    locale: str


class Approved(Value):
    """The moment the statement became a fact: the only clock on it."""

    at: str  # 2026-02-03T03:00:00Z
    by: str


class Clause(Value):
    """Where the contract says so: programme (by digest), plan and the key under `earn`."""

    programme: str
    digest: str
    plan: str
    rule: str
    words: str  # the rule in one English sentence: "by volume: 8 % from 0.00, 10 % from 100 000.00"


class NextTier(Value):
    """What the next tier needs, and what reaching it would have changed."""

    starts_at_minor: int
    rate: str
    distance_minor: int  # what the measure lacks
    gain_minor: int  # what this month's base would have earned more at that rate (0 when graduated)


class TierReached(Value):
    """Which tier the measure reached. Where clients are counted, `..._minor` bounds are numbers of clients."""

    position: int  # 1 is the first
    starts_at_minor: int
    rate: str
    measure_minor: int  # minor units, or a number of clients where `measured` counts them
    measure_of: tuple[str, ...]  # categories, or ("all",)
    measured: str  # paid | billed | active_clients | new_clients
    window_months: int | None  # 1: this month; null: since the programme starts
    over: str  # partner | consolidation_group
    next: NextTier | None


class Step(Value):
    """One step of the working: so much, at this rate, so many times."""

    words: str  # what it is, in English, where a rate does not say it: "year 2", "15 of 31 days"; else blank
    phrase: Phrase | None  # the same as a pattern with values, from which other languages say it; null where blank
    from_minor: int | None  # slice bounds of a graduated ladder; null otherwise
    to_minor: int | None
    base_minor: int
    rate: str  # percent text, or a ratio where percent would never end: "15/31"
    count: int
    exact: str

    @model_validator(mode="after")
    def _words_are_the_phrase_in_english(self) -> "Step":
        if self.words != (self.phrase.english if self.phrase else ""):
            raise ValueError(f"the words {self.words!r} are not what the phrase beside them says")
        return self


class ClientAccrual(Value):
    """What one client brought under one rule."""

    client_id: str
    client_name: str
    claim_id: str  # or the assignment: the rule's `bond` says which
    claimed_on: str
    lines: int
    base_minor: int
    exact: str
    commission_minor: int
    rounding_minor: int  # 1 (or -1) where a missing minor unit was given to this line, else 0


class ShareAccrual(Value):
    """What came of one event, person, junior partner or goal under one rule."""

    key: str  # its id
    goal: PhraseValue | None  # what was reached, as a value a language can write; null for all but goals
    name: str
    exact: str
    commission_minor: int
    rounding_minor: int


class RuleAccrual(Value):
    """What one rule earned: the total is rounded once; the clients, or the shares, add up to it."""

    rule: str  # as payments and books name it: telephony, or telephony@2025-06 under older terms
    name: str  # the key under `earn`: telephony
    terms: tuple[OlderTerms, ...]  # whose terms it is of; empty: those that hold today
    plan: str  # percentage, tiered ...: the way of earning
    by: str  # "", "volume", "graduated" or "package"
    to: str  # partner | person | fund | credit | kept | nobody: only `partner` is ever paid out
    shared_by: str  # client, event, person, partner, goal; blank where it is for no one in particular
    bond: Literal["claim", "assignment"]  # what `claim_id` of its clients names: who brought them, or who serves them
    clause: Clause
    lines: int
    base_minor: int
    rate: str  # blank when graduated
    exact: str
    commission_minor: int
    tier: TierReached | None
    steps: tuple[Step, ...]
    clients: tuple[ClientAccrual, ...]
    shares: tuple[ShareAccrual, ...]


class Payment(Value):
    """One billing line behind the commission."""

    line_id: str
    invoice_id: str
    client_id: str
    rule: str
    category: str
    product_code: str
    paid_on: str  # blank: a refund that is set off, and was never paid out
    posted_on: str
    amount_minor: int
    base_minor: int
    late: bool  # paid or posted in a closed month, never seen before
    carried_from: str  # the month it was first seen in and left open, else blank


class NotIncluded(Value):
    """Lines of the partner's clients that earned nothing this month, and why."""

    reason: str
    note: str  # the plan's own words for an exclusion, else blank
    client_id: str
    client_name: str
    category: str
    currency: str
    lines: int
    amount_minor: int
    carried: bool  # looked at again next month
    unread: Unread = 0


class CorrectionKind(StrEnum):
    """Why an amount is posted for an earlier month."""

    CLAWBACK = "clawback"  # its sale was given back, or a chargeback of it was won
    LIMIT = "limit"  # a cap or a guarantee of that month comes to another amount now
    ADJUSTMENT = "adjustment"  # somebody put it right by hand
    RESTATEMENT = "restatement"  # that month comes to another amount when it is worked out again


class CorrectionEntry(Value):
    """One amount that belongs to an earlier month, and is posted now. What is blank or 0 does not apply."""

    kind: CorrectionKind
    rule: str  # as the statement it corrects names it; blank for an adjustment
    to: str  # partner | person | fund | credit | kept: only `partner` changes what is paid out
    cites: str  # the statement it corrects: partner/period/version
    of_number: str = ""  # its number; blank where it is born in the same approval, or before corrections said it
    shared_by: str  # client, person, partner; blank where it is for no one in particular
    key: str  # the id of the client, person, junior partner
    name: str
    sale_id: str  # the line that is given back
    refund_id: str  # the line that gives it back, or gives it again; the id of an adjustment
    refund_kind: str = ""  # of that line: credit_note, chargeback, chargeback_won; blank before corrections said it
    posted_on: str
    sale_minor: int  # what was paid for the sale
    refunded_minor: int  # what this takes of it; below 0 where it gives it again
    excess_minor: int  # what the refund gives back beyond what was left
    left_minor: int  # what is left of the sale; without a sale, what it comes to now
    earned: str  # what the sale earned under the rule, exactly; without a sale, what it came to before this
    rate: str  # percent text, or a ratio: what each minor unit of its base earned
    exact: str
    commission_minor: int  # below 0 where it is taken back
    words: str = ""  # of an adjustment: why, who says so, and by what


class RefundsWithoutSale(Value):
    """Refunds that name no sale: they lowered this month, at its own rates."""

    lines: int
    amount_minor: int  # below 0


class Level(Value):
    """The partner's level, and why."""

    ladder: str
    name: str
    starts_at: int  # minor units, or a number of clients where `counts`
    measure: int  # up to the month before
    counts: bool
    reached_in: str  # the month whose measure gave it; blank for the lowest level
    kept_by_grace: bool
    next_name: str  # blank at the top
    next_starts_at: int
    taken_back: Known = None  # whether what is given back later counts no more; null before the statement said so


class FundActivity(Value):
    """One activity the partner's marketing fund paid for."""

    entry_id: str
    spent_on: str
    activity: str
    claims: tuple[str, ...]  # the claims it brought
    amount_minor: int


class BalanceBesidePayout(Value):
    """What stands at one place beside the payout, in minor units: opening + earned + corrected - spent = closing."""

    of: str  # fund | credit | person | held
    opening_minor: int
    earned_minor: int
    spent_minor: int
    closing_minor: int
    spent: tuple[FundActivity, ...]
    corrected_minor: int = 0  # of earlier months: below 0 where it is taken back


class Digests(Value):
    """What the statement rests on, so that anybody can fetch and recompute it."""

    draft: str
    programme: str
    lines: str  # the billing lines as received (inputs/)
    previous_statement: str  # this partner's statement before, blank for the first
    previous_seal: str = ""  # the SEAL of the month before: every statement vouches for the whole chain up to there


class Statement(Value):
    """The whole statement."""

    format: Literal[2] = FORMAT
    statement: str  # partner/period/version: P-100/2026-01/v1
    number: str  # 2026-000001
    version: int
    period: str
    from_day: str
    to_day: str
    timezone: str
    currency: str
    minor_digits: int  # ISO 4217: 2 for RUB
    programme: str
    plan: str  # the plan's name in the programme file
    base: str  # net_of_vat | gross
    partner: Party
    segments: tuple[str, ...]
    level: Level | None
    approved: Approved
    summary: Summary
    apart: tuple[BalanceBesidePayout, ...]
    rules: tuple[RuleAccrual, ...]
    not_included: tuple[NotIncluded, ...]
    payments: tuple[Payment, ...]
    digests: Digests
    corrections: tuple[CorrectionEntry, ...] = ()  # of earlier months
    refunds_without_sale: RefundsWithoutSale | None = None  # null where none settled
    # Of a later version of a month; a first version does not say so.
    supersedes: Annotated[Supersedes | None, Field(exclude_if=lambda value: value is None)] = None

    def to_bytes(self) -> bytes:
        """The canonical JSON: the bytes that are digested, archived and compared."""
        return canonical_json(self.model_dump(mode="json"))
