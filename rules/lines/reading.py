"""Reading: what the text of a billing line says, exactly, or that it says nothing we may pay on.

Every function is an expression over the columns as received. Text that cannot be read exactly
becomes null; nothing is trimmed, guessed or passed through a float.
"""

import polars as pl

from models.money import LARGEST_MINOR, known_currencies, minor_digits

DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
WHOLE = r"^[+-]?[0-9]+$"
DECIMAL = r"^(?<sign>[+-]?)(?<whole>[0-9]+)(?:\.(?<fraction>[0-9]+))?$"

WITH_DECIMALS = r"^[+-]?[0-9]+[.,][0-9]+$"
"""What stands in `amount_minor` where somebody wrote major units: 300.50."""

RATE_DIGITS = 4
"""A VAT rate has at most four decimals: 22, 7.5, 16.6667."""


def date_of(column: str) -> pl.Expr:
    """The day written as YYYY-MM-DD: `2026-02-28`, but not `2026-02-29`, `2026-2-8` or `28.02.2026`."""
    text = pl.col(column)
    is_written_so = text.str.contains(DATE) & ~text.str.starts_with("0000")
    return pl.when(is_written_so).then(text).str.to_date("%Y-%m-%d", strict=False).alias(column)


def whole_number(column: str) -> pl.Expr:
    """The whole number: `-300` or `+7`, but not `300.00`, `3e2` or what 64 bits cannot hold."""
    return _integer(pl.col(column)).alias(column)


def decimal_text_of(column: str) -> pl.Expr:
    """The text, where it is a decimal number with a dot: `-1.5` or `2`, but not `1,5`, `.5` or `1e3`."""
    text = pl.col(column)
    return pl.when(text.str.contains(DECIMAL)).then(text).alias(column)


def vat_rate_of() -> pl.Expr:
    """The text of `vat_rate`, where it is a percentage from 0 to 100 with at most four decimals: `22`, `7.5`."""
    rate = _shifted(pl.col("vat_rate"), pl.lit(RATE_DIGITS))
    is_percentage = rate.is_between(0, 100 * 10**RATE_DIGITS)
    return pl.when(is_percentage).then(pl.col("vat_rate")).alias("vat_rate")


def amount_minor_of() -> pl.Expr:
    """The amount in minor units, from `amount_minor` or else from `amount` and the currency.

    RUB `12.5` is 1250, JPY `12` is 12, KWD `1.234` is 1234; RUB `0.001` is unreadable. So is an amount
    above `LARGEST_MINOR`, and a line that gives both when they disagree or one of them is unreadable.
    """
    minor, major = pl.col("amount_minor"), pl.col("amount")
    of_minor = _integer(minor)
    of_major = _shifted(major, _currency_digits())
    amount = pl.when(minor.is_null()).then(of_major).when(major.is_null() | of_minor.eq(of_major)).then(of_minor)
    return _within_limits(amount).alias("amount_minor")


def minor_of_major(column: str) -> pl.Expr:
    """A column in major units of `currency`, as whole minor units in text: RUB `12.5` is `1250`; else null."""
    return _shifted(pl.col(column), _currency_digits()).cast(pl.String)


def discount_minor_of() -> pl.Expr:
    """The discount in minor units, a whole number that is no larger than any amount."""
    return _within_limits(whole_number("discount_minor")).alias("discount_minor")


def vat_by_rate_minor() -> pl.Expr:
    """The VAT inside the judged `amount_minor` by its `vat_rate`, rounded half away from zero.

    At 22 % an amount of 122.00 holds 22.00; at 20 %, -0.03 holds -0.01 (exactly -0.005).
    """
    # A large amount times a rate does not fit 64 bits.
    rate = _shifted(pl.col("vat_rate"), pl.lit(RATE_DIGITS)).cast(pl.Int128)
    amount = pl.col("amount_minor").cast(pl.Int128)
    whole = 100 * 10**RATE_DIGITS + rate
    size = (2 * amount.abs() * rate + whole) // (2 * whole)
    vat: pl.Expr = size * amount.sign()
    return vat.cast(pl.Int64, strict=False).alias("vat_by_rate_minor")


def posted_on_of() -> pl.Expr:
    """The day of posting. A blank one is the day of payment; an unreadable one is not."""
    is_blank = pl.col("posted_on").is_null()
    return pl.when(is_blank).then(date_of("paid_on")).otherwise(date_of("posted_on")).alias("posted_on")


def net_of_vat_minor() -> pl.Expr:
    """The judged `amount_minor` without the VAT in it: by the invoice's own amount, else by its rate."""
    return pl.col("amount_minor") - pl.coalesce("vat_minor", vat_by_rate_minor())


def judged_types(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the lines with dates, amounts and VAT read, null where they cannot be; other columns as they are."""
    return frame.with_columns(
        date_of("issued_on"),
        date_of("paid_on"),
        posted_on_of(),
        amount_minor_of(),
        _within_limits(whole_number("vat_minor")),
        discount_minor_of(),
        vat_rate_of(),
        decimal_text_of("quantity"),
    )


def _integer(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.contains(WHOLE)).then(text).cast(pl.Int64, strict=False)


def _within_limits(minor: pl.Expr) -> pl.Expr:
    return pl.when(minor.is_between(-LARGEST_MINOR, LARGEST_MINOR)).then(minor)


def _shifted(text: pl.Expr, digits: pl.Expr) -> pl.Expr:
    """Decimal text with its dot moved right by `digits` (at most four): `1.5` by 2 is 150, `1.555` by 2 is null."""
    parts = text.str.extract_groups(DECIMAL)
    # 300.0000 is 300.00: zeros at the end say nothing, and databases write them.
    fraction = parts.struct.field("fraction").fill_null("").str.strip_chars_end("0")
    missing = digits.cast(pl.Int64) - fraction.str.len_bytes().cast(pl.Int64)
    zeros = pl.lit("0000").str.slice(0, missing.clip(lower_bound=0))
    number = pl.concat_str(parts.struct.field("sign"), parts.struct.field("whole"), fraction, zeros)
    return pl.when(missing >= 0).then(number).cast(pl.Int64, strict=False)


def _currency_digits() -> pl.Expr:
    digits = {currency: minor_digits(currency) for currency in known_currencies()}
    return pl.col("currency").replace_strict(digits, default=None, return_dtype=pl.Int64)
