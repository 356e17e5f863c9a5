"""Cancelled events: what those of earlier months earned is found in what these months left."""

import polars as pl

from engine.closed_months.restating import amounts_of
from engine.frames.schemas import EarnedAmounts
from engine.lines.contracts import Contracts
from rules.corrections.cancelled import BY_EVENT, Cancellation, cancelled_later
from rules.corrections.taken_back import Correction


def cancelled_events(settled: pl.DataFrame, earned: pl.DataFrame, contracts: Contracts) -> list[Correction]:
    """Return what settled events (JudgedEvents) of this month take back of what others earned (EarnedAmounts).

    Only what the rules of now do not take back themselves.
    """
    cancelling = settled.drop_nulls("cancels_event_id").select("event_id", "partner_id", cancels="cancels_event_id")
    if cancelling.is_empty():
        return []
    of_events = earned.filter(pl.col("kind") == BY_EVENT, pl.col("key").is_in(cancelling["cancels"].implode()))
    theirs = {partner_id: contracts.partners.get(partner_id) for partner_id in cancelling["partner_id"].unique()}
    rules = {
        partner_id: {rule.ref.name for rule in each.rules if rule.way.cut().events}
        for partner_id, each in theirs.items()
        if each is not None
    }
    cancellations = [Cancellation(**row) for row in cancelling.iter_rows(named=True)]
    return list(cancelled_later(cancellations, amounts_of(EarnedAmounts.validate(of_events)), rules))
