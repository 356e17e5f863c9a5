"""Evidence: the billing lines behind a statement, those that earned and those that did not, by partner."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from models.billing import WAS_SEEN_BEFORE, Outcome, Reason
from models.statement import NotIncluded, Payment, RefundsWithoutSale

NOT_SHOWN = (Reason.REPEAT.value, Reason.REPLACED.value, *WAS_SEEN_BEFORE)
"""A copy of a line that counts elsewhere: the statement does not list it."""

SHOWN_APART = (Outcome.SETTLED.value, Outcome.CLAWBACK.value)
"""The statement lists them elsewhere: as payments, and as corrections."""

TO_ESCAPE = r'[\x00-\x1f"\\]'
"""What JSON escapes; canonical JSON leaves every other character as it is."""

MANY_LINES = 20_000
"""A partner with so many has its payments written when its statement is, so many at a time, and not with others'."""

NUMBERS = ("amount_minor", "base_minor")
TRUTHS = ("late",)


@dataclass(frozen=True)
class Evidence:
    """What statements show beside what was earned, by partner."""

    client_names: Mapping[str, Mapping[str, str]]  # client -> the name on its latest line
    not_included: Mapping[str, Sequence[NotIncluded]]
    refunds_without_sale: Mapping[str, RefundsWithoutSale]
    _payments: Mapping[str, bytes]  # of most partners
    _lines: pl.DataFrame  # that earned, of partners with many

    @classmethod
    def of(cls, brought: pl.DataFrame, earning: pl.DataFrame) -> "Evidence":
        """Return the evidence in the lines (PartnerLines) partners brought, and in those that earned them something."""
        has_many = pl.len().over("partner_id") >= MANY_LINES
        return cls(
            _client_names(pl.concat([brought, earning])),
            _not_included(brought),
            _refunds_without_sale(brought),
            _payments(earning.filter(~has_many)),
            earning.filter(has_many),
        )

    def payments_of(self, partner_id: str) -> Sequence[bytes]:
        """Return the partner's payments as canonical JSON, in pieces: a list of models.statement.Payment."""
        if (found := self._payments.get(partner_id)) is not None:
            return (found,)
        return _payments_of_one(self._lines.filter(pl.col("partner_id") == partner_id))


def _client_names(lines: pl.DataFrame) -> dict[str, dict[str, str]]:
    client = ["partner_id", "client_id"]
    named = lines.select(*client, "client_name", "posted_on", "line_id").drop_nulls("client_name")
    names = named.select(*client, "client_name").unique()
    # Most clients have one name on all their lines: only the lines of the others are put in order.
    has_others = names.select(client).is_duplicated()
    renamed = named.join(names.filter(has_others), on=client, how="semi").sort("posted_on", "line_id", "client_name")
    latest = renamed.group_by(client).agg(pl.col("client_name").last())
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for partner_id, client_id, name in pl.concat([names.filter(~has_others), latest]).iter_rows():
        found[partner_id][client_id] = name
    return found


def _payments(lines: pl.DataFrame) -> dict[str, bytes]:
    """Each partner's payments as canonical JSON, made straight from the frame: of a value each, it takes five times
    as long."""
    joined = _as_json(_in_order(lines)).group_by("partner_id", maintain_order=True).agg(pl.col("payment").str.join(","))
    return {partner_id: b"".join((b"[", payments.encode(), b"]")) for partner_id, payments in joined.iter_rows()}


def _payments_of_one(lines: pl.DataFrame) -> list[bytes]:
    """The same, of one partner with many, in pieces: whole, their text would be in memory four times over."""
    pieces: list[bytes] = []
    for some in _in_order(lines).iter_slices(MANY_LINES):
        if some.height:
            pieces += [b",", _as_json(some)["payment"].str.join(",").item().encode()]
    return [b"[", *pieces[1:], b"]"]


def _in_order(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines as payments, in the order in which a statement shows them."""
    shown = {"base_minor": "value_minor", "paid_on": "own_paid_on", "posted_on": "own_posted_on"}
    return (
        lines.select("partner_id", **{name: shown.get(name, name) for name in Payment.model_fields})
        # A line that earned for bringing the client and for serving it stands twice: as brought first.
        .sort("client_id", pl.coalesce("paid_on", "posted_on"), "line_id", maintain_order=True)
        .with_columns(
            pl.col("invoice_id", "category", "product_code", "carried_from").fill_null(""),
            pl.col("paid_on", "posted_on").dt.to_string("iso").fill_null(""),  # one that is set off was never paid out
        )
    )


def _as_json(payments: pl.DataFrame) -> pl.DataFrame:
    """Each payment as canonical JSON, with its `partner_id`."""
    pieces: list[pl.Expr] = []
    for number, name in enumerate(sorted(Payment.model_fields)):
        pieces.append(pl.lit(f'{"," if number else "{"}"{name}":'))
        if name in NUMBERS or name in TRUTHS:
            pieces.append(pl.col(name).cast(pl.String))
        else:
            pieces.append(_json_texts(payments[name]))
    return payments.select("partner_id", payment=pl.concat_str(*pieces, pl.lit("}")))


def _json_texts(texts: pl.Series) -> pl.Expr:
    """The texts as JSON strings."""
    odd = texts.filter(texts.str.contains(TO_ESCAPE)).unique()
    quoted = pl.concat_str(pl.lit('"'), pl.lit(texts), pl.lit('"'))
    if not len(odd):
        return quoted
    escaped = pl.Series([json.dumps(text, ensure_ascii=False) for text in odd], dtype=pl.String)
    return pl.coalesce(pl.lit(texts).replace_strict(odd, escaped, default=None, return_dtype=pl.String), quoted)


def _refunds_without_sale(lines: pl.DataFrame) -> dict[str, RefundsWithoutSale]:
    counted = (
        lines.filter(pl.col("names_no_sale").fill_null(False))
        .group_by("partner_id")
        .agg(pl.len().cast(pl.Int64), pl.col("amount_minor").cast(pl.Int128).sum())
    )
    return {who: RefundsWithoutSale(lines=count, amount_minor=minor) for who, count, minor in counted.iter_rows()}


def _not_included(lines: pl.DataFrame) -> dict[str, list[NotIncluded]]:
    """The partner's other lines by reason, client and category. An unreadable amount is no part of the sum."""
    keys = ["partner_id", "reason", "note", "client_id", "category", "currency", "carried"]
    grouped = (
        lines.filter(~pl.col("outcome").is_in(SHOWN_APART) & ~pl.col("reason").is_in(NOT_SHOWN))
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
            pl.col("amount_minor").is_null().sum().cast(pl.Int64).alias("unread"),
        )
        .sort(keys)
        .select(*NotIncluded.model_fields, "partner_id")
    )
    found: dict[str, list[NotIncluded]] = defaultdict(list)
    for row in grouped.iter_rows(named=True):
        # The frame's types are the value's, so nothing is validated twice.
        found[row.pop("partner_id")].append(NotIncluded.model_construct(**row))
    return found
