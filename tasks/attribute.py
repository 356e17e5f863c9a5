"""Attribute: which partner each client belongs to, and with that what becomes of every line."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

import polars as pl

from models.billing import Outcome
from models.period import Period
from models.vendor import Assignment, Attribution, Claim, Exclusion, RejectedClaim
from rules import attribution
from rules.lines import outcomes
from rules.programme.file import Programme
from rules.programme.plan_terms import PlanTerms
from rules.terms import InForce
from tasks.serving import served_by
from tasks.step import step


@dataclass(frozen=True)
class Attributed:
    """Judged lines, each with its outcome, and the attributions and rejected claims to be born at approval.

    `lines` has, beside the columns of a judged line: partner_id, claim_id, block (the block of the plan,
    String), part (its position among the partner's parts), base_rule and rule (as the programme file names
    it, and as the statement does), note (String, null where there is none),
    outcome, reason (String), claimed_on (Date), late, served (Boolean).
    """

    lines: pl.DataFrame
    new: tuple[Attribution, ...]
    rejected: tuple[RejectedClaim, ...]
    by_client: Mapping[str, Attribution]  # born and new


@step(name="attribute")
def attribute(
    judged: pl.DataFrame,
    claims: Iterable[Claim],
    born: Mapping[str, Attribution],
    decided: Set[str],
    partners: Mapping[str, InForce],
    programme: Programme,
    month: Period,
    assignments: Sequence[Assignment] = (),
    exclusions: Sequence[Exclusion] = (),
) -> Attributed:
    """Pick the winning claims known now, and decide the outcome of every line."""
    new, rejected = attribution.attribute(claims, born, decided, month.last_day)
    by_client = dict(born) | {bond.client_id: bond for bond in new}
    outcome, reason = outcomes.decide(programme.currency)
    lines = (
        judged.join(_bonds(by_client), on="client_id", how="left", maintain_order="left")
        .join(_first_terms(partners), on="partner_id", how="left", maintain_order="left")
        .with_row_index("position")
    )
    lines = (
        lines.join(_parts_of(lines, partners), on="position", how="left", maintain_order="left")
        .with_columns(_is_served(lines, assignments))
        .pipe(_with_rules, partners)
        .pipe(_with_exclusions, exclusions)
        .with_columns(posted_month=pl.col("posted_on").dt.strftime("%Y-%m"), starts=pl.lit(str(programme.starts)))
        .with_columns(outcome, reason)
        .with_columns(
            rule=pl.col("rule") + pl.col("suffix"),
            base_rule=pl.col("rule"),
            late=(pl.col("outcome") == Outcome.SETTLED.value)
            & (pl.col("posted_month") < str(month))
            & pl.col("carried_from").is_null(),
        )
        .drop("position", "suffix", "terms_from", "posted_month", "starts")
    )
    return Attributed(lines, tuple(new), tuple(rejected), by_client)


def _bonds(by_client: Mapping[str, Attribution]) -> pl.DataFrame:
    bonds = by_client.values()
    return pl.DataFrame(
        {
            "client_id": [bond.client_id for bond in bonds],
            "partner_id": [bond.partner_id for bond in bonds],
            "claim_id": [bond.claim_id for bond in bonds],
            "claimed_on": [bond.claimed_on for bond in bonds],
        },
        schema={"client_id": pl.String, "partner_id": pl.String, "claim_id": pl.String, "claimed_on": pl.Date},
    )


def _first_terms(partners: Mapping[str, InForce]) -> pl.DataFrame:
    return pl.DataFrame(
        {"partner_id": list(partners), "terms_from": [partner.since for partner in partners.values()]},
        schema={"partner_id": pl.String, "terms_from": pl.Date},
    )


def _parts_of(lines: pl.DataFrame, partners: Mapping[str, InForce]) -> pl.DataFrame:
    """Which part of the partner's terms each line falls under: by the client's claim, and by the day of payment."""
    rows = [
        (
            partner_id,
            number,
            part.key,
            part.suffix,
            part.claimed_from,
            part.claimed_until,
            part.paid_from,
            part.paid_until,
        )
        for partner_id, partner in partners.items()
        for number, part in enumerate(partner.parts)
    ]
    days = dict.fromkeys(("claimed_from", "claimed_until", "paid_from", "paid_until"), pl.Date)
    schema = {"partner_id": pl.String, "part": pl.Int64, "block": pl.String, "suffix": pl.String} | days
    parts = pl.DataFrame(rows, schema=schema, orient="row")
    within = [
        (pl.col(f"{what}_from").is_null() | (pl.col(day) >= pl.col(f"{what}_from")))
        & (pl.col(f"{what}_until").is_null() | (pl.col(day) < pl.col(f"{what}_until")))
        for what, day in (("claimed", "claimed_on"), ("paid", "paid_on"))
    ]
    return (
        lines.select("position", "partner_id", "claimed_on", "paid_on")
        .join(parts, on="partner_id", how="inner")
        .filter(*within)
        .select("position", "part", "block", "suffix")
        .unique("position", keep="last", maintain_order=True)
    )


def _is_served(lines: pl.DataFrame, assignments: Sequence[Assignment]) -> pl.Expr:
    positions = served_by(lines, assignments)["position"] if assignments else pl.Series([], dtype=pl.UInt32)
    return pl.col("position").is_in(positions.implode()).alias("served")


def _with_rules(lines: pl.DataFrame, partners: Mapping[str, InForce]) -> pl.DataFrame:
    """Add `rule` and `note`: the rule that has the line, or the words with which the plan excludes it.

    The most specific wins: product, then category, then what no other rule names. Where no rule takes
    the line, the first that looks at it has it.
    """
    blocks = {part.key: part.block for partner in partners.values() for part in partner.parts}
    for kind, column in (("product", "product_code"), ("category", "category")):
        lines = lines.join(_fates(blocks, kind), on=["block", column], how="left", maintain_order="left")
    taken = pl.coalesce("rule_of_product", pl.when(pl.col("note").is_null()).then("rule_of_category"))
    lines = lines.join(_rest(blocks), on="block", how="left", maintain_order="left")
    known = pl.col("category").is_not_null() | pl.col("product_code").is_not_null()
    others = pl.when(pl.col("note").is_null() & known).then("rule_of_others")
    looked = pl.coalesce("looks_at_product", "looks_at_category", pl.when(known).then("looks_at_everything"))
    return lines.with_columns(
        rule=pl.coalesce(taken, others, pl.when(pl.col("note").is_null()).then(looked)),
        note=pl.when(pl.col("rule_of_product").is_null()).then("note"),
    ).drop("^(rule_of|looks_at)_.*$")


def _fates(blocks: Mapping[str, PlanTerms], kind: str) -> pl.DataFrame:
    """What each block says of each product, or category: who takes it, who looks at it, why it never earns."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for key, block in sorted(blocks.items()):
        for rule, plan in block.earn.items():
            cut = plan.cut()
            if cut.lines and not cut.served:
                for name in cut.lines.products if kind == "product" else cut.lines.categories:
                    found.setdefault((key, name), {}).setdefault("rule" if cut.takes else "looks", rule)
        if kind == "category":
            for name, words in block.not_commissioned.items():
                found.setdefault((key, name), {})["note"] = words
    rows = [(*key, fate.get("rule"), fate.get("looks"), fate.get("note")) for key, fate in found.items()]
    column = "product_code" if kind == "product" else "category"
    names = ["block", column, f"rule_of_{kind}", f"looks_at_{kind}", "note"]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return frame if kind == "category" else frame.drop("note")


def _rest(blocks: Mapping[str, PlanTerms]) -> pl.DataFrame:
    """Which rule of each block takes what no other rule names, and which looks at everything."""
    found: dict[str, dict[bool, str]] = {}
    for key, block in sorted(blocks.items()):
        for rule, plan in block.earn.items():
            cut = plan.cut()
            if cut.lines and (cut.lines.others or cut.lines.everything) and not cut.served:
                found.setdefault(key, {}).setdefault(cut.takes, rule)
    rows = [(key, rules.get(True), rules.get(False)) for key, rules in found.items()]
    schema = {"block": pl.String, "rule_of_others": pl.String, "looks_at_everything": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _with_exclusions(lines: pl.DataFrame, exclusions: Sequence[Exclusion]) -> pl.DataFrame:
    """Put the reason into `note` where a client is excluded from the rule that has the line, or from every rule."""
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
