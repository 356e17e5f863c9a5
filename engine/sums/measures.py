"""Measures: the figure each partner's rules and levels look at, over a month, a window or a lifetime."""

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from models.period import Period
from rules.earning.measure import ALL, AfterRefunds, Measure
from rules.terms.groups import Groups


@dataclass
class Measures:
    """Answers measures from the sums of this month and of those before."""

    sums: pl.DataFrame  # SUMS_SCHEMA: earlier months, and this one where it is known
    groups: Groups
    starts: Period  # the programme's first month

    @cached_property
    def _answers(self) -> dict[tuple[Measure, str, AfterRefunds, str], dict[str, int]]:
        return {}

    def of_late(self, partner_id: str, measure: Measure, late_of: Period) -> int:
        """Return the figure of a closed month with its late lines that have settled since, by its own terms."""
        if (measure, str(late_of)) not in self._late:
            is_late = (pl.col("late_of") != "") & (pl.col("late_of") <= str(late_of)) & (pl.col("month") > str(late_of))
            sums = self.sums.with_columns(month=pl.when(is_late).then("late_of").otherwise("month"))
            self._late[measure, str(late_of)] = Measures(sums, self.groups, self.starts)
        return self._late[measure, str(late_of)].of(partner_id, measure, late_of)

    @cached_property
    def _late(self) -> "dict[tuple[Measure, str], Measures]":
        return {}

    def of(
        self,
        partner_id: str,
        measure: Measure,
        month: Period,
        counts: AfterRefunds = AfterRefunds.AS_EARNED,
        known: Period | None = None,
    ) -> int:
        """Return the figure of one partner, of the window that ends with this month: minor units, or clients.

        `counts` says what of sales that are given back later, by the refunds of all months up to `known`.
        """
        asked = (measure, str(month), counts, str(known or month))
        if asked not in self._answers:
            self._answers[asked] = self._answer(measure, month, counts, known or month)
        return self._answers[asked].get(partner_id, 0)

    @property
    def last(self) -> Period | None:
        """The last month that is known."""
        last = self.sums["month"].max()
        return Period.parse(str(last)) if last else None

    def _counted(self, counts: AfterRefunds, known: Period) -> pl.DataFrame:
        """The sums with what is given back in the month that gives it back, or in the month of its sale (LEFT)."""
        is_return = pl.col("returned_of") != ""
        if counts is AfterRefunds.LEFT:
            return self.sums.filter(pl.col("month") <= str(known)).with_columns(
                month=pl.when(is_return).then("returned_of").otherwise("month"),
                base_minor=pl.when(is_return).then("returned_minor").otherwise("base_minor"),
            )
        if counts is AfterRefunds.KEPT:
            # Only a month that is worked out again gives back what is its own.
            return self.sums.filter(pl.col("returned_of") != pl.col("month"))
        return self.sums

    def _answer(self, measure: Measure, month: Period, counts: AfterRefunds, known_in: Period) -> dict[str, int]:
        of_categories = self._counted(counts, known_in)
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
                new = _paid_first_since(max(first, self.starts), known)
                if counts is AfterRefunds.LEFT:
                    left = known.group_by("client_id").agg(_wide("base_minor").sum()).filter(pl.col("base_minor") > 0)
                    new = new.join(left, on="client_id", how="semi")
                theirs = known.filter(pl.col("partner_id") != "").select("partner_id", "client_id").unique()
                figure = theirs.join(new, on="client_id", how="semi").group_by("partner_id").len()
        figures: dict[str, int] = dict(figure.iter_rows())
        if measure.over == "partner":
            return figures
        by_group: dict[str, int] = {}
        groups = self.groups.in_month(month)
        for partner_id, group in groups.items():
            by_group[group] = by_group.get(group, 0) + figures.get(partner_id, 0)
        return figures | {partner_id: by_group[group] for partner_id, group in groups.items()}


def _paid_first_since(month: Period, sums: pl.DataFrame) -> pl.DataFrame:
    """Return `client_id` of the clients who paid in this month or later, and never before.

    As amounts do, a payment counts in the month that first saw it: January 31st's that is booked in February makes a
    new client of February. Only one that earned nothing, as before the client was claimed, counts by its day. What a
    month paid and gave back was never paid.
    """
    by_month = sums.group_by("client_id", "month").agg(_wide("paid_minor").sum())
    paid = sums.join(by_month.filter(pl.col("paid_minor") > 0), on=["client_id", "month"], how="semi")
    earned_nothing = (pl.col("first_paid_on") < month.first_day) & (pl.col("first_order") == "")
    was_there = (pl.col("month") < str(month)) | earned_nothing.fill_null(False)
    return paid.group_by("client_id").agg(was_there.any().alias("was_there")).filter(~pl.col("was_there"))


def _wide(column: str) -> pl.Expr:
    """An amount in integers that the sum of many months fits."""
    return pl.col(column).cast(pl.Int128)
