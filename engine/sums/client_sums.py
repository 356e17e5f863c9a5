"""Client sums: the lines of one rule, summed by client, in the amount and over the years the rule asks for."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from engine.sums.past import summed
from engine.sums.sum_inputs import SumInputs
from models.billing import Outcome, Reason
from models.vendor import Exclusion
from rules.earning.measure import AfterRefunds
from rules.plan import ClientSums, Cut, Select
from rules.terms.in_force import Part


def settled(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines that settle for the partner that brought the client."""
    return lines.filter((pl.col("outcome") == Outcome.SETTLED.value) & pl.col("partner_id").is_not_null())


def servable(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines that somebody who serves the client may earn on, whatever they brought its acquirer.

    What gives back a sale of an earlier month is none: it takes back what that sale earned, from whoever earned it.
    """
    never = [Reason.BEFORE_STARTS.value, Reason.SALE_EARNED_NOTHING.value]
    is_final = (pl.col("outcome") == Outcome.FINAL.value) & ~pl.col("reason").is_in(never)
    return lines.filter((pl.col("outcome") == Outcome.SETTLED.value) | is_final)


@dataclass(frozen=True, eq=False)
class CountedLines:
    """The lines one rule of one block counts, each with the amount and the year that the rule asks for.

    `lines` has `partner_id`, `part` (null where the partner serves the client), `client_id`, `year` Int64,
    `line_id`, `amount` Int64: minor units; `before_minor` Int64: of first orders, what earlier months came to.
    """

    lines: pl.DataFrame

    def by_client(self) -> dict[tuple[str, int | None], list[ClientSums]]:
        """Lines and base by partner and part, then by client and year of its life."""
        keys = ["partner_id", "part", "client_id", "year"]
        grouped = (
            self.lines.group_by(keys)
            .agg(pl.len().cast(pl.Int64), pl.col("amount").sum(), pl.col("before_minor").max())
            .sort(keys)
        )
        found: dict[tuple[str, int | None], list[ClientSums]] = defaultdict(list)
        for partner_id, part, client_id, year, count, amount, before in grouped.iter_rows():
            found[partner_id, part].append(ClientSums(client_id, count, amount, year, before))
        return found


def counted_lines(lines: pl.DataFrame, part: Part, rule: str, asked: SumInputs) -> CountedLines:
    """Return which of the lines (PartnerLines) a rule of a block counts, and how much of each.

    `lines` are those that settle; of a rule on served clients, those that are served.
    """
    cut = part.block.earn[rule].cut()
    assert cut.lines is not None
    # A client's first order is the first of all it paid for, whichever block each line earns by.
    of_block = pl.col("block") == part.key
    mine = lines if cut.first_orders else lines.filter(of_block)
    if cut.served or not cut.takes:
        mine = _without_excluded(mine.filter(selected(cut.lines)), rule, asked.exclusions)
    else:
        mine = mine.filter(pl.col("base_rule") == rule)
    if cut.after_refunds is AfterRefunds.KEPT:
        mine = mine.filter(~pl.col("line_id").is_in(list(asked.again)).fill_null(False))
    mine = mine.with_columns(
        # A refund repeats the discount of its sale, and gives it back.
        amount=pl.when(pl.col("amount_minor") < 0)
        .then(-pl.col("discount_minor").abs())
        .otherwise("discount_minor")
        .fill_null(0)
        if cut.amount == "discount"
        else "value_minor",
        before_minor=pl.lit(0, pl.Int64),
    )
    if cut.first_orders:
        mine = mine.with_columns(**_first_order(mine, cut, asked).to_dict()).filter(of_block)
    if cut.amount == "discount" or cut.first_orders:
        # Most lines are not what is asked for; one that no other rule has stays, so that its rule is shown.
        mine = mine.filter((pl.col("amount") != 0) | (pl.col("base_rule") == rule))
    mine = mine.with_columns(year=_year(cut, asked))
    return CountedLines(mine.select("partner_id", "part", "client_id", "year", "line_id", "amount", "before_minor"))


def selected(select: Select) -> pl.Expr:
    """The lines a rule looks at beside the one that takes them."""
    named = pl.col("product_code").is_in(list(select.products)) | pl.col("category").is_in(list(select.categories))
    return pl.lit(True) if select.everything else named.fill_null(False)


def _without_excluded(lines: pl.DataFrame, rule: str, exclusions: Iterable[Exclusion]) -> pl.DataFrame:
    rows = [(each.client_id, each.from_day) for each in exclusions if each.rule in ("", rule)]
    if not rows:
        return lines
    frame = pl.DataFrame(rows, schema={"client_id": pl.String, "excluded_from": pl.Date}, orient="row")
    since = frame.group_by("client_id").agg(
        pl.when(pl.col("excluded_from").is_null().any())
        .then(None)
        .otherwise(pl.col("excluded_from").min())
        .alias("since"),
        is_excluded=pl.lit(True),
    )
    applies = pl.col("is_excluded") & (pl.col("since").is_null() | (pl.col("paid_on") >= pl.col("since")))
    joined = lines.join(since, on="client_id", how="left", maintain_order="left")
    return joined.filter(~applies.fill_null(False)).drop("since", "is_excluded")


def _first_order(lines: pl.DataFrame, cut: Cut, asked: SumInputs) -> pl.DataFrame:
    """What each line adds to its client's first paid order of such lines, `amount`; and what earlier months came to.

    An order is an invoice; a refund belongs to the invoice of what it gives back, however it names that. A client who
    paid for such lines before, also before its claim, has had its first order: only what goes on with that one counts.
    An order that was refunded whole is none, and so is a month in which the client was given back what it paid. Where
    the rule keeps what it earned, only what is given back in the month of the order itself counts.

    Where lines of the order earn by different terms, as late ones may, those by the earlier terms came before.
    """
    select, is_kept = cut.lines or Select(), cut.after_refunds is AfterRefunds.KEPT
    before = _first_orders_before(select, asked, is_kept=is_kept)
    ordered = lines.select(
        "line_id",
        "client_id",
        "paid_on",
        "value_minor",
        "refund_paid_on",
        "part",
        order=pl.coalesce("of_invoice", "invoice_id"),
    )
    orders = ordered.group_by("client_id", "order").agg(
        pl.col("value_minor").sum(), pl.col("paid_on").filter(pl.col("value_minor") > 0).min()
    )
    first = (
        orders.filter(pl.col("value_minor") > 0)
        .sort("paid_on", "order")
        .group_by("client_id", maintain_order=True)
        .agg(pl.col("order").first().alias("first_order"), pl.col("paid_on").first().alias("first_day"))
    )
    net = ordered.group_by("client_id").agg(pl.col("value_minor").sum().alias("net"))
    of_terms = ordered.group_by("client_id", "order", "part").agg(own=pl.col("value_minor").sum())
    so_far = pl.col("own").cum_sum().over("client_id", "order", order_by="part")
    by_terms = of_terms.with_columns(by_earlier_terms=so_far - pl.col("own")).drop("own")
    joined = (
        ordered.join(by_terms, on=["client_id", "order", "part"], how="left", maintain_order="left", nulls_equal=True)
        .join(first, on="client_id", how="left", maintain_order="left")
        .join(net, on="client_id", how="left", maintain_order="left")
        .join(before, on="client_id", how="left", maintain_order="left")
        .join(_paid_early(select, asked), on="client_id", how="left", maintain_order="left")
    )
    bought = pl.col("before_minor") > 0
    is_new = (
        (pl.col("order") == pl.col("first_order"))
        & (pl.col("net") > 0)
        & ~bought.fill_null(False)
        & pl.col("is_early").is_null()
    )
    goes_on = bought & (pl.col("order") == pl.col("order_before"))
    if is_kept:
        goes_on &= (pl.col("value_minor") > 0) | pl.col("refund_paid_on").is_not_null()
    return joined.select(
        amount=pl.when((is_new | goes_on).fill_null(False)).then("value_minor").otherwise(0),
        before_minor=pl.when((is_new | goes_on).fill_null(False))
        .then(pl.when(goes_on.fill_null(False)).then("before_minor").otherwise(0) + pl.col("by_earlier_terms"))
        .otherwise(0)
        .clip(lower_bound=0),
    )


def _first_orders_before(select: Select, asked: SumInputs, *, is_kept: bool) -> pl.DataFrame:
    """`client_id`, `before_minor`, what it paid in earlier months and was not given back, `order_before`, its first.

    `is_kept`: what was given back in a later month than it was paid does not count.
    """
    sums = pl.concat([asked.past.sums, asked.given_back]).filter(selected(select))
    if is_kept:
        keys = ["month", "client_id", "category", "product_code"]
        sums = summed(sums.filter(pl.col("returned_of") == ""), keys, pl.col("paid_minor").sum().clip(lower_bound=0))
        steps = sums.with_columns(is_paid=pl.lit(True))
    else:
        # What a month gives back of earlier ones goes before what is paid in it.
        steps = sums.with_columns(is_paid=(pl.col("returned_of") == "") | (pl.col("returned_of") == pl.col("month")))
    by_step = summed(steps, ["client_id", "month", "is_paid"], pl.col("paid_minor").sum()).with_columns(
        left=pl.col("paid_minor").cum_sum().over("client_id"), step=pl.int_range(pl.len()).over("client_id")
    )
    # Once all a client paid was given back, it has no first order: the next that it pays is.
    nothing_left = by_step.filter(pl.col("left") <= 0).group_by("client_id").agg(until=pl.col("step").max())
    since = by_step.join(nothing_left, on="client_id", how="left").filter(
        pl.col("until").is_null() | (pl.col("step") > pl.col("until"))
    )
    before = by_step.group_by("client_id").agg(before_minor=pl.col("paid_minor").sum())
    first = summed(since, ["client_id"]).select("client_id", order_before="first_order")
    return before.join(first, on="client_id", how="left")


def _paid_early(select: Select, asked: SumInputs) -> pl.DataFrame:
    """`client_id`, `is_early`: clients whose first payment of the month earned nothing, as one before its claim."""
    paid = summed(asked.sums.filter(selected(select)), ["client_id"])
    early = paid.filter(pl.col("first_paid_on").is_not_null() & (pl.col("first_order") == ""))
    return early.select("client_id", is_early=pl.lit(True))


def _year(cut: Cut, asked: SumInputs) -> pl.Expr:
    """The year of the client's life in which the line was paid: 1 is the first; 0 where nobody asks."""
    if cut.year_since is None:
        return pl.lit(0, pl.Int64)
    since = pl.col("claimed_on")
    if cut.year_since == "first_payment":
        since = pl.col("client_id").replace_strict(asked.paid_first, default=None, return_dtype=pl.Date)
    paid = pl.col("paid_on")
    whole = paid.dt.year().cast(pl.Int64) - since.dt.year().cast(pl.Int64)
    not_yet = (paid.dt.month() < since.dt.month()) | (
        (paid.dt.month() == since.dt.month()) & (paid.dt.day() < since.dt.day())
    )
    return (whole - not_yet.cast(pl.Int64) + 1).clip(lower_bound=1).fill_null(1)
