"""Restating: a closed month worked out again from its own inputs, with what refunds took of its sales since.

What a rule came to for a client, person or junior then, less what it came to so far, is posted now.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial

import polars as pl

from engine.corrections import as_earned, of_a_version
from engine.frames.parquet import frame_from
from engine.frames.schemas import EarnedAmounts
from engine.frames.snapshot import Snapshot
from engine.inputs import EarlierMonths, MonthInputs
from models.period import Period
from models.statement import CorrectionKind
from rules.corrections.taken_back import Correction, Earning, differences
from rules.lines.reading import judged_types
from rules.money import half_away
from rules.plan import BY_JUNIOR

WorkOut = Callable[[MonthInputs], bytes]
"""Returns what a month's rules came to: `earned.parquet` of its draft."""


def restatements(
    now: pl.DataFrame, earlier: EarlierMonths, restated: Mapping[str, MonthInputs], work_out: WorkOut
) -> list[Correction]:
    """Return what is posted with the returns (Returns) of `now` for the months in `restated`, by month.

    Every return of a month's sales up to now is in it, and everything posted for the month before is taken off.
    """
    corrections: list[Correction] = []
    for month, inputs in sorted(restated.items()):
        mine = now.filter(pl.col("sale_month") == month)
        if mine.is_empty():
            continue
        before = returned_later(earlier.returns, month)
        is_now = frame_from(work_out(with_refunds(inputs, taken_of(pl.concat([before, mine])))))
        posted = as_earned(earlier.corrections)
        was = pl.concat([earlier.past.earned, posted]).filter(pl.col("month") == month)
        named = partial(_refunds_behind, _refunds_of_partners(mine, earlier), mine["refund_id"])
        found = differences(amounts_of(was), amounts_of(is_now))
        corrections += [each._replace(refund_id=named(each.earning)) for each in found]
    return corrections


def _refunds_of_partners(now: pl.DataFrame, earlier: EarlierMonths) -> dict[str, list[str]]:
    """Who brought or earned on the sales that are given back, each with the lines that give them back."""
    partners = [
        each.select("partner_id", sale_id="line_id").drop_nulls() for each in (earlier.sold, earlier.sale_accruals)
    ]
    of_partner = now.join(pl.concat(partners).unique(), on="sale_id").group_by("partner_id")
    return dict(of_partner.agg(pl.col("refund_id").unique().sort()).iter_rows())


def _refunds_behind(of_partner: Mapping[str, list[str]], every: pl.Series, earning: Earning) -> str:
    """The refunds an earning is another with: those of its own partner or junior, so that no other reads of them.

    Where neither has any, as in a group of partners that is measured together, they are all that there are.
    """
    whose = earning.key if earning.shared_by == BY_JUNIOR else earning.partner_id
    return ", ".join(of_partner.get(whose) or sorted(every.unique()))


def with_refunds(inputs: MonthInputs, taken_minor: Mapping[str, int]) -> MonthInputs:
    """Return a month's inputs with a credit note of its last day for each sale of which something was taken."""
    lines = pl.concat([chunk for _, chunk in inputs.lines.chunks()])
    # A sale that came twice is looked at once; so is what is taken of it.
    sold = lines.filter(pl.col("line_id").is_in(list(taken_minor))).unique("line_id", keep="first", maintain_order=True)
    notes = [
        _credit_note(received, typed, taken_minor[received["line_id"]], inputs.month)
        for received, typed in zip(sold.iter_rows(named=True), judged_types(sold).iter_rows(named=True), strict=True)
    ]
    every = pl.concat([lines, pl.DataFrame(notes, schema=lines.schema, orient="row")])
    placed = every.with_columns(source=pl.lit("again"), row=pl.int_range(pl.len(), dtype=pl.Int64))
    again = frozenset(str(note["line_id"]) for note in notes)
    return replace(inputs, lines=Snapshot.sorted_from(placed), again=again)


def returned_later(returns: pl.DataFrame, month: str) -> pl.DataFrame:
    """Return what later months took of a month's sales (Returns): what it took itself is in what it came to."""
    return returns.filter(pl.col("sale_month") == month, pl.col("month") != month)


def taken_of(returns: pl.DataFrame) -> dict[str, int]:
    """Return what is taken of each sale in minor units, less what was given again; of no sale nothing."""
    sums = returns.group_by("sale_id").agg(pl.col("gross_minor").sum()).filter(pl.col("gross_minor") > 0)
    return dict(sums.iter_rows())


def _credit_note(
    sale: Mapping[str, str | None], typed: Mapping[str, object], gross_minor: int, month: Period
) -> dict[str, str | None]:
    """A line that gives back so much of the sale, with its part of the VAT."""
    day, vat_minor, amount_minor = month.last_day.isoformat(), typed["vat_minor"], typed["amount_minor"]
    assert isinstance(amount_minor, int)
    part = half_away(Fraction(vat_minor * gross_minor, amount_minor)) if isinstance(vat_minor, int) else None
    return {
        **sale,
        "line_id": f"{sale['line_id']} given back",
        "amount_minor": str(-gross_minor),
        "amount": None,
        "vat_minor": None if part is None else str(-part),
        "discount_minor": None,
        "issued_on": day,
        "paid_on": day,
        "posted_on": day,
        "kind": "credit_note",
        "refunds_line_id": sale["line_id"],
        "refunds_invoice_id": None,
        "carried_from": None,
    }


def amounts_of(earned: pl.DataFrame) -> Counter[Earning]:
    """What each earning came to (EarnedAmounts), in minor units."""
    found: Counter[Earning] = Counter()
    for *of, minor in earned.select(EarnedAmounts.column_names()).iter_rows():
        found[Earning(*of)] += minor
    return found


def of_a_month_again() -> pl.Expr:
    """Whether a correction (Corrections) is of a month that was worked out again with what was given back of it."""
    return (pl.col("kind") == CorrectionKind.RESTATEMENT.value) & ~of_a_version()


def months_to_restate(earlier: EarlierMonths, *, asks: bool) -> Iterable[str]:
    """Return the months that are worked out again where a sale of theirs is given back now.

    `asks`: the programme says so of this month's refunds. A month that was restated once always is: what its sales
    earned one by one says no more what goes back of them.
    """
    sold = set(earlier.sold["month"].unique())
    done = earlier.corrections.filter(of_a_month_again())["corrects"].unique()
    return sorted(sold if asks else sold & set(done))
