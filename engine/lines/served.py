"""Served lines: those of clients that a partner serves by assignment, whoever brought them."""

from collections.abc import Sequence

import polars as pl

from engine.lines.contracts import Contracts
from engine.sums.client_sums import selected, servable
from models.vendor import Assignment

ASSIGNED = {"client_id": pl.String, "server_id": pl.String, "served_from": pl.Date, "served_until": pl.Date}


def served_by(lines: pl.DataFrame, assignments: Sequence[Assignment]) -> pl.DataFrame:
    """Return the lines somebody serves, once per partner that does, with that partner's id in `server_id`."""
    rows = [(each.client_id, each.partner_id, each.from_day, each.until) for each in assignments]
    return (
        lines.join(pl.DataFrame(rows, schema=ASSIGNED, orient="row"), on="client_id", how="inner")
        .filter(
            pl.col("paid_on") >= pl.col("served_from"),
            pl.col("served_until").is_null() | (pl.col("paid_on") <= pl.col("served_until")),
        )
        .drop("served_from", "served_until")
        .unique(["line_id", "server_id", *(["position"] if "position" in lines.columns else [])], maintain_order=True)
    )


def served_lines(lines: pl.DataFrame, contracts: Contracts) -> pl.DataFrame:
    """Return the lines of clients that partners serve, as those partners' own: their block, and the rule that has them.

    `lines` are attributed. Their `part` is null: a partner serves under the newest of its terms.
    """
    partners = contracts.partners
    servers = pl.DataFrame(
        [(key, each.parts[-1].key, each.since, each.parts[-1].paid_until) for key, each in partners.items()],
        schema={"partner_id": pl.String, "block": pl.String, "since": pl.Date, "ended": pl.Date},
        orient="row",
    )
    blocks = {partner.parts[-1].key: partner.parts[-1].block for partner in partners.values()}
    has = [
        pl.when((pl.col("block") == key) & selected(cut.lines)).then(pl.lit(name))
        for key, block in sorted(blocks.items())
        for name, plan in block.earn.items()
        if (cut := plan.cut()).served and cut.lines
    ]
    return (
        served_by(servable(lines), contracts.assignments if has else ())
        .drop("partner_id", "block", "rule")
        .rename({"server_id": "partner_id"})
        .join(servers, on="partner_id", how="inner", maintain_order="left")
        .filter(pl.col("paid_on") >= pl.col("since"), pl.col("ended").is_null() | (pl.col("paid_on") < pl.col("ended")))
        .with_columns(rule=pl.coalesce(*has, pl.lit(None, pl.String)), part=pl.lit(None, pl.Int64))
        .filter(pl.col("rule").is_not_null())
        .drop("since", "ended")
    )
