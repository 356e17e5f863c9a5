"""Earlier terms: the terms of closed months whose earnings are corrected now, of the partners that this can touch."""

from collections.abc import Iterable
from functools import partial

import polars as pl

from engine.closed_months.corrections import GivenBackNow
from engine.closed_months.late_terms import months_before, with_terms_of_payment
from engine.inputs import EarlierMonths, MonthInputs
from models.period import Period
from models.vendor import Terms
from rules.corrections.taken_back import Correction
from rules.terms.in_force import InForce, in_force


def terms_before(
    inputs: MonthInputs, given_back: GivenBackNow, cancelled: Iterable[Correction] = ()
) -> dict[str, dict[str, InForce]]:
    """Return the terms of the months whose earnings are corrected now, by month and partner.

    Of the months of sales that are given back, and of events that are `cancelled`, there are those who earned on them,
    and who stands above them; every partner, where a month is worked out again. Where a limit looks at a partner's life
    there are all months that earned, where a goal may be taken back all since the first sale, also since one that
    earned nothing; of every partner. Of a restated month they are those of its newest version.
    """
    clawbacks, took_nothing = pl.concat([given_back.one_by_one, given_back.again]), given_back.of_nothing
    past, programme = inputs.earlier.past, inputs.programme
    of_events = {(each.earning.month, each.earning.partner_id) for each in cancelled}
    months = {*clawbacks["sale_month"]} | {month for month, _ in of_events}
    since = months | {*took_nothing["sale_month"]} if programme.takes_goals_back else set[str]()
    if not months | since:
        return {}
    measured = inputs.measures(past.sums).of
    if since:
        # Also of those that earned nothing: a chargeback that is won may reach a goal in them.
        first = Period.parse(min(since))
        months |= {str(first.plus(number)) for number in range(inputs.month.months_since(first))}
    if programme.limits_a_life:
        months |= {*past.earned["month"]}
    everybody = programme.limits_a_life or programme.takes_goals_back or inputs.restated
    touched = {} if everybody else _touched(clawbacks, inputs.earlier)
    if not everybody:
        for month, partner_id in of_events:
            touched.setdefault(month, set()).add(partner_id)
    found = {}
    for month in sorted(months):
        period = Period.parse(month)
        stands = inputs.stands(month)
        rows = stands.partners if everybody else _with_seniors(touched.get(month, set()), stands.partners)
        now = in_force(rows, stands.programme, period, measured=measured)
        found[month] = with_terms_of_payment(now, inputs, partial(months_before, inputs, period))
    return found


def _touched(clawbacks: pl.DataFrame, earlier: EarlierMonths) -> dict[str, set[str]]:
    """Who brought the sales, and who earned on them, by month."""
    is_given_back = pl.col("line_id").is_in(clawbacks["sale_id"].unique().implode()).fill_null(False)
    of_month = [
        each.filter(is_given_back).select("month", "partner_id") for each in (earlier.sold, earlier.sale_accruals)
    ]
    found: dict[str, set[str]] = {}
    for month, partner_id in pl.concat(of_month).drop_nulls().unique().iter_rows():
        found.setdefault(month, set()).add(partner_id)
    return found


def _with_seniors(partners: set[str], rows: Iterable[Terms]) -> list[Terms]:
    """The rows of these partners, and of all who ever stood above them."""
    parents: dict[str, set[str]] = {}
    for row in rows:
        parents.setdefault(row.partner_id, set()).add(row.parent_id)
    wanted, above = set(partners), set(partners)
    while above:
        above = {parent for partner_id in above for parent in parents.get(partner_id, ()) if parent} - wanted
        wanted |= above
    return [row for row in rows if row.partner_id in wanted]
