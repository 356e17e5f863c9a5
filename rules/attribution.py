"""Attribution: a client belongs for ever to the partner of the first valid claim.

Source of the rule: the partner contract's clause on client registration; clients stay with their partner.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from models.vendor import Attribution, Claim, RejectedClaim


def attribute(
    waiting: Iterable[Claim], born: Mapping[str, Attribution], until: date
) -> tuple[list[Attribution], list[RejectedClaim]]:
    """Return the attributions to be born, and the claims that lose, by client id.

    `waiting` are the claims that no earlier month decided; those dated after `until` are left waiting. The
    earliest claim wins, ties by claim id. A client that is attributed (`born`, by client) stays where it is,
    whatever is claimed later and however it is dated.
    """
    holders = dict(born)
    new: list[Attribution] = []
    rejected: list[RejectedClaim] = []
    known = (claim for claim in waiting if claim.claimed_on <= until)
    for claim in sorted(known, key=lambda claim: (claim.client_id, claim.claimed_on, claim.claim_id)):
        if holder := holders.get(claim.client_id):
            rejected.append(RejectedClaim(claim=claim, reason=_why_not(holder, claim)))
            continue
        attribution = Attribution(claim.client_id, claim.partner_id, claim.claim_id, claim.claimed_on)
        holders[claim.client_id] = attribution
        new.append(attribution)
    return new, rejected


def _why_not(holder: Attribution, claim: Claim) -> str:
    if holder.partner_id == claim.partner_id:
        return f"the client is theirs already, since {holder.claimed_on} (claim {holder.claim_id})"
    return (
        f"the client belongs to {holder.partner_id} since {holder.claimed_on} (claim {holder.claim_id}); "
        f"attribution is permanent"
    )
