"""Late terms: the terms of closed months, for late lines of partners whose contract has them earn by these."""

from collections.abc import Callable, Iterable, Mapping

import polars as pl

from engine.inputs import MonthInputs
from models.period import Period
from rules.terms.in_force import InForce, in_force, with_late_terms

PAID_IN = r"^([0-9]{4}-(?:0[1-9]|1[0-2]))-"


def late_months(inputs: MonthInputs) -> list[Period]:
    """Return the closed months in which lines were paid that no month has seen."""
    lines = inputs.lines.columns("line_id", "paid_on", "carried_from").filter(pl.col("carried_from").is_null())
    unseen = lines.join(inputs.earlier.settled, on="line_id", how="anti")
    months = unseen["paid_on"].str.extract(PAID_IN).drop_nulls().unique().sort()
    return [period for period in map(Period.parse, months) if inputs.programme.starts <= period < inputs.month]


def months_before(inputs: MonthInputs, month: Period) -> list[Period]:
    """Return all months of the programme before a month."""
    starts = inputs.programme.starts
    return [starts.plus(number) for number in range(month.months_since(starts))]


def with_terms_of_payment(
    now: Mapping[str, InForce], inputs: MonthInputs, months_of: Callable[[], Iterable[Period]]
) -> dict[str, InForce]:
    """Return terms in force with those of closed months, for partners whose late lines earn by them.

    `months_of` says which months; it is asked only where there is such a partner.
    """
    asks = {partner_id for partner_id, each in now.items() if each.newest_block.late_lines == "month_of_payment"}
    if not asks:
        return dict(now)
    rows = [row for row in inputs.vendor.partners if row.partner_id in asks]
    measured = inputs.measures(inputs.earlier.past.sums).of
    then = {month: in_force(rows, inputs.programme, month, measured=measured) for month in months_of()}
    of_partner = {
        partner_id: {month: terms[partner_id] for month, terms in then.items() if partner_id in terms}
        for partner_id in asks
    }
    return dict(now) | {
        partner_id: with_late_terms(now[partner_id], before) for partner_id, before in of_partner.items()
    }
