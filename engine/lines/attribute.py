"""Attribute: whose client each line is of, which rule has it, what becomes of it, and what it is worth."""

from collections.abc import Iterable

import polars as pl

from engine.frames.schemas import Bonds, of_types
from engine.lines.contracts import Contracts
from engine.lines.served import served_by
from models.billing import Outcome, Reason
from models.vendor import Attribution, Exclusion
from rules.corrections.refunds import Fate
from rules.lines import outcomes
from rules.lines.ladder import decide
from rules.lines.reading import net_of_vat_minor
from rules.programme.file import Programme


def bonds_of(attributions: Iterable[Attribution]) -> pl.DataFrame:
    """Return attributions as a frame (Bonds)."""
    return pl.DataFrame(list(map(tuple, attributions)), schema=of_types(Bonds), orient="row")


def attribute(judged: pl.DataFrame, bonds: pl.DataFrame, contracts: Contracts) -> pl.DataFrame:
    """Return judged lines with whose client they are of, their rule, their outcome and their worth.

    The lines have what the sale they name makes of them: `fate`, `takes_minor`, `as_net_minor` and `as_carried_from`
    (`like_their_sales`).
    Beside their columns, and the vendor's own: `partner_id`, `claim_id`, `claimed_on`; `block` and `part` of the
    partner's terms; `late_of`, the closed month of payment, where those are the terms of then;
    `base_rule` and `rule` (as the programme file names it, and as the statement does); `note`;
    `outcome`, `reason`; `late`; `value_minor`, `base_minor`, `measured_minor`.
    """
    lines = (
        judged.join(bonds, on="client_id", how="left", maintain_order="left")
        .join(contracts.first_terms, on="partner_id", how="left", maintain_order="left")
        .with_row_index("position")
    )
    return (
        lines.join(_parts_of(lines, contracts), on="position", how="left", maintain_order="left")
        .with_columns(_is_served(lines, contracts))
        .pipe(_with_rules, contracts)
        .pipe(_with_exclusions, contracts.exclusions)
        .pipe(_with_outcomes, contracts)
        .pipe(with_worth, contracts.programme)
        .with_columns(names_no_sale=_names_no_sale(contracts))
        .drop("position", "suffix", "terms_from", "served", "posted_month", "starts", "as_net_minor", "as_carried_from")
    )


def _names_no_sale(contracts: Contracts) -> pl.Expr:
    """Whether a line gives back nobody knows what, where refunds take back what their sale earned."""
    if contracts.programme.refunds_in(contracts.month) == "net_current":
        return pl.lit(False)
    names_none = pl.col("refunds_line_id").is_null() & pl.col("refunds_invoice_id").is_null() & pl.col("fate").is_null()
    return names_none & (pl.col("amount_minor") < 0) & (pl.col("outcome") == Outcome.SETTLED.value)


def with_worth(lines: pl.DataFrame, programme: Programme) -> pl.DataFrame:
    """Add `value_minor`, the part of the amount that commission can be on; `base_minor` and `measured_minor`.

    A rejected line has no value here, nor has one in another currency, nor a refund that this month does not count.
    A line that settles, or that the plan excludes, has its value for a base; a refund as much as it takes of its sale.
    Measures count that, and a paid line that waits for a rule, in the month that first sees it.
    """
    value = pl.col("amount_minor")
    if programme.base == "net_of_vat":
        # VAT comes from the invoice: its own amount, else its rate; never from the date of payment.
        value = net_of_vat_minor()
    taken, amount = pl.col("takes_minor"), pl.col("amount_minor").abs()
    part = (value.cast(pl.Int128).abs() * taken * 2 + amount) // (amount * 2)
    value = pl.when(taken < amount).then((value.sign() * part).cast(pl.Int64, strict=False)).otherwise(value)
    if programme.base == "net_of_vat":
        # All parts of a sale that are given back come to what it was worth, though each has its own VAT, rounded.
        value = pl.coalesce(-pl.col("as_net_minor"), value)
    counts = (pl.col("outcome") == Outcome.SETTLED.value) | (pl.col("reason") == Reason.EXCLUDED.value)
    is_counted = pl.col("fate").is_null() | (pl.col("fate") == Fate.AS_SALE.value)
    is_sound = ~pl.col("outcome").is_in([Outcome.REJECTED.value, Outcome.SEEN_BEFORE.value])
    has_value = is_counted & is_sound & (pl.col("currency") == programme.currency)
    waits_for_rule = (pl.col("outcome") == Outcome.OPEN.value) & (pl.col("reason") == Reason.NO_RULE.value)
    valued = lines.with_columns(value_minor=pl.when(has_value).then(value))
    return valued.with_columns(
        base_minor=pl.when(counts).then("value_minor"),
        measured_minor=pl.when((counts | waits_for_rule) & pl.col("measured_in").is_null()).then("value_minor"),
    )


def _with_outcomes(lines: pl.DataFrame, contracts: Contracts) -> pl.DataFrame:
    months = {
        "posted_month": pl.col("posted_on").dt.strftime("%Y-%m"),
        "starts": pl.lit(str(contracts.programme.starts)),
    }
    is_late = (pl.col("outcome") == Outcome.SETTLED.value) & _is_of_closed(contracts) & pl.col("carried_from").is_null()
    return (
        lines.with_columns(**months)
        .with_columns(*decide(outcomes.ladder(contracts.programme.currency)))
        .with_columns(rule=pl.col("rule") + pl.col("suffix"), base_rule=pl.col("rule"), late=is_late)
    )


def _is_of_closed(contracts: Contracts) -> pl.Expr:
    """Whether a line was paid, or posted, in a closed month of the programme."""
    # A payment of the last days of a month is often booked in the next: by either day its month may be closed.
    of_month = pl.min_horizontal(pl.col("posted_on", "paid_on").dt.strftime("%Y-%m"))
    return of_month.is_between(pl.lit(str(contracts.programme.starts)), pl.lit(str(contracts.month)), closed="left")


def _parts_of(lines: pl.DataFrame, contracts: Contracts) -> pl.DataFrame:
    """Which part of the partner's terms each line falls under: by the client's claim, and by the day of payment.

    A line that was open before is not late, nor is what is given back of it.
    """
    is_late = _is_of_closed(contracts) & pl.coalesce("as_carried_from", "carried_from").is_null()
    within = [
        (pl.col(f"{what}_from").is_null() | (pl.col(day) >= pl.col(f"{what}_from")))
        & (pl.col(f"{what}_until").is_null() | (pl.col(day) < pl.col(f"{what}_until")))
        for what, day in (("claimed", "claimed_on"), ("paid", "paid_on"))
    ]
    return (
        lines.select("position", "partner_id", "claimed_on", "paid_on", is_late=is_late)
        .join(contracts.parts, on="partner_id", how="inner", maintain_order="left_right")
        .filter(*within, pl.col("late_of").is_null() | pl.col("is_late"))
        .select("position", "part", "block", "suffix", "late_of")
        .unique("position", keep="last", maintain_order=True)
    )


def _is_served(lines: pl.DataFrame, contracts: Contracts) -> pl.Expr:
    served = served_by(lines, contracts.assignments)["position"] if contracts.assignments else None
    positions = pl.Series([], dtype=pl.UInt32) if served is None else served
    return pl.col("position").is_in(positions.implode()).alias("served")


def _with_rules(lines: pl.DataFrame, contracts: Contracts) -> pl.DataFrame:
    """Add `rule` and `note`: the rule that has the line, or the words with which the plan excludes it.

    The most specific wins: product, then category, then what no other rule names. Where no rule takes
    the line, the first that looks at it has it.
    """
    lines = (
        lines.join(contracts.fates_of_products, on=["block", "product_code"], how="left", maintain_order="left")
        .join(contracts.fates_of_categories, on=["block", "category"], how="left", maintain_order="left")
        .join(contracts.rest, on="block", how="left", maintain_order="left")
    )
    taken = pl.coalesce("rule_of_product", pl.when(pl.col("note").is_null()).then("rule_of_category"))
    known = pl.col("category").is_not_null() | pl.col("product_code").is_not_null()
    others = pl.when(pl.col("note").is_null() & known).then("rule_of_others")
    looked = pl.coalesce("looks_at_product", "looks_at_category", pl.when(known).then("looks_at_everything"))
    return lines.with_columns(
        rule=pl.coalesce(taken, others, pl.when(pl.col("note").is_null()).then(looked)),
        note=pl.when(pl.col("rule_of_product").is_null()).then("note"),
    ).drop("^(rule_of|looks_at)_.*$")


def _with_exclusions(lines: pl.DataFrame, exclusions: Iterable[Exclusion]) -> pl.DataFrame:
    """Put the reason into `note` where a client is excluded from the rule that has the line, or from every rule."""
    exclusions = list(exclusions)
    for rule in ("", *sorted({each.rule for each in exclusions} - {""})):
        named = [each for each in exclusions if each.rule == rule]
        rows = [(each.client_id, each.reason, each.from_day) for each in named]
        schema = {"client_id": pl.String, "excluded": pl.String, "excluded_from": pl.Date}
        frame = pl.DataFrame(rows, schema=schema, orient="row").unique("client_id", keep="first", maintain_order=True)
        applies = pl.col("excluded_from").is_null() | (pl.col("paid_on") >= pl.col("excluded_from"))
        if rule:
            applies &= pl.col("rule") == rule
        lines = (
            lines.join(frame, on="client_id", how="left", maintain_order="left")
            .with_columns(note=pl.when(applies & pl.col("excluded").is_not_null()).then("excluded").otherwise("note"))
            .drop("excluded", "excluded_from")
        )
    return lines
