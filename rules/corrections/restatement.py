"""Restatement: a closed month's statement as it should have been, beside the one that was issued."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from models.canonical import canonical_json
from models.restated import Restated, SupersededStatement, Supersedes
from models.vendor import Adjustment
from rules.corrections.taken_back import Correction, Earning, differences

NO_STATEMENT = SupersededStatement(statement="", number="", digest="", total_minor=0)


def superseding(body: bytes, restated: Restated, partner_id: str, total_minor: int) -> bytes:
    """Return a body that was worked out again as one of its version, which says what it supersedes.

    `total_minor` is what it comes to now, corrections included: 40.00, and 35.00 before, are a difference of 5.00.
    """
    before = restated.superseded.get(partner_id, NO_STATEMENT)
    supersedes = Supersedes(
        statement=before.statement,
        of_number=before.number,
        digest=before.digest,
        total_minor=before.total_minor,
        difference_minor=total_minor - before.total_minor,
        settled_in=restated.settled_in,
        reason=restated.reason,
        made_by=restated.made_by,
    )
    said = json.loads(body)
    first, said["statement"], said["version"] = said["statement"], restated.version.of(partner_id), restated.number
    for each in said["corrections"]:
        each["cites"] = said["statement"] if each["cites"] == first else each["cites"]  # by hand, of its own month
    for each in said["summary"]["entries"]:
        each["cites"] = [said["statement"] if key == first else key for key in each["cites"]]
    said["supersedes"] = supersedes.model_dump(mode="json")
    return canonical_json(said)


def put_right_by_hand(month: str, adjustments: Iterable[Adjustment]) -> Iterator[str]:
    """Yield which rows by hand put a month right that is to be restated: both together would pay the difference twice.

    Rows that take one another back, as 20.00 and -20.00, put nothing right.
    """
    rows: dict[str, dict[str, int]] = defaultdict(dict)
    for each in adjustments:
        if each.adjustment_id.startswith(f"restate-{month}-"):
            rows[each.partner_id][each.adjustment_id] = each.amount_minor
    for partner_id, mine in sorted(rows.items()):
        if total_minor := sum(mine.values()):
            yield (
                f"{', '.join(sorted(mine))} of adjustments.csv has put it right already: take the amount back by a row "
                f"of {partner_id} of {-total_minor} minor units whose id begins with restate-{month}-, and restate the "
                f"month then"
            )


def posted_for(restated: Restated, was: Mapping[Earning, int], now: Mapping[Earning, int]) -> Iterator[Correction]:
    """Return what the month that settles a restatement posts: for each earning what it comes to now, less what it did.

    It cites the statement that the later version stands beside, or where there is none the new one. No refund is
    named: that tells it from what `refunds: restate` posts.
    """
    for each in differences(was, now, words=f"{restated.reason} ({restated.made_by})"):
        partner_id = each.earning.partner_id
        before = restated.superseded.get(partner_id, NO_STATEMENT)
        yield each._replace(cites=before.statement or restated.version.of(partner_id))
