"""A draft: a settlement not yet approved, as one document whose digest a person can consent to."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.canonical import canonical_json, sha256
from models.period import Period
from models.vendor import Attribution, Claim, RejectedClaim, Tally
from rules.programme.file import Programme
from rules.statement import Body


@dataclass(frozen=True)
class Draft:
    """Everything that becomes fact at approval. The same inputs, programme and code give the same digest."""

    period: Period
    programme: Programme
    statements: tuple[Body, ...]  # by partner id
    claims: tuple[Claim, ...]  # every valid claim known
    attributions: tuple[Attribution, ...]
    rejected_claims: tuple[RejectedClaim, ...]
    tallies: tuple[Tally, ...]  # every line received, by outcome, reason and currency
    events: tuple[Tally, ...]  # every event received, by outcome and reason
    control: str  # agrees | absent | disagrees: such a draft cannot be approved
    document: bytes  # canonical JSON: what the digest is of
    files: Mapping[str, bytes]  # inputs and results by name, as they are stored under their digests

    @property
    def digest(self) -> str:
        return sha256(self.document)


def file_key(name: str, data: bytes) -> str:
    """The name a file is stored by: its digest, and what kind of file it is."""
    return f"{sha256(data)}.{name.partition('.')[2]}"


def document(
    *,
    period: Period,
    programme: Programme,
    code: str,
    files: Mapping[str, bytes],
    tallies: Iterable[Tally],
    events: Iterable[Tally],
    control: str,
    attributions: Sequence[Attribution],
    rejected_claims: Sequence[RejectedClaim],
    statements: Sequence[Body],
) -> bytes:
    """Return the draft as canonical JSON. What is of other months is no part of it: it changes nothing here."""
    return canonical_json(
        {
            "format": 1,
            "period": str(period),
            "programme": {"name": programme.programme, "digest": programme.digest},
            "code": code,
            "inputs": {name: file_key(name, data) for name, data in files.items()},
            "outcomes": [tally.model_dump() for tally in tallies if tally.outcome != "other_month"],
            "events": [tally.model_dump() for tally in events if tally.outcome != "other_month"],
            "control": control,
            "attributions": _listed(attributions),
            "rejected_claims": _listed(rejected_claims),
            "statements": [totals(body) for body in statements],
        }
    )


def inputs_of(document: str) -> dict[str, str]:
    """Return file name -> stored name (`{sha256}.{kind}`) from a draft's document."""
    inputs: dict[str, str] = json.loads(document)["inputs"]
    return inputs


def _listed(values: Sequence[Attribution] | Sequence[RejectedClaim]) -> dict[str, Any]:
    listed = canonical_json([value.model_dump(mode="json") for value in values])
    return {"count": len(values), "digest": sha256(listed)}


def totals(body: Body) -> dict[str, Any]:
    """The figures of a statement that a person compares before saying yes."""
    return {
        "partner": body.partner_id,
        "opening_minor": body.summary.opening_minor,
        "commission_minor": body.summary.commission_minor,
        "to_pay_minor": body.summary.to_pay_minor,
        "carried_minor": body.summary.carried_minor,
    }


def control_json(period: Period, tallies: Iterable[Tally], events: Iterable[Tally], control: str) -> bytes:
    """Return control.json: every line and event received, other months' too, by outcome, reason and currency."""
    listed = [tally.model_dump() for tally in tallies]
    received: dict[str, dict[str, int]] = {}
    for tally in listed:
        sums = received.setdefault(tally["currency"], {"lines": 0, "amount_minor": 0})
        sums["lines"] += tally["lines"]
        sums["amount_minor"] += tally["amount_minor"]
    return canonical_json(
        {
            "period": str(period),
            "control": control,
            "received": received,
            "outcomes": listed,
            "events": [tally.model_dump() for tally in events],
        }
    )
