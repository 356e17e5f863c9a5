"""Rows of a statement: each rule with its clause, tier, steps and clients; each correction with what it cites."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from models.money import minor_digits
from models.statement import (
    Clause,
    ClientAccrual,
    CorrectionEntry,
    NextTier,
    RuleAccrual,
    ShareAccrual,
    Step,
    TierReached,
)
from rules.earning.commission import Accrued
from rules.earning.measure import ALL
from rules.money import half_away
from rules.plan import Reached
from rules.programme.file import Programme
from rules.programme.written import percent_text
from rules.statement.partner_month import PartnerMonth
from rules.statement.texts import exact_text, rate_text


def rule_row(accrued: Accrued, month: PartnerMonth, programme: Programme) -> RuleAccrual:
    """Return the row of one rule."""
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


def correction_rows(month: PartnerMonth, programme: Programme) -> Iterator[CorrectionEntry]:
    """One row for each correction, in the order they were decided."""
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
