"""A month's commissions by hand in Polars, on its streaming engine: one pass finds the lines to leave out, one sums."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.by_hand.contract import (
    CURRENCY,
    FIRST_DAY,
    GIVE_BACK,
    KINDS,
    LAST_DAY,
    NEEDED,
    SOFTWARE,
    TELEPHONY,
    WHOLE,
    Sums,
    billing_of,
    commissions,
    terms_of,
)


def commissions_of(vendor: Path, run: Callable[..., Any]) -> dict[str, int]:
    """Return the month's commission of each partner in kopecks; `run(name, function, *arguments)` runs a step."""
    left_out, claims = run("read and leave out", _leave_out, vendor)
    return dict(run("attribute and calculate", _calculate, vendor, left_out, claims))


def _lines(vendor: Path) -> pl.LazyFrame:
    return pl.scan_parquet(billing_of(vendor), row_index_name="place")


def _leave_out(vendor: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The places of the lines that cannot be read, or are copies; and the claims."""
    lines = _lines(vendor)
    unreadable = lines.filter(~_is_readable().fill_null(False)).select("place").collect(engine="streaming")
    ids = lines.select("line_id").collect(engine="streaming")["line_id"]
    copied = lines.filter(pl.col("line_id").is_in(ids.filter(ids.is_duplicated()).unique().implode()))
    copies = copied.collect(engine="streaming").sort("place")
    same = ("line_id", pl.col("paid_on").is_null())
    contents = pl.struct(pl.exclude("place")).n_unique().over(same)
    is_left_out = (contents > 1) | (pl.col("place") > pl.col("place").min().over(same))
    left_out = pl.concat([unreadable, copies.filter(is_left_out).select("place")]).unique()
    return left_out, pl.read_csv(vendor / "claims.csv", schema_overrides={"claimed_on": pl.Date})


def _is_readable() -> pl.Expr:
    days = [pl.col(name) for name in ("issued_on", "paid_on", "posted_on")]
    vat, amount = pl.col("vat_minor"), pl.col("amount_minor")
    gives_back = pl.col("kind").is_in(GIVE_BACK)
    return pl.all_horizontal(
        pl.col("line_id", "invoice_id").is_not_null(),
        pl.col("kind").is_in(KINDS),
        amount.str.contains(f"^{WHOLE}$"),
        ~gives_back | (amount.cast(pl.Int64, strict=False) <= 0),
        vat.is_not_null() | pl.col("vat_rate").is_not_null(),
        vat.is_null() | vat.str.contains(f"^{WHOLE}$"),
        *(day.is_null() | ((day.str.len_bytes() == 10) & _day(day, strict=False).is_not_null()) for day in days),
    )


def _calculate(vendor: Path, left_out: pl.DataFrame, claims: pl.DataFrame) -> dict[str, int]:
    terms = terms_of(vendor)
    first_days = pl.DataFrame({"partner_id": list(terms), "first_day": [each.first_day for each in terms.values()]})
    brought = (
        claims.filter(pl.col("claimed_on") <= LAST_DAY)
        .sort("claimed_on", "claim_id")
        .unique("client_id", keep="first", maintain_order=True)
        .join(first_days, on="partner_id")
        .select("client_id", "partner_id", since=pl.max_horizontal("claimed_on", "first_day"))
    )
    sound = _sound(vendor, left_out)
    is_refund = pl.col("refunds_line_id").is_not_null() & (pl.col("amount_minor") < 0)
    given_back = (
        sound.filter(is_refund)
        .group_by(line_id="refunds_line_id", client_id="client_id")
        .agg(given=-pl.col("amount_minor").sum())
        .collect(engine="streaming")
    )
    amount = pl.col("amount_minor")
    left = (amount - pl.col("given")).clip(lower_bound=0).cast(pl.Int128)
    part = ((2 * pl.col("net").cast(pl.Int128) * left + amount) // (2 * amount)).cast(pl.Int64)
    of = pl.col("category").is_in
    rows = (
        sound.filter(~is_refund)
        .join(brought.lazy(), on="client_id")
        .filter(pl.col("paid_on") >= pl.col("since"))
        .join(given_back.lazy(), on=["line_id", "client_id"], how="left")
        .with_columns(base=pl.when(pl.col("given").is_not_null() & (amount > 0)).then(part).otherwise("net"))
        .group_by("partner_id")
        .agg(
            pl.col("base").filter(of(SOFTWARE)).sum().alias("software"),
            pl.col("base").filter(of(TELEPHONY)).sum().alias("telephony"),
            pl.col("base").sum().alias("bill"),
        )
        .collect(engine="streaming")
    )
    return commissions((Sums(*row) for row in rows.iter_rows()), terms)


def _sound(vendor: Path, left_out: pl.DataFrame) -> pl.LazyFrame:
    """The month's lines in its currency, read, with what they come to net of VAT."""
    amount, rate = pl.col("amount_minor"), pl.col("vat_rate")
    by_rate = amount.sign() * ((2 * amount.abs() * rate + 100 + rate) // (2 * (100 + rate)))
    return (
        _lines(vendor)
        .select("place", *NEEDED)
        .filter(pl.col("currency") == CURRENCY)
        .join(left_out.lazy(), on="place", how="anti")
        .with_columns(
            pl.col("amount_minor", "vat_minor", "vat_rate").cast(pl.Int64),
            _day(pl.col("paid_on"), strict=True),
            posted_on=_day(pl.coalesce("posted_on", "paid_on"), strict=True),
        )
        .filter(pl.col("posted_on").is_between(FIRST_DAY, LAST_DAY))
        .with_columns(net=amount - pl.coalesce("vat_minor", by_rate))
        .select("line_id", "client_id", "category", "amount_minor", "paid_on", "refunds_line_id", "net")
    )


def _day(text: pl.Expr, *, strict: bool) -> pl.Expr:
    return text.str.to_date("%Y-%m-%d", strict=strict)
