"""Evidence: the billing lines behind a statement, those that earned and those that did not, by partner."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from models.billing import Outcome, Reason
from models.statement import NotIncluded, Payment

NOT_SHOWN = (Reason.REPEAT.value, Reason.REPLACED.value, Reason.ALREADY_SETTLED.value)
"""A copy of a line that counts elsewhere is no news to the partner."""


@dataclass(frozen=True)
class Evidence:
    """What statements show beside what was earned: client names; payments and what was left out, by partner."""

    client_names: Mapping[str, str]
    payments: Mapping[str, Sequence[Payment]]
    not_included: Mapping[str, Sequence[NotIncluded]]

    @classmethod
    def of(cls, lines: pl.DataFrame, earning: pl.DataFrame) -> "Evidence":
        """Return the evidence in the partners' own lines, and in those that earned them something."""
        everybody = pl.concat([lines, earning], how="diagonal_relaxed")
        return cls(_client_names(everybody), _payments(earning), _not_included(lines))


def _client_names(lines: pl.DataFrame) -> dict[str, str]:
    """The name on the client's latest line."""
    named = lines.filter(pl.col("client_name").is_not_null()).sort(
        "posted_on", "line_id", "client_name", nulls_last=False
    )
    latest = named.group_by("client_id").agg(pl.col("client_name").last())
    return dict(latest.iter_rows())


def _payments(lines: pl.DataFrame) -> dict[str, list[Payment]]:
    blank = pl.col("invoice_id", "product_code", "carried_from").fill_null("")
    columns = (
        lines.with_columns(base_minor="value_minor")
        .sort("client_id", "paid_on", "line_id")
        .with_columns(blank, pl.col("paid_on", "posted_on").dt.to_string("iso"))
        .select(*Payment.model_fields, "partner_id")
    )
    return _by_partner(columns, Payment)


def _not_included(lines: pl.DataFrame) -> dict[str, list[NotIncluded]]:
    """The partner's other lines by reason, client and category. An unreadable amount counts as 0."""
    keys = ["partner_id", "reason", "note", "client_id", "category", "currency", "carried"]
    grouped = (
        lines.filter((pl.col("outcome") != Outcome.SETTLED.value) & ~pl.col("reason").is_in(NOT_SHOWN))
        .with_columns(
            pl.col("reason").str.split("; ").list.first(),
            pl.when(pl.col("reason") == Reason.EXCLUDED.value).then("note").fill_null("").alias("note"),
            pl.col("category", "currency").fill_null(""),
            carried=pl.col("outcome") == Outcome.OPEN.value,
        )
        .group_by(keys)
        .agg(
            pl.col("client_name").drop_nulls().sort().last().fill_null(""),
            pl.len().cast(pl.Int64).alias("lines"),
            pl.col("amount_minor").sum(),
        )
        .sort(keys)
        .select(*NotIncluded.model_fields, "partner_id")
    )
    return _by_partner(grouped, NotIncluded)


def _by_partner(rows: pl.DataFrame, kind: type[Any]) -> dict[str, list[Any]]:
    """Rows as values, by partner. The frame's types are the value's, so nothing is validated twice."""
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows.iter_rows(named=True):
        found[row.pop("partner_id")].append(kind.model_construct(**row))
    return found
