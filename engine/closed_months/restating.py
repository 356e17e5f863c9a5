"""Restating: a closed month worked out again from its own inputs, with what refunds took of its sales since.

What a rule came to for a client, person or junior then, less what it came to so far, is posted now.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import NamedTuple

import polars as pl

from engine.closed_months.corrections import as_earned, of_a_version
from engine.frames.parquet import frame_from
from engine.frames.schemas import EarnedAmounts, ReceivedEvents
from engine.frames.snapshot import Snapshot
from engine.inputs import EarlierMonths, MonthInputs
from models.billing import CHARGEBACK_WON
from models.period import Period
from models.statement import CorrectionKind
from rules.corrections.cancelled import BY_EVENT
from rules.corrections.taken_back import Correction, Earning, differences
from rules.lines.reading import judged_types
from rules.money import half_away
from rules.plan import BY_JUNIOR
from rules.programme.file import Programme

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
        given_back = with_refunds(inputs, pl.concat([before, mine]))
        is_now = frame_from(work_out(with_cancelled(given_back, earlier.corrections)))
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


def with_refunds(inputs: MonthInputs, returns: pl.DataFrame) -> MonthInputs:
    """Return a month's inputs with what later months took of its sales (Returns), as lines of its last day.

    A credit note for each sale of which something was taken; a chargeback that is won where more came back than was
    taken, for the month itself had lost it.
    """
    lines = pl.concat([chunk for _, chunk in inputs.lines.chunks()])
    day, again_of = inputs.month.last_day.isoformat(), defaultdict[str, list[_Again]](list)
    for sale_id, minor in taken_of(returns).items():
        again_of[sale_id].append(_Again(sale_id, minor, "credit_note", day))
    for (sale_id, chargeback), minor in _won_of_its_own(returns).items():
        again_of[sale_id].append(_Again(chargeback, -minor, CHARGEBACK_WON, day))
    # A sale that came twice is looked at once; so is what is taken of it.
    sold = lines.filter(pl.col("line_id").is_in(list(again_of))).unique("line_id", keep="first", maintain_order=True)
    notes = [
        _given_back(received, typed, each)
        for received, typed in zip(sold.iter_rows(named=True), judged_types(sold).iter_rows(named=True), strict=True)
        for each in again_of[received["line_id"]]
    ]
    every = pl.concat([lines, pl.DataFrame(notes, schema=lines.schema, orient="row")])
    placed = every.with_columns(source=pl.lit("again"), row=pl.int_range(pl.len(), dtype=pl.Int64))
    again = frozenset(str(note["line_id"]) for note in notes)
    return replace(inputs, lines=Snapshot.sorted_from([placed]), again=again)


def with_cancelled(inputs: MonthInputs, corrections: pl.DataFrame) -> MonthInputs:
    """Return a month's inputs with the cancellations that took back of it what its events earned (Corrections)."""
    taken = (pl.col("kind") == CorrectionKind.CLAWBACK.value) & (pl.col("shared_by") == BY_EVENT)
    day = inputs.month.last_day.isoformat()
    rows = corrections.filter(taken, pl.col("corrects") == str(inputs.month)).select(
        event_id="refund_id", cancels_event_id="key", occurred_on=pl.lit(day), is_ours=pl.lit(False)
    )
    if rows.is_empty():
        return inputs
    every = pl.concat([inputs.events, rows.unique()], how="diagonal").sort("event_id", "cancels_event_id")
    return replace(inputs, events=ReceivedEvents.validate(every))


def returned_later(returns: pl.DataFrame, month: str) -> pl.DataFrame:
    """Return what later months took of a month's sales (Returns): what it took itself is in what it came to."""
    return returns.filter(pl.col("sale_month") == month, pl.col("month") != month)


def netted(returns: pl.DataFrame, programme: Programme) -> pl.Expr:
    """Whether a return (Returns) is none of its sale's month: the refund lowered a later month, that it was posted in.

    So is what is won of such a chargeback: it gives again what that took.
    """
    policies = {month: programme.refunds_in(Period.parse(month)) for month in returns["month"].unique()}
    months = [month for month, policy in policies.items() if policy == "net_current"]
    lowers = pl.col("month").is_in(months) & (pl.col("month") != pl.col("sale_month"))
    chargebacks = returns.filter(lowers)["refund_id"].unique()
    return lowers | pl.col("undoes").is_in(chargebacks.implode())


def taken_of(returns: pl.DataFrame) -> dict[str, int]:
    """Return what is taken of each sale in minor units, less what was given again; of no sale nothing."""
    sums = returns.group_by("sale_id").agg(pl.col("gross_minor").sum()).filter(pl.col("gross_minor") > 0)
    return dict(sums.iter_rows())


def _won_of_its_own(returns: pl.DataFrame) -> dict[tuple[str, str], int]:
    """Return what came back of chargebacks of the month itself: (sale, chargeback) -> minor units.

    Less what refunds took of the sale beside: 1 000.00 that the bank took in January and gave again in February, of
    which 300.00 were given back in March, are 700.00 more of January.
    """
    sums = returns.group_by("sale_id").agg(-pl.col("gross_minor").sum()).filter(pl.col("gross_minor") > 0)
    left = dict(sums.iter_rows())
    of_its_own = (pl.col("undoes") != "") & ~pl.col("undoes").is_in(returns["refund_id"].unique().implode())
    won = returns.filter(of_its_own).group_by("sale_id", "undoes").agg(-pl.col("gross_minor").sum())
    found: dict[tuple[str, str], int] = {}
    for sale_id, chargeback, minor in won.sort("sale_id", "undoes").iter_rows():
        if (gives := min(minor, left.get(sale_id, 0))) > 0:
            found[sale_id, chargeback] = gives
            left[sale_id] -= gives
    return found


class _Again(NamedTuple):
    """A line that is put into a month: so much of the sale is given back; below 0 it comes again."""

    names: str  # the sale, or the chargeback that is won
    gross_minor: int
    kind: str
    day: str


def _given_back(sale: Mapping[str, str | None], typed: Mapping[str, object], again: _Again) -> dict[str, str | None]:
    """A line that gives back so much of the sale, with its part of the VAT."""
    vat_minor, amount_minor = typed["vat_minor"], typed["amount_minor"]
    assert isinstance(amount_minor, int)
    part = half_away(Fraction(vat_minor * again.gross_minor, amount_minor)) if isinstance(vat_minor, int) else None
    return {
        **sale,
        "line_id": f"{again.names} {'given back' if again.gross_minor > 0 else 'won'}",
        "amount_minor": str(-again.gross_minor),
        "amount": None,
        "vat_minor": None if part is None else str(-part),
        "discount_minor": None,
        "issued_on": again.day,
        "paid_on": again.day,
        "posted_on": again.day,
        "kind": again.kind,
        "refunds_line_id": again.names,
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
