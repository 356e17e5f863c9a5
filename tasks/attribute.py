"""Attribute: which partner each client belongs to, and with that what becomes of every line."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

import polars as pl

from models.billing import Outcome
from models.period import Period
from models.vendor import Attribution, Claim, RejectedClaim
from rules import attribution, outcomes
from rules.programme import Programme
from rules.terms import InForce
from tasks.step import step


@dataclass(frozen=True)
class Attributed:
    """Judged lines, each with its outcome, and the attributions and rejected claims to be born at approval.

    `lines` has, beside the columns of a judged line: partner_id, claim_id, rule, note (String, null
    where there is none), outcome, reason (String), late (Boolean).
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
) -> Attributed:
    """Pick the winning claims known now, and decide the outcome of every line."""
    new, rejected = attribution.attribute(claims, born, decided, month.last_day)
    by_client = dict(born) | {bond.client_id: bond for bond in new}
    outcome, reason = outcomes.decide(programme.currency)
    lines = (
        judged.join(_bonds(by_client), on="client_id", how="left", maintain_order="left")
        .join(_partners(partners), on="partner_id", how="left", maintain_order="left")
        .join(_fates(partners), on=["plan", "category"], how="left", maintain_order="left")
        .with_columns(posted_month=pl.col("posted_on").dt.strftime("%Y-%m"), starts=pl.lit(str(programme.starts)))
        .with_columns(outcome, reason)
        .with_columns(
            late=(pl.col("outcome") == Outcome.SETTLED.value)
            & (pl.col("posted_month") < str(month))
            & pl.col("carried_from").is_null(),
        )
        .drop("plan", "claimed_on", "terms_from", "posted_month", "starts")
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


def _partners(partners: Mapping[str, InForce]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "partner_id": list(partners),
            "plan": [partner.terms.plan for partner in partners.values()],
            "terms_from": [partner.since for partner in partners.values()],
        },
        schema={"partner_id": pl.String, "plan": pl.String, "terms_from": pl.Date},
    )


def _fates(partners: Mapping[str, InForce]) -> pl.DataFrame:
    """What each plan says of each category: the rule that earns on it, or the note that excludes it."""
    plans = {partner.terms.plan: partner.plan for partner in partners.values()}
    earns = [
        (name, category, rule, None)
        for name, plan in sorted(plans.items())
        for rule, way in plan.earn.items()
        for category in way.cut().categories
    ]
    excluded = [
        (name, category, None, note)
        for name, plan in sorted(plans.items())
        for category, note in plan.not_commissioned.items()
    ]
    schema = {"plan": pl.String, "category": pl.String, "rule": pl.String, "note": pl.String}
    return pl.DataFrame(earns + excluded, schema=schema, orient="row")
