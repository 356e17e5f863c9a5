"""Accruals: what each line earned under each rule, exactly, so that a later month can take it back."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

import polars as pl

from engine.answers import Answered
from engine.schemas import Accruals
from rules.commission import Accrued
from rules.terms import InForce

_RATES = {
    "partner_id": pl.String, "place": pl.Int64, "block": pl.String, "part": pl.Int64, "rule": pl.String,
    "terms": pl.String, "to": pl.String, "shared_by": pl.String, "client_id": pl.String, "year": pl.Int64,
    "key": pl.String, "rate_num": pl.String, "rate_den": pl.String,
}  # fmt: skip
_REST = {
    "partner_id": pl.String, "place": pl.Int64, "rule": pl.String, "terms": pl.String, "to": pl.String,
    "shared_by": pl.String, "key": pl.String, "line_id": pl.String, "base_minor": pl.Int64, "rate_num": pl.String,
    "rate_den": pl.String,
}  # fmt: skip
_NO_LINES = pl.DataFrame(schema={
    "block": pl.String, "rule": pl.String, "partner_id": pl.String, "part": pl.Int64, "client_id": pl.String,
    "year": pl.Int64, "line_id": pl.String, "base_minor": pl.Int64,
})  # fmt: skip


def accruals_of(
    accrued: Mapping[str, Iterable[Accrued]], partners: Mapping[str, InForce], answered: Answered
) -> pl.DataFrame:
    """Return what these partners' rules earned (Accruals), by partner id, then in the order of the statement."""
    lines = pl.concat([_NO_LINES, *(_with_rule(key, each.lines) for key, each in answered.lines.items())])
    rates, rest = [], []
    for partner_id, mine in accrued.items():
        for place, each in enumerate(mine):
            part = None if each.plan.cut().served else partners[partner_id].parts.index(each.part)
            rates += [(partner_id, place, each.part.key, part, *rate) for rate in _rates(each)]
            rest += [(partner_id, place, *row) for row in _without_a_line(each)]
    on_lines = pl.DataFrame(rates, schema=_RATES, orient="row").join(
        lines, on=["partner_id", "block", "part", "rule", "client_id", "year"], how="inner", nulls_equal=True
    )
    on_nothing = pl.DataFrame(rest, schema=_REST, orient="row")
    rows = pl.concat([on_lines.select(*_REST), on_nothing]).sort("partner_id", "place", "key", "line_id", "rate_num")
    return Accruals.validate(rows)


def rate_on_lines(each: Accrued) -> dict[tuple[str, int], Fraction]:
    """Return what each minor unit a rule counted earned, by client and year of its life.

    Where a client's base is not 0 it earned its share of it. Where it is, its charges and refunds earned at the
    rule's own rate, and together nothing.
    """
    base: dict[str, int] = {}
    for client in each.sums.clients:
        base[client.client_id] = base.get(client.client_id, 0) + client.base_minor
    whole = sum(base.values())
    usual = each.earned.exact / whole if whole else each.earned.rate or Fraction(0)
    found = {}
    for client in each.sums.clients:
        exact = each.earned.shares.get(client.client_id, Fraction(0))
        if each.earned.rates:
            rate = each.earned.rates.get(client.year, Fraction(0))
        else:
            rate = exact / base[client.client_id] if base[client.client_id] else usual
        found[client.client_id, client.year] = rate
    return found


def _rates(each: Accrued) -> Iterator[tuple[str | int, ...]]:
    said = (each.ref.name, each.ref.terms, each.to.value, each.earned.shared_by)
    for (client_id, year), rate in rate_on_lines(each).items():
        yield (*said, client_id, year, client_id, str(rate.numerator), str(rate.denominator))


def _without_a_line(each: Accrued) -> Iterator[tuple[str | int | None, ...]]:
    """What the rule earned beside what its lines did, by client, event ...; blank for nobody."""
    on_lines: dict[str, Fraction] = {}
    rates = rate_on_lines(each)
    for client in each.sums.clients:
        earned = rates[client.client_id, client.year] * client.base_minor
        on_lines[client.client_id] = on_lines.get(client.client_id, Fraction(0)) + earned
    shares = each.earned.shares or {"": each.earned.exact}
    for key in {**shares, **on_lines}:
        left = shares.get(key, Fraction(0)) - on_lines.get(key, Fraction(0))
        if left:
            said = (each.ref.name, each.ref.terms, each.to.value, each.earned.shared_by)
            yield (*said, key, None, 1, str(left.numerator), str(left.denominator))


def _with_rule(key: tuple[str, str], lines: pl.DataFrame) -> pl.DataFrame:
    block, rule = key
    return lines.select(
        pl.lit(block).alias("block"), pl.lit(rule).alias("rule"), "partner_id", "part", "client_id", "year", "line_id",
        pl.col("amount").alias("base_minor"),
    )  # fmt: skip
