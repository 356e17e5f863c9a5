"""Accruals: what each line earned under each rule, exactly, so that a later month can take it back."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import polars as pl

from engine.frames.schemas import Accruals
from engine.sums.answers import Answered
from rules.earning.commission import Accrued
from rules.terms.in_force import InForce

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
    rates: list[tuple[object, ...]] = []
    rest: list[tuple[object, ...]] = []
    for partner_id, mine in accrued.items():
        for place, each in enumerate(mine):
            part = None if each.way.cut().served else partners[partner_id].parts.index(each.part)
            block = each.part.key  # asked once: there are as many rates as clients
            said = (each.ref.name, each.ref.terms, each.to.value, each.earned.shared_by)
            rates += [
                (partner_id, place, block, part, *said, client_id, year, key, *_ratio(rate))
                for (client_id, year), by_key in rates_of(each).items()
                for key, rate in by_key.items()
            ]
            rest += [(partner_id, place, *said, key, None, 1, *_ratio(exact)) for key, exact in left_of(each).items()]
    on_lines = pl.DataFrame(rates, schema=_RATES, orient="row").join(
        lines, on=["partner_id", "block", "part", "rule", "client_id", "year"], how="inner", nulls_equal=True
    )
    on_nothing = pl.DataFrame(rest, schema=_REST, orient="row")
    rows = pl.concat([on_lines.select(*_REST), on_nothing]).sort("partner_id", "place", "key", "line_id", "rate_num")
    return Accruals.validate(rows)


def exact_of(row: Mapping[str, Any]) -> Fraction:
    """Return what a row (Accruals) earned, in minor units."""
    exact: Fraction = row["base_minor"] * Fraction(int(row["rate_num"]), int(row["rate_den"]))
    return exact


def _ratio(exact: Fraction) -> tuple[str, str]:
    return str(exact.numerator), str(exact.denominator)


def rates_of(each: Accrued) -> dict[tuple[str, int], dict[str, Fraction]]:
    """Return what each minor unit a rule counted earned, by client and year of its life, and by whom it was for.

    What is shared by client was for the client. What is shared by person was for each person alike, whoever's line it
    was. Where a client's base is not 0 it earned its share of it. Where it is, its charges and refunds earned at the
    rule's own rate, and together nothing; where all come to nothing, at the rate the rule has for that.
    """
    if each.earned.rates:
        return {
            (c.client_id, c.year): {c.client_id: each.earned.rates.get(c.year, Fraction(0))} for c in each.sums.clients
        }
    bases = _bases(each)
    whole = sum(bases.values())
    if _is_for_persons(each):
        shares, nothing = each.earned.shares.items(), each.earned.of_nothing
        for_each = {person: share / whole for person, share in shares} if whole else dict(nothing)
        return {(client.client_id, client.year): for_each for client in each.sums.clients}
    at_nothing = next(iter(each.earned.of_nothing.values()), each.earned.rate or Fraction(0))
    usual = each.earned.exact / whole if whole else at_nothing
    own = {client_id: _own_rate(each.earned.shares.get(client_id), base, usual) for client_id, base in bases.items()}
    return {(c.client_id, c.year): {c.client_id: own[c.client_id]} for c in each.sums.clients}


def _own_rate(share: Fraction | None, base: int, usual: Fraction) -> Fraction:
    """What each minor unit of a client's base earned; of most it is what each of the rule's did."""
    if not base:
        return usual
    if share is None:
        return Fraction(0)
    is_usual = share.numerator * usual.denominator == usual.numerator * base * share.denominator
    return usual if is_usual else share / base


def left_of(each: Accrued) -> dict[str, Fraction]:
    """Return what a rule earned beside what its lines did, by client, event ...; blank for nobody in particular."""
    bases = _bases(each)
    shares: Mapping[str, Fraction] = each.earned.shares or {"": each.earned.exact}
    if _is_for_persons(each):
        return {}
    if each.earned.rates:
        earned: dict[str, Fraction] = {}
        for client in each.sums.clients:
            on_lines = each.earned.rates.get(client.year, Fraction(0)) * client.base_minor
            earned[client.client_id] = earned.get(client.client_id, Fraction(0)) + on_lines
        left = {key: shares.get(key, Fraction(0)) - earned.get(key, Fraction(0)) for key in {**shares, **earned}}
    else:
        # A client with a base earned its share on its lines, to the last fraction.
        left = {key: share for key, share in shares.items() if not bases.get(key)}
    return {key: exact for key, exact in left.items() if exact}


def _is_for_persons(each: Accrued) -> bool:
    """Whether it was earned on lines, and for people instead of the lines' clients."""
    return each.earned.shared_by == "person" and bool(each.earned.shares) and bool(each.sums.clients)


def _bases(each: Accrued) -> dict[str, int]:
    bases: dict[str, int] = {}
    for client in each.sums.clients:
        bases[client.client_id] = bases.get(client.client_id, 0) + client.base_minor
    return bases


def _with_rule(key: tuple[str, str], lines: pl.DataFrame) -> pl.DataFrame:
    block, rule = key
    return lines.select(
        pl.lit(block).alias("block"), pl.lit(rule).alias("rule"), "partner_id", "part", "client_id", "year", "line_id",
        pl.col("amount").alias("base_minor"),
    )  # fmt: skip
