"""A partner's statement from what the rules decided: every figure with its lines, clause and claim.

What is written here before approval is the statement's body; number, approval and the draft's digest
are added when the draft becomes facts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from models.money import decimal_text, minor_digits
from models.period import Period
from models.statement import (
    Approved,
    Clause,
    ClientAccrual,
    Digests,
    NextTier,
    NotIncluded,
    Party,
    Payment,
    RuleAccrual,
    Statement,
    Step,
    Summary,
    TierReached,
)
from models.vendor import Attribution, Terms
from rules.commission import Accrued, ClientSums, balance
from rules.money import half_away
from rules.plan import ALL, Reached, percent_text
from rules.programme import PlanTerms, Programme

UNBORN = Approved(at="", by="")
"""What a body says of its approval: nothing yet."""


@dataclass(frozen=True)
class PartnerMonth:
    """Everything one partner's statement is made of."""

    terms: Terms
    plan: PlanTerms
    opening_minor: int
    accrued: tuple[Accrued, ...]
    client_sums: Mapping[str, Sequence[ClientSums]]  # by rule
    client_names: Mapping[str, str]
    attributions: Mapping[str, Attribution]  # by client
    not_included: tuple[NotIncluded, ...]
    payments: tuple[Payment, ...]
    previous_statement: str  # digest


class Body(NamedTuple):
    """A statement's body as it waits for approval: its bytes, and the figures a person compares."""

    partner_id: str
    summary: Summary
    data: bytes

    @classmethod
    def of(cls, statement: Statement) -> "Body":
        return cls(statement.partner.partner_id, statement.summary, statement.to_bytes())

    def statement(self) -> Statement:
        return Statement.model_validate_json(self.data)


def body(month: PartnerMonth, programme: Programme, period: Period, lines_digest: str) -> Statement:
    """Return the statement without number, approval and draft digest (all blank)."""
    commission_minor = sum(accrued.commission_minor for accrued in month.accrued)
    to_pay, carried = balance(month.opening_minor, commission_minor, month.plan.payout.minimum)
    return Statement(
        statement=f"{month.terms.partner_id}/{period}/v1",
        number="",
        version=1,
        period=str(period),
        from_day=period.first_day.isoformat(),
        to_day=period.last_day.isoformat(),
        timezone=programme.timezone,
        currency=programme.currency,
        minor_digits=minor_digits(programme.currency),
        programme=programme.programme,
        plan=month.terms.plan,
        base=programme.base,
        partner=Party(partner_id=month.terms.partner_id, name=month.terms.name, locale=month.terms.locale),
        approved=UNBORN,
        summary=Summary(
            opening_minor=month.opening_minor,
            commission_minor=commission_minor,
            balance_minor=month.opening_minor + commission_minor,
            minimum_minor=month.plan.payout.minimum,
            to_pay_minor=to_pay,
            carried_minor=carried,
        ),
        rules=tuple(_rule(accrued, month, programme) for accrued in month.accrued),
        not_included=month.not_included,
        payments=month.payments,
        digests=Digests(
            draft="", programme=programme.digest, lines=lines_digest, previous_statement=month.previous_statement
        ),
    )


def issued(statement: Statement, number: str, approved: Approved, draft: str) -> Statement:
    """Return the statement as a fact: the body, its number and its approval."""
    digests = statement.digests.model_copy(update={"draft": draft})
    return statement.model_copy(update={"number": number, "approved": approved, "digests": digests})


def _rule(accrued: Accrued, month: PartnerMonth, programme: Programme) -> RuleAccrual:
    digits = minor_digits(programme.currency)
    rate = accrued.earned.rate
    return RuleAccrual(
        rule=accrued.rule,
        plan=accrued.plan.plan,
        by=accrued.plan.tiers_apply(),
        clause=Clause(
            programme=programme.programme,
            digest=programme.digest,
            plan=month.terms.plan,
            rule=accrued.rule,
            words=accrued.plan.words(programme.currency),
        ),
        lines=accrued.lines,
        base_minor=accrued.sums.base_minor,
        rate="" if rate is None else percent_text(rate),
        exact=exact_text(accrued.earned.exact, digits),
        commission_minor=accrued.commission_minor,
        tier=_tier(accrued.earned.reached, accrued),
        steps=tuple(
            Step(
                from_minor=step.from_minor,
                to_minor=step.to_minor,
                base_minor=step.base_minor,
                rate=percent_text(step.rate),
                exact=exact_text(step.exact, digits),
            )
            for step in accrued.earned.working
        ),
        clients=tuple(_client(sums, accrued, month, digits) for sums in month.client_sums[accrued.rule]),
    )


def _client(sums: ClientSums, accrued: Accrued, month: PartnerMonth, digits: int) -> ClientAccrual:
    share = accrued.clients[sums.client_id]
    attribution = month.attributions[sums.client_id]
    return ClientAccrual(
        client_id=sums.client_id,
        client_name=month.client_names.get(sums.client_id, ""),
        claim_id=attribution.claim_id,
        claimed_on=attribution.claimed_on.isoformat(),
        lines=sums.lines,
        base_minor=sums.base_minor,
        exact=exact_text(share.exact, digits),
        commission_minor=share.minor,
        rounding_minor=share.rounding,
    )


def _tier(reached: Reached | None, accrued: Accrued) -> TierReached | None:
    if reached is None:
        return None
    measured = accrued.plan.cut().measure or ()
    following = reached.next_tier
    return TierReached(
        position=reached.position,
        starts_at_minor=reached.tier.starts_at_minor,
        rate=percent_text(reached.tier.rate),
        measure_minor=accrued.sums.measure_minor,
        measure_of=(ALL,) if measured == ALL else tuple(measured),
        next=following
        and NextTier(
            starts_at_minor=following.starts_at_minor,
            rate=percent_text(following.rate),
            distance_minor=following.starts_at_minor - accrued.sums.measure_minor,
            gain_minor=half_away(reached.gain),
        ),
    )


def exact_text(exact_minor: Fraction, digits: int) -> str:
    """Return an exact amount in major units with six decimals, for reading: 933 333.4267 minor is `9333.334267`."""
    return decimal_text(half_away(exact_minor * 10 ** (6 - digits)), 6)
