"""Corrections: what this month's refunds take back of what earlier months earned, from the frames those months left."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial

import polars as pl

from engine.accruals import exact_of
from engine.closed_months.issued import Issued
from engine.frames.schemas import Corrections, EarnedAmounts, of_types
from engine.inputs import EarlierMonths
from engine.sums.measures import Measures
from models.billing import Outcome
from models.period import Period
from models.statement import CorrectionKind
from rules.corrections.refunds import Return, given_back_minor
from rules.corrections.taken_back import (
    Correction,
    Earning,
    GivenBack,
    PartnerPast,
    Rows,
    SaleEarning,
    Taken,
    back_by_rule,
    clawbacks,
    overrides_back,
)
from rules.earning.commission import Back
from rules.earning.measure import AfterRefunds
from rules.plan import Stage, To
from rules.statement.partner_month import CorrectionOfSale
from rules.terms.in_force import InForce
from rules.terms.network import OwnResult

TermsIn = Mapping[str, Mapping[str, InForce]]
"""The terms in force, by month and partner."""


@dataclass(frozen=True, eq=False)
class Corrected:
    """What is posted now for earlier months, by partner; and what each refund and sale of it was."""

    by_partner: Mapping[str, tuple[Correction, ...]] = field(default_factory=dict)
    returns: Mapping[tuple[str, str], Return] = field(default_factory=dict)  # by refund and sale
    of_sale: Mapping[str, tuple[SaleEarning, ...]] = field(default_factory=dict)
    issued: Issued = field(default_factory=Issued)

    def overrides_back(self) -> dict[str, dict[str, Back]]:
        """What goes back of overrides, by partner and rule."""
        return {partner_id: found for partner_id, mine in self.by_partner.items() if (found := back_by_rule(mine))}

    def of_statement(self, partner_id: str) -> tuple[CorrectionOfSale, ...]:
        """A partner's corrections, each with the refund and the sale's earning it comes from."""
        return tuple(
            CorrectionOfSale(
                correction=each,
                given_back=self.returns.get((each.refund_id, each.sale_id)),
                earned=next((it for it in self.of_sale.get(each.sale_id, ()) if it.earning == each.earning), None),
                cites=self.issued.cited_by(each),
            )
            for each in self.by_partner.get(partner_id, ())
        )

    def to_frame(self, month: Period) -> pl.DataFrame:
        """Return them as a frame (Corrections), by partner, in the order of the refunds."""
        rows = [
            (
                str(month), each.kind.value, each.earning.partner_id, each.earning.rule, each.terms, each.earning.to,
                each.earning.shared_by, each.earning.key, each.earning.month, each.sale_id, each.refund_id,
                str(each.exact.numerator), str(each.exact.denominator), each.minor,
                self.issued.cited_by(each).statement,
            )
            for _, mine in sorted(self.by_partner.items())
            for each in mine
        ]  # fmt: skip
        return Corrections.validate(pl.DataFrame(rows, schema=of_types(Corrections), orient="row"))


@dataclass(frozen=True, eq=False)
class GivenBackNow:
    """What this month's refunds give back of earlier months' sales: each is Returns."""

    one_by_one: pl.DataFrame  # what the sale earned is taken back
    again: pl.DataFrame  # its month is worked out again
    of_nothing: pl.DataFrame  # it earned nothing, but a measure may have counted it

    @property
    def is_empty(self) -> bool:
        return self.one_by_one.is_empty() and self.again.is_empty() and self.of_nothing.is_empty()


@dataclass(frozen=True)
class Others:
    """What is posted now for earlier months, and follows from no refund that is taken one by one."""

    adjusted: Sequence[Correction] = ()  # by hand, and of months that were worked out again
    cancelled: Sequence[Correction] = ()  # of events, under rules that are no more


def corrections_of(
    given_back: GivenBackNow,
    others: Others,
    earlier: EarlierMonths,
    terms_in: TermsIn,
    measures: Measures,
) -> Corrected:
    """Return what is posted now with what is given back, for months worked out again, by hand, and of cancelled events.

    `terms_in` has every month that a return or a limit for life looks at.
    """
    adjusted = others.adjusted
    if given_back.is_empty and not adjusted and not others.cancelled:
        return Corrected()
    returns = given_back.one_by_one
    corrected = pl.concat([returns["sale_id"], pl.Series([each.sale_id for each in adjusted], dtype=pl.String)])
    of_sale = _of_sale(_of_lines(earlier.sale_accruals, corrected), _kept(terms_in))
    taken = _taken(earlier)
    rows = _rows(returns)
    found = [*clawbacks(_given_back(rows, earlier.returns), of_sale, taken), *others.cancelled]
    # A month that was worked out again is another for whatever looks at it from a later month, too.
    # What a later version changes of it has words, and stands with `earlier` already.
    is_now = (each for each in adjusted if each.kind is CorrectionKind.RESTATEMENT and not each.words)
    again = [each for each in is_now if each.refund_id]
    counted = [*rows, *_rows(given_back.again), *_rows(given_back.of_nothing)]
    found += _goals([*found, *again], counted, earlier, terms_in, measures)
    found += _limits([*found, *again], earlier, terms_in)
    found += _overrides(found, rows, earlier, terms_in, taken)
    by_partner: dict[str, list[Correction]] = defaultdict(list)
    for each in [*found, *adjusted]:
        by_partner[each.earning.partner_id].append(each)
    return Corrected(
        by_partner={partner_id: tuple(mine) for partner_id, mine in by_partner.items()},
        returns={(each.refund_id, each.sale_id): each for each in [*_returns_of(adjusted, earlier), *rows]},
        of_sale={sale: tuple(found) for sale, found in of_sale.items()},
        issued=Issued.of(earlier.cited),
    )


def _given_back(rows: Iterable[Return], before: pl.DataFrame) -> Iterator[GivenBack]:
    """What refunds take of sales; `before` (Returns) says what the sales' own months netted."""
    netted = before.filter(pl.col("month") == pl.col("sale_month")).group_by("sale_id").agg(pl.col("gross_minor").sum())
    netted_minor = dict(netted.iter_rows())
    for each in rows:
        kept_minor = each.sale_minor - netted_minor.get(each.sale_id, 0)
        yield GivenBack(each.refund_id, each.sale_id, each.gross_minor, each.left_minor, each.sale_minor, kept_minor)


def _rows(returns: pl.DataFrame) -> list[Return]:
    return [Return(*row) for row in returns.select(Return._fields).iter_rows()]


def _returns_of(adjusted: Iterable[Correction], earlier: EarlierMonths) -> Iterator[Return]:
    """What refunds of earlier months took of sales, of which more or less is taken now."""
    named = [each.refund_id for each in adjusted if each.sale_id]
    yield from _rows(earlier.returns.filter(pl.col("refund_id").is_in(named)))


def with_posted(earlier: EarlierMonths, posted: Sequence[Correction], month: Period) -> EarlierMonths:
    """Return the months before as they stand with what is posted for them in this month already."""
    if not posted:
        return earlier
    now = Corrected({"": tuple(posted)}, issued=Issued.of(earlier.cited)).to_frame(month)
    return replace(earlier, corrections=pl.concat([earlier.corrections, now]))


def as_posted(corrections: pl.DataFrame) -> Iterator[Correction]:
    """Yield what was posted (Corrections), without the words and the statement it came with."""
    for row in corrections.iter_rows(named=True):
        yield Correction(
            kind=CorrectionKind(row["kind"]),
            earning=_earning({**row, "month": row["corrects"]}),
            terms=row["terms"],
            exact=Fraction(int(row["exact_num"]), int(row["exact_den"])),
            minor=row["minor"],
            sale_id=row["sale_id"],
            refund_id=row["refund_id"],
        )


def as_earned(corrections: pl.DataFrame) -> pl.DataFrame:
    """Return corrections (Corrections) as what they add to the earnings (EarnedAmounts) of the months they correct."""
    of_rules = corrections.filter(pl.col("kind") != CorrectionKind.ADJUSTMENT.value, ~of_a_version())
    return of_rules.select(
        pl.col("corrects").alias("month"), "partner_id", "rule", "to", pl.col("shared_by").alias("kind"), "key", "minor"
    ).pipe(EarnedAmounts.validate)


def of_a_version() -> pl.Expr:
    """Whether a correction (Corrections) is what a later version of its month comes to more.

    What that month earned is read from the later version, so it is no correction of it.
    """
    return (pl.col("kind") == CorrectionKind.RESTATEMENT.value) & (pl.col("refund_id") == "")


RuleOf = tuple[str, str, str, str]
"""A month, a partner, and the name and the terms of one of its rules."""


def _kept(terms_in: TermsIn) -> set[RuleOf]:
    """The rules that keep what they earned, though its sale is given back."""
    return {
        (month, partner_id, *rule.ref)
        for month, partners in terms_in.items()
        for partner_id, each in partners.items()
        for rule in each.rules
        if rule.way.cut().after_refunds is AfterRefunds.KEPT
    }


def _of_lines(accruals: pl.DataFrame, line_ids: pl.Series) -> pl.DataFrame:
    return accruals.filter(pl.col("line_id").is_in(line_ids.drop_nulls().implode()))


def _of_sale(accruals: pl.DataFrame, kept: Collection[RuleOf]) -> dict[str, list[SaleEarning]]:
    """What each line earned each earning: one entry, also where it earned it by several rates. What is kept is not."""
    found: dict[tuple[str, Earning], SaleEarning] = {}
    for row in accruals.iter_rows(named=True):
        earning = _earning(row)
        if (*earning[:3], row["terms"]) in kept:
            continue
        exact = exact_of(row)
        before = found.get((row["line_id"], earning), SaleEarning(earning, row["terms"], 0, Fraction(0)))
        found[row["line_id"], earning] = before._replace(
            base_minor=before.base_minor + row["base_minor"], exact=before.exact + exact
        )
    by_sale: dict[str, list[SaleEarning]] = defaultdict(list)
    for (line_id, _), each in sorted(found.items()):
        by_sale[line_id].append(each)
    return by_sale


def _earning(row: Mapping[str, str]) -> Earning:
    return Earning(row["month"], row["partner_id"], row["rule"], row["to"], row["shared_by"], row["key"])


class _TakenSoFar(dict[Earning, Taken]):
    """What was taken of each earning; of one that nobody knows, nothing was."""

    def __missing__(self, earning: Earning) -> Taken:
        self[earning] = Taken()
        return self[earning]


def _taken(earlier: EarlierMonths) -> _TakenSoFar:
    found = _TakenSoFar()
    for row in _by_rate(earlier.sale_accruals).iter_rows(named=True):
        found[_earning(row)].earned += exact_of(row)
    # Of all that rules ever accrued only what refunded sales have a part in is looked at: it is little of it.
    of_sales = _in_earned(earlier.past.earned, earlier.sale_accruals)
    for *of, minor in of_sales.select(*EarnedAmounts.column_names()).iter_rows():
        found[Earning(*of)].earned_minor += minor
    for each in as_posted(earlier.corrections.filter(pl.col("kind") == CorrectionKind.CLAWBACK.value)):
        if each.earning in found:
            found[each.earning].back -= each.exact
            found[each.earning].taken_minor -= each.minor
    return found


def _in_earned(earned: pl.DataFrame, accruals: pl.DataFrame) -> pl.DataFrame:
    """What the earnings in these accruals (SaleAccruals) came to (EarnedAmounts)."""
    keys = [*Earning._fields]
    of_keys = earned.filter(pl.col("key").is_in(accruals["key"].unique().implode()))
    return of_keys.join(accruals.select(keys), left_on=[*keys[:4], "kind", "key"], right_on=keys, how="semi")


def _by_rate(accruals: pl.DataFrame) -> pl.DataFrame:
    """What each earning counts at each rate, whatever the line: a client has many lines, and few rates."""
    together = [*Earning._fields, "rate_num", "rate_den"]
    return accruals.group_by(together, maintain_order=True).agg(pl.col("base_minor").cast(pl.Int128).sum())


def _goals(
    found: Iterable[Correction],
    returns: Iterable[Return],
    earlier: EarlierMonths,
    terms_in: TermsIn,
    measures: Measures,
) -> list[Correction]:
    """What goals come to less, or again more, that were reached on what is given back now."""
    since: dict[str, str] = {}
    owners = dict(earlier.sold.select("line_id", "partner_id").iter_rows())
    for each in returns:
        for partner_id in measures.groups.ever_with(owners[each.sale_id] or ""):
            since[partner_id] = min(each.sale_month, since.get(partner_id, each.sale_month))
    may = {
        partner_id
        for partners in terms_in.values()
        for partner_id, each in partners.items()
        if any(rule.way.cut().after_refunds is AfterRefunds.LEFT for rule in each.rules)
    }
    asked = sorted(since.keys() & may)
    stands = _as_it_stands(found, earlier, asked) if asked else {}
    changed: list[Correction] = []
    for partner_id in asked:
        terms = {month: partners[partner_id] for month, partners in terms_in.items() if partner_id in partners}
        # What months before the sale reached is reached, though nothing of them is figured again.
        earned = {month: stands[partner_id].get(month, {}) for month in {*terms, *stands[partner_id]}}
        left = partial(measures.of, partner_id, counts=AfterRefunds.LEFT, known=measures.last)
        changed += PartnerPast(partner_id, terms, earned).goals_again(since[partner_id], left)
    return changed


def _limits(found: Iterable[Correction], earlier: EarlierMonths, terms_in: TermsIn) -> list[Correction]:
    """By how much the limits of partners from whom something is taken are others now."""
    touched: dict[str, set[str]] = defaultdict(set)
    for each in found:
        if each.earning.to == To.PARTNER:
            touched[each.earning.partner_id].add(each.earning.month)
    limited = {
        partner_id
        for partners in terms_in.values()
        for partner_id in touched.keys() & partners.keys()
        if any(rule.way.stage is Stage.LIMIT for rule in partners[partner_id].rules)
    }
    asked = sorted(limited)
    stands = _as_it_stands(found, earlier, asked) if asked else {}
    changed: list[Correction] = []
    for partner_id in asked:
        terms = {month: partners[partner_id] for month, partners in terms_in.items() if partner_id in partners}
        earned = {month: rows for month, rows in stands[partner_id].items() if month in terms}
        months = [month for month in touched[partner_id] if month in terms]
        changed += PartnerPast(partner_id, terms, earned).limits_again(months)
    return changed


def _as_it_stands(
    found: Iterable[Correction], earlier: EarlierMonths, partners: Iterable[str]
) -> dict[str, dict[str, Rows]]:
    """What rules came to by partner and month, with all corrections up to now: only what goes to the partner."""
    stands: dict[str, dict[str, Rows]] = {partner_id: {} for partner_id in sorted(partners)}
    mine = pl.col("partner_id").is_in(list(stands)) & (pl.col("to") == To.PARTNER.value)
    earned = pl.concat([earlier.past.earned, as_earned(earlier.corrections)]).filter(mine)
    rows = [*earned.iter_rows()]
    asked = [each for each in found if each.earning.to == To.PARTNER and each.earning.partner_id in stands]
    rows += [(*each.earning, each.minor) for each in asked]
    for month, partner_id, rule, _, shared_by, key, minor in sorted(rows):
        of_month = stands[partner_id].setdefault(month, {})
        of_month[rule, shared_by, key] = of_month.get((rule, shared_by, key), 0) + minor
    return stands


def _overrides(
    found: Iterable[Correction],
    returns: Iterable[Return],
    earlier: EarlierMonths,
    terms_in: TermsIn,
    taken: _TakenSoFar,
) -> list[Correction]:
    """What the seniors of partners from whom something is taken give back."""
    commission: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for each in found:
        if each.earning.to == To.PARTNER:
            commission[each.earning.month][each.earning.partner_id] += each.minor
    base = _base_back(returns, earlier)
    changed: list[Correction] = []
    for month in sorted(commission.keys() | base.keys()):
        partners = commission[month].keys() | base[month].keys()
        back = {each: OwnResult(base[month][each], commission[month][each]) for each in sorted(partners)}
        changed += overrides_back(month, terms_in[month], back, taken)
    return changed


def _base_back(returns: Iterable[Return], earlier: EarlierMonths) -> dict[str, dict[str, int]]:
    """By how much the base of what partners brought falls now, by month and partner, in minor units."""
    sold = {row["line_id"]: row for row in earlier.sold.iter_rows(named=True)}
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for each in returns:
        sale = sold[each.sale_id]
        # What a refund of an invoice takes of a line that was final was no base of anybody.
        if sale["partner_id"] and sale["base_minor"] and sale["outcome"] == Outcome.SETTLED.value:
            found[each.sale_month][sale["partner_id"]] -= given_back_minor(
                sale["base_minor"], each.gross_minor, each.left_minor, each.sale_minor
            )
    return found
