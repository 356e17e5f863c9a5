"""Measures: the figure each partner's rules and levels look at, over a month, a window or a lifetime."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from models.period import Period
from rules.measure import ALL, Measure


@dataclass
class Measures:
    """Answers measures from the sums of this month and of those before."""

    sums: pl.DataFrame  # SUMS_SCHEMA: earlier months, and this one where it is known
    groups: Mapping[str, str]  # partner -> consolidation group, for partners in one

    @cached_property
    def _answers(self) -> dict[tuple[Measure, str], dict[str, int]]:
        return {}

    def of(self, partner_id: str, measure: Measure, month: Period) -> int:
        """Return the figure of one partner, of the window that ends with this month: minor units, or clients."""
        asked = (measure, str(month))
        if asked not in self._answers:
            self._answers[asked] = self._answer(measure, month)
        return self._answers[asked].get(partner_id, 0)

    def _answer(self, measure: Measure, month: Period) -> dict[str, int]:
        of_categories = self.sums
        if measure.categories != ALL:
            of_categories = of_categories.filter(pl.col("category").is_in(list(measure.categories)))
        first = measure.first_month(month)
        rows = of_categories.filter(pl.col("month").is_between(pl.lit(str(first)), pl.lit(str(month))))
        match measure.of:
            case "paid":
                figure = rows.group_by("partner_id").agg(_wide("base_minor").sum())
            case "billed":
                figure = rows.group_by("partner_id").agg(_wide("billed_minor").sum())
            case "active_clients":
                by_client = rows.group_by("partner_id", "client_id").agg(_wide("base_minor").sum())
                figure = by_client.filter(pl.col("base_minor") > 0).group_by("partner_id").len()
            case "new_clients":
                known = of_categories.filter(pl.col("month") <= str(month))
                began = known.group_by("client_id").agg(pl.col("first_paid_on").min())
                new = began.filter(pl.col("first_paid_on") >= first.first_day)
                theirs = known.filter(pl.col("partner_id") != "").select("partner_id", "client_id").unique()
                figure = theirs.join(new, on="client_id", how="semi").group_by("partner_id").len()
        figures: dict[str, int] = dict(figure.iter_rows())
        if measure.over == "partner":
            return figures
        by_group: dict[str, int] = {}
        for partner_id, group in self.groups.items():
            by_group[group] = by_group.get(group, 0) + figures.get(partner_id, 0)
        return figures | {partner_id: by_group[group] for partner_id, group in self.groups.items()}


def _wide(column: str) -> pl.Expr:
    """An amount in integers that the sum of many months fits."""
    return pl.col(column).cast(pl.Int128)
