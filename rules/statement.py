"""A partner's statement from what the rules decided: every figure with its lines, clause and claim.

What is written here before approval is the statement's body; number, approval and the draft's digest
are added when the draft becomes facts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from models.canonical import canonical_json
from models.errors import CannotApprove
from models.money import decimal_text, minor_digits
from models.period import Period, Version
from models.statement import (
    Approved,
    BalanceBesidePayout,
    Clause,
    ClientAccrual,
    CorrectionEntry,
    CorrectionKind,
    Digests,
    Level,
    NextTier,
    NotIncluded,
    Party,
    Payment,
    RefundsWithoutSale,
    RuleAccrual,
    ShareAccrual,
    Statement,
    Step,
    TierReached,
)
from models.summary import EntryKind, Summary, SummaryEntry
from rules.corrections.refunds import Return
from rules.corrections.taken_back import Correction, SaleEarning, to_partner
from rules.earning.commission import Accrued, to_partner_minor
from rules.earning.measure import ALL
from rules.ledger import Entry, entries
from rules.money import half_away, half_away_of
from rules.payout import Payout, held_balance, held_entries, payout
from rules.plan import Reached, To
from rules.programme.file import Programme
from rules.programme.written import is_decimal, percent_text
from rules.terms.in_force import InForce

NOT_APPROVED = Approved(at="", by="")
"""What a body says of its approval: nothing yet."""


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


class RuleTotal(NamedTuple):
    """What one rule of a statement came to."""

    rule: str
    lines: int
    base_minor: int
    rate: str  # percent text, blank when graduated
    commission_minor: int
    paid_to: str  # partner | person | fund | credit | kept | nobody


class CorrectionTotal(NamedTuple):
    """What one kind of correction of one rule came to."""

    kind: str
    rule: str
    paid_to: str
    commission_minor: int


class Body(NamedTuple):
    """The figures of a statement's body that approval makes facts of; the body itself is in `statements.parquet`."""

    partner_id: str
    key: str  # partner/period/version
    summary: Summary
    segments: tuple[str, ...]
    totals: tuple[RuleTotal, ...]
    corrections: tuple[CorrectionTotal, ...]
    entries: tuple[Entry, ...]  # what it books

    @classmethod
    def of(cls, statement: Statement) -> "Body":
        return cls(
            partner_id=statement.partner.partner_id,
            key=statement.statement,
            summary=statement.summary,
            segments=statement.segments,
            totals=tuple(
                RuleTotal(rule.rule, rule.lines, rule.base_minor, rule.rate, rule.commission_minor, rule.to)
                for rule in statement.rules
            ),
            corrections=tuple(_correction_totals(statement)),
            entries=tuple(entries(statement)),
        )


def body(month: PartnerMonth, programme: Programme, period: Period, lines_digest: str) -> Statement:
    """Return the statement without number, approval and draft digest (all blank)."""
    version, terms = Version(period), month.in_force.terms
    level = month.in_force.level
    return Statement(
        statement=version.of(terms.partner_id),
        number="",
        version=version.number,
        period=str(period),
        from_day=period.first_day.isoformat(),
        to_day=period.last_day.isoformat(),
        timezone=programme.timezone,
        currency=programme.currency,
        minor_digits=minor_digits(programme.currency),
        programme=programme.programme,
        plan=month.in_force.parts[-1].plan,
        base=programme.base,
        partner=Party(partner_id=terms.partner_id, name=terms.name, locale=terms.locale),
        segments=terms.segments,
        level=None if level is None else Level(**level._asdict()),
        approved=NOT_APPROVED,
        summary=_summary(month),
        apart=(*month.beside_payout, *held_balance(month.held_before_minor, _payout(month))),
        rules=tuple(_rule(accrued, month, programme) for accrued in month.accrued),
        not_included=month.not_included,
        payments=month.payments,
        digests=Digests(
            draft="",
            programme=programme.digest,
            lines=lines_digest,
            previous_statement=month.previous_statement,
            previous_seal=month.previous_seal,
        ),
        corrections=tuple(_corrections(month, programme)),
        refunds_without_sale=month.refunds_without_sale,
    )


UNBORN_APPROVED, UNBORN_DRAFT, UNBORN_NUMBER = b'"approved":{"at":"","by":""}', b'"digests":{"draft":""', b'"number":""'
"""What a body's canonical JSON says, in this order, where a fact has its approval, its draft and its number."""


def issued(body: bytes, number: str, approved: Approved, draft: str) -> bytes:
    """Return the statement as a fact: the body's canonical JSON with its number, its approval and the draft's digest.

    Nothing else of it is read or written anew, so a body keeps the form it was approved in. Raises
    CannotApprove for bytes that are not the body of a statement.
    """
    missing = [text.decode() for text in (UNBORN_APPROVED, UNBORN_DRAFT, UNBORN_NUMBER) if body.count(text) != 1]
    if missing:
        raise CannotApprove(
            f"these {len(body)} bytes are no body of a statement: {missing[0]} has to stand in them once, and stands "
            f"{body.count(missing[0].encode())} times. The archive's file of bodies was not written by this system."
        )
    before, _, rest = body.partition(UNBORN_APPROVED)
    between, _, rest = rest.partition(UNBORN_DRAFT)
    after, _, end = rest.partition(UNBORN_NUMBER)
    moment = _text(approved.model_dump(mode="json"))
    return b"".join(
        (
            before,
            b'"approved":',
            moment,
            between,
            b'"digests":{"draft":',
            _text(draft),
            after,
            b'"number":',
            _text(number),
            end,
        )
    )


def _text(value: object) -> bytes:
    return canonical_json(value).rstrip(b"\n")


def with_payments(body: bytes, payments: bytes) -> bytes:
    """Return a body that was written without payments, with these: a list of `Payment` as canonical JSON."""
    before, found, after = body.partition(b'"payments":[]')
    assert found, "a body without payments says so"
    return b"".join((before, b'"payments":', payments, after))


def _summary(month: PartnerMonth) -> Summary:
    """Return the entries from the balance before to the balance after: 100.00 + 40.00 - 140.00 = 0.00."""
    made = _payout(month)
    earning = tuple(accrued.rule for accrued in month.accrued if accrued.to is To.PARTNER)
    before = (month.previous_statement,) if month.previous_statement else ()
    return Summary(
        entries=(
            SummaryEntry(kind=EntryKind.OPENING, amount_minor=month.opening_minor, cites=before),
            SummaryEntry(kind=EntryKind.COMMISSION, amount_minor=to_partner_minor(month.accrued), cites=earning),
            *_entries_of(month.corrections),
            *held_entries(made, month.held_because or "", before),
            SummaryEntry(kind=EntryKind.TO_PAY, amount_minor=-made.to_pay_minor, cites=()),
            SummaryEntry(kind=EntryKind.CARRIED, amount_minor=made.carried_minor, cites=()),
        ),
        minimum_minor=month.in_force.newest_block.payout.minimum,
    )


def _payout(month: PartnerMonth) -> Payout:
    corrected_minor = to_partner(each.correction for each in month.corrections)
    return payout(
        month.opening_minor + to_partner_minor(month.accrued) + corrected_minor,
        month.in_force.newest_block.payout.minimum,
        month.held_before_minor,
        is_held=month.held_because is not None,
    )


def _entries_of(corrections: Sequence[CorrectionOfSale]) -> Iterator[SummaryEntry]:
    """One entry for each kind of correction that changes the payout."""
    for kind in CorrectionKind:
        mine = [
            each for each in corrections if each.correction.kind is kind and each.correction.earning.to == To.PARTNER
        ]
        if mine:
            cites = tuple(sorted({each.cites.statement for each in mine}))
            amount_minor = to_partner(each.correction for each in mine)
            yield SummaryEntry(kind=EntryKind(kind.value), amount_minor=amount_minor, cites=cites)


def _corrections(month: PartnerMonth, programme: Programme) -> Iterator[CorrectionEntry]:
    digits = minor_digits(programme.currency)
    for each in month.corrections:
        correction, back, earned = each.correction, each.given_back, each.earned
        earning = correction.earning
        names = month.client_names if earning.shared_by == "client" else month.names
        rate = Fraction(0) if earned is None or not earned.base_minor else earned.exact / earned.base_minor
        was_minor = correction.was_minor
        original = earned.exact if earned else None if was_minor is None else Fraction(was_minor)
        yield CorrectionEntry(
            kind=correction.kind,
            rule=earning.rule + correction.terms,
            to=earning.to,
            cites=each.cites.statement,
            of_number=each.cites.number,
            shared_by=earning.shared_by,
            key=earning.key,
            name=names.get(earning.key, ""),
            sale_id=correction.sale_id,
            refund_id=correction.refund_id,
            refund_kind=back.kind if back else "",
            posted_on=back.posted_on if back else "",
            sale_minor=back.sale_minor if back else 0,
            refunded_minor=back.gross_minor if back else 0,
            excess_minor=back.excess_minor if back else 0,
            left_minor=back.left_minor if back else 0 if was_minor is None else was_minor + correction.minor,
            earned=exact_text(original, digits) if original is not None else "",
            rate=rate_text(rate) if earned else "",
            exact=exact_text(correction.exact, digits),
            commission_minor=correction.minor,
            words=correction.words,
        )


def _correction_totals(statement: Statement) -> Iterator[CorrectionTotal]:
    totals: dict[tuple[str, str, str], int] = {}
    for each in statement.corrections:
        of = (each.kind.value, each.rule, each.to)
        totals[of] = totals.get(of, 0) + each.commission_minor
    for of, minor in sorted(totals.items()):
        yield CorrectionTotal(*of, minor)


def _rule(accrued: Accrued, month: PartnerMonth, programme: Programme) -> RuleAccrual:
    digits = minor_digits(programme.currency)
    earned = accrued.earned
    by_client = earned.shared_by == "client"
    return RuleAccrual(
        rule=accrued.rule,
        name=accrued.ref.name,
        terms=accrued.part.older,
        plan=accrued.way.plan,
        by=accrued.way.tiers_apply(),
        to=accrued.to.value,
        shared_by=earned.shared_by,
        bond="assignment" if accrued.way.cut().served else "claim",
        clause=Clause(
            programme=programme.programme,
            digest=programme.digest,
            plan=accrued.part.plan,
            rule=accrued.rule,
            words=accrued.way.words(programme.currency),
        ),
        lines=accrued.lines,
        base_minor=accrued.sums.base_minor,
        rate="" if earned.rate is None else rate_text(earned.rate),
        exact=exact_text(earned.exact, digits),
        commission_minor=accrued.commission_minor,
        tier=_tier(earned.reached, accrued),
        steps=tuple(
            Step(
                words=step.words,
                phrase=step.phrase,
                from_minor=step.from_minor,
                to_minor=step.to_minor,
                base_minor=step.base_minor,
                rate=rate_text(step.rate),
                count=step.count,
                exact=exact_text(step.exact, digits),
            )
            for step in earned.working
        ),
        clients=tuple(_clients(accrued, month, digits)) if by_client else (),
        shares=() if by_client else tuple(_shares(accrued, month.names, digits)),
    )


def _clients(accrued: Accrued, month: PartnerMonth, digits: int) -> Iterator[ClientAccrual]:
    """One row per client, whose years are added up."""
    lines: dict[str, tuple[int, int]] = {}
    for sums in accrued.sums.clients:
        count, base_minor = lines.get(sums.client_id, (0, 0))
        lines[sums.client_id] = (count + sums.lines, base_minor + sums.base_minor)
    bonds = month.assignments if accrued.way.cut().served else month.attributions
    for client_id, share in accrued.shares.items():
        count, base_minor = lines.get(client_id, (0, 0))
        bond = bonds.get(client_id)
        yield ClientAccrual(
            client_id=client_id,
            client_name=month.client_names.get(client_id, ""),
            claim_id=bond.claim_id if bond else "",
            claimed_on=bond.claimed_on.isoformat() if bond else "",
            lines=count,
            base_minor=base_minor,
            exact=exact_text(share.exact, digits),
            commission_minor=share.minor,
            rounding_minor=share.rounding,
        )


def _shares(accrued: Accrued, names: Mapping[str, str], digits: int) -> Iterator[ShareAccrual]:
    goals = accrued.way.goals_by_key()
    for key, share in accrued.shares.items():
        yield ShareAccrual(
            key=key,
            goal=goals.get(key),
            name=names.get(key, ""),
            exact=exact_text(share.exact, digits),
            commission_minor=share.minor,
            rounding_minor=share.rounding,
        )


def _tier(reached: Reached | None, accrued: Accrued) -> TierReached | None:
    measure = accrued.way.cut().measure
    if reached is None or measure is None:
        return None
    following = reached.next_tier
    return TierReached(
        position=reached.position,
        starts_at_minor=reached.tier.starts_at_minor,
        rate=percent_text(reached.tier.rate),
        measure_minor=accrued.sums.measure,
        measure_of=(ALL,) if measure.categories == ALL else tuple(measure.categories),
        measured=measure.of,
        window_months=measure.window,
        over=measure.over,
        next=following
        and NextTier(
            starts_at_minor=following.starts_at_minor,
            rate=percent_text(following.rate),
            distance_minor=following.starts_at_minor - accrued.sums.measure,
            gain_minor=half_away(reached.gain),
        ),
    )


def rate_text(rate: Fraction) -> str:
    """Return a rate as percent text, or as a ratio where percent would never end: `12`, `15/31`."""
    return percent_text(rate) if is_decimal(rate) else f"{rate.numerator}/{rate.denominator}"


def exact_text(exact_minor: Fraction, digits: int) -> str:
    """Return an exact amount in major units with six decimals, for reading: 933 333.4267 minor is `9333.334267`."""
    return decimal_text(half_away_of(exact_minor.numerator * 10 ** (6 - digits), exact_minor.denominator), 6)
