"""Findings: what is true of each billing line, alone and beside the others, for the expectations to judge.

A finding is true, false, or null where the question does not arise: whether a VAT amount can be read
is no question about a line that gives none. Findings take few values, so most lines are alike in all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from models.billing import TEXT_COLUMNS
from models.money import known_currencies
from rules.lines.lookalikes import LONGEST_ID, SHORTENED, UNSEEN
from rules.lines.reading import decimal_text_of, judged_types, vat_by_rate_minor

AS_RECEIVED = ("currency", "kind")
IDS = ("line_id", "invoice_id", "client_id", "refunds_line_id", "refunds_invoice_id")
MUST_BE_GIVEN = ("line_id", "invoice_id")
DAYS = ("issued_on", "paid_on", "posted_on")
READ_WHEN_GIVEN = (*DAYS, "quantity", "vat_minor", "vat_rate", "discount_minor")

OF_COPIES = ("is_repeat", "is_already_open", "is_contradiction", "is_replaced")

NOT_CONTENT = ("carried_from", "measured_in")
"""When a line was first seen, and counted. Everything else of a line is its content."""


@dataclass(frozen=True)
class CopyFindings:
    """What is true of lines that share a line id with others; every line that is not in it has an id of its own."""

    found: pl.DataFrame  # line UInt32 (its place), and OF_COPIES

    def of(self, start: int, lines: int) -> pl.DataFrame:
        """Return the findings of so many lines from a place on, false for a line that has its own id."""
        places = pl.select(line=pl.int_range(start, start + lines, dtype=pl.UInt32))
        joined = places.join(self.found, on="line", how="left", maintain_order="left")
        return joined.select(pl.col(OF_COPIES).fill_null(False))


def findings(lines: pl.DataFrame, settled_before: pl.Series, of_copies: pl.DataFrame) -> pl.DataFrame:
    """Return what the expectations look at, in the order of `lines`, which are as received.

    `settled_before` holds the `line_id` of every line that a closed month settled, or ended for good; `of_copies`
    what is true of these lines beside the others (`CopyFindings.of`).
    """
    text = lines.select(pl.col(TEXT_COLUMNS).name.suffix("_text"))
    alone = pl.concat([text, judged_types(lines)], how="horizontal").select(
        *AS_RECEIVED,
        *(pl.col(column).is_not_null().alias(f"{column}_is_given") for column in MUST_BE_GIVEN),
        *(is_legible(column) for column in IDS),
        *(_is_read(column) for column in READ_WHEN_GIVEN),
        *(_year(column) for column in DAYS),
        _amount_is_read(),
        _vat_fits_amount(),
        amount_sign=pl.col("amount_minor").sign(),
        # By how much it is off says no more than that it is more than rounding.
        vat_off_by_minor=(pl.col("vat_minor") - vat_by_rate_minor()).clip(-2, 2),
        vat_is_known=_is_given("vat_minor") | _is_given("vat_rate"),
        is_already_settled=pl.col("line_id").is_in(settled_before.implode()).fill_null(False),
    )
    return pl.concat([alone, of_copies], how="horizontal")


def is_legible(column: str) -> pl.Expr:
    """Whether an id has at most 200 characters, each of them to be seen, and is no 1.23457E+11; null without one."""
    text = pl.col(column)
    is_odd = (text.str.len_chars() > LONGEST_ID) | text.str.contains(f"{UNSEEN}|{SHORTENED}")
    return (~is_odd).alias(f"{column}_is_legible")


def _is_read(column: str) -> pl.Expr:
    return pl.when(_is_given(column)).then(pl.col(column).is_not_null()).alias(f"{column}_is_read")


def _year(column: str) -> pl.Expr:
    # A day of posting that stands in for the day of payment has been looked at there.
    return pl.when(_is_given(column)).then(pl.col(column).dt.year()).alias(f"{column}_year")


def _is_given(column: str) -> pl.Expr:
    return pl.col(f"{column}_text").is_not_null()


def _amount_is_read() -> pl.Expr:
    # 12.50 of a currency nobody knows is a fault of the currency, not of the number.
    is_decimal = decimal_text_of("amount").is_not_null()
    is_known = pl.col("currency").is_in(known_currencies()).fill_null(False)
    waits_for_currency = ~_is_given("amount_minor") & is_decimal & ~is_known
    return pl.when(~waits_for_currency).then(pl.col("amount_minor").is_not_null()).alias("amount_is_read")


def _vat_fits_amount() -> pl.Expr:
    """Whether the VAT is a part of the amount: from 0 up to it, or down to it when it is negative."""
    vat, amount = pl.col("vat_minor"), pl.col("amount_minor")
    return vat.is_between(amount.clip(upper_bound=0), amount.clip(lower_bound=0)).alias("vat_fits_amount")


def _is_copy(ids: pl.Series) -> pl.Series:
    """Whether another line has the same id. Where ids are in order, as a month's are, copies are neighbours."""
    if ids.is_sorted():
        is_copy = (ids == ids.shift(1)).fill_null(False) | (ids == ids.shift(-1)).fill_null(False)
    else:
        is_copy = ids.is_duplicated()
    return ids.is_not_null() & is_copy


def copies(ids: pl.Series, lines_at: Callable[[pl.Series], pl.DataFrame]) -> CopyFindings:
    """Return what is true of lines that share a line id: which copy counts.

    `ids` are the ids of all lines, in order; `lines_at` gives the lines at some places, with `line`, their place.
    `is_repeat`: the same content came before, and the first copy counts. `is_already_open`: we carry the line open,
    and the source sends it again as it was, as a cumulative export does; the one we carry counts.
    `is_contradiction`: the source sent the line id with two contents. `is_replaced`: we carried the line
    open, and the source sends a newer version of it. A line that was sent unpaid, and again when it was
    paid, is two states of one line, so paid and unpaid copies are compared apart.
    """
    lines = lines_at(_is_copy(ids).arg_true().cast(pl.UInt32))
    content = pl.struct(column for column in lines.columns if column not in (*NOT_CONTENT, "line"))
    is_ours = pl.col("carried_from").is_not_null()
    state = ("line_id", pl.col("paid_on").is_null())
    found = (
        lines.sort("carried_from", "line", nulls_last=True)
        .with_columns(
            is_first=content.is_first_distinct(),
            is_as_ours=~is_ours & is_ours.any().over(content),
            contents=content.n_unique().over(state),
            contents_sent=content.filter(~is_ours).n_unique().over(state),
        )
        .with_columns(is_contradiction=pl.col("contents_sent") > 1)
        .with_columns(is_already_open=pl.col("is_as_ours") & ~pl.col("is_contradiction"))
        .select(
            "line",
            "is_already_open",
            "is_contradiction",
            is_repeat=~pl.col("is_first") & ~pl.col("is_already_open"),
            is_replaced=is_ours & (pl.col("contents_sent") == 1) & (pl.col("contents") > 1),
        )
    )
    return CopyFindings(found)
