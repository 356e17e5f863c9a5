"""Adjustments by hand: each settles once, in the first open month, and reaches its partner alone."""

from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction

from models.errors import BadInput
from models.period import Period
from models.statement import CorrectionKind
from models.vendor import Adjustment
from rules.corrections.taken_back import Correction, Earning
from rules.plan import To


def due(adjustments: Iterable[Adjustment], settled: Iterable[Adjustment], month: Period) -> tuple[Adjustment, ...]:
    """Return the adjustments a month settles: those of its days and of earlier ones that no earlier month settled.

    Raises BadInput naming every one that says something else now than when it was settled.
    """
    before = {each.adjustment_id: each for each in settled}
    changed = [each for each in adjustments if before.get(each.adjustment_id, each) != each]
    if changed:
        raise BadInput(
            "adjustments.csv changes what is settled:\n  "
            + "\n  ".join(_difference(before[each.adjustment_id], each) for each in changed)
            + "\nPut the row back as it was, and write what is to be put right under an id of its own."
        )
    return tuple(each for each in adjustments if each.adjustment_id not in before and each.posted_on <= month.last_day)


def must_be_issued(adjustments: Iterable[Adjustment], issued: Collection[str]) -> None:
    """Raise BadInput naming every adjustment that cites a statement that is none of those `issued`."""
    found = []
    for each in adjustments:
        if each.cites and each.cites not in issued:
            mine = sorted(key for key in issued if key.split("/")[0] == each.partner_id)
            found.append(
                f"adjustment {each.adjustment_id} cites {each.cites}, and no such statement was issued. Statements of "
                f"{each.partner_id}, the newest last: {', '.join(mine[-3:]) or 'none yet'}. Cite one of them, or none."
            )
    if found:
        raise BadInput("\n".join(found))


def _difference(was: Adjustment, now: Adjustment) -> str:
    differs = [
        f"{name} is {getattr(now, name)!s}, was {getattr(was, name)!s}"
        for name in type(now).model_fields
        if getattr(was, name) != getattr(now, name)
    ]
    return f"adjustment {now.adjustment_id}: {', '.join(differs)}"


def corrections(adjustments: Sequence[Adjustment], month: Period) -> list[Correction]:
    """Return adjustments as what is posted. No measure, limit, level or override sees them."""
    return [
        Correction(
            kind=CorrectionKind.ADJUSTMENT,
            earning=Earning(_corrected(each, month), each.partner_id, "", To.PARTNER.value, "", ""),
            terms="",
            exact=Fraction(each.amount_minor),
            minor=each.amount_minor,
            refund_id=each.adjustment_id,
            cites=each.cites,
            words=f"{each.why} ({each.who}; {each.evidence})" if each.evidence else f"{each.why} ({each.who})",
        )
        for each in adjustments
    ]


def _corrected(adjustment: Adjustment, month: Period) -> str:
    """The month it corrects; its own where it names none."""
    return adjustment.month_cited if adjustment.cites else str(month)
