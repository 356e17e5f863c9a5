"""Partner month: everything one partner's statement is made of, decided by the rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from models.statement import (
    BalanceBesidePayout,
    NotIncluded,
    Payment,
    RefundsWithoutSale,
)
from rules.corrections.refunds import Return
from rules.corrections.taken_back import Correction, SaleEarning
from rules.earning.commission import Accrued
from rules.terms.in_force import InForce


class ClientBond(NamedTuple):
    """What a client's row cites: the claim that won it, or the assignment by which it is served."""

    claim_id: str
    claimed_on: date


class Cited(NamedTuple):
    """The statement that a correction corrects. One that is born with it has no number yet."""

    statement: str  # partner/period/version
    number: str


class CorrectionOfSale(NamedTuple):
    """What is posted now for an earlier month, and the refund and the sale's earning it comes from, where it does."""

    correction: Correction
    cites: Cited
    given_back: Return | None = None
    earned: SaleEarning | None = None


@dataclass(frozen=True)
class PartnerMonth:
    """Everything one partner's statement is made of."""

    in_force: InForce
    opening_minor: int
    accrued: tuple[Accrued, ...]
    beside_payout: tuple[BalanceBesidePayout, ...]  # the fund, credit and persons
    client_names: Mapping[str, str]
    names: Mapping[str, str]  # what an event, a person, a partner or a goal is called, by key
    attributions: Mapping[str, ClientBond]  # by client
    assignments: Mapping[str, ClientBond]  # of the clients this partner serves
    not_included: tuple[NotIncluded, ...]
    payments: tuple[Payment, ...]
    previous_statement: str  # digest
    previous_seal: str = ""  # digest
    corrections: tuple[CorrectionOfSale, ...] = ()
    refunds_without_sale: RefundsWithoutSale | None = None
    held_before_minor: int = 0  # of earlier payouts
    held_because: str | None = None  # why this payout is withheld; None: it is not
