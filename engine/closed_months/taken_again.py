"""Taken again: what refunds took of a closed month so far, figured again by what a later version of it says.

1 000.00 at 10 % earned 100.00, and half of it was given back: -50.00. At 12 % they are 120.00 and -60.00: so beside
the 20.00 more that the month comes to, -10.00 are posted.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import NamedTuple

import polars as pl

from engine.closed_months.corrections import GivenBackNow, Others, as_posted, corrections_of
from engine.closed_months.late_terms import months_before, with_terms_of_payment
from engine.closed_months.restating import WorkOut, amounts_of, netted, of_a_month_again, restatements, returned_later
from engine.frames.schemas import Returns
from engine.inputs import EarlierMonths, MonthInputs
from models.statement import CorrectionKind
from rules.corrections.cancelled import BY_EVENT
from rules.corrections.taken_back import Correction, Earning
from rules.programme.file import Programme
from rules.terms.in_force import in_force

FIGURED_AGAIN = (CorrectionKind.CLAWBACK, CorrectionKind.LIMIT)


def returned_since(earlier: EarlierMonths, month: str, programme: Programme) -> pl.DataFrame:
    """Return what later months took of a month's sales (Returns), but those whose refunds lowered themselves."""
    return returned_later(earlier.returns.filter(~netted(earlier.returns, programme)), month)


def taken_again(earlier: EarlierMonths, version: MonthInputs, now: Programme, work_out: WorkOut) -> list[Correction]:
    """Return by how much more or less is taken of a month's sales that were given back, with its later version.

    `earlier` are the months before as they stand with that version; `now` is the programme that says what refunds of
    each month took.
    """
    month, restated = str(version.month), version.restated_by
    returns = returned_since(earlier, month, now)
    if returns.is_empty() or restated is None:
        return []
    words = f"{restated.reason} ({restated.made_by})"
    if earlier.corrections.filter(of_a_month_again(), pl.col("corrects") == month).height:
        as_month = {month: replace(version, restated_by=None)}
        again = restatements(returns, replace(earlier, returns=Returns.create_empty()), as_month, work_out)
        return [each._replace(words=words) for each in again]
    # What a cancelled event took back is of no sale: it stays.
    of_sales = (pl.col("corrects") == month) & (pl.col("shared_by") != BY_EVENT)
    is_posted = of_sales & pl.col("kind").is_in([each.value for each in FIGURED_AGAIN])
    without = replace(earlier, corrections=earlier.corrections.filter(~is_posted))
    measures = version.measures(earlier.past.sums)
    terms = in_force(version.vendor.partners, version.programme, version.month, measured=measures.of)
    terms = with_terms_of_payment(terms, version, partial(months_before, version, version.month))
    none = Returns.create_empty()
    found = corrections_of(GivenBackNow(returns, none, none), Others(), without, {month: terms}, measures)
    again = [each for mine in found.by_partner.values() for each in mine]
    stands = amounts_of(earlier.past.earned.filter(pl.col("month") == month))
    return list(_differences(as_posted(earlier.corrections.filter(is_posted)), again, stands, words))


class _Place(NamedTuple):
    """What is compared: what one refund took of one sale from one earning, or what followed from refunds."""

    kind: CorrectionKind
    earning: Earning
    sale_id: str
    refund_id: str

    @classmethod
    def of(cls, each: Correction) -> "_Place":
        return cls(each.kind, each.earning, each.sale_id, each.refund_id)


@dataclass
class _Came:
    """What it came to."""

    exact: Fraction = Fraction(0)
    minor: int = 0
    terms: str = ""
    posted_minor: int = 0  # so far

    def add(self, each: Correction, sign: int = 1) -> None:
        self.exact, self.minor, self.terms = self.exact + sign * each.exact, self.minor + sign * each.minor, each.terms


def _differences(
    posted: Iterable[Correction], again: Iterable[Correction], stands: Mapping[Earning, int], words: str
) -> Iterator[Correction]:
    """Yield what corrections come to more or less now than was posted.

    `stands` says what each earning comes to by the later version; with what was posted of it that is what a row that
    names no sale had come to before: a limit that takes 20.00 off, where 50.00 were given again, stands at 30.00.
    """
    came: dict[_Place, _Came] = defaultdict(_Came)
    for each in posted:
        came[_Place.of(each)].add(each, -1)
        came[_Place.of(each)].posted_minor += each.minor
    for each in again:
        came[_Place.of(each)].add(each)
    for place, more in came.items():
        if more.minor or more.exact:
            yield Correction(
                kind=place.kind,
                earning=place.earning,
                terms=more.terms,
                exact=more.exact,
                minor=more.minor,
                sale_id=place.sale_id,
                refund_id=place.refund_id,
                words=words,
                was_minor=None if place.sale_id else stands.get(place.earning, 0) + more.posted_minor,
            )
