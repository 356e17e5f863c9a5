"""The body of a statement from what the rules decided: every figure with its lines, clause and claim.

Number, approval and the draft's digest are added when the draft becomes facts.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from models.money import minor_digits
from models.period import Period, Version
from models.statement import (
    Approved,
    CorrectionKind,
    Digests,
    Level,
    Party,
    Statement,
)
from models.summary import EntryKind, Summary, SummaryEntry
from rules.corrections.taken_back import to_partner
from rules.earning.commission import to_partner_minor
from rules.ledger import Entry, entries
from rules.payout import Payout, held_balance, held_entries, payout
from rules.plan import To
from rules.programme.file import Programme
from rules.statement.partner_month import CorrectionOfSale, PartnerMonth
from rules.statement.rows import correction_rows, rule_row

NOT_APPROVED = Approved(at="", by="")
"""What a body says of its approval: nothing yet."""


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
        rules=tuple(rule_row(accrued, month, programme) for accrued in month.accrued),
        not_included=month.not_included,
        payments=month.payments,
        digests=Digests(
            draft="",
            programme=programme.digest,
            lines=lines_digest,
            previous_statement=month.previous_statement,
            previous_seal=month.previous_seal,
        ),
        corrections=tuple(correction_rows(month, programme)),
        refunds_without_sale=month.refunds_without_sale,
    )


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


def _correction_totals(statement: Statement) -> Iterator[CorrectionTotal]:
    totals: dict[tuple[str, str, str], int] = {}
    for each in statement.corrections:
        of = (each.kind.value, each.rule, each.to)
        totals[of] = totals.get(of, 0) + each.commission_minor
    for of, minor in sorted(totals.items()):
        yield CorrectionTotal(*of, minor)
