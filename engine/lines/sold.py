"""Sold: what an earlier month settled that refunds of this one name, and what it earned."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from engine.frames.parquet import frame_from, scan
from engine.frames.schemas import Accruals, SaleAccruals, SoldLines, of_types
from engine.frames.snapshot import Snapshot
from engine.inputs import EarlierMonths
from models.billing import Outcome
from models.statement import Statement
from rules.plan import BY_JUNIOR

OF_LINES = [name for name in SoldLines.column_names() if name != "month"]
DONE_WITH = (Outcome.SETTLED.value, Outcome.FINAL.value)
"""Outcomes of a line that a refund may give back."""


@dataclass(frozen=True, eq=False)
class Wanted:
    """The sales that lines of a month name: by line, or by invoice."""

    line_ids: pl.Series
    invoice_ids: pl.Series

    def __bool__(self) -> bool:
        return bool(len(self.line_ids) or len(self.invoice_ids))

    def may_be_in(self, settled: pl.DataFrame) -> bool:
        """Whether a month that left these ids (LineIds) may have settled one of them; of an invoice nobody knows."""
        return bool(len(self.invoice_ids)) or settled["line_id"].is_in(self.line_ids.implode()).any()


def wanted_sales(
    received: Snapshot, earlier: EarlierMonths, matched: Iterable[str] = (), restating: Iterable[str] = ()
) -> Wanted:
    """Return what the lines received name, and what was looked up for them (`matched`).

    A chargeback that was won names the sales its chargeback took. Of months that are restated now (`restating`), all
    that was given back is wanted.
    """
    named = received.columns("refunds_line_id", "refunds_invoice_id")
    lines = named["refunds_line_id"].drop_nulls().unique()
    of_chargebacks = earlier.returns.filter(pl.col("refund_id").is_in(lines.implode()))["sale_id"]
    looked_up = pl.Series(list(matched), dtype=pl.String)
    of_restated = earlier.returns.filter(pl.col("sale_month").is_in(list(restating)))["sale_id"]
    line_ids = pl.concat([lines, of_chargebacks, looked_up, of_restated]).unique()
    return Wanted(line_ids, named["refunds_invoice_id"].drop_nulls().unique())


def sold_lines(wanted: Wanted, lines: Mapping[str, bytes]) -> pl.DataFrame:
    """Return the wanted lines (SoldLines), by month and id, among those that months decided.

    `lines` has the `lines.parquet` of each, by month.
    """
    is_named = pl.col("line_id").is_in(wanted.line_ids.implode())
    if len(wanted.invoice_ids):
        is_named |= pl.col("invoice_id").is_in(wanted.invoice_ids.implode())
    of_month = [
        scan(data).filter(is_named.fill_null(False)).select(*OF_LINES, month=pl.lit(month))
        for month, data in lines.items()
    ]
    found = pl.concat(of_month).collect().filter(pl.col("outcome").is_in(DONE_WITH))  # not of all lines: few are named
    return SoldLines.validate(found.sort("month", "line_id"))


def sold_again(sold: pl.DataFrame, lines: bytes, month: str) -> pl.DataFrame:
    """Return sold lines (SoldLines) as a later version of their month decided them, its `lines.parquet`.

    One that earns nothing by it stays a sale that may be given back: nothing is taken with it.
    """
    now = sold_lines(Wanted(sold["line_id"], pl.Series(dtype=pl.String)), {month: lines})
    gone = sold.filter(~pl.col("line_id").is_in(now["line_id"].implode()))
    without_base = gone.with_columns(base_minor=pl.lit(None, dtype=pl.Int64))
    return SoldLines.validate(pl.concat([now, without_base.select(now.columns)]).sort("line_id"))


def sale_accruals(sold: pl.DataFrame, accruals: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """Return what the sold lines earned (SaleAccruals): every row of the clients, persons ... they earned it for.

    With them come the rows of those who earned on what those partners did. They stand by month, and as their month has
    them. `accruals` (Accruals) has all rows of each month.
    """
    group = ["partner_id", "rule", "to", "shared_by", "key"]
    of_sold = {month: lines for (month,), lines in sold.partition_by("month", as_dict=True).items()}
    hits = [
        rows.filter(pl.col("line_id").is_in(of_sold[month]["line_id"].implode()).fill_null(False)).select(
            *group, month=pl.lit(month)
        )
        for month, rows in accruals.items()
    ]
    hit = pl.concat(hits).unique().collect()
    partners = pl.concat([frame.select("month", "partner_id") for frame in (hit, sold)]).drop_nulls().unique()
    # Most of a month's rows are of other clients: only of these is more than the key looked at.
    named = pl.concat([hit.select("month", "key"), partners.select("month", key="partner_id")]).unique()
    keys = {month: rows["key"] for (month,), rows in named.partition_by("month", as_dict=True).items()}
    of_keys = [
        rows.filter(pl.col("key").is_in(keys[month].implode())).select(*Accruals.column_names(), month=pl.lit(month))
        for month, rows in accruals.items()
        if month in keys
    ]
    if not of_keys:
        return SaleAccruals.create_empty()
    rows = pl.concat(of_keys).collect().with_row_index("place")
    of_partner = rows.filter(pl.col("shared_by") == BY_JUNIOR).join(
        partners, left_on=["month", "key"], right_on=["month", "partner_id"], how="semi"
    )
    found = pl.concat([rows.join(hit, on=["month", *group], how="semi"), of_partner]).unique("place").sort("place")
    return SaleAccruals.validate(found.drop("place"))


def accruals_of_statements(sold: pl.DataFrame, lines: bytes, statements: Iterable[Statement]) -> pl.DataFrame:
    """Return what the clients of sold lines earned (Accruals), of a month that kept it by client only.

    Each line earned its part of what the statement says of its client under the rule that has the line.
    """
    settled = frame_from(lines, ["line_id", "client_id", "partner_id", "rule", "base_minor", "outcome"]).filter(
        (pl.col("outcome") == Outcome.SETTLED.value) & pl.col("client_id").is_in(sold["client_id"].implode())
    )
    of_client = settled.partition_by("partner_id", "rule", "client_id", as_dict=True)
    rows: list[tuple[object, ...]] = []
    for statement in statements:
        for rule in statement.rules:
            for client in rule.clients:
                mine = of_client.get((statement.partner.partner_id, rule.rule, client.client_id))
                if mine is None or not client.base_minor:
                    continue
                rate = Fraction(client.commission_minor, client.base_minor)
                terms = rule.rule.removeprefix(rule.name)
                said = (statement.partner.partner_id, rule.name, terms, rule.to, rule.shared_by, client.client_id)
                for line_id, base_minor in mine.select("line_id", "base_minor").iter_rows():
                    rows.append((*said, line_id, base_minor, str(rate.numerator), str(rate.denominator)))
    return Accruals.validate(pl.DataFrame(rows, schema=of_types(Accruals), orient="row"))
