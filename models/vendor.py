"""What the vendor's folder says beside the billing: partners and their terms, claims, control totals."""

from datetime import date
from typing import NamedTuple

from models.value import Unread, Value

LOCALES = ("en", "pl", "ru")


class Terms(Value):
    """The plan one partner signed, from a day on. A later row for the same partner changes the terms."""

    partner_id: str
    name: str
    plan: str
    from_day: date
    locale: str = "en"
    parent_id: str = ""
    until: date | None = None  # the last day of special terms; after it the terms before hold again
    consolidation_group: str = ""  # partners of one owner, measured together
    segments: tuple[str, ...] = ()  # labels for the choice of a plan, and for reports


class Claim(NamedTuple):
    """A partner says: this client came through me. The first valid claim wins, for ever.

    A tuple, as there are as many as clients: it is made in far less time than a value that checks itself.
    """

    claim_id: str
    client_id: str
    partner_id: str
    claimed_on: date
    channel: str = ""
    evidence: str = ""

    def as_json(self) -> dict[str, str]:
        """What canonical JSON is made of."""
        return self._asdict() | {"claimed_on": self.claimed_on.isoformat()}


class Attribution(NamedTuple):
    """The permanent bond of a client to a partner, and the claim behind it."""

    client_id: str
    partner_id: str
    claim_id: str
    claimed_on: date

    def as_json(self) -> dict[str, str]:
        """What canonical JSON is made of."""
        return self._asdict() | {"claimed_on": self.claimed_on.isoformat()}


class RejectedClaim(NamedTuple):
    """A claim that did not win, and why."""

    claim: Claim
    reason: str

    def as_json(self) -> dict[str, object]:
        """What canonical JSON is made of."""
        return {"claim": self.claim.as_json(), "reason": self.reason}


class Approver(Value):
    """A person who may approve, and the key that signs for them, from a day until a day, up to an amount."""

    name: str
    key: str  # as OpenSSH writes a public key, without comment: ssh-ed25519 AAAA...
    from_day: date
    until: date | None = None  # the last day: the key was replaced, or revoked
    up_to_minor: int | None = None  # the most that the month may pay; None: any amount


class Assignment(Value):
    """A partner serves a client it need not have brought, from a day until a day."""

    assignment_id: str
    client_id: str
    partner_id: str
    from_day: date
    until: date | None = None


class Exclusion(Value):
    """A client that one rule, or every rule, does not pay for, from a day on, and why."""

    client_id: str
    rule: str = ""  # blank: every rule
    reason: str
    from_day: date | None = None


class Employee(Value):
    """Somebody in a partner's organisation, in a role, from a day until a day."""

    partner_id: str
    person_id: str
    name: str
    role: str
    from_day: date
    until: date | None = None


class Spending(Value):
    """An agreed activity paid from a partner's marketing fund."""

    entry_id: str
    partner_id: str
    spent_on: date
    activity: str
    amount_minor: int
    claims: tuple[str, ...] = ()  # ids of the claims it brought


class Match(Value):
    """Which sale a refund gives back, where the refund names none, or one nobody knows: somebody looked it up."""

    line_id: str  # the refund
    sale_id: str
    who: str
    why: str


class Adjustment(Value):
    """An amount that somebody puts right by hand: it reaches its partner alone."""

    adjustment_id: str
    partner_id: str
    posted_on: date  # it settles in the first month that is open on this day or later
    amount_minor: int  # minor units of the programme's currency; below 0 where it is taken
    why: str
    evidence: str
    who: str
    cites: str = ""  # the statement it corrects, P-100/2026-01/v1; blank where it corrects none

    @property
    def month_cited(self) -> str:
        """The month of the statement it corrects."""
        return self.cites.split("/")[1]


class ControlTotal(Value):
    """The vendor's own count and sum of the lines it posted in a month, in one currency."""

    period: str
    currency: str
    lines: int
    amount_minor: int


class Tally(Value):
    """So many lines and minor units of one currency came to this outcome for this reason.

    The amounts of `unread` of them are unknown, and no part of the sum.
    """

    outcome: str
    reason: str = ""
    currency: str
    lines: int
    amount_minor: int
    unread: Unread = 0
