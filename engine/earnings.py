"""Earnings: what the results of a month's draft say partners earned, by client and product, for the bridge."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import polars as pl

from engine.draft import ACCRUALS, CORRECTIONS, LINES, STATEMENTS
from engine.frames.bodies import bodies_in
from engine.frames.parquet import frame_from
from models.billing import Outcome
from models.money import known_currency, major
from models.statement import CorrectionKind
from rules.bridge import Cause, Earnings, Sale, Sold
from rules.plan import To

READ = (ACCRUALS, CORRECTIONS, LINES, STATEMENTS)
"""The results of a draft that are read here; a month without corrections leaves none of them."""

_DIGITS = 6
_WRITTEN_OUT = rf"^[+-]?[0-9]+(?:\.[0-9]{{1,{_DIGITS}}})?$"
"""A quantity, with as many digits after the point; one with more is taken as not given."""

_CELL = ["partner_id", "client_id", "rule", "product_code"]
_CORRECTED = {
    CorrectionKind.ADJUSTMENT.value: Cause.MANUAL,
    CorrectionKind.RESTATEMENT.value: Cause.MANUAL,
}  # every other kind follows from a refund


def earnings_of(results: Mapping[str, bytes], total_minor: Mapping[str, int]) -> Earnings:
    """Return what a month earned partners. `total_minor` is each partner's commission and corrections."""
    rows = _with_lines(results)
    apart: dict[tuple[str, Cause], Fraction] = defaultdict(Fraction)
    cells: dict[Sale, Fraction] = defaultdict(Fraction)
    bases: dict[Sale, int] = defaultdict(int)
    summed = rows.group_by("cause", *_CELL, "rate_num", "rate_den").agg(pl.col("base_minor").cast(pl.Int128).sum())
    for cause, partner, client, rule, product, num, den, base in summed.iter_rows():
        exact = base * Fraction(int(num), int(den))
        if cause is None:
            cells[Sale(partner, client, rule, product)] += exact
        else:
            apart[partner, Cause(cause)] += exact
    sold = rows.filter(pl.col("cause").is_null())
    # A line with two rates (slices of a ladder) stands twice: what it comes to is the sum, how many it is counts once.
    counted = sold.group_by(*_CELL, "line_id").agg(pl.col("base_minor").sum(), pl.col("quantity").first())
    quantities: dict[Sale, Fraction | None] = {}
    for partner, client, rule, product, base, quantity, unknown in (
        counted.group_by(_CELL)
        .agg(
            pl.col("base_minor").cast(pl.Int128).sum(),
            pl.col("quantity").sum(),
            pl.col("quantity").is_null().any().alias("unknown"),
        )
        .iter_rows()
    ):
        sale = Sale(partner, client, rule, product)
        bases[sale] = base
        quantities[sale] = None if unknown else Fraction(quantity)
    for partner, kind, minor in _corrections(results).iter_rows():
        apart[partner, _CORRECTED.get(kind, Cause.REFUND)] += minor
    late = rows.filter(pl.col("cause") == Cause.LATE.value).select("partner_id", "client_id").unique()
    return Earnings(
        total_minor,
        {sale: Sold(bases[sale], quantities[sale], exact) for sale, exact in cells.items()},
        dict(apart),
        frozenset(late.iter_rows()),
    )


def _with_lines(results: Mapping[str, bytes]) -> pl.DataFrame:
    """What was earned to be paid out, with what was sold, and the cause where it is no plain sale (null)."""
    settled = frame_from(results[LINES], ["line_id", "client_id", "product_code", "quantity", "late", "outcome"])
    settled = settled.filter(pl.col("outcome") == Outcome.SETTLED.value).unique("line_id", keep="first")
    rows = frame_from(results[ACCRUALS]).filter(pl.col("to") == To.PARTNER.value)
    of_client = pl.col("shared_by") == "client"
    return rows.join(settled, on="line_id", how="left").with_columns(
        pl.coalesce("client_id", pl.when(of_client).then("key")).fill_null("").alias("client_id"),
        pl.col("product_code").fill_null(""),
        pl.when(pl.col("quantity").str.contains(_WRITTEN_OUT)).then("quantity").str.to_decimal(scale=_DIGITS),
        cause=pl.when(pl.col("line_id").is_null() & ~of_client)
        .then(pl.lit(Cause.OTHER.value))
        .when(pl.col("late"))
        .then(pl.lit(Cause.LATE.value))
        .when(pl.col("line_id").is_not_null() & (pl.col("base_minor") < 0))
        .then(pl.lit(Cause.REFUND.value)),
    )


def _corrections(results: Mapping[str, bytes]) -> pl.DataFrame:
    """What was posted for earlier months, to be paid out: partner, kind, minor units."""
    if CORRECTIONS not in results:
        return pl.DataFrame(schema={"partner_id": pl.String, "kind": pl.String, "minor": pl.Int64})
    posted = frame_from(results[CORRECTIONS], ["partner_id", "kind", "to", "minor"])
    return posted.filter(pl.col("to") == To.PARTNER.value).group_by("partner_id", "kind").agg(pl.col("minor").sum())


class Tier(NamedTuple):
    """The tier a rule reached: 1 is the first."""

    position: int
    rate: str  # percent text


def tiers_of(statements: bytes) -> dict[tuple[str, str], Tier]:
    """Return the tier that each partner reached under each rule, of the bodies in `statements.parquet`."""
    found = {}
    for body in map(json.loads, bodies_in(statements)):
        for rule in body["rules"]:
            if tier := rule["tier"]:
                found[body["partner"]["partner_id"], rule["rule"]] = Tier(tier["position"], tier["rate"])
    return found


def tier_changes(before: Mapping[tuple[str, str], Tier], now: Mapping[tuple[str, str], Tier]) -> list[str]:
    """Say who reached another tier than the month before."""
    return [
        f"{partner}, {rule}: tier {before[partner, rule].position} ({before[partner, rule].rate} %) last month, "
        f"tier {tier.position} ({tier.rate} %) now"
        for (partner, rule), tier in sorted(now.items())
        if (partner, rule) in before and before[partner, rule] != tier
    ]


def open_examples(lines: bytes, most: int) -> list[str]:
    """Return the first open lines of each reason, in words: line, client, day, amount."""
    columns = ["line_id", "client_id", "amount_minor", "currency", "posted_on", "outcome", "reason"]
    waiting = frame_from(lines, columns).filter(pl.col("outcome") == Outcome.OPEN.value).sort("reason", "line_id")
    return list(_in_words(waiting.group_by("reason", maintain_order=True).head(most).iter_rows(named=True)))


def _in_words(rows: Iterable[dict[str, Any]]) -> Iterable[str]:
    for row in rows:
        minor, currency = row["amount_minor"], row["currency"] or ""
        known = minor is not None and known_currency(currency)
        amount = f"{major(minor, currency)} {currency}" if known else f"amount {minor}"
        whose = "without a client" if row["client_id"] is None else f"of client {row['client_id']}"
        yield f"{row['reason']}: line {row['line_id']} {whose}, {row['posted_on']}, {amount}"
