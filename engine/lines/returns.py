"""Returns: which of the month's lines give back a sale, what each took of it, and what that makes of the line."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from engine.frames.schemas import Returns, SoldLines, of_types
from engine.frames.snapshot import Snapshot
from engine.inputs import EarlierMonths
from models.billing import CHARGEBACK_WON, Outcome, Reason, RejectedRecord
from models.period import Period
from rules.corrections.refunds import Decided, Fate, Refund, RefundPolicy, Return, Sale, give_back, given_back_minor
from rules.lines.reading import judged_types, net_of_vat_minor

NAMES_A_SALE = pl.col("refunds_line_id").is_not_null() | pl.col("refunds_invoice_id").is_not_null()
FATES = {
    "line": pl.UInt32, "fate": pl.String, "takes_minor": pl.Int64, "as_line": pl.String, "as_client_id": pl.String,
    "as_category": pl.String, "as_product_code": pl.String, "as_paid_on": pl.Date, "as_posted_on": pl.Date,
    "as_discount_minor": pl.Int64, "as_net_minor": pl.Int64, "as_carried_from": pl.String,
    "of_invoice": pl.String,
}  # fmt: skip
LIKE_ITS_SALE = ("client_id", "category", "product_code", "paid_on", "posted_on", "discount_minor")
"""What a refund has from its sale where it is judged as the sale is."""

ORDINARY = (Fate.LOWERS, Fate.NO_SALE, Fate.UNPAID)
"""What makes a refund under `net_current` a payment below zero as any other: all but one of a sale of its own month."""


@dataclass(frozen=True, eq=False)
class ReturnedSales:
    """What the lines that name a sale give back.

    `fates` has a row for each line that is not as others: `line` UInt32, its place; `fate`, a Fate of
    rules.corrections.refunds; `takes_minor`, what it takes of its sale; `of_invoice`, the invoice of that; and, where
    it is judged as its sale is, the sale's values (`as_...`).
    `returns` (Returns) counts only once the lines are settled: `returns_with`.
    """

    fates: pl.DataFrame
    returns: pl.DataFrame
    sold: pl.DataFrame  # SoldLines: the sales of earlier months among them
    rejected: tuple[RejectedRecord, ...]

    @property
    def named(self) -> pl.DataFrame:
        """`line_id` of the refunds that took something."""
        return self.returns.select(line_id="refund_id").unique()

    @classmethod
    def none(cls) -> "ReturnedSales":
        return cls(pl.DataFrame(schema=FATES), Returns.create_empty(), SoldLines.create_empty(), ())


@dataclass(frozen=True)
class Giving:
    """By what a month decides its refunds: the policy, and the sales that somebody looked up."""

    month: Period
    policy: RefundPolicy
    matches: Mapping[str, str]  # refund -> sale

    @property
    def names_a_sale(self) -> pl.Expr:
        return NAMES_A_SALE | pl.col("line_id").is_in(list(self.matches))


def returned_sales(received: Snapshot, faults: pl.DataFrame, earlier: EarlierMonths, giving: Giving) -> ReturnedSales:
    """Return what the lines that name a sale give back. `faults` (Faults) are of lines that are rejected."""
    if received.columns("line_id", "refunds_line_id", "refunds_invoice_id").filter(giving.names_a_sale).is_empty():
        return ReturnedSales.none()
    at_fault = faults["line"].unique()
    refunds = _typed(received, giving.names_a_sale, at_fault).with_columns(
        refunds_line_id=pl.col("line_id").replace_strict(
            giving.matches, default=pl.col("refunds_line_id"), return_dtype=pl.String
        )
    )
    refunds = refunds.filter((pl.col("amount_minor") < 0) | (pl.col("kind") == CHARGEBACK_WON))
    if refunds.is_empty():
        return ReturnedSales.none()
    named = pl.concat([refunds["refunds_line_id"], earlier.returns["sale_id"]]).drop_nulls().unique()
    invoices = refunds["refunds_invoice_id"].drop_nulls().unique()
    is_named = pl.col("line_id").is_in(named.implode()) | pl.col("invoice_id").is_in(invoices.implode())
    now = _typed(received, is_named & ~giving.names_a_sale, at_fault).with_columns(net_minor=net_of_vat_minor())
    sales = [*_sold_now(now), *_sold_before(earlier)]
    before = [Return(*row) for row in earlier.returns.select(Return._fields).iter_rows()]
    decided, returns = give_back(_refunds(refunds), sales, before, nets=giving.policy == "net_current")
    given = _SalesGivenBack(now, earlier.sold, returns)
    return ReturnedSales(
        fates=_fates(decided, refunds, given, giving.policy),
        returns=_returns(returns, giving.month),
        sold=earlier.sold,
        rejected=tuple(_refused(decided, refunds, received)),
    )


def returns_with(returns: pl.DataFrame, outcomes: pl.DataFrame, wanted: Sequence[str]) -> pl.DataFrame:
    """Return those of the returns whose refund has one of these outcomes; `outcomes` has `line_id` and `outcome`."""
    found = outcomes.filter(pl.col("outcome").is_in(wanted))
    return returns.filter(pl.col("refund_id").is_in(found["line_id"].implode()))


def like_their_sales(judged: pl.DataFrame, returned: ReturnedSales, start: int = 0) -> pl.DataFrame:
    """Return judged lines with `fate`, `takes_minor` and `as_net_minor` (what the refund takes of what is net of VAT).

    Each refund of a sale of this month has the sale's values; `as_carried_from` says since when that is open.

    Its own stay in `own_...`: client, category, product, the days of payment and posting, the discount.
    `refund_paid_on` is its own day of payment, null in all other lines. `start` is the place of the first line.
    """
    places = pl.int_range(start, start + judged.height, dtype=pl.UInt32, eager=True)
    joined = judged.with_columns(line=places).join(returned.fates, on="line", how="left", maintain_order="left")
    is_as_sale = pl.col("as_line").is_not_null()
    own = [pl.col(name).alias(f"own_{name}") for name in LIKE_ITS_SALE]
    lent = [
        pl.when(is_as_sale).then(f"as_{name}").otherwise(name).alias(name)
        for name in LIKE_ITS_SALE
        if name not in ("paid_on", "discount_minor")
    ]
    lent.append(pl.when(is_as_sale).then("as_paid_on").otherwise(pl.coalesce("paid_on", "as_paid_on")).alias("paid_on"))
    # One that is no more than a line below zero repeats the whole discount of its sale, and gives back a part of it.
    repeats = pl.col("discount_minor").is_not_null() & pl.col("as_discount_minor").is_not_null()
    lent.append(
        pl.when(is_as_sale | repeats).then("as_discount_minor").otherwise("discount_minor").alias("discount_minor")
    )
    return joined.with_columns(*own, *lent, refund_paid_on=pl.when(is_as_sale).then("paid_on")).drop(
        "line", "as_line", *(f"as_{name}" for name in LIKE_ITS_SALE)
    )


def as_they_were(lines: pl.DataFrame) -> pl.DataFrame:
    """Return lines that were judged like their sales with their own values."""
    own = [pl.col(f"own_{name}").alias(name) for name in LIKE_ITS_SALE]
    return lines.with_columns(own).drop(f"own_{name}" for name in LIKE_ITS_SALE)


def _typed(received: Snapshot, wanted: pl.Expr, at_fault: pl.Series) -> pl.DataFrame:
    """The lines that are wanted and sound, typed, with `line`, the place of each."""
    return judged_types(received.where(wanted & ~pl.col("line").is_in(at_fault.implode())))


def _refunds(lines: pl.DataFrame) -> Iterable[Refund]:
    for row in lines.iter_rows(named=True):
        if row["posted_on"] is not None:
            yield Refund(
                line_id=row["line_id"],
                sale_id=row["refunds_line_id"] or "",
                invoice_id=row["refunds_invoice_id"] or "",
                client_id=row["client_id"] or "",
                currency=row["currency"],
                posted_on=row["posted_on"],
                amount_minor=row["amount_minor"],
                kind=row["kind"],
            )


def _sold_now(lines: pl.DataFrame) -> Iterable[Sale]:
    for row in lines.iter_rows(named=True):
        yield Sale(
            line_id=row["line_id"],
            month="",
            invoice_id=row["invoice_id"] or "",
            client_id=row["client_id"] or "",
            currency=row["currency"],
            amount_minor=row["amount_minor"],
            is_paid=row["paid_on"] is not None,
            alike=(row["category"], row["product_code"], row["paid_on"]),
        )


def _sold_before(earlier: EarlierMonths) -> Iterable[Sale]:
    earned = set(earlier.sale_accruals["line_id"])
    for row in earlier.sold.iter_rows(named=True):
        yield Sale(
            line_id=row["line_id"],
            month=row["month"],
            invoice_id=row["invoice_id"] or "",
            client_id=row["client_id"] or "",
            currency=row["currency"],
            amount_minor=row["amount_minor"],
            may_have_earned=row["outcome"] == Outcome.SETTLED.value or row["line_id"] in earned,
        )


class _SalesGivenBack:
    """The sales of this month and of earlier ones, with what each refund takes of them."""

    def __init__(self, now: pl.DataFrame, sold: pl.DataFrame, returns: Iterable[Return]) -> None:
        self.this_month = {row["line_id"]: row for row in now.iter_rows(named=True)}
        self.sales = {row["line_id"]: row for row in sold.iter_rows(named=True)} | self.this_month
        self.taken: dict[str, list[Return]] = defaultdict(list)
        for each in returns:
            self.taken[each.refund_id].append(each)

    def sale_of(self, decided: Decided) -> Mapping[str, Any]:
        """The sale of this month that a refund is judged as, with what it takes of it; nothing of any other."""
        if not decided.as_sale:
            return {}
        refund_id = decided.refund.line_id
        parts = {"discount_minor": self.discount_of(refund_id), "net_minor": self._part_of("net_minor", refund_id)}
        return self.this_month[decided.as_sale] | parts

    def invoice_of(self, refund_id: str) -> str | None:
        """The invoice of what a refund gives back; None where it takes nothing."""
        return next((self.sales.get(back.sale_id, {}).get("invoice_id") for back in self.taken[refund_id]), None)

    def discount_of(self, refund_id: str) -> int | None:
        """What of the discounts of its sales goes with a refund, or comes again with a chargeback that was won."""
        part = self._part_of("discount_minor", refund_id)
        return None if part is None else abs(part)

    def _part_of(self, name: str, refund_id: str) -> int | None:
        """What of an amount of its sales goes with what a refund takes of them; None where one of them has none.

        Below 0 of a chargeback that was won: it gives again.
        """
        parts = [(self.sales.get(back.sale_id, {}).get(name), back) for back in self.taken[refund_id]]
        known = [(abs(minor), back) for minor, back in parts if minor is not None]
        if not known or len(known) < len(parts):
            return None
        return sum(given_back_minor(minor, back.gross_minor, back.left_minor, back.sale_minor) for minor, back in known)


def _fates(
    decided: Sequence[Decided], refunds: pl.DataFrame, given: _SalesGivenBack, policy: RefundPolicy
) -> pl.DataFrame:
    places = dict(refunds.select("line_id", "line").iter_rows())
    rows = []
    for each in decided:
        is_ordinary = policy == "net_current" and each.fate in ORDINARY
        sale: Mapping[str, Any] = {} if is_ordinary else given.sale_of(each)
        takes = each.fate in (Fate.AS_SALE, Fate.LOWERS, Fate.CLAWBACK, Fate.EARNED_NOTHING)
        takes_minor = each.takes_minor if takes else None
        if each.fate is Fate.LOWERS:
            # One that is set off is never paid out: it lowers the month by its day of posting.
            part = given.discount_of(each.refund.line_id)
            sale = {"paid_on": each.refund.posted_on, "discount_minor": part}
        rows.append(
            (
                places[each.refund.line_id], None if is_ordinary else each.fate.value, takes_minor,
                sale.get("line_id"), *(sale.get(name) for name in (*LIKE_ITS_SALE, "net_minor", "carried_from")),
                given.invoice_of(each.refund.line_id),
            )
        )  # fmt: skip
    return pl.DataFrame(rows, schema=FATES, orient="row")


def _returns(returns: Sequence[Return], month: Period) -> pl.DataFrame:
    rows = [(str(month), *each._replace(sale_month=each.sale_month or str(month))) for each in returns]
    return Returns.validate(pl.DataFrame(rows, schema=of_types(Returns), orient="row"))


def _refused(decided: Sequence[Decided], refunds: pl.DataFrame, received: Snapshot) -> Iterable[RejectedRecord]:
    places = dict(refunds.select("line_id", "line").iter_rows())
    for each in decided:
        if each.fate is Fate.ALREADY:
            refund = each.refund
            column = "refunds_line_id" if refund.sale_id else "refunds_invoice_id"
            reason = f"{Reason.REFUNDED_ALREADY}: {each.taken_by} took it"
            source, row = received.place(places[refund.line_id])
            yield RejectedRecord(source, row, refund.line_id, column, refund.sale_id or refund.invoice_id, reason)
