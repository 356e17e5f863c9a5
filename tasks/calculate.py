"""Calculate: sum the lines to what the rules ask, shard by shard, and write each partner's statement.

The frame does the sums; everything the contract says happens in `rules/`, in exact Python, on a few
rows per partner. A shard is some of the partners, so any number of shards gives the same statements.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from zlib import crc32

import polars as pl

from models.billing import Outcome, Reason
from models.period import Period
from models.statement import NotIncluded, Payment
from models.vendor import Attribution
from rules.commission import ClientSums, accrue
from rules.programme import Programme
from rules.reading import vat_by_rate_minor
from rules.statement import Body, PartnerMonth, body
from rules.terms import InForce
from tasks.step import step

log = logging.getLogger("settle")

NOT_SHOWN = (Reason.REPEAT.value, Reason.REPLACED.value, Reason.ALREADY_SETTLED.value)
"""A copy of a line that counts elsewhere is no news to the partner."""


@dataclass(frozen=True)
class Balances:
    """What each partner starts the month with, and the digest of the statement before; absent: 0 and blank."""

    opening_minor: Mapping[str, int]
    previous_statement: Mapping[str, str]


@dataclass(frozen=True)
class Calculated:
    """Statement bodies by partner id, and the lines with `base_minor` (Int64; null where nothing can be earned)."""

    statements: tuple[Body, ...]
    lines: pl.DataFrame


@step(name="calculate")
def calculate(
    lines: pl.DataFrame,
    by_client: Mapping[str, Attribution],
    partners: Mapping[str, InForce],
    balances: Balances,
    programme: Programme,
    month: Period,
    lines_digest: str,
    shards: int,
) -> Calculated:
    """Return every partner's statement body for the month, sorted by partner id."""
    based = with_base(lines, programme.base)
    of_partners = based.filter(pl.col("partner_id").is_not_null())
    bodies: list[Body] = []
    for number, members in enumerate(_shards(partners, shards), start=1):
        mine = of_partners.filter(pl.col("partner_id").is_in(list(members)))
        log.debug("shard %d of %d: %d partners, %d lines", number, shards, len(members), mine.height)
        bodies += _statements(mine, members, by_client, balances, programme, month, lines_digest)
    return Calculated(tuple(sorted(bodies, key=lambda body: body.partner_id)), based)


def with_base(lines: pl.DataFrame, base: Literal["net_of_vat", "gross"]) -> pl.DataFrame:
    """Add `base_minor`: the part of the amount that commission is on, for lines that settle or are excluded."""
    earns = (pl.col("outcome") == Outcome.SETTLED.value) | (pl.col("reason") == Reason.EXCLUDED.value)
    amount = pl.col("amount_minor")
    if base == "gross":
        return lines.with_columns(base_minor=pl.when(earns).then(amount))
    # VAT comes from the invoice: its own amount, else its rate; never from the date of payment.
    return lines.with_columns(base_minor=pl.when(earns).then(amount - pl.coalesce("vat_minor", vat_by_rate_minor())))


def _shards(partners: Mapping[str, InForce], shards: int) -> Iterator[dict[str, InForce]]:
    for number in range(shards):
        members = {key: value for key, value in partners.items() if crc32(key.encode()) % shards == number}
        if members:
            yield members


def _statements(
    lines: pl.DataFrame,
    partners: Mapping[str, InForce],
    by_client: Mapping[str, Attribution],
    balances: Balances,
    programme: Programme,
    month: Period,
    lines_digest: str,
) -> Iterator[Body]:
    sums, consolidated = _client_sums(lines), _consolidated(lines)
    names, payments, not_included = _client_names(lines), _payments(lines), _not_included(lines)
    for partner_id, partner in partners.items():
        client_sums = sums.get(partner_id, {})
        statement = body(
            PartnerMonth(
                terms=partner.terms,
                plan=partner.plan,
                opening_minor=balances.opening_minor.get(partner_id, 0),
                accrued=accrue(partner.plan, client_sums, consolidated.get(partner_id, {})),
                client_sums=client_sums,
                client_names=names,
                attributions=by_client,
                not_included=tuple(not_included.get(partner_id, ())),
                payments=tuple(payments.get(partner_id, ())),
                previous_statement=balances.previous_statement.get(partner_id, ""),
            ),
            programme,
            month,
            lines_digest,
        )
        yield Body.of(statement)


def _settled(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.filter(pl.col("outcome") == Outcome.SETTLED.value)


def _client_sums(lines: pl.DataFrame) -> dict[str, dict[str, list[ClientSums]]]:
    """Lines and base by partner, rule and client."""
    grouped = (
        _settled(lines)
        .group_by("partner_id", "rule", "client_id")
        .agg(pl.len().cast(pl.Int64), pl.col("base_minor").sum())
        .sort("partner_id", "rule", "client_id")
    )
    found: dict[str, dict[str, list[ClientSums]]] = defaultdict(lambda: defaultdict(list))
    for partner_id, rule, client_id, count, base_minor in grouped.iter_rows():
        found[partner_id][rule].append(ClientSums(client_id, count, base_minor))
    return found


def _consolidated(lines: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Base by partner and category, over the lines that earn or that the plan excludes."""
    grouped = (
        lines.filter(pl.col("base_minor").is_not_null())
        .group_by("partner_id", "category")
        .agg(pl.col("base_minor").sum())
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for partner_id, category, base_minor in grouped.iter_rows():
        found[partner_id][category] = base_minor
    return found


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
        _settled(lines)
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
